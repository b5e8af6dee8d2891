"""Inference: apply a model to many rows, in chunks whose activations stay in cache."""

import numpy as np

from .rows import row_slices, walk

__all__ = ["chunk_size", "run"]

CHUNK = 256  # rows whose activations stay in cache
SPARSE_CHUNK = 1024  # more, since to slice a sparse matrix takes long whatever the rows


def chunk_size(X):
    """Number of rows to apply a model to at a time.

    Parameters
    ----------
    X : ndarray or sparse CSR of shape (n_samples, inputs)

    Returns
    -------
    size : int
    """
    return CHUNK if isinstance(X, np.ndarray) else SPARSE_CHUNK


def run(model, X, dtype=None, plans=None):
    """Apply a model to all rows, in memory that does not grow with them.

    Parameters
    ----------
    model : Layer
    X : ndarray or sparse CSR of shape (n_samples, inputs)
    dtype : numpy dtype, default=None
        To which each chunk of X is cast; None casts nothing.
    plans : dict, default=None
        Keeps the plans for further calls with the same model; empty before the first. With it, Y
        may be overwritten by the next call.

    Returns
    -------
    Y : ndarray of shape (n_samples, n_outputs)
    """
    outputs, plans = None, {} if plans is None else plans
    n_rows, size = X.shape[0], chunk_size(X)
    places = walk(X, row_slices(n_rows, size)) if n_rows > size else (slice(n_rows),)
    for place in places:
        chunk = X[place] if dtype is None else X[place].astype(dtype, copy=False)
        n = chunk.shape[0]
        if n not in plans:
            plans[n] = model.plan_input(chunk)  # which needs no gradient of X
        Y, _ = plans[n](chunk)
        if n == n_rows:
            return Y
        if outputs is None:
            outputs = np.empty((n_rows, *Y.shape[1:]), Y.dtype)
        outputs[place] = Y
    return outputs
