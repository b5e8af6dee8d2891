"""Classification losses, of logits."""

import math

import numpy as np
from scipy.special import expit

from ..blas import dot, largest, ones, plan_gemm
from ..core import Loss, row_sum

__all__ = ["BinaryCrossEntropy", "SoftmaxCrossEntropy"]

FEW = 24  # columns: short rows are divided sooner by rows of sums than each by a single number
MODERATE = {"f": 40.0, "d": 300.0}  # sizes of logits, by dtype: their exp is far from inf and 0


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
    if not _is_moderate(Z):
        Z = Z - np.maximum.reduce(np.ascontiguousarray(Z.T))[:, np.newaxis]
    E = np.exp(Z)
    E /= _sums(E)
    return E


def _sums(E):
    """Sums of the rows, of shape (n_rows, 1), or if there are few columns once for each of them."""
    n_columns = E.shape[1]
    factor = ones((n_columns, n_columns if n_columns <= FEW else 1), E.dtype)
    sums = np.empty((len(E), factor.shape[1]), E.dtype)
    plan_gemm(E.dtype, E, columns=factor.shape[1])(1.0, factor.T, E.T, 0.0, sums.T, 0, 0, 1)
    return sums


def _is_moderate(Z):
    """Whether neither exp(z) nor its sum leaves the range of normal numbers, and none is nan."""
    flat = Z.ravel()
    return math.isfinite(dot(flat, flat)) and largest(flat) < MODERATE.get(Z.dtype.char, 0.0)


def _inside(p):
    epsilon = np.finfo(p.dtype).eps
    return p.clip(epsilon, 1 - epsilon)
