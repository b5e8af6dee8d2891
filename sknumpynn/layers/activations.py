"""Activations: functions of each number by itself, Y = f(X), dX = D f'(X)."""

import numpy as np

from ..core import Layer, PlannedLayer
from ._arrays import arrays_like
from .rectifiers import Elu, Gelu, LeakyRelu, Mish, Selu, Silu, Softplus

__all__ = ["ACTIVATIONS", "Identity", "ReLU", "ReLu", "Sigmoid", "Tanh"]


class Identity(Layer):
    """f(x) = x, which is what a layer computes that overrides nothing."""


class ReLu(PlannedLayer):
    """f(x) = max(x, 0); the gradient at 0 is 0."""

    def plan(self, like, training=False):
        Y, dX = arrays_like(like, 2)
        is_positive = np.empty(Y.shape, bool)
        zero = np.zeros((), Y.dtype)  # a number of Python's would be converted at each call
        zeros = np.zeros(Y.shape, Y.dtype)  # maximum is vectorised for arrays of one shape

        def forward(X):
            np.maximum(X, zeros, out=Y)

            def backward(D):
                np.greater(Y, zero, out=is_positive)
                dX[...] = is_positive  # as numbers: products of one dtype are quicker
                return np.multiply(dX, D, out=dX)

            return Y, backward

        return forward


ReLU = ReLu


class Sigmoid(PlannedLayer):
    """f(x) = 1 / (1 + exp(-x)); f' = f (1 - f)."""

    def plan(self, like, training=False):
        Y, dX = arrays_like(like, 2)

        def forward(X):
            np.multiply(X, 0.5, out=Y)  # (1 + tanh(x/2)) / 2, which cannot overflow
            np.tanh(Y, out=Y)
            np.add(Y, 1, out=Y)
            np.multiply(Y, 0.5, out=Y)

            def backward(D):
                np.subtract(1, Y, out=dX)
                np.multiply(dX, Y, out=dX)
                return np.multiply(dX, D, out=dX)

            return Y, backward

        return forward


class Tanh(PlannedLayer):
    """f(x) = tanh(x); f' = 1 - f²."""

    def plan(self, like, training=False):
        Y, dX = arrays_like(like, 2)

        def forward(X):
            np.tanh(X, out=Y)

            def backward(D):
                np.multiply(Y, Y, out=dX)
                np.subtract(1, dX, out=dX)
                return np.multiply(dX, D, out=dX)

            return Y, backward

        return forward


ACTIVATIONS = {
    "elu": Elu,
    "gelu": Gelu,
    "identity": Identity,
    "leaky_relu": LeakyRelu,
    "logistic": Sigmoid,
    "mish": Mish,
    "relu": ReLu,
    "selu": Selu,
    "silu": Silu,
    "softplus": Softplus,
    "tanh": Tanh,
}
