"""Weights: those that are trained, their average, and copies of both to go back to."""

import numpy as np

from ..blas import plan_vectors

__all__ = ["AveragedWeights", "Checkpoint", "Weights"]


class Weights:
    """The weights of a network in training; also those to predict with.

    Parameters
    ----------
    tensor : ndarray
        The packed parameters, which training changes in place.
    """

    update = None  # nothing to do after a step

    def __init__(self, tensor):
        self.tensor = tensor

    def snapshot(self):
        """Copy all that changes from step to step, into a dict."""
        return {"trained": self.tensor.copy()}

    def restore(self, snapshot):
        """Go back to a snapshot."""
        self.tensor[:] = snapshot["trained"]

    def swap(self):
        """Exchange the weights that are trained and those to predict with, here the same."""

    def publish(self):
        """Leave in the network the weights to predict with; return what it takes to go on later."""
        return {}

    def resume(self, state):
        """Go on from what was published, which may have other things beside it."""


class AveragedWeights(Weights):
    r"""Weights and their exponential moving average, its bias corrected [1]_.

    .. math:: \bar\theta \leftarrow \bar\theta +
        \frac{1 - \beta}{1 - \beta^t} (\theta - \bar\theta)

    after step t. So it is an average of the weights after each step: those of one step ago count
    :math:`\beta` times as much as the latest, and the initial ones do not count. It has no effect
    on training.

    Parameters
    ----------
    tensor : ndarray
    decay : float
        :math:`\beta`, in (0, 1).

    References
    ----------
    .. [1] Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, section 7.2.
    """

    def __init__(self, tensor, decay):
        super().__init__(tensor)
        self.decay, self.average, self.t = decay, np.zeros_like(tensor), 0
        self._scal, self._axpy = plan_vectors(tensor)

    def update(self):
        """Include the weights after one more step in the average."""
        self.t += 1
        share = (1 - self.decay) / (1 - self.decay**self.t)
        self._scal(1 - share, self.average)
        self._axpy(self.tensor, self.average, self.tensor.size, share)

    def snapshot(self):
        return {**super().snapshot(), "average": self.average.copy(), "t": self.t}

    def restore(self, snapshot):
        super().restore(snapshot)
        self.average[:], self.t = snapshot["average"], snapshot["t"]

    def swap(self):
        """Exchange the weights that are trained and their average."""
        trained = self.tensor.copy()
        self.tensor[:], self.average[:] = self.average, trained

    def publish(self):
        snapshot = self.snapshot()
        self.tensor[:] = self.average
        return {"averaging": snapshot}

    def resume(self, state):
        """Go on from what was published, unless the weights have been written to since."""
        snapshot = state.get("averaging")
        if snapshot is not None and np.array_equal(snapshot["average"], self.tensor):
            self.restore(snapshot)


class Checkpoint:
    """A copy of the weights after an epoch.

    Parameters
    ----------
    epoch : int
        Counted from 1, over all calls of fit.
    weights : Weights
    """

    def __init__(self, epoch, weights):
        self.epoch, self.snapshot = epoch, weights.snapshot()

    def restore(self, est, weights):
        """Go back to it, and let an estimator know."""
        est.best_iter_ = self.epoch
        weights.restore(self.snapshot)
