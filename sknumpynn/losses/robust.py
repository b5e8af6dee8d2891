"""Robust losses: linear in large errors, so that a few of those do not dominate."""

import numpy as np

from ..core import Loss, row_sum

__all__ = ["HuberLoss", "MeanAbsoluteError", "QuantileLoss"]


class MeanAbsoluteError(Loss):
    r"""Mean over the k outputs of the absolute error; the best constant is the median.

    .. math:: \ell = \frac1k \sum_j |p_j - t_j|

    The gradient of an error of 0 is 0.
    """

    def row_loss(self, Yp, Yt):
        return row_sum(np.abs(Yp - Yt)) / Yp.shape[1]

    def row_gradient(self, Yp, Yt):
        D = np.sign(Yp - Yt)
        D /= D.shape[1]
        return D


class HuberLoss(Loss):
    r"""Mean over the k outputs of half the squared error where small, linear where large [1]_.

    .. math:: \ell = \frac1k \sum_j c_j \left(e_j - \frac{c_j}{2}\right), \quad
        e_j = p_j - t_j, \quad c_j = \min(\max(e_j, -\delta), \delta)

    Parameters
    ----------
    delta : float, default=1.0
        :math:`\delta`, the error from which on the loss is linear.

    References
    ----------
    .. [1] Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics
       35(1), 1964.
    """

    def __init__(self, delta=1.0):
        self.delta = delta

    def row_loss(self, Yp, Yt):
        errors = Yp - Yt
        clipped = np.clip(errors, -self.delta, self.delta)
        return row_sum(clipped * (errors - 0.5 * clipped)) / Yp.shape[1]

    def row_gradient(self, Yp, Yt):
        D = Yp - Yt
        np.clip(D, -self.delta, self.delta, out=D)
        D /= D.shape[1]
        return D


class QuantileLoss(Loss):
    r"""Pinball loss, summed over quantiles q: the best constants are the targets' quantiles [1]_.

    .. math:: \ell = \sum_q \max(q\, e_q, (q - 1)\, e_q), \quad e_q = t - p_q

    There is an output for each quantile; where there are several targets, those of a target stand
    side by side, and the loss is summed over targets. Outputs of a row may cross: sort them.

    Parameters
    ----------
    quantiles : float or tuple of float, default=0.5
        Each in (0, 1).

    References
    ----------
    .. [1] Koenker and Bassett, "Regression quantiles", Econometrica 46(1), 1978.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.losses import QuantileLoss
    >>> value, D = QuantileLoss((0.1, 0.9))(np.array([[0.0, 2.0]]), np.array([1.0]))
    >>> round(value, 3), D.round(3).tolist()
    (0.2, [[-0.1, 0.1]])
    """

    def __init__(self, quantiles=0.5):
        self.quantiles = quantiles

    @property
    def outputs_per_target(self):
        """Number of quantiles."""
        return np.size(self.quantiles)

    def row_loss(self, Yp, Yt):
        q, errors = self._quantiles_and_errors(Yp, Yt)
        return row_sum(np.maximum(q * errors, (q - 1) * errors).reshape(Yp.shape))

    def row_gradient(self, Yp, Yt):
        q, errors = self._quantiles_and_errors(Yp, Yt)
        D = np.sign(errors)  # so that an error of 0 has the mean of the gradients at its two sides
        D *= -0.5
        D += 0.5 - q
        return D.reshape(Yp.shape)

    def _quantiles_and_errors(self, Yp, Yt):
        q = np.array(self.quantiles, Yp.dtype, ndmin=1)
        if not (q.size and 0 < q.min() and q.max() < 1):
            raise ValueError(f"quantiles must be in (0, 1), got {self.quantiles!r}.")
        return q, Yt[:, :, np.newaxis] - Yp.reshape(*Yt.shape, len(q))
