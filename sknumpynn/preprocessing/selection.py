"""Which columns are categorical: as their dtypes say, or as the user does."""

import numpy as np

from .columns import seems_categorical

__all__ = ["categorical_mask"]


def categorical_mask(categorical_features, columns):
    """Find the categorical columns.

    Parameters
    ----------
    categorical_features : "from_dtype", array-like or None
        Names, indices or a mask; None for none.
    columns : list of Column

    Returns
    -------
    mask : ndarray of bool of shape (n_columns,)

    Raises
    ------
    ValueError
        If `categorical_features` is something else, or names what is not there.
    """
    if isinstance(categorical_features, str) and categorical_features == "from_dtype":
        return np.array([seems_categorical(column) for column in columns])
    mask = np.zeros(len(columns), dtype=bool)
    if categorical_features is None or np.size(categorical_features) == 0:
        return mask
    chosen = np.asarray(categorical_features)
    kind = chosen.dtype.kind
    if chosen.ndim != 1 or kind not in "biuUO":
        raise ValueError(
            "categorical_features must be 'from_dtype', None or an array-like of bool, int or str, "
            f"got: {categorical_features!r}."
        )
    if kind == "b" and len(chosen) != len(columns):
        raise ValueError(
            "categorical_features set as a boolean mask must have shape (n_features,) = "
            f"({len(columns)},), got: {chosen.shape}."
        )
    if kind in "iu" and not (0 <= chosen.min() and chosen.max() < len(columns)):
        raise ValueError(
            "categorical_features set as integer indices must be in [0, n_features - 1] = "
            f"[0, {len(columns) - 1}], got: {chosen.tolist()}."
        )
    if kind in "UO":
        return _named(chosen.tolist(), columns)
    mask[chosen] = True
    return mask


def _named(names, columns):
    present = [column.name for column in columns]
    missing = [name for name in names if not isinstance(name, str) or name not in present]
    if missing:
        raise ValueError(
            f"categorical_features has {missing}, but the columns are {present}. Give names of a "
            "DataFrame's columns, or the indices of an array's."
        )
    return np.array([name in names for name in present])
