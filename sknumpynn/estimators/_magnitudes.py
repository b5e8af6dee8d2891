"""Magnitudes: whether all numbers are finite, and not too large for a network to learn from."""

import math

import numpy as np
from scipy.sparse import issparse
from sklearn.exceptions import ConvergenceWarning

from ..blas import dot, largest
from ..core import row_parts
from ._warning import warn

__all__ = [
    "NON_FINITE",
    "cure_for_y",
    "has_small_numbers",
    "is_finite",
    "quick_norm",
    "raise_if_overflown",
    "raise_non_finite",
    "warn_if_large",
]

LARGE = 1e10  # numbers larger than this should be scaled for a network
NON_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


def has_small_numbers(X):
    """Tell whether the sum of the squares of all numbers is finite, which is quick to compute.

    If so, all of them are finite, and so are the sums that a network makes of them.
    """
    return math.isfinite(_sum_of_squares(X if isinstance(X, np.ndarray) else X.data))


def quick_norm(X):
    """Euclidean norm of all numbers, in one pass over memory.

    It is inf or nan if X is no contiguous array of floats, or has very large or infinite numbers.
    """
    is_plain = type(X) is np.ndarray and X.dtype.char in "fd" and X.flags.forc
    return math.sqrt(_sum_of_squares(X)) if is_plain else math.inf


def _sum_of_squares(values):
    total = 0.0
    for part in row_parts(values):
        flat = part.ravel(order="K")  # a view if contiguous; of two dimensions BLAS makes a copy
        total += dot(flat, flat)
    return total


def is_finite(Y):
    """Tell whether all numbers of an array are finite."""
    flat = Y.ravel(order="K")
    return math.isfinite(dot(flat, flat)) or bool(np.isfinite(Y).all())


def warn_if_large(name, array, cure, norm=np.inf):
    """Warn if numbers are so large that a network hardly learns from them.

    Parameters
    ----------
    name : str
        Of the data.
    array : ndarray or sparse matrix of shape (n_samples, n_columns)
    cure : str
        What to do, continuing "Scale it, ".
    norm : float, default=inf
        Euclidean norm of the data, if known: a small one saves looking at the numbers.
    """
    if norm <= LARGE:
        return
    size = _largest(array)
    if size > LARGE:
        warn(
            f"{name} holds values as large as {size:.3g}, from which a network hardly learns. "
            f"Scale it, {cure}.",
            ConvergenceWarning,
        )


def _largest(array):
    """The largest absolute value."""
    values = array.data if issparse(array) else array
    return max(map(largest, row_parts(values)))


def raise_if_overflown(Y, X):
    """Raise an error unless Y, the output of a network for X, is finite."""
    if not is_finite(Y):
        raise ValueError(
            "The network's output is not finite. X holds values as large as "
            f"{_largest(X):.3g}: scale it as the X of fit was. Or the weights are not finite."
        )


def cure_for_y(task):
    """What to do about a y of large numbers, continuing "Scale it, "."""
    may_be_scaled = getattr(task, "may_be_scaled", False)
    return f"for instance by {'scale_target=True' if may_be_scaled else 'a larger unit'}"


def raise_non_finite(est, X, Y, task):
    """Raise the error of training that has diverged; it says where the largest numbers are.

    Y is what the loss compares outputs with, so that a y that is scaled already is no reason.
    """
    sizes = np.max([_column_sizes(part) for part in row_parts(X)], axis=0)
    column = int(np.argmax(sizes))
    size, size_of_y = sizes[column], _largest(Y)
    if size_of_y > max(size, LARGE):
        size, where, cure = size_of_y, "y", cure_for_y(task)
    else:
        name = getattr(est, "feature_names_in_", range(X.shape[1]))[column]
        where = f"column {name!r} of X"
        cure = "for instance with StandardScaler, and y, if it has large values"
    if est.solver != "lbfgs":  # which has no learning rate
        cure += f"; or lower learning_rate_init={est.learning_rate_init}"
    raise ValueError(
        f"{NON_FINITE} The largest in size, {size:.3g}, is in {where}: scale it, {cure}."
    )


def _column_sizes(X):
    """The largest absolute value of each column."""
    low, high = (
        bound if isinstance(X, np.ndarray) else bound.toarray().ravel()
        for bound in (X.min(axis=0), X.max(axis=0))
    )
    return np.maximum(-low.astype(float), high)
