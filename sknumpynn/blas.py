"""Linear algebra in place, by the shortest way to BLAS, and all of it to SciPy's.

NumPy's wheels have a BLAS of their own, with threads of its own. After a call they keep watch for
the next one; where the calls change between the two, each library waits for cores that the other's
threads only watch from. On two cores that made a batch of 0.15 ms one of 8 ms.
"""

from functools import lru_cache

import numpy as np
from scipy.linalg import blas
from scipy.sparse import csc_array, issparse

__all__ = ["dot", "largest", "ones", "plan_dot", "plan_gemm", "plan_vectors"]

CACHED = 2**16  # numbers of rows that are added to others at once, for which all is in cache
GEMM = {"f": blas.sgemm, "d": blas.dgemm}
AMAX = {"f": blas.isamax, "d": blas.idamax}
DOT = {"f": blas.sdot, "d": blas.ddot}
VECTOR_ROUTINES = {"f": (blas.sscal, blas.saxpy), "d": (blas.dscal, blas.daxpy)}


def plan_gemm(dtype, like):
    """Choose the way to do many products of one kind, so that none has to ask again.

    BLAS takes matrices by columns, and NumPy's rows are columns of the transpose. So Y = X W is
    ``gemm(1.0, W.T, X.T, 0.0, Y.T)``, for Y' = W' X'. `np.matmul` cannot accumulate, and has a slow
    loop of its own where an inner size is 1, as in the backward pass from a single output.

    Parameters
    ----------
    dtype : numpy dtype
        Of all three matrices.
    like : ndarray or sparse matrix
        Such a matrix as will be a factor. In a stack each has a leading axis.

    Returns
    -------
    gemm : callable
        BLAS's: ``gemm(1.0, a, b, beta, c, trans_a, trans_b, 1)`` computes ``c = a b + beta c``, of
        transposes if asked, where beta is 0 or 1, and returns c. Each is the transpose of a matrix
        in C order; where c is not, a new array may be returned in its place. But what is sparse is
        given as it is: to transpose that takes long.
    """
    if like.ndim == 3:
        return _gemm_of_stacks
    return GEMM.get(dtype.char, _gemm) if isinstance(like, np.ndarray) else _gemm


def _gemm(alpha, B_T, A_T, beta, out_T, trans_B=0, trans_A=0, overwrite=1):
    """out = A B + beta out, where BLAS cannot."""
    A, B, out = _by_rows(A_T, trans_A), _by_rows(B_T, trans_B), out_T.T
    if not beta:
        out[...] = A @ B
    elif issparse(A) and A.format == "csc" and A.nnz < A.shape[0]:  # most rows are zero
        rows, places = np.unique(A.indices, return_inverse=True)
        product = csc_array((A.data, places, A.indptr), shape=(len(rows), A.shape[1])) @ B
        size = max(1, CACHED // product.shape[1])
        for some in (slice(begin, begin + size) for begin in range(0, len(rows), size)):
            out[rows[some]] += product[some]
    else:
        out += A @ B
    return out_T


def _by_rows(factor, trans):
    return factor if trans != issparse(factor) else factor.T


def _gemm_of_stacks(alpha, B_T, A_T, beta, out_T, trans_B=0, trans_A=0, overwrite=1):
    """The products of the matrices in two stacks: small ones, for which BLAS is asked in C."""
    A, B, out = A_T.T, B_T.T, out_T.T
    if trans_A:
        A = A.mT
    if trans_B:  # np.matmul would take longer than to copy it
        B = np.ascontiguousarray(B.mT)
    if A.shape[-1] == 1:  # at which np.matmul is slow
        A, B = _beside_zeros(A, -1), _beside_zeros(B, -2)
    if beta:
        out += np.matmul(A, B)
    else:
        np.matmul(A, B, out=out)
    return out_T


def _beside_zeros(stack, axis):
    """A stack of columns, or of rows, as matrices of two."""
    return np.concatenate([stack, np.zeros(stack.shape, stack.dtype)], axis)


@lru_cache(maxsize=16)
def ones(shape, dtype):
    """Make a factor for a product that is a sum of rows or columns, once for all.

    Parameters
    ----------
    shape : tuple of int
    dtype : numpy dtype

    Returns
    -------
    ones : ndarray
        Read-only.
    """
    factor = np.ones(shape, dtype)
    factor.setflags(write=False)
    return factor


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
    return float(plan_dot(x)(x, y))


def plan_dot(like):
    """Choose the way to compute `dot` of many arrays of one kind, so that none has to ask again.

    Parameters
    ----------
    like : ndarray

    Returns
    -------
    dot : callable
        ``dot(x, y)`` returns a number, BLAS's of BLAS's kinds of arrays.
    """
    return DOT.get(like.dtype.char, np.vdot) if 0 < like.size < 2**31 else np.vdot


def largest(x):
    """Find the largest absolute value, in one pass over memory.

    Parameters
    ----------
    x : ndarray
        Of finite numbers.

    Returns
    -------
    largest : float
        0 if there are none.
    """
    flags = x.flags
    if x.dtype.char in AMAX and 0 < x.size < 2**31 and (flags.c_contiguous or flags.f_contiguous):
        flat = x.ravel(order="K")  # a view
        return abs(flat.item(AMAX[x.dtype.char](flat)))
    return max(float(x.max(initial=0)), -float(x.min(initial=0)))


def plan_vectors(like):
    """Choose the way to scale and add many vectors of one kind, so that no call has to ask again.

    Parameters
    ----------
    like : ndarray
        Vectors of BLAS's kinds are left to BLAS: contiguous ones of float32 or float64, not empty.
        So are rows of them, where a is a number.

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
    if flags.c_contiguous and flags.writeable and 0 < like.size < 2**31:
        routines = VECTOR_ROUTINES if like.ndim == 1 else ROUTINES_FOR_ROWS
        return routines.get(like.dtype.char, (_scal, _axpy))
    return _scal, _axpy


def _scal(a, x):
    x *= a


def _axpy(x, y, n, a):
    y += a * x


def _for_rows(scal_vector, axpy_vector):
    def scal(a, x):
        if isinstance(a, np.ndarray) or not x.flags.c_contiguous:
            return _scal(a, x)
        scal_vector(a, x.ravel())

    def axpy(x, y, n, a):
        if isinstance(a, np.ndarray) or not (x.flags.c_contiguous and y.flags.c_contiguous):
            return _axpy(x, y, n, a)
        axpy_vector(x.ravel(), y.ravel(), n, a)

    return scal, axpy


ROUTINES_FOR_ROWS = {char: _for_rows(*routines) for char, routines in VECTOR_ROUTINES.items()}
