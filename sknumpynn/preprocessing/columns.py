"""The columns of a table: a DataFrame's, an Arrow table's or an array's, each as a NumPy array."""

from datetime import date, time, timedelta
from decimal import Decimal
from numbers import Real
from typing import NamedTuple

import numpy as np

__all__ = [
    "Column",
    "checked",
    "is_missing",
    "is_table",
    "kind_of",
    "no_category",
    "present_values",
    "raise_if_masked",
    "read_columns",
    "seems_categorical",
    "to_numbers",
]

BOOLEANS = bool, np.bool_
NUMBERS = float, int, Real, Decimal, *BOOLEANS  # which are asked in this order, Real takes long
FLOATS = {float, type(None)}  # of which NumPy makes numbers as we do, and sooner
STRINGS = str, bytes
MAY_BE_NAN = float, complex, Decimal, np.generic
TIMES = date, time, timedelta
CURE = "Make numbers or categories of it, or drop it."


class Column(NamedTuple):
    """One column.

    Attributes
    ----------
    name : str or int
        Its label in a DataFrame, or its position in an array.
    values : ndarray of shape (n_samples,)
        Numbers, booleans or objects.
    is_category : bool
        Whether its dtype says so.
    """

    name: str | int
    values: np.ndarray
    is_category: bool = False

    def take(self, rows):
        """Make a column of some of the rows, given by a mask or slice."""
        return self._replace(values=self.values[rows])

    def __str__(self):
        return f"Column {self.name!r}"


def is_table(X):
    """Whether X has columns of their own types."""
    return hasattr(X, "shape") and hasattr(X, "columns")


def raise_if_masked(array, name="X"):
    """Check that no value of a masked array is masked: the masked numbers would be learned from."""
    if isinstance(array, np.ma.MaskedArray) and np.ma.is_masked(array):
        raise ValueError(
            f"{name} is a masked array in which {np.ma.count_masked(array)} values are masked. "
            "Fill them, for instance with filled(np.nan), where NaN is allowed, or drop their rows."
        )


def read_columns(X):
    """Split a DataFrame, an Arrow table or an array of two dimensions into a list of Columns.

    A DataFrame is one of pandas or polars, or another with the methods of one of those. If neither
    numbers nor categories can be made of a column, a ValueError names it.
    """
    if not is_table(X):
        columns = [Column(j, x) for j, x in enumerate(X.T)]
    elif hasattr(X, "iloc"):
        columns = [_from_pandas(name, series) for name, series in X.items()]
    elif hasattr(X, "itercolumns"):
        pairs = zip(X.column_names, X.itercolumns(), strict=True)
        columns = [_from_arrow(name, chunks) for name, chunks in pairs]
    else:
        columns = [Column(series.name, series.to_numpy()) for series in X.get_columns()]
    return [checked(column) for column in columns]


def _from_pandas(name, series):
    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        return Column(name, series.to_numpy())
    kind = getattr(dtype, "kind", "O")
    if kind in "mM":  # with a time zone
        raise _no_times(name, dtype)
    if kind in "iuf":  # which a column of categories, even of numbers, does not say of itself
        return Column(name, series.to_numpy(dtype=np.float64, na_value=np.nan))
    is_category = hasattr(dtype, "categories") or _is_dictionary(dtype)
    return Column(name, series.astype(object).to_numpy(na_value=None), is_category)


def _from_arrow(name, chunks):
    is_category = _is_dictionary(chunks.type)
    if is_category:  # its to_numpy would make missing values look like others
        chunks = chunks.cast(chunks.type.value_type)
    return Column(name, chunks.to_numpy(), is_category)


def _is_dictionary(arrow_type):
    return str(arrow_type).startswith("dictionary")


def checked(column):
    """Check that numbers or categories can be made of a column; return it, strings as objects."""
    values = column.values
    kind = values.dtype.kind
    if kind in "mM":
        raise _no_times(column.name, values.dtype)
    if kind == "c":
        raise ValueError(f"Complex data not supported: {column} has {values.dtype}. {CURE}")
    if values.ndim != 1 or kind not in "biufOUST":
        raise ValueError(f"{column} holds structures, one or more numbers a row. {CURE}")
    return column._replace(values=values.astype(object)) if kind in "UST" else column


def _no_times(name, what):
    return ValueError(
        f"Column {name!r} holds dates or times ({what}). Make numbers of them, such as the year, "
        "the day of the week or the seconds since some date, or drop it."
    )


def is_missing(value):
    """Whether a value is missing: None, NaN, NaT, or pandas' NA and NaT."""
    if isinstance(value, MAY_BE_NAN):
        return value != value
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def kind_of(value):
    """What a value is: "strings", "numbers", or else the name of its type."""
    if isinstance(value, STRINGS):
        return "strings"
    return "numbers" if isinstance(value, NUMBERS) else type(value).__name__


def present_values(column):
    """The set of a column's values that are not missing; an empty string is a value."""
    try:
        distinct = set(column.values.tolist())
    except TypeError as error:
        raise no_category(column, error) from error
    return {value for value in distinct if not is_missing(value)}


def no_category(column, error):
    """The error of a column in which a value is not hashable, from Python's own."""
    return TypeError(
        f"{column}: {error}, but an encoder's argument must be a string or a number. {CURE}"
    )


def seems_categorical(column):
    """Whether a column is categorical, by its dtype or by its values.

    Objects are, unless all are numbers. They raise an error if they are neither strings nor numbers
    and the dtype does not say that they are categories.
    """
    if column.values.dtype.kind != "O" or column.is_category:
        return column.is_category or column.values.dtype.kind == "b"
    present = {type(value): value for value in present_values(column)}.values()  # one a type
    for value in present:
        if isinstance(value, TIMES) or type(value).__name__ == "Period":
            raise _no_times(column.name, type(value).__name__)
        if not isinstance(value, NUMBERS + STRINGS):
            raise TypeError(
                f"{column} holds a {type(value).__name__}, {value!r}, but an encoder's "
                f"argument must be a string or a number. {CURE}"
            )
    all_numbers = all(isinstance(value, NUMBERS) for value in present)
    return not all_numbers or all(isinstance(value, BOOLEANS) for value in present)


def to_numbers(column):
    """The values of a numeric column in float64, NaN where missing; they must be finite numbers."""
    values = column.values
    if values.dtype.kind == "O" and not set(map(type, values)) <= FLOATS:
        values = np.array([_number(column, row, v) for row, v in enumerate(values.tolist())])
    with np.errstate(over="ignore"):  # a long double may become inf
        numbers = values.astype(np.float64, copy=False)
    infinite = np.isinf(numbers)
    if infinite.any():
        raise ValueError(
            f"{column} contains infinity or a value too large for dtype('float64') in "
            f"{np.count_nonzero(infinite)} row(s), first in row {np.argmax(infinite)}. Clip such "
            "values, or make them NaN if they are not known."
        )
    return numbers


def _number(column, row, value):
    if is_missing(value):
        return np.nan
    if isinstance(value, NUMBERS):
        try:
            return float(value)
        except OverflowError:
            return np.inf
    if isinstance(value, STRINGS):
        raise ValueError(
            f"{column} is numeric, but could not convert string to float: {value!r} in row {row}. "
            "Make numbers of its strings, or have it in categorical_features when fitting."
        )
    raise TypeError(f"{column} holds {value!r} in row {row}: argument must be a string or a number")
