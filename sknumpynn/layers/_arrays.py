"""Arrays of a plan: made once, of a batch's shape."""

import numpy as np


def arrays_like(like, count):
    """Some new arrays of a batch's shape, of its dtype if that is floating."""
    dtype = like.dtype if like.dtype.kind == "f" else np.float64
    return [np.empty(like.shape, dtype) for _ in range(count)]
