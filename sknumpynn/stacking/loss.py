"""The loss of a stack: that of each network, over its own rows."""

import numpy as np

from ..core import Loss, row_slices

__all__ = ["StackedLoss"]

VALUED = 2**14  # outputs whose losses are computed at once, so that all is in cache


class StackedLoss(Loss):
    """For each network of a stack the mean over its rows; all have the same number of rows.

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
        n_at_once = max(1, VALUED // Yp[0].size)
        losses = [
            self.loss.row_loss(_rows(Yp[some]), _rows(Yt[some]))
            for some in row_slices(self.n_networks, n_at_once)
        ]
        losses = np.concatenate(losses).reshape(Yp.shape[:2])
        return np.average(losses, axis=1, weights=sample_weight, keepdims=True)

    def gradient(self, Yp, Yt, sample_weight=None):
        weights = None if sample_weight is None else sample_weight.ravel()
        D = self.loss.gradient(_rows(Yp), _rows(Yt), weights)
        D *= self.n_networks  # it was the gradient of the mean over the rows of all networks
        return D.reshape(Yp.shape)


def _rows(array):
    return array.reshape(-1, array.shape[-1])
