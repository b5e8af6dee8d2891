"""Linear algebra in place, by the shortest way to BLAS, and all of it to SciPy's.

NumPy's wheels bring a second BLAS, with threads of its own. After a call, threads keep a core busy
while they wait for the next call; where calls alternate between the two libraries, each has to wait
for cores that idle threads of the other keep busy. On two cores a batch of 0.15 ms took 8 ms.
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
GEMV = {"f": blas.sgemv, "d": blas.dgemv}
VECTOR_ROUTINES = {"f": (blas.sscal, blas.saxpy), "d": (blas.dscal, blas.daxpy)}


def plan_gemm(dtype, like, rows=None, columns=None):
    """Choose the function for many products of one kind, so that no call has to choose again.

    BLAS takes matrices by columns, and NumPy's rows are columns of the transpose. So Y = X W is
    ``gemm(1.0, W.T, X.T, 0.0, Y.T)``, for Y' = W' X'. `np.matmul` cannot accumulate, and has a slow
    loop of its own where an inner size is 1, as in the backward pass from a single output.

    Parameters
    ----------
    dtype : numpy dtype
        Of all three matrices.
    like : ndarray or sparse matrix
        Such a matrix as will be a factor. In a stack each has a leading axis.
    rows, columns : int, default=None
        Of the product, or of every product if it is for several. Where one of them is 1, BLAS's
        ``gemv`` computes the same, on processors without AVX-512 in a fraction of the time.

    Returns
    -------
    gemm : callable
        As BLAS's: ``gemm(1.0, a, b, beta, c, trans_a, trans_b, 1)`` computes ``c = a b + beta c``,
        of transposes if asked, where beta is 0 or 1, and returns c. Each argument is the transpose
        of a matrix in C order; if c is not, a new array may be returned in its place. With a single
        row, c may be a vector. A sparse matrix is passed untransposed, since transposing it takes
        long.
    """
    if like.ndim == 3:
        return _gemm_of_stacks
    if not (isinstance(like, np.ndarray) and like.size):  # BLAS refuses matrices without rows
        return _gemm
    routines = GEMM_TO_COLUMN if columns == 1 else GEMM_TO_ROW if rows == 1 else GEMM
    return routines.get(dtype.char, _gemm)


def _to_column(gemv):
    def gemm(alpha, B_T, A_T, beta, out_T, trans_B=0, trans_A=0, overwrite=1):
        return gemv(alpha, A_T, B_T, beta, out_T, 0, 1, 0, 1, not trans_A, overwrite)

    return gemm


def _to_row(gemv):
    def gemm(alpha, B_T, A_T, beta, out_T, trans_B=0, trans_A=0, overwrite=1):
        return gemv(alpha, B_T, A_T, beta, out_T, 0, 1, 0, 1, trans_B, overwrite)

    return gemm


GEMM_TO_COLUMN = {char: _to_column(gemv) for char, gemv in GEMV.items()}
GEMM_TO_ROW = {char: _to_row(gemv) for char, gemv in GEMV.items()}


def _gemm(alpha, B_T, A_T, beta, out_T, trans_B=0, trans_A=0, overwrite=1):
    """out = A B + beta out, where BLAS cannot."""
    A, B, out = _by_rows(A_T, trans_A), _by_rows(B_T, trans_B), out_T.T
    if not beta:
        out[...] = A @ B
    elif out.ndim == 1:
        out += (A @ B)[0]
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
    """The products of the matrices in two stacks; they are small, so NumPy's loop calls BLAS."""
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
    """Make ones, by which a product sums up rows or columns; they are kept for the next call.

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
    """Choose the function for `dot` of many arrays of one kind, so that no call has to choose.

    Parameters
    ----------
    like : ndarray

    Returns
    -------
    dot : callable
        ``dot(x, y)`` returns a number. It is BLAS's for arrays of float32 and float64.
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
    """Choose functions that scale and add many vectors of one kind, so that no call has to choose.

    Parameters
    ----------
    like : ndarray
        Such a vector as will be given, or a matrix whose rows are scaled and added. BLAS does it
        for contiguous arrays of float32 or float64 that are not empty; in a matrix only where a is
        a number.

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
