"""Scaling that outliers neither determine nor escape."""

import copy
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from .._version import Stamped
from ..core import row_slices
from .columns import raise_if_masked
from .quantiles import linear_quantiles
from .weights import check_sample_weight, row_counts

__all__ = [
    "SPREADS",
    "RobustSmoothClip",
    "check_spread",
    "robust_statistics",
    "row_blocks",
    "scale_and_clip",
]

HALF = np.finfo(np.float64).max / 2  # of smaller numbers the differences are finite
BLOCK_SIZE = 2**16  # numbers to scale at a time, for which all is in cache
FAR = 1e9  # times the limit: what is further off becomes the limit, to the last digit
QUARTERS, HALFWAY = np.array([0.25, 0.5, 0.75]), np.array([0.5])


class RobustSmoothClip(OneToOneFeatureMixin, TransformerMixin, Stamped, BaseEstimator):
    r"""Scale by median and interquartile range, then clip smoothly [1]_.

    For each feature, with its median m and quartiles :math:`q_{1/4}, q_{3/4}`,

    .. math:: z = \frac{x - m}{q_{3/4} - q_{1/4}}, \qquad
       f(x) = \frac{z}{\sqrt{1 + (z / c)^2}}.

    Near the median f is about z; outliers approach :math:`\pm c`. A feature that is constant
    becomes 0. NaN remain, and do not count.

    Parameters
    ----------
    limit : float, default=3.0
        c.
    spread : {"others", "range"}, default="others"
        What replaces the difference of the quartiles where that is 0, for instance because most
        values are 0. "others" is half the median distance from m of those values that are not m.
        "range", as in the paper, is half the range, which a single value may stretch. For a
        feature with two distinct values both are the same.

    Attributes
    ----------
    center_ : ndarray of shape (n_features,)
        Medians; 0 for a feature without a value.
    scale_ : ndarray of shape (n_features,)
        What is divided by; inf for a feature that is constant or without a value.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features seen in `fit`, if all are strings.

    References
    ----------
    .. [1] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data", NeurIPS 2024, section 3.

    Examples
    --------
    >>> from sknumpynn.preprocessing import RobustSmoothClip
    >>> RobustSmoothClip().fit_transform([[1.0], [2.0], [3.0], [4.0], [1000.0]]).round(2).ravel()
    array([-0.95, -0.49,  0.  ,  0.49,  3.  ])
    """

    def __init__(self, limit=3.0, *, spread="others"):
        self.limit, self.spread = limit, spread

    def fit(self, X, y=None, sample_weight=None):
        """Find the medians and ranges.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            A row of weight 2 counts as two, one of weight 0 not at all. If they are not all whole
            numbers, weights are relative to their mean.

        Returns
        -------
        self : RobustSmoothClip
            Fitted.

        Raises
        ------
        ValueError
            If X holds infinity, the limit is not a positive number, or there is no such spread.
        """
        draft = copy.copy(self)
        draft._fit(X, sample_weight)
        self.__dict__ = vars(draft)
        return self

    def transform(self, X):
        """Scale and clip.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_features)
            In float32 if X is.
        """
        check_is_fitted(self)
        X = self._validate(X, reset=False)
        Z = np.empty(X.shape, X.dtype)
        for rows in row_blocks(Z):
            numbers = X[rows].astype(np.float64, copy=False)
            Z[rows] = scale_and_clip(numbers, self.center_, self.scale_, self._limit)
        return Z

    def _fit(self, X, sample_weight):
        if not isinstance(self.limit, Real) or not 0 < self.limit < np.inf:
            raise ValueError(
                f"The 'limit' parameter of {type(self).__name__} must be a float in the range "
                f"(0, inf). Got {self.limit!r} instead."
            )
        check_spread(self)
        X = self._validate(X, reset=True)
        weights = check_sample_weight(sample_weight, len(X))
        if weights is not None:
            X, weights = X[weights > 0], weights[weights > 0]
        self._limit = float(self.limit)
        self.center_, self.scale_ = robust_statistics(X, weights, self.spread)

    def _validate(self, X, reset):
        raise_if_masked(X)
        dtypes = [np.float64, np.float32]
        return validate_data(self, X, reset=reset, dtype=dtypes, ensure_all_finite="allow-nan")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def robust_statistics(X, sample_weight=None, spread="others"):
    """Center and scale of the columns of a matrix.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_columns)
        NaN do not count.
    sample_weight : ndarray of shape (n_samples,), default=None
        Positive.
    spread : {"others", "range"}, default="others"
        As of `RobustSmoothClip`.

    Returns
    -------
    center : ndarray of shape (n_columns,)
        Medians; 0 for a column without a value.
    scale : ndarray of shape (n_columns,)
        Interquartile ranges; where they are 0 the spreads; where those are 0, too, inf.
    """
    counts = None if sample_weight is None else row_counts(sample_weight)
    center, scale = np.zeros(X.shape[1]), np.full(X.shape[1], np.inf)
    for j, x in enumerate(X.T):
        present = ~np.isnan(x)
        if not present.any():
            continue
        values = np.clip(x[present].astype(np.float64), -HALF, HALF)
        repeated = None if counts is None else counts[present]
        q25, center[j], q75 = linear_quantiles(values, QUARTERS, repeated)
        scale[j] = (q75 - q25) or SPREADS[spread](values, center[j], repeated) or np.inf
    return center, scale


def _half_range(x, center, counts):
    return np.ptp(x) / 2


def _half_distance_of_others(x, center, counts):
    others = x != center
    if not others.any():
        return 0.0
    counts = None if counts is None else counts[others]
    return linear_quantiles(np.abs(x[others] - center), HALFWAY, counts)[0] / 2


SPREADS = {"others": _half_distance_of_others, "range": _half_range}


def check_spread(est):
    """Raise a ValueError if an estimator's spread is not one of `SPREADS`."""
    if not isinstance(est.spread, str) or est.spread not in SPREADS:
        raise ValueError(
            f"The 'spread' parameter of {type(est).__name__} must be a str among "
            f"{sorted(SPREADS)}. Got {est.spread!r} instead."
        )


def row_blocks(Z):
    """Cut the rows of a matrix to be made into slices that are small enough for a core's cache."""
    return row_slices(len(Z), max(1, BLOCK_SIZE // Z.shape[1]))


def scale_and_clip(X, center, scale, limit=3.0):
    """z = (x - center) / scale, then z / sqrt(1 + (z / limit)²).

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_columns)
        In float64.
    center, scale : ndarray of shape (n_columns,)
    limit : float, default=3.0

    Returns
    -------
    Z : ndarray of shape (n_samples, n_columns)
    """
    with np.errstate(over="ignore", under="ignore"):
        Z = (np.clip(X, -HALF, HALF) - center) / scale
        Z = np.clip(Z, -FAR * limit, FAR * limit)
        return Z / np.sqrt(1 + (Z / limit) ** 2)
