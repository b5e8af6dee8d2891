"""In-place linear algebra by the shortest way to BLAS."""

import numpy as np
from scipy.linalg import blas
from scipy.sparse import csc_array, issparse

__all__ = ["add_scaled", "plan_product", "scale"]

GEMM = {"f": blas.sgemm, "d": blas.dgemm}
AXPY = {"f": blas.saxpy, "d": blas.daxpy}
SCAL = {"f": blas.sscal, "d": blas.dscal}


def plan_product(dtype, is_dense=True):
    """Choose the shortest way to products of one dtype.

    `np.matmul` cannot accumulate, and has a slow loop of its own where an inner size is 1, as in
    the backward pass from a single output.

    Parameters
    ----------
    dtype : numpy dtype
        Of A, B and out.
    is_dense : bool, default=True
        Whether A will be an ndarray; if not, a sparse matrix.

    Returns
    -------
    product : callable
        ``product(A, B, out, beta=0.0, trans_A=False, trans_B=False)`` computes
        out = A B + beta out, of transposes if asked, with beta 0 or 1, and returns out. Matrices
        in C order are best.
    """
    gemm = GEMM.get(dtype.char)
    if gemm is None or not is_dense:
        return _product_without_blas

    def product(A, B, out, beta=0.0, trans_A=False, trans_B=False):
        out_T = out.T  # BLAS knows columns, NumPy rows: so BLAS is asked for out' = B' A'
        result = gemm(1.0, B.T, A.T, beta, out_T, trans_B, trans_A, 1)
        if result is not out_T:  # it had to work on a copy
            out[...] = result.T
        return out

    return product


def _product_without_blas(A, B, out, beta=0.0, trans_A=False, trans_B=False):
    A, B = A.T if trans_A else A, B.T if trans_B else B
    if not beta:
        out[...] = A @ B
    elif issparse(A) and A.format == "csc" and A.nnz < A.shape[0]:  # most rows are zero
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
    n = y.size
    if axpy is None or n == 0:
        y += a * x
        return
    result = axpy(x, y, n, a)
    if result is not y:  # it had to work on a copy
        y[...] = result


def scale(x, a):
    """Compute x *= a.

    Parameters
    ----------
    x : ndarray
    a : float
    """
    scal = SCAL.get(x.dtype.char)
    if scal is None or x.size == 0:
        x *= a
        return
    result = scal(a, x)
    if result is not x:  # it had to work on a copy
        x[...] = result
