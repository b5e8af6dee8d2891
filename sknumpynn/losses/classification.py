"""Classification losses, of logits."""

import numpy as np
from scipy.special import expit, softmax, xlogy

from ..core import Loss

__all__ = ["BinaryCrossEntropy", "SoftmaxCrossEntropy"]


class BinaryCrossEntropy(Loss):
    r"""Cross-entropy of independent yes/no targets t with probabilities p = sigmoid(logit).

    .. math:: \ell = -\sum_j t_j \log p_j + (1 - t_j) \log (1 - p_j), \quad
        \frac{\partial\ell}{\partial z_j} = p_j - t_j

    The value, as in scikit-learn, is of probabilities kept a machine epsilon from 0 and 1: one
    absurd row does not drown the others.
    """

    def row_loss(self, Yp, Yt):
        p = _inside(expit(Yp))
        return -(xlogy(Yt, p) + xlogy(1 - Yt, 1 - p)).sum(axis=1)

    def row_gradient(self, Yp, Yt):
        D = expit(Yp)
        D -= Yt
        return D


class SoftmaxCrossEntropy(Loss):
    r"""Cross-entropy of a distribution t over classes with p = softmax(logits).

    .. math:: \ell = -\sum_j t_j \log p_j, \quad
        \frac{\partial\ell}{\partial z_j} = p_j - t_j

    The value, as in scikit-learn, is of probabilities kept a machine epsilon from 0 and 1: one
    absurd row does not drown the others.
    """

    def row_loss(self, Yp, Yt):
        return -xlogy(Yt, _inside(softmax(Yp, axis=1))).sum(axis=1)

    def row_gradient(self, Yp, Yt):
        D = np.exp(Yp - Yp.max(axis=1, keepdims=True))
        D /= D.sum(axis=1, keepdims=True)
        D -= Yt
        return D


def _inside(p):
    epsilon = np.finfo(p.dtype).eps
    return np.clip(p, epsilon, 1 - epsilon)
