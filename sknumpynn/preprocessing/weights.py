"""Sample weights: check them, weigh classes, and tell how many rows each stands for."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array
from sklearn.utils.class_weight import compute_sample_weight

from .columns import raise_if_masked

__all__ = ["check_sample_weight", "row_counts", "weigh_classes"]

LARGEST = 2.0**53  # larger numbers are all whole, for want of digits
SMALLEST = np.finfo(np.float64).tiny  # smaller numbers have an inverse that may be infinite


def check_sample_weight(sample_weight, n_samples):
    """Make of sample weights an array, in double precision: sums of many are to be exact.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,), number or None
    n_samples : int

    Returns
    -------
    sample_weight : ndarray of shape (n_samples,) or None

    Raises
    ------
    ValueError
        If there is not one finite, non-negative weight a row, or if all are zero.
    """
    if sample_weight is None:
        return None
    if np.isscalar(sample_weight):
        sample_weight = np.full(n_samples, sample_weight)
    raise_if_masked(sample_weight, "sample_weight")
    try:
        if np.asarray(sample_weight).dtype.kind in "mM":
            raise TypeError("dates and times are none.")
        weights = check_array(
            sample_weight,
            dtype=np.float64,
            ensure_2d=False,
            input_name="sample_weight",
        )
    except (TypeError, ValueError) as error:
        if "sample_weight" in str(error):
            raise
        raise ValueError(f"sample_weight must hold a number for each row: {error}") from error
    if weights.ndim != 1:
        raise ValueError(
            f"Sample weights must be 1D array or scalar, got {weights.ndim}D array. "
            f"Expected either a scalar value or a 1D array of length {n_samples}."
        )
    if len(weights) != n_samples:
        raise ValueError(f"sample_weight.shape == {weights.shape}, expected {(n_samples,)}!")
    if weights.min() < 0:
        row = int(np.argmax(weights < 0))
        raise ValueError(f"Negative values in sample_weight: {weights[row]} in row {row}.")
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number; all are zero.")
    with np.errstate(over="ignore"):
        total = weights.sum()
    if not SMALLEST <= total < np.inf:
        raise ValueError(
            f"The sum of sample_weight is {total}, out of the range of numbers. Scale the weights."
        )
    return weights


def row_counts(sample_weight):
    """How many rows each row counts as.

    Whole numbers are counts as they are. Other weights are relative: they are scaled to a mean of
    1, so that their unit does not matter. So are numbers that are whole only because they are
    too large for a fraction.

    Parameters
    ----------
    sample_weight : ndarray of shape (n_samples,)
        Positive.

    Returns
    -------
    counts : ndarray of shape (n_samples,)
    """
    is_whole = sample_weight == np.floor(sample_weight)
    if is_whole.all() and sample_weight.sum() < LARGEST:
        return sample_weight
    relative = sample_weight / sample_weight.max()
    return relative / relative.mean()


def weigh_classes(class_weight, y, sample_weight):
    """Multiply sample weights with those of the classes.

    Parameters
    ----------
    class_weight : "balanced", dict, list of dict or None
        "balanced" gives all classes the same total weight, in which each row counts by its sample
        weight: a row of weight 2 counts as two rows.
    y : ndarray or sparse matrix of shape (n_samples,) or (n_samples, n_columns)
        Classes; for several columns the weights are multiplied.
    sample_weight : ndarray of shape (n_samples,) or None

    Returns
    -------
    sample_weight : ndarray of shape (n_samples,) or None
    """
    if class_weight is None:
        return sample_weight
    y = y.toarray() if issparse(y) else y
    if class_weight == "balanced":
        factors = np.ones(len(y))
        for column in y.reshape(len(y), -1).T:
            _, codes = np.unique(column, return_inverse=True)
            totals = np.bincount(codes, weights=sample_weight).astype(float)
            n_present = np.count_nonzero(totals)
            with np.errstate(divide="ignore"):  # a class of zero weight has rows of zero weight
                balance = np.where(totals > 0, totals.sum() / (n_present * totals), 1)
            factors *= balance[codes]
    else:
        try:
            factors = compute_sample_weight(class_weight, y)
        except (TypeError, ValueError) as error:
            raise ValueError(f"class_weight={class_weight!r}: {error}") from error
    if not (np.isfinite(factors).all() and factors.min() >= 0 and factors.any()):
        raise ValueError(
            "class_weight must give the classes of y finite weights that are not negative, and not "
            f"all zero; got {class_weight!r}."
        )
    return factors if sample_weight is None else factors * sample_weight
