"""Gaussian likelihood: predict, beside the target, how far off the prediction may be."""

import math

import numpy as np

from ..core import Loss, row_sum

__all__ = ["GaussianNLL"]

BOUND = 40.0  # exp of it, times a squared error, leaves room in float32
LOG_2PI = math.log(2 * math.pi)


class GaussianNLL(Loss):
    r"""Negative log-likelihood of normal targets t, summed over targets [1]_.

    .. math:: \ell = \frac12 \sum_j s_j + (t_j - \mu_j)^2 e^{-s_j} + \log 2\pi

    Two outputs a target, side by side: the mean :math:`\mu`, and z, which stands for the logarithm
    of the variance, :math:`s = 40 \tanh(z / 40)`. That is close to z at all sizes that occur in
    standardised data, but cannot run away where the targets are fitted exactly. `mean_and_std`
    converts the outputs.

    References
    ----------
    .. [1] Nix and Weigend, "Estimating the mean and variance of the target probability
       distribution", ICNN 1994.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.losses import GaussianNLL
    >>> value, D = GaussianNLL()(np.array([[3.0, 0.0]]), np.array([1.0]))
    >>> round(value, 3), D.tolist()
    (2.919, [[2.0, -1.5]])
    """

    outputs_per_target = 2

    def mean_and_std(self, Yp):
        """Mean and standard deviation of each target, from a network's outputs.

        Parameters
        ----------
        Yp : ndarray of shape (n_samples, 2 * n_targets)

        Returns
        -------
        mean, std : ndarray of shape (n_samples, n_targets)
        """
        pairs = Yp.reshape(len(Yp), -1, 2)
        return pairs[:, :, 0], np.exp(0.5 * BOUND * np.tanh(pairs[:, :, 1] / BOUND))

    def row_loss(self, Yp, Yt):
        pairs = Yp.reshape(*Yt.shape, 2)
        s = BOUND * np.tanh(pairs[:, :, 1] / BOUND)
        squares = np.square(Yt - pairs[:, :, 0])
        return 0.5 * row_sum(s + squares * np.exp(-s) + LOG_2PI)

    def row_gradient(self, Yp, Yt):
        pairs = Yp.reshape(*Yt.shape, 2)
        bend = np.tanh(pairs[:, :, 1] / BOUND)
        errors = pairs[:, :, 0] - Yt
        D = np.empty(pairs.shape, Yp.dtype)
        D[:, :, 0] = errors * np.exp(-BOUND * bend)
        D[:, :, 1] = 0.5 * (1 - errors * D[:, :, 0]) * (1 - np.square(bend))
        return D.reshape(Yp.shape)
