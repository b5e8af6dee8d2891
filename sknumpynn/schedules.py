"""Schedules: how the learning rate changes as training goes on."""

import math
from numbers import Real

from sklearn.base import BaseEstimator

__all__ = [
    "AdaptiveSchedule",
    "ConstantSchedule",
    "CosineLogSchedule",
    "CosineSchedule",
    "FlatCosineSchedule",
    "InverseScalingSchedule",
    "OneCycleSchedule",
    "Schedule",
]


class Schedule(BaseEstimator):
    """Base of the schedules: override `after_epoch`, `on_plateau` or, for each step, `factor`.

    As it stands, the learning rate is constant, and training stops on a plateau. A constructor
    stores its arguments untouched. Whatever is no number from 0 up ends training with a ValueError.
    """

    @property
    def per_step(self):
        """Whether `factor` is called, at each step, since a class overrides it.

        Such a schedule is planned to the last epoch: a plateau of the training loss does not cut it
        short.
        """
        return type(self).factor is not Schedule.factor

    def factor(self, progress):
        """What the learning rate is multiplied by at a step.

        Parameters
        ----------
        progress : float
            Which part of all planned steps has been taken, in [0, 1]. It is 1 only where
            `partial_fit` goes on after `max_iter` epochs.

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


class ConstantSchedule(Schedule):
    """The learning rate stays as it is; training stops on a plateau."""


class InverseScalingSchedule(Schedule):
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


class AdaptiveSchedule(Schedule):
    """Divide the rate on each plateau; stop on one when the rate has become too small.

    Parameters
    ----------
    divisor : float, default=5.0
    lr_min : float, default=1e-6
    """

    def __init__(self, divisor=5.0, lr_min=1e-6):
        self.divisor, self.lr_min = divisor, lr_min

    def on_plateau(self, lr):
        return None if lr <= self.lr_min else lr / self.divisor


class CosineSchedule(Schedule):
    r"""Lower the rate along half a cosine over all planned steps [1]_, perhaps warming up first.

    .. math:: f = m + (1 - m)\, \frac{1 + \cos \pi p}{2}

    with p the part of the steps after the warm-up that has been taken. During the warm-up the
    factor rises linearly from 0 to 1 [2]_.

    Parameters
    ----------
    lr_min : float, default=0.0
        m, the rate at the end, as a fraction of the initial one.
    warmup : float, default=0.0
        Part of all steps, in [0, 1).

    References
    ----------
    .. [1] Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
       equation 5.
    .. [2] Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017,
       arXiv:1706.02677, section 2.2.
    """

    def __init__(self, lr_min=0.0, warmup=0.0):
        self.lr_min, self.warmup = lr_min, warmup

    def factor(self, progress):
        if progress < self.warmup:
            return progress / self.warmup
        return _anneal(1.0, self.lr_min, (progress - self.warmup) / (1 - self.warmup))


class OneCycleSchedule(Schedule):
    """Raise the rate to its full size, then lower it to next to nothing [1]_, along cosines.

    Parameters
    ----------
    warmup : float, default=0.3
        Part of all steps during which the rate rises, in [0, 1).
    start, end : float, default=1/25 and 1e-4
        The rate at the two ends, as fractions of the full one.

    References
    ----------
    .. [1] Smith and Topin, "Super-convergence: very fast training of neural networks using large
       learning rates", 2018, arXiv:1708.07120.
    """

    def __init__(self, warmup=0.3, start=1 / 25, end=1e-4):
        self.warmup, self.start, self.end = warmup, start, end

    def factor(self, progress):
        if progress < self.warmup:
            return _anneal(self.start, 1.0, progress / self.warmup)
        return _anneal(1.0, self.end, (progress - self.warmup) / (1 - self.warmup))


class CosineLogSchedule(Schedule):
    r"""Raise and lower the rate in cycles, each twice as long as the one before [1]_.

    .. math:: f = \frac{1 - \cos(2 \pi \log_2(1 + (2^k - 1)\, p))}{2}

    with p the part of all steps that has been taken. The rate is 0 at the start and at the end of
    each cycle, where the network is as good as after a shorter training.

    Parameters
    ----------
    cycles : int, default=4
        k.

    References
    ----------
    .. [1] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data", NeurIPS 2024, section 3 (coslog4).
    """

    def __init__(self, cycles=4):
        self.cycles = cycles

    def factor(self, progress):
        cycles_done = math.log2(1 + (2**self.cycles - 1) * progress)
        return (1 - math.cos(2 * math.pi * cycles_done)) / 2


class FlatCosineSchedule(Schedule):
    """Keep the rate for a while, then lower it to zero along half a cosine [1]_.

    Parameters
    ----------
    flat : float, default=0.5
        Part of all steps during which the rate stays, in [0, 1).

    References
    ----------
    .. [1] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data", NeurIPS 2024, section 3 (flat_cos).
    """

    def __init__(self, flat=0.5):
        self.flat = flat

    def factor(self, progress):
        return _anneal(1.0, 0.0, max(progress - self.flat, 0) / (1 - self.flat))


def factor_at(progress, schedule):
    """Return the factor of a schedule at a step, `checked`."""
    return checked(schedule.factor(progress), schedule)


def checked(number, schedule):
    """Return a learning rate or factor that a schedule, perhaps the user's own, has given.

    Raises
    ------
    ValueError
        If it is no number from 0 up.
    """
    if not (isinstance(number, Real) and 0 <= number < math.inf):
        raise ValueError(f"{schedule!r} must give numbers from 0 up, and gives {number!r}.")
    return number


def _anneal(start, end, part):
    """Go from one number to another along half a cosine, of which a part is done."""
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2
