"""Arrays of a plan: made once, of a batch's shape."""

import numpy as np

from ..core import aligned_empty


def arrays_like(like, count, *parameters):
    """Some new arrays of a batch's shape, of the dtype that its numbers and parameters' make."""
    dtype = like.dtype
    if parameters:
        dtype = np.result_type(dtype, *(parameter.tensor.dtype for parameter in parameters))
    dtype = dtype if dtype.kind == "f" else np.float64
    return [aligned_empty(like.shape, dtype) for _ in range(count)]
