"""Categories: find them, number them, and make columns of them."""

from itertools import repeat

import numpy as np

from .columns import kind_of, no_category, present_values

__all__ = ["encode", "find_categories", "one_hot", "one_hot_names"]


def find_categories(column):
    """List the categories of a column, without missing values, sorted.

    If values of several types cannot be compared, they are sorted by type first.
    """
    present = present_values(column)
    try:
        return sorted(present)
    except TypeError:
        return sorted(present, key=lambda value: (type(value).__name__, str(value)))


def encode(column, codes):
    """Number the values of a column, by a dict of codes; 0 for what is no category.

    Raises
    ------
    TypeError
        If a value is not hashable.
    ValueError
        If the column holds numbers alone where all categories are strings, or the other way round:
        it was read in another way.
    """
    values = column.values.tolist()
    try:
        numbers = np.fromiter(map(codes.get, values, repeat(0)), np.int64, len(values))
    except TypeError as error:
        raise no_category(column, error) from error
    if codes and not numbers.any():
        _check_kinds(column, codes)
    return numbers


def _check_kinds(column, categories):
    present = present_values(column)
    kinds, known = ({kind_of(value) for value in values} for values in (present, categories))
    if present and kinds.isdisjoint(known):
        raise ValueError(
            f"{column} holds {min(kinds)}, such as {min(present, key=str)!r}, but when fitting it "
            f"held {min(known)}, such as {next(iter(categories))!r}, and none of those is found. "
            "Convert it to what it was."
        )


def one_hot(numbers, n_categories):
    """Make a column for each category, but a single one for up to two.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples,)
        In 1..n_categories, or 0 for what is no category.
    n_categories : int

    Returns
    -------
    columns : ndarray of shape (n_samples, max(n_categories, 1)) or (n_samples, 1)
        1 in the category's column and 0 elsewhere. A single column has 1 for the first of two
        categories, -1 for the second and 0 for none; for an only category 1, and -1 for none.
    """
    if n_categories <= 1:
        return np.where(numbers == 1, 1.0, -1.0)[:, np.newaxis]
    columns = (numbers[:, np.newaxis] == np.arange(1, n_categories + 1)).astype(np.float64)
    return columns[:, :1] - columns[:, 1:] if n_categories == 2 else columns


def one_hot_names(name, categories):
    """Names of the columns that `one_hot` makes of a feature, by its name and categories."""
    if len(categories) == 0:
        return [name]
    named = categories[:1] if len(categories) == 2 else categories
    return [f"{name}_{category}" for category in named]
