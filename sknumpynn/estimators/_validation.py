"""Validation of the arguments of fit, beyond what scikit-learn's public functions check."""

import math
from contextlib import contextmanager

import numpy as np
from scipy.sparse import issparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.validation import check_array, validate_data

from ..blas import dot, largest
from ..core import is_mapped, row_parts
from ..preprocessing.columns import is_missing, is_table, raise_if_masked, read_columns
from ..preprocessing.weights import check_sample_weight
from ..tasks import raise_if_missing
from ._warning import warn

__all__ = [
    "NON_FINITE",
    "about_validation",
    "has_small_numbers",
    "is_finite",
    "pair_validation",
    "quick_norm",
    "raise_if_overflown",
    "raise_if_text",
    "raise_non_finite",
    "validate_numbers",
    "validate_rows",
    "warn_if_as_long",
    "warn_if_large",
]

LARGE = 1e10  # numbers larger than this should be scaled for a network
NON_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)
CURE = "Make numbers of it, for instance with sklearn.preprocessing.OneHotEncoder, or drop it."


def validate_rows(est, X, y, sample_weight, reset, name="y", known_finite=False):
    """Check the rows to fit to, or those to validate on.

    Parameters
    ----------
    est : estimator
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
    sample_weight : array-like of shape (n_samples,), number or None
    reset : bool
        Whether the columns may be others than before.
    name : str, default="y"
        Of the target, for the message of an error.
    known_finite : bool, default=False
        Whether all numbers of X are known to be finite.

    Returns
    -------
    X : ndarray or sparse CSR
    y : ndarray
    sample_weight : ndarray of shape (n_samples,) or None

    Raises
    ------
    ValueError, TypeError
        If something is not as it should be.
    """
    if est._y_numeric:
        raise_if_text(y, name)
    elif y is not None:
        raise_if_missing(y)
    options = {"multi_output": True, "y_numeric": est._y_numeric, "dtype": "numeric"}
    X, y = validate_numbers(est, X, y, known_finite=known_finite, reset=reset, **options)
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return X, y, check_sample_weight(sample_weight, X.shape[0])


def validate_numbers(est, X, *y, known_finite=False, **options):
    """Do what `sklearn.utils.validation.validate_data` does, but name the column that is wrong.

    Parameters
    ----------
    est : estimator
        Its `_accept_sparse` names the kinds of sparse matrices that it takes.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
    *y : array-like
        A target, or nothing.
    known_finite : bool, default=False
        Whether all numbers of X are known to be finite.
    **options : dict
        Of `validate_data`.

    Returns
    -------
    checked : ndarray or sparse CSR, or a tuple of X and y
        X is of a numeric dtype.

    Raises
    ------
    ValueError, TypeError
        As `validate_data` does. If X holds words, dates, or what is not finite, the message names
        the column, and the row.
    """
    raise_if_masked(X)
    for target in y:
        raise_if_masked(target, "y")
    try:
        with np.errstate(invalid="ignore", over="ignore"):  # of large numbers
            is_to_check = not (known_finite or is_mapped(X))
            options |= {"accept_sparse": est._accept_sparse, "ensure_all_finite": is_to_check}
            checked = validate_data(est, X, *y, **options)
            array = checked[0] if y else checked
            if is_mapped(X):
                for part in row_parts(array):
                    assert_all_finite(part, estimator_name=type(est).__name__, input_name="X")
            # Objects come from columns whose dtype is not NumPy's; a long double may not fit.
            if array.dtype.kind == "O" or array.dtype.kind == "f" and array.dtype.itemsize > 8:
                array = check_array(array, est._accept_sparse, dtype=np.float64, input_name="X")
    except OverflowError as error:
        raise ValueError(f"X or y holds a number too large for float64: {error}.") from error
    except (TypeError, ValueError) as error:
        if not str(error).startswith("The feature names"):  # wrong columns come before wrong values
            _raise_if_wrong(X, error)
        raise
    if array.dtype.kind in "mM":
        read_columns(array)  # which says what is wrong with times
    array = array if isinstance(array, np.ndarray) else array.tocsr()
    return (array, *checked[1:]) if y else array


def pair_validation(X_val, y_val, sample_weight_val):
    """Put into one tuple what `fit` is given to validate on.

    Parameters
    ----------
    X_val, y_val, sample_weight_val : array-like or None

    Returns
    -------
    validation : tuple or None
        The three of them; None if there is nothing to validate on.

    Raises
    ------
    ValueError
        If something is given without what it belongs to.
    """
    if (X_val is None) != (y_val is None):
        raise ValueError("X_val and y_val go together: one is given without the other.")
    if X_val is None and sample_weight_val is not None:
        raise ValueError("sample_weight_val goes with X_val and y_val, which are not given.")
    return None if X_val is None else (X_val, y_val, sample_weight_val)


@contextmanager
def about_validation():
    """Context of checks of the data to validate on: errors get a note that they are about those."""
    try:
        yield
    except (TypeError, ValueError) as error:
        error.add_note("This is about X_val, y_val and sample_weight_val.")
        raise


def has_small_numbers(X):
    """Tell whether the sum of the squares of all numbers is finite, which is quick to compute.

    Parameters
    ----------
    X : ndarray or sparse matrix

    Returns
    -------
    has_small_numbers : bool
        If so, all of them are finite, and so are the sums that a network makes of them.
    """
    return math.isfinite(_sum_of_squares(X if isinstance(X, np.ndarray) else X.data))


def quick_norm(X):
    """Euclidean norm of all numbers, in one pass over memory.

    Parameters
    ----------
    X : array-like

    Returns
    -------
    norm : float
        inf or nan if X is no contiguous array of floats, or has very large or infinite numbers.
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
    """Tell whether all numbers of an array are finite.

    Parameters
    ----------
    Y : ndarray

    Returns
    -------
    is_finite : bool
    """
    flat = Y.ravel(order="K")
    return math.isfinite(dot(flat, flat)) or bool(np.isfinite(Y).all())


def warn_if_as_long(n_rows_val, n_rows):
    """Warn if there are as many rows to validate on as to train on.

    Parameters
    ----------
    n_rows_val, n_rows : int
    """
    if n_rows_val == n_rows:
        warn(
            "X_val has as many rows as X: inside cross-validation scikit-learn would then split it "
            "as it does X.",
        )


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
    return max((largest(part) for part in row_parts(values)), default=0.0)


def _raise_if_wrong(X, error):
    """Name the first column of X that holds words, dates or what is not finite, if one does."""
    table = X if is_table(X) else _as_table(X)
    for column in () if table is None else read_columns(table):  # which refuses dates
        values = column.values
        if values.dtype.kind == "O":
            wrong = ~np.array([_is_finite_number(value) for value in values.tolist()], bool)
        else:
            wrong = ~np.isfinite(values)
        if wrong.any():
            row = int(np.argmax(wrong))
            value = values.item(row)
            where = f"{column} holds {value!r} in row {row}; such rows: {wrong.sum()}."
            cure = "" if isinstance(value, float) or is_missing(value) else f" {CURE}"
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"{error}\n{where}{cure}") from error


def _as_table(X):
    """X as an array, if it has two dimensions and may hold something wrong; otherwise None."""
    X = np.asarray(X)  # a sparse matrix becomes an object without dimensions
    return X if X.ndim == 2 and X.dtype.kind in "fOUSmM" else None


def _is_finite_number(value):
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def raise_if_text(y, name="y"):
    """Check that a regression target holds numbers, and no words, times or other objects.

    Parameters
    ----------
    y : array-like
    name : str, default="y"
        Of the target, for the message.

    Raises
    ------
    ValueError
        If it holds a string, another object that is no number, or dates.
    """
    if y is None or issparse(y):
        return
    y = np.asarray(y)
    if y.dtype.kind in "mM":
        raise ValueError(
            f"{name} holds dates or times ({y.dtype}), and a regressor needs numbers: make some of "
            "them, such as the seconds since some date."
        )
    values = y.ravel().tolist() if y.dtype.kind in "USTO" else ()
    try:
        wrong = next((value for value in values if not _suits(value, y.dtype)), None)
    except OverflowError as error:
        raise ValueError(f"{name} holds a number too large for float64: {error}.") from error
    if wrong is not None:
        what = "string" if isinstance(wrong, str | bytes) else type(wrong).__name__
        raise ValueError(
            f"{name} holds the {what} {wrong!r}, and a regressor needs numbers: convert {name} "
            "with astype(float), or if it names classes use a classifier."
        )


def _suits(value, dtype):
    """Whether a value of an array of this dtype is a number, or missing."""
    if dtype.kind != "O":
        return not isinstance(value, str | bytes)
    if is_missing(value):
        return True
    try:
        float(value)  # as in scikit-learn, digits among objects are numbers
    except (TypeError, ValueError):
        return False
    return True


def raise_if_overflown(Y, X):
    """Check that a network's output has not overflown.

    Parameters
    ----------
    Y : ndarray
    X : ndarray or sparse matrix of shape (n_samples, n_features)

    Raises
    ------
    ValueError
        If not all of Y is finite.
    """
    if not is_finite(Y):
        raise ValueError(
            "The network's output is not finite. X holds values as large as "
            f"{_largest(X):.3g}: scale it as the X of fit was. Or the weights are not finite."
        )


def raise_non_finite(est, X):
    """Raise the error of training that has diverged; it names the column of the largest numbers.

    Parameters
    ----------
    est : estimator
    X : ndarray or sparse matrix of shape (n_samples, n_features)
    """
    sizes = np.max([_column_sizes(part) for part in row_parts(X)], axis=0)
    column = int(np.argmax(sizes))
    name = getattr(est, "feature_names_in_", range(X.shape[1]))[column]
    raise ValueError(
        f"{NON_FINITE} The largest in size, {sizes[column]:.3g}, is in column {name!r} of X: scale "
        "it, for instance with StandardScaler, and y, if it has large values; or lower "
        f"learning_rate_init={est.learning_rate_init}."
    )


def _column_sizes(X):
    """The largest absolute value of each column."""
    low, high = (
        bound if isinstance(X, np.ndarray) else bound.toarray().ravel()
        for bound in (X.min(axis=0), X.max(axis=0))
    )
    return np.maximum(-low.astype(float), high)
