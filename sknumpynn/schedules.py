"""Schedules: how the learning rate changes as training goes on."""

import math

from sklearn.base import BaseEstimator

__all__ = [
    "AdaptiveSchedule",
    "ConstantSchedule",
    "CosineSchedule",
    "InverseScalingSchedule",
    "OneCycleSchedule",
]


class ConstantSchedule(BaseEstimator):
    """The learning rate stays as it is; training stops on a plateau.

    Base of the other schedules.

    Attributes
    ----------
    per_step : bool
        Whether `factor` is to be asked at each step. Where it is False, do not ask:
        `AdaptiveSchedule` has an argument of that name.
    """

    per_step = False

    def factor(self, progress):
        """What the learning rate is multiplied by at a step.

        Parameters
        ----------
        progress : float
            The part of all planned steps that are done, in [0, 1).

        Returns
        -------
        factor : float
        """
        return 1.0

    def after_epoch(self, lr, lr_init, n_seen):
        """Learning rate of the next epoch.

        Parameters
        ----------
        lr : float
            That of the past epoch.
        lr_init : float
            That of the first.
        n_seen : int
            Rows seen in training so far, a row once an epoch.

        Returns
        -------
        lr : float
        """
        return lr

    def on_plateau(self, lr):
        """Learning rate to go on with when training no longer improves.

        Parameters
        ----------
        lr : float

        Returns
        -------
        lr : float or None
            None to stop.
        """
        return None


class InverseScalingSchedule(ConstantSchedule):
    r"""Lower the rate with the rows seen: :math:`\eta_t = \eta_0 / (t + 1)^p`.

    Parameters
    ----------
    power_t : float, default=0.5
        The exponent p.
    """

    def __init__(self, power_t=0.5):
        self.power_t = power_t

    def after_epoch(self, lr, lr_init, n_seen):
        return lr_init / (n_seen + 1) ** self.power_t


class AdaptiveSchedule(ConstantSchedule):
    """Divide the rate on each plateau; stop on one when the rate has become too small.

    Parameters
    ----------
    factor : float, default=5.0
    lr_min : float, default=1e-6
    """

    def __init__(self, factor=5.0, lr_min=1e-6):
        self.factor, self.lr_min = factor, lr_min

    def on_plateau(self, lr):
        return None if lr <= self.lr_min else lr / self.factor


class CosineSchedule(ConstantSchedule):
    r"""Lower the rate along half a cosine over all planned steps [1]_, perhaps warming up first.

    .. math:: f = m + (1 - m)\, \frac{1 + \cos \pi p}{2}

    with p the part that is done of the steps after the warm-up. Warming up, the factor rises from 0
    in a line [2]_.

    Parameters
    ----------
    lr_min : float, default=0.0
        m, the rate at the end, as a part of the initial one.
    warmup : float, default=0.0
        Part of all steps, in [0, 1).

    References
    ----------
    .. [1] Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
       equation 5.
    .. [2] Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017,
       arXiv:1706.02677, section 2.2.
    """

    per_step = True

    def __init__(self, lr_min=0.0, warmup=0.0):
        self.lr_min, self.warmup = lr_min, warmup

    def factor(self, progress):
        if progress < self.warmup:
            return progress / self.warmup
        return _anneal(1.0, self.lr_min, (progress - self.warmup) / (1 - self.warmup))


class OneCycleSchedule(ConstantSchedule):
    """Raise the rate to its full size, then lower it to next to nothing [1]_, along cosines.

    Parameters
    ----------
    warmup : float, default=0.3
        Part of all steps during which the rate rises, in [0, 1).
    start, end : float, default=1/25 and 1e-4
        The rate at the two ends, as parts of the full one.

    References
    ----------
    .. [1] Smith and Topin, "Super-convergence: very fast training of neural networks using large
       learning rates", 2018, arXiv:1708.07120.
    """

    per_step = True

    def __init__(self, warmup=0.3, start=1 / 25, end=1e-4):
        self.warmup, self.start, self.end = warmup, start, end

    def factor(self, progress):
        if progress < self.warmup:
            return _anneal(self.start, 1.0, progress / self.warmup)
        return _anneal(1.0, self.end, (progress - self.warmup) / (1 - self.warmup))


def _anneal(start, end, part):
    """Go from one number to another along half a cosine, of which a part is done."""
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2
