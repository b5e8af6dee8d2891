"""Data of a comparison: a table and its target, checked before the first fit."""

import warnings
from numbers import Integral

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.multiclass import type_of_target

from ..preprocessing.columns import (
    Column,
    checked,
    is_missing,
    is_table,
    present_values,
    raise_if_masked,
    read_columns,
    seems_categorical,
    to_numbers,
)

__all__ = ["as_table", "as_target", "categorical_columns", "check_folds", "choose_task", "plain"]

MOST_CLASSES = 20  # with more different whole numbers, a target is taken for regression


def as_table(X):
    """Check a table, and return it; if it is none, an array of it.

    It may be a DataFrame, an Arrow table or array-like, but not sparse, empty or of other than two
    dimensions; nor may it have a masked value, a column without a value, or one that neither finite
    numbers nor categories can be made of.
    """
    if issparse(X):
        raise ValueError("compare takes dense tables: make one with X.toarray().")
    raise_if_masked(X)
    if not is_table(X):
        array = np.asarray(X)
        X = np.asarray(X, dtype=object) if array.dtype.kind in "US" else array  # keeps numbers
    if len(X.shape) != 2 or 0 in X.shape:
        raise ValueError(f"X must have rows and columns, but its shape is {tuple(X.shape)}.")
    for column in read_columns(X):
        if not present_values(column):
            raise ValueError(f"{column} has no value in any row: drop it.")
        if not seems_categorical(column):
            to_numbers(column)  # raises an error if it cannot
    return X


def categorical_columns(X):
    """Tell which columns of a table are categories, by an array of bool."""
    return np.array([seems_categorical(column) for column in read_columns(X)])


def plain(X, is_categorical):
    """Make from a table an array that scikit-learn's encoders and imputers take.

    It holds numbers, or objects that are numbers and strings, and NaN where a value is missing.
    """
    columns = zip(read_columns(X), is_categorical, strict=True)
    table = [_texts(column) if is_text else to_numbers(column) for column, is_text in columns]
    return np.column_stack(table)


def _texts(column):
    texts = [np.nan if is_missing(value) else str(value) for value in column.values.tolist()]
    return np.array(texts, dtype=object)


def as_target(y, n_rows):
    """Check a target of so many rows, and return it as an array.

    It must not lack a value, have a single one in all rows, mix strings with others, or hold dates,
    times, or what is neither a string nor a number.
    """
    raise_if_masked(y, "y")
    values = np.asarray(y, dtype=None if hasattr(y, "dtype") else object)  # lists may be of both
    if values.shape != (n_rows,):
        raise ValueError(
            f"y must have one value for each of {n_rows} rows: its shape is {values.shape}."
        )
    column = checked(Column("y", values))
    present = present_values(column)
    n_missing = sum(map(is_missing, column.values.tolist()))
    if n_missing:
        raise ValueError(f"The target is missing in {n_missing} of {n_rows} rows: drop those.")
    if len(present) == 1:
        raise ValueError(f"The target has a single value, {present.pop()!r}: nothing to learn.")
    is_labels = seems_categorical(column)
    if is_labels and len({isinstance(value, str) for value in present}) > 1:
        raise ValueError("The target holds strings and others: make all of them strings.")
    y = np.array(column.values.tolist())
    is_of_objects = y.dtype.kind == "O"  # such as decimal numbers
    return to_numbers(column) if is_of_objects and not is_labels else y


def choose_task(y, task):
    """Tell from a target whether it takes classification or regression, and goes with the task."""
    if task not in ("auto", "classification", "regression"):
        raise ValueError(f"task must be 'auto', 'classification' or 'regression', got {task!r}.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of many classes, which is dealt with here
        kind = type_of_target(y)
    is_number = y.dtype.kind in "iuf"
    if task == "classification" and kind == "continuous":
        raise ValueError("task='classification' takes labels, but the target has fractions.")
    if task == "regression" and y.dtype.kind not in "iufb":
        raise ValueError(f"task='regression' takes numbers, but the target has {y.tolist()[0]!r}.")
    if task != "auto":
        return task
    has_many_values = is_number and len(np.unique(y)) > MOST_CLASSES
    return "regression" if kind == "continuous" or has_many_values else "classification"


def check_folds(y, task, cv):
    """Check that no fold will lack a class, or have fewer than two rows.

    A splitter is not checked: it raises errors of its own.
    """
    if not isinstance(cv, Integral):
        return
    if cv < 2:
        raise ValueError(f"cv={cv} is too small: cross-validation takes 2 folds or more.")
    if task == "regression":
        if len(y) < 2 * cv:
            raise ValueError(f"{len(y)} rows are too few for cv={cv}: each fold takes 2.")
        return
    classes, counts = np.unique(y, return_counts=True)
    rarest = counts.argmin()
    if counts[rarest] < cv:
        raise ValueError(
            f"Class {classes[rarest].item()!r} has {counts[rarest]} row(s), too few for cv={cv}: "
            "each fold takes one. Lower cv, or drop or merge the class."
        )
