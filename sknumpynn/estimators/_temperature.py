"""Temperature scaling: probabilities as certain as they turn out to be right."""

import math

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

__all__ = ["fit_temperature", "temper"]

LIMIT = math.log(20)  # of the temperature's logarithm


@np.errstate(under="ignore")
def temper(P, temperature):
    r"""Make probabilities less certain, or below a temperature of 1 more so [1]_.

    .. math:: Q_{ik} \propto P_{ik}^{1/T}

    Parameters
    ----------
    P : ndarray of shape (n_samples, n_classes)
        Positive.
    temperature : float
        T.

    Returns
    -------
    Q : ndarray of shape (n_samples, n_classes)

    References
    ----------
    .. [1] Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017,
       section 4.2.
    """
    Q = softmax(np.log(P) / temperature, axis=1)
    return np.maximum(Q, np.finfo(Q.dtype).tiny, out=Q)  # so that logarithms are finite


@np.errstate(under="ignore")
def fit_temperature(P, Y, sample_weight=None):
    """Find the temperature of the lowest log loss.

    One more row, of all classes in equal parts, is taken into account. Without it, rows that are
    all classified correctly would make the certainty grow without bounds.

    Parameters
    ----------
    P : ndarray of shape (n_samples, n_classes)
        Probabilities, positive.
    Y : ndarray of bool of shape (n_samples, n_classes)
        Which class is the right one.
    sample_weight : ndarray of shape (n_samples,), default=None

    Returns
    -------
    temperature : float
    """
    if P.shape[1] == 1:
        return 1.0
    log_P, doubt = np.log(P), 1 / (len(P) + 1)
    goal = (1 - doubt) * Y + doubt / P.shape[1]

    def loss(log_temperature):
        log_Q = log_softmax(log_P / math.exp(log_temperature), axis=1)
        return -np.average((goal * log_Q).sum(axis=1), weights=sample_weight)

    return math.exp(minimize_scalar(loss, bounds=(-LIMIT, LIMIT), method="bounded").x)
