"""Arrays of a plan: made once, of a batch's shape."""

import numpy as np


def arrays_like(like, count, *parameters):
    """New arrays of a batch's shape, of the dtype that results from it and from parameters."""
    dtype = like.dtype
    if parameters:
        dtype = np.result_type(dtype, *(parameter.tensor.dtype for parameter in parameters))
    shape, dtype = like.shape, dtype if dtype.kind == "f" else np.float64
    return [np.empty(shape, dtype) for _ in range(count)]
