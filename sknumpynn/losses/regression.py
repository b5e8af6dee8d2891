"""Regression losses."""

import numpy as np
from scipy.special import xlogy

from ..core import Loss, row_sum

__all__ = [
    "HalfGammaLoss",
    "HalfPoissonLoss",
    "HalfSquaredError",
    "MeanSquaredError",
    "mse_loss",
]


class MeanSquaredError(Loss):
    r"""Mean over the k outputs of the squared error.

    .. math:: \ell = \frac1k \sum_j (p_j - t_j)^2
    """

    def row_loss(self, Yp, Yt):
        return row_sum(np.square(Yp - Yt)) / Yp.shape[1]

    def row_gradient(self, Yp, Yt):
        D = Yp - Yt
        D *= 2 / D.shape[1]
        return D


mse_loss = MeanSquaredError()


class HalfSquaredError(Loss):
    r"""Half the mean over the k outputs of the squared error.

    .. math:: \ell = \frac1{2k} \sum_j (p_j - t_j)^2

    Parameters
    ----------
    summed_gradient : bool, default=False
        Keep the value, but return the gradient of the sum over outputs, which is k times as large:
        that is the one that scikit-learn's stochastic solvers follow.
    """

    def __init__(self, summed_gradient=False):
        self.summed_gradient = summed_gradient

    def row_loss(self, Yp, Yt):
        return row_sum(np.square(Yp - Yt)) * (0.5 / Yp.shape[1])

    def row_gradient(self, Yp, Yt):
        D = Yp - Yt
        if D.shape[1] > 1 and not self.summed_gradient:
            D /= D.shape[1]
        return D


class HalfPoissonLoss(Loss):
    r"""Half the Poisson deviance of a mean exp(p), summed over outputs.

    .. math:: \ell = \sum_j t_j \log\frac{t_j}{e^{p_j}} - t_j + e^{p_j}
    """

    log_link = True

    def row_loss(self, Yp, Yt):
        return row_sum(xlogy(Yt, Yt) - Yt * Yp - Yt + np.exp(Yp))

    def row_gradient(self, Yp, Yt):
        return np.exp(Yp) - Yt


class HalfGammaLoss(Loss):
    r"""Half the gamma deviance of a mean exp(p), summed over outputs, for positive targets [1]_.

    .. math:: \ell = \sum_j \log\frac{e^{p_j}}{t_j} + \frac{t_j}{e^{p_j}} - 1

    The same relative error counts the same at every size of the target.

    References
    ----------
    .. [1] McCullagh and Nelder, "Generalized linear models", 2nd edition, 1989, chapter 8.
    """

    log_link = True

    def row_loss(self, Yp, Yt):
        return row_sum(Yp - np.log(Yt) + Yt * np.exp(-Yp) - 1)

    def row_gradient(self, Yp, Yt):
        return 1 - Yt * np.exp(-Yp)
