"""Linear algebra in place, by the shortest way to BLAS, and all of it to SciPy's.

NumPy's wheels have a BLAS of their own, with threads of its own. After a call they keep watch for
the next one; where the calls change between the two, each library waits for cores that the other's
threads only watch from. On two cores that made a batch of 0.15 ms one of 8 ms.
"""

import numpy as np
from scipy.linalg import blas
from scipy.sparse import csc_array, issparse

__all__ = ["dot", "plan_product", "plan_vectors", "product"]

DOT = {"f": blas.sdot, "d": blas.ddot}
VECTOR_ROUTINES = {"f": (blas.sscal, blas.saxpy), "d": (blas.dscal, blas.daxpy)}


def product(A, B, out, beta=0.0, trans_A=False, trans_B=False):
    """Compute out = A B + beta out, of transposes if asked.

    `np.matmul` cannot accumulate, and has a slow loop of its own where an inner size is 1, as in
    the backward pass from a single output.

    Parameters
    ----------
    A, B : ndarray or sparse matrix, ndarray
        Matrices; best in C order.
    out : ndarray
        Of the dtype that A and B have; best in C order.
    beta : {0.0, 1.0}, default=0.0
        1 adds to what out holds.
    trans_A, trans_B : bool, default=False
        Whether to take the transpose of A, of B.

    Returns
    -------
    out : ndarray
    """
    return plan_product(out.dtype, A)(A, B, out, beta, trans_A, trans_B)


def plan_product(dtype, A):
    """Choose the way to do many products of one kind, so that none has to ask again.

    Parameters
    ----------
    dtype : numpy dtype
        Of the matrices.
    A : ndarray or sparse matrix
        Such a matrix as will come first.

    Returns
    -------
    product : callable
        As `product`.
    """
    if A.ndim == 3:
        return _products_of_stack
    dense = isinstance(A, np.ndarray)
    return PRODUCTS.get(dtype.char, _product_without_blas) if dense else _product_without_blas


def _product_by(gemm):
    def product(A, B, out, beta=0.0, trans_A=False, trans_B=False):
        out_T = out.T  # BLAS knows columns, NumPy rows: so BLAS is asked for out' = B' A'
        result = gemm(1.0, B.T, A.T, beta, out_T, trans_B, trans_A, 1)
        if result is not out_T:  # it had to work on a copy
            out[...] = result.T
        return out

    return product


PRODUCTS = {"f": _product_by(blas.sgemm), "d": _product_by(blas.dgemm)}


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


def _products_of_stack(A, B, out, beta=0.0, trans_A=False, trans_B=False):
    """The products of the matrices in two stacks: small ones, for which BLAS is asked in C."""
    A, B = A.mT if trans_A else A, B.mT if trans_B else B
    multiply = np.multiply if A.shape[-1] == 1 else np.matmul  # which is slow at an inner size of 1
    if beta:
        out += multiply(A, B)
        return out
    return multiply(A, B, out=out)


def dot(x, y):
    """Compute the sum of the products of two arrays' numbers.

    Parameters
    ----------
    x, y : ndarray
        Of one shape and dtype.

    Returns
    -------
    dot : float
    """
    by_blas = DOT.get(x.dtype.char) if 0 < x.size < 2**31 else None
    return float((by_blas or np.vdot)(x, y))


def plan_vectors(like):
    """Choose the way to scale and add many vectors of one kind, so that no call has to ask again.

    Parameters
    ----------
    like : ndarray
        Vectors of BLAS's kinds are left to BLAS: contiguous ones of float32 or float64, not empty.

    Returns
    -------
    scal : callable
        BLAS's: ``scal(a, x)`` computes ``x *= a``, where a is a number, or for an x of rows an
        ndarray of shape (n_rows, 1).
    axpy : callable
        BLAS's: ``axpy(x, y, n, a)`` computes ``y += a x``, in one pass over memory. n is the size
        of both.
    """
    flags = like.flags
    if like.ndim == 1 and flags.c_contiguous and flags.writeable and 0 < like.size < 2**31:
        return VECTOR_ROUTINES.get(like.dtype.char, (_scal, _axpy))
    return _scal, _axpy


def _scal(a, x):
    x *= a


def _axpy(x, y, n, a):
    y += a * x
