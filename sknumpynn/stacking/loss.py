"""The loss of a stack: that of each network, over its own rows."""

import numpy as np

from ..core import Loss

__all__ = ["StackedLoss"]


class StackedLoss(Loss):
    """The mean over the rows of each network of a stack, of which all have as many.

    Parameters
    ----------
    loss : Loss
        That of every network.
    n_networks : int
    """

    def __init__(self, loss, n_networks):
        self.loss, self.n_networks = loss, n_networks
        self.outputs_per_target = loss.outputs_per_target

    def align(self, Yp, Yt):
        return self.loss.align(_rows(Yp), _rows(Yt)).reshape(Yt.shape)

    def value(self, Yp, Yt, sample_weight=None):
        weights = [None] * self.n_networks if sample_weight is None else sample_weight
        values = [self.loss.value(*parts) for parts in zip(Yp, Yt, weights, strict=True)]
        return np.array(values)[:, np.newaxis]

    def gradient(self, Yp, Yt, sample_weight=None):
        weights = None if sample_weight is None else sample_weight.ravel()
        D = self.loss.gradient(_rows(Yp), _rows(Yt), weights)
        D *= self.n_networks  # for it was the gradient of the mean over the rows of all
        return D.reshape(Yp.shape)


def _rows(array):
    return array.reshape(-1, array.shape[-1])
