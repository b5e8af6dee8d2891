"""Classification losses, of logits."""

import numpy as np
from scipy.special import expit

from ..core import Loss, row_sum

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
        return -row_sum(Yt * np.log(p) + (1 - Yt) * np.log(1 - p))

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
        return -row_sum(Yt * np.log(_inside(softmax(Yp))))

    def row_gradient(self, Yp, Yt):
        D = softmax(Yp)
        D -= Yt
        return D


def softmax(Z):
    """Each row's exp(z), divided by their sum."""
    columns = np.array(Z.T, order="C")  # NumPy reduces a long axis much faster than a short one
    columns -= np.maximum.reduce(columns, axis=0)
    np.exp(columns, out=columns)
    columns /= np.add.reduce(columns, axis=0)
    return np.ascontiguousarray(columns.T)  # all that follows goes by rows


def _inside(p):
    epsilon = np.finfo(p.dtype).eps
    return p.clip(epsilon, 1 - epsilon)
