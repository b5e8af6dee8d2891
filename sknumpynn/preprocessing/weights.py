"""Sample weights: check them, and tell how many rows each stands for."""

import numpy as np
from sklearn.utils import check_array

from .columns import raise_if_masked

__all__ = ["check_sample_weight", "row_counts"]

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
