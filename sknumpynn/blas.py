"""In-place linear algebra by the shortest way to BLAS."""

import numpy as np
from scipy.linalg import blas
from scipy.sparse import csc_array

__all__ = ["add_scaled", "product", "scale"]

GEMM = {"f": blas.sgemm, "d": blas.dgemm}
AXPY = {"f": blas.saxpy, "d": blas.daxpy}
SCAL = {"f": blas.sscal, "d": blas.dscal}


def product(A, B, out, beta=0.0):
    """Compute out = A B + beta out.

    `np.matmul` cannot accumulate, and has a slow loop of its own where an inner size is 1, as in
    the backward pass from a single output.

    Parameters
    ----------
    A, B : ndarray or sparse matrix, ndarray
        Matrices, transposed views included.
    out : ndarray
        Of the dtype that A and B have.
    beta : {0.0, 1.0}, default=0.0
        1 adds to what out holds.

    Returns
    -------
    out : ndarray
    """
    gemm = GEMM.get(out.dtype.char)
    if not isinstance(A, np.ndarray):
        return _sparse_product(A, B, out, beta)
    if gemm is None or not out.flags.c_contiguous:
        out[...] = A @ B + out if beta else A @ B
        return out
    # BLAS knows columns, NumPy rows: it is asked for out' = B' A', and which of them to transpose.
    flip_B, flip_A = B.flags.f_contiguous, A.flags.f_contiguous
    gemm(1.0, B if flip_B else B.T, A if flip_A else A.T, beta, out.T, flip_B, flip_A, 1)
    return out


def _sparse_product(A, B, out, beta):
    if not beta:
        out[...] = A @ B
    elif A.nnz < A.shape[0] and A.format == "csc":  # then most rows of the product are zero
        rows, places = np.unique(A.indices, return_inverse=True)
        out[rows] += csc_array((A.data, places, A.indptr), shape=(len(rows), A.shape[1])) @ B
    else:
        out += A @ B
    return out


def add_scaled(y, a, x):
    """Compute y += a x, in one pass over memory.

    Parameters
    ----------
    y, x : ndarray
        Of one shape and dtype.
    a : float
    """
    axpy = AXPY.get(y.dtype.char)
    if axpy and y.ndim == 1 and y.size and y.flags.c_contiguous:
        axpy(x, y, a=a)
    else:
        y += a * x


def scale(x, a):
    """Compute x *= a.

    Parameters
    ----------
    x : ndarray
    a : float
    """
    scal = SCAL.get(x.dtype.char)
    if scal and x.ndim == 1 and x.size and x.flags.c_contiguous:
        scal(a, x)
    else:
        x *= a
