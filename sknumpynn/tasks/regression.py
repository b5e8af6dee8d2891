"""Regression: encode numbers, decode predictions."""

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.metrics import mean_pinball_loss, r2_score
from sklearn.utils import assert_all_finite

from ..core import FunctionLoss, Loss
from ..losses import (
    GaussianNLL,
    HalfGammaLoss,
    HalfPoissonLoss,
    HalfSquaredError,
    HuberLoss,
    MeanAbsoluteError,
    QuantileLoss,
)

__all__ = ["LOSSES", "RegressionTask", "location_and_scale", "mixture_std"]

LOSSES = {
    "squared_error": HalfSquaredError,
    "absolute_error": MeanAbsoluteError,
    "huber": HuberLoss,
    "quantile": QuantileLoss,
    "gaussian_nll": GaussianNLL,
    "poisson": HalfPoissonLoss,
    "gamma": HalfGammaLoss,
}

LARGE = 300  # exponent of 2: sums of squares of numbers up to that size are finite
ROOM = 1e6  # standard deviations from the mean at which a prediction still fits float32
ROUNDING = 64  # times the precision of numbers: a standard deviation that small is rounding error


class RegressionTask:
    """Predict numbers.

    Parameters
    ----------
    loss : str, Loss or callable
        A name of `LOSSES`, or a loss for predictions as they are.
    quantile : float or tuple of float, default=0.5
        For loss "quantile".
    location, scale : ndarray of shape (n_targets,), default=0.0 and 1.0
        The network is trained on ``(y - location) / scale``.

    Attributes
    ----------
    loss : Loss
        Of the network's output Z.
    out_activation : str
        scikit-learn's name of the function from Z to predictions.
    """

    def __init__(self, loss, quantile=0.5, location=0.0, scale=1.0):
        self.loss_given, self.location, self.scale = loss, location, scale
        self.loss = _make_loss(loss, quantile)
        self.out_activation = "exp" if self.loss.log_link else "identity"

    @property
    def stochastic_loss(self):
        """Loss with the gradient that scikit-learn's stochastic solvers follow."""
        if self.loss_given == "squared_error":
            return HalfSquaredError(summed_gradient=True)
        return self.loss

    @property
    def several_quantiles(self):
        """Whether there are several predictions for each target."""
        return isinstance(self.loss, QuantileLoss) and np.ndim(self.loss.quantiles) == 1

    @property
    def may_be_scaled(self):
        """Whether predictions of a scaled target can be turned into predictions of y."""
        has_units = self.loss.outputs_per_target == 1 or self.several_quantiles
        return not self.loss.log_link and (has_units or isinstance(self.loss, GaussianNLL))

    @property
    def is_scaled(self):
        """Whether the network is trained on other numbers than y."""
        return bool(np.any(self.location != 0) or np.any(self.scale != 1))

    def encode(self, y):
        """Make a column for each target.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)

        Returns
        -------
        Y : ndarray of shape (n_samples, n_targets)

        Raises
        ------
        ValueError
            If a target is not finite, or is negative (or zero) where the loss does not allow that.
        """
        y = y.toarray() if issparse(y) else y
        with np.errstate(invalid="ignore"):  # of a sum of large numbers
            assert_all_finite(y, input_name="y")  # None has become NaN by now
        least = np.min(y)
        is_poisson = isinstance(self.loss, HalfPoissonLoss)
        is_gamma = isinstance(self.loss, HalfGammaLoss)
        if (is_poisson and least < 0) or (is_gamma and least <= 0):
            needed = "non-negative" if is_poisson else "positive"
            raise ValueError(
                f"loss={self.loss_given!r} needs a {needed} y, but its smallest value is {least}. "
                "Use loss='squared_error', or correct the target."
            )
        return y.reshape(len(y), -1).astype(y.dtype if y.dtype.kind == "f" else float, copy=False)

    def n_outputs(self, Y):
        """Outputs that the network needs.

        Parameters
        ----------
        Y : ndarray of shape (n_samples, n_targets)

        Returns
        -------
        n_outputs : int
        """
        return Y.shape[1] * self.loss.outputs_per_target

    def goal(self, Y, smooth=True):
        """What the loss compares the network's output with: the target, scaled.

        Parameters
        ----------
        Y : ndarray of shape (n_samples, n_targets)
        smooth : bool, default=True
            Ignored: there are no labels to smooth.

        Returns
        -------
        goal : ndarray of shape (n_samples, n_targets)
        """
        if not self.is_scaled:
            return Y
        with np.errstate(over="ignore"):  # training notices what is not finite
            return (Y - self.location) / self.scale

    def strata(self, Y):
        """Groups whose proportions a split keeps: none.

        Parameters
        ----------
        Y : ndarray of shape (n_samples, n_targets)

        Returns
        -------
        strata : None
        """

    def decode(self, Z):
        """Predictions from the network's output.

        Parameters
        ----------
        Z : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Several quantiles are on one more axis, in rising order.
        """
        if self.out_activation == "exp":
            with np.errstate(over="ignore", under="ignore"):
                P = _clip(np.exp(Z))
        elif isinstance(self.loss, GaussianNLL):
            P = self._unscaled(self.loss.mean_and_std(Z)[0])
        elif self.several_quantiles:
            groups = np.sort(Z.reshape(len(Z), -1, self.loss.outputs_per_target), axis=2)
            P = self._unscaled(groups.swapaxes(1, 2)).swapaxes(1, 2)
        else:
            P = self._unscaled(Z)
        return P[:, 0] if P.shape[1] == 1 else P

    def decode_std(self, Z):
        """Standard deviations from the output of a network that was trained to predict them.

        Parameters
        ----------
        Z : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        std : ndarray of shape (n_samples,) or (n_samples, n_targets)

        Raises
        ------
        ValueError
            If the loss is another.
        """
        if not isinstance(self.loss, GaussianNLL):
            raise ValueError(
                "return_std needs loss='gaussian_nll' or several members, but the estimator has "
                f"loss={self.loss_given!r} and a single one."
            )
        std = self._unscaled(self.loss.mean_and_std(Z)[1], location=0.0)
        return std[:, 0] if std.shape[1] == 1 else std

    def score(self, Z, Y, sample_weight=None):
        """Score of the network's output, see `metric`.

        Parameters
        ----------
        Z : ndarray of shape (n_samples, n_outputs)
            Output.
        Y : ndarray of shape (n_samples, n_targets)
            Encoded target.
        sample_weight : ndarray of shape (n_samples,), default=None

        Returns
        -------
        score : float
            nan if the output is not finite.
        """
        if not np.isfinite(Z).all():
            return float("nan")
        return self.metric(Y, self.decode(Z), sample_weight)

    def metric(self, y, predictions, sample_weight=None):
        """R² of predictions; for several quantiles minus their mean pinball loss.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
        predictions : ndarray
            As `decode` returns them.
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        metric : float
            The higher the better.
        """
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            if self.several_quantiles:
                return -self._mean_pinball_loss(y, predictions, sample_weight)
            _, exponent = np.frexp(self.scale)
            if np.max(np.abs(exponent)) > LARGE:  # R² is the same in other units, without overflow
                y, predictions = (np.ldexp(array, -exponent) for array in (y, predictions))
            return float(r2_score(y, predictions, sample_weight=sample_weight))

    def _mean_pinball_loss(self, y, predictions, sample_weight):
        losses = [
            mean_pinball_loss(y, predictions[..., i], sample_weight=sample_weight, alpha=quantile)
            for i, quantile in enumerate(np.sort(self.loss.quantiles))
        ]
        return float(np.mean(losses))

    def _unscaled(self, P, location=None):
        if np.isscalar(self.scale):
            return P
        location = self.location if location is None else location
        reach = np.max(np.abs(location) + self.scale)
        dtype = P.dtype if reach < np.finfo(P.dtype).max / ROOM else np.dtype(np.float64)
        with np.errstate(over="ignore", under="ignore"):
            return _clip(P * self.scale.astype(dtype) + np.asarray(location, dtype))


@np.errstate(over="ignore", under="ignore")
def mixture_std(means, stds=None):
    """Standard deviation of a mixture of distributions, all of the same weight.

    Its square is the variance of their means, and the mean of their variances, together.

    Parameters
    ----------
    means : ndarray of shape (n_distributions, ...)
    stds : ndarray of the shape of means, default=None
        None stands for no deviation from the means.

    Returns
    -------
    std : ndarray
    """
    limits = np.finfo(means.dtype)
    size = max(np.abs(means).max(), limits.tiny)  # whose square may be no number
    variance = np.var(means / size, axis=0)
    if stds is not None:
        variance += np.mean(np.square(stds / size), axis=0)
    return np.minimum(size * np.sqrt(variance), limits.max)


@np.errstate(under="ignore")
def location_and_scale(Y, sample_weight=None):
    """Mean and standard deviation of each target; 1 for one that is constant but for rounding.

    Parameters
    ----------
    Y : ndarray of shape (n_samples, n_targets)
    sample_weight : ndarray of shape (n_samples,), default=None

    Returns
    -------
    location, scale : ndarray of shape (n_targets,)
    """
    # Scaled by a power of two, which is exact, so that squares neither overflow nor vanish.
    _, exponent = np.frexp(np.abs(Y).max(axis=0))
    U = np.ldexp(Y.astype(np.float64), -exponent)
    location = np.average(U, axis=0, weights=sample_weight)
    std = np.sqrt(np.average((U - location) ** 2, axis=0, weights=sample_weight))
    location, std = np.ldexp(location, exponent), np.ldexp(std, exponent)
    noise = ROUNDING * np.finfo(Y.dtype).eps * np.abs(location)
    return location, np.where(std > noise, std, np.maximum(noise, 1.0))


def _clip(P):
    """Replace what is infinite by the largest finite number, in place."""
    limit = np.finfo(P.dtype).max
    return np.clip(P, -limit, limit, out=P)


def _make_loss(loss, quantile):
    if isinstance(loss, Loss):
        return clone(loss)
    if callable(loss):
        return FunctionLoss(loss)
    return QuantileLoss(quantile) if loss == "quantile" else LOSSES[loss]()
