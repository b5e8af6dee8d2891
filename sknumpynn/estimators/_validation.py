"""Validation of the arguments of fit, beyond what scikit-learn's public functions check."""

import math
from contextlib import contextmanager

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.validation import check_array, validate_data

from ..core import is_mapped, row_parts
from ..preprocessing.columns import is_missing, is_table, raise_if_masked, read_columns
from ..preprocessing.weights import check_sample_weight
from ..tasks import raise_if_missing
from ._warning import warn

__all__ = [
    "about_validation",
    "pair_validation",
    "raise_if_text",
    "validate_numbers",
    "validate_rows",
    "warn_if_as_long",
]

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


def warn_if_as_long(n_rows_val, n_rows):
    """Warn if there are as many rows to validate on as to train on."""
    if n_rows_val == n_rows:
        warn(
            "X_val has as many rows as X: inside cross-validation scikit-learn would then split it "
            "as it does X.",
        )


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
    if issparse(y):  # which is refused where it is read
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
