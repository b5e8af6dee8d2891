"""Quantiles of values that count several times."""

import numpy as np

__all__ = ["linear_quantiles"]


@np.errstate(under="ignore")
def linear_quantiles(x, q, counts=None):
    """Quantiles by linear interpolation, NumPy's default, of values that are repeated.

    Parameters
    ----------
    x : ndarray of shape (n_samples,)
        Values; not NaN.
    q : ndarray of shape (n_quantiles,)
        Probabilities, in [0, 1].
    counts : ndarray of shape (n_samples,), default=None
        How many times each value counts, 1 by default; need not be whole numbers.

    Returns
    -------
    quantiles : ndarray of shape (n_quantiles,)
        Those of ``np.repeat(x, counts)``.
    """
    if counts is None:
        return np.quantile(x, q)
    order = np.argsort(x)
    x, ends = x[order], np.cumsum(counts[order])
    place = q * (ends[-1] - 1)
    whole = np.floor(place)
    part = place - whole
    before = x[np.searchsorted(ends[:-1], whole, side="right")]
    after = x[np.searchsorted(ends[:-1], whole + 1, side="right")]
    step = after - before
    # From the nearer side, as NumPy does, so that the numbers are the same to the last digit.
    return np.where(part < 0.5, before + step * part, after - step * (1 - part))
