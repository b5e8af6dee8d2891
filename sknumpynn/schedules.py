"""Schedules: how the learning rate changes as training goes on."""

from sklearn.base import BaseEstimator

__all__ = ["AdaptiveSchedule", "ConstantSchedule", "InverseScalingSchedule"]


class ConstantSchedule(BaseEstimator):
    """The learning rate stays as it is; training stops on a plateau.

    Base of the other schedules.
    """

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
