"""Initializers: where the weights and the bias of a linear map start."""

from functools import partial

import numpy as np

__all__ = ["DEFAULT_INITIALIZERS", "INITIALIZERS", "glorot_uniform", "he_normal", "lecun_normal"]


def lecun_normal(rng, inputs, outputs):
    """Normal weights of variance 1 / inputs, no bias.

    Makes the variance of a linear unit's output that of its inputs [1]_.

    Parameters
    ----------
    rng : numpy.random.Generator or numpy.random.RandomState
    inputs, outputs : int

    Returns
    -------
    weights : ndarray of shape (inputs, outputs)
    bias : ndarray of shape (outputs,)

    References
    ----------
    .. [1] LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, section 4.6.
    """
    return rng.standard_normal((inputs, outputs)) * np.sqrt(1 / inputs), np.zeros(outputs)


def he_normal(rng, inputs, outputs):
    """Normal weights of variance 2 / inputs, no bias.

    Keeps the mean square from layer to layer where relu sets half of the numbers to zero [1]_.

    Parameters
    ----------
    rng : numpy.random.Generator or numpy.random.RandomState
    inputs, outputs : int

    Returns
    -------
    weights : ndarray of shape (inputs, outputs)
    bias : ndarray of shape (outputs,)

    References
    ----------
    .. [1] He, Zhang, Ren and Sun, "Delving deep into rectifiers: surpassing human-level performance
       on ImageNet classification", ICCV 2015, equation 10.
    """
    return rng.standard_normal((inputs, outputs)) * np.sqrt(2 / inputs), np.zeros(outputs)


def glorot_uniform(rng, inputs, outputs, gain=6.0):
    """Weights, then bias, uniform within ± sqrt(gain / (inputs + outputs)).

    Balances the variances of the forward and the backward pass [1]_. scikit-learn's MLP draws its
    bias from the same range, and has a gain of 2 for logistic units.

    Parameters
    ----------
    rng : numpy.random.Generator or numpy.random.RandomState
    inputs, outputs : int
    gain : float, default=6.0

    Returns
    -------
    weights : ndarray of shape (inputs, outputs)
    bias : ndarray of shape (outputs,)

    References
    ----------
    .. [1] Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
       networks", AISTATS 2010, equation 16.
    """
    bound = np.sqrt(gain / (inputs + outputs))
    return rng.uniform(-bound, bound, (inputs, outputs)), rng.uniform(-bound, bound, outputs)


INITIALIZERS = {
    "lecun_normal": lecun_normal,
    "he_normal": he_normal,
    "glorot_uniform": glorot_uniform,
    "glorot_uniform_logistic": partial(glorot_uniform, gain=2.0),
}

# The first four are scikit-learn's choices, also that for relu.
DEFAULT_INITIALIZERS = {
    "identity": "glorot_uniform",
    "logistic": "glorot_uniform_logistic",
    "relu": "glorot_uniform",
    "tanh": "glorot_uniform",
    "elu": "he_normal",
    "gelu": "he_normal",
    "leaky_relu": "he_normal",
    "mish": "he_normal",
    "selu": "lecun_normal",
    "silu": "he_normal",
    "softplus": "he_normal",
}
