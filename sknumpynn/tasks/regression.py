"""Regression: encode numbers, decode predictions."""

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.metrics import r2_score
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

__all__ = ["LOSSES", "RegressionTask"]

LOSSES = {
    "squared_error": HalfSquaredError,
    "absolute_error": MeanAbsoluteError,
    "huber": HuberLoss,
    "quantile": QuantileLoss,
    "gaussian_nll": GaussianNLL,
    "poisson": HalfPoissonLoss,
    "gamma": HalfGammaLoss,
}
LOG_LINK = (HalfPoissonLoss, HalfGammaLoss)


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
    stochastic_loss : Loss
        The same, with the gradient that scikit-learn's stochastic solvers follow.
    out_activation : str
        scikit-learn's name of the function from Z to predictions.
    """

    def __init__(self, loss, quantile=0.5, location=0.0, scale=1.0):
        self.name, self.location, self.scale = loss, location, scale
        self.loss = _make_loss(loss, quantile)
        self.stochastic_loss = self.loss
        if loss == "squared_error":
            self.stochastic_loss = HalfSquaredError(summed_gradient=True)
        self.out_activation = "exp" if isinstance(self.loss, LOG_LINK) else "identity"
        self.several_quantiles = loss == "quantile" and np.ndim(quantile) == 1

    def encode(self, y):
        """Make one column a target.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)

        Returns
        -------
        Y : ndarray of shape (n_samples, n_targets)

        Raises
        ------
        ValueError
            If a target is not finite, or is negative where the loss knows no such.
        """
        y = y.toarray() if issparse(y) else y
        assert_all_finite(y, input_name="y")  # None has become NaN by now
        least = np.min(y)
        if (self.name == "poisson" and least < 0) or (self.name == "gamma" and least <= 0):
            needed = "non-negative" if self.name == "poisson" else "positive"
            raise ValueError(
                f"loss={self.name!r} needs a {needed} y, but its smallest value is {least}. "
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
        """What the network's output is compared with.

        Parameters
        ----------
        Y : ndarray of shape (n_samples, n_targets)
        smooth : bool, default=True
            Of no account: there are no labels to smooth.

        Returns
        -------
        goal : ndarray of shape (n_samples, n_targets)
        """
        is_scaled = np.any(self.location != 0) or np.any(self.scale != 1)
        return (Y - self.location) / self.scale if is_scaled else Y

    def strata(self, Y):
        """Groups to split in proportion: none.

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
            Of several quantiles one more axis of them, in rising order.
        """
        if self.out_activation == "exp":
            P = np.exp(Z)
        elif isinstance(self.loss, GaussianNLL):
            P = self._unscaled(self.loss.mean_and_std(Z)[0])
        elif self.several_quantiles:
            groups = np.sort(Z.reshape(len(Z), -1, self.loss.outputs_per_target), axis=2)
            P = self._unscaled(groups.swapaxes(1, 2)).swapaxes(1, 2)
        else:
            P = self._unscaled(Z)
        return P[:, 0] if P.shape[1] == 1 else P

    def decode_std(self, Z):
        """Standard deviations from the output of a network that was trained to tell them.

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
                f"return_std needs loss='gaussian_nll', but the estimator has loss={self.name!r}."
            )
        std = self.loss.mean_and_std(Z)[1] * np.asarray(self.scale, Z.dtype)
        return std[:, 0] if std.shape[1] == 1 else std

    def score(self, Z, Y, sample_weight=None):
        """R² of the network's output; of several quantiles the loss with its sign turned.

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
        if self.several_quantiles:
            return -self.loss.value(Z, self.goal(Y), sample_weight)
        predictions = self.decode(Z)
        if not np.isfinite(predictions).all():
            return float("nan")
        return float(r2_score(Y, predictions, sample_weight=sample_weight))

    def _unscaled(self, P):
        if np.isscalar(self.scale):
            return P
        return P * self.scale.astype(P.dtype) + self.location.astype(P.dtype)


def _make_loss(loss, quantile):
    if isinstance(loss, Loss):
        return clone(loss)
    if callable(loss):
        return FunctionLoss(loss)
    return QuantileLoss(quantile) if loss == "quantile" else LOSSES[loss]()
