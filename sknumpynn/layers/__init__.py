"""Layers."""

from .activations import ACTIVATIONS, Identity, ReLU, ReLu, Sigmoid, Tanh
from .dropout import Dropout
from .linear import Linear
from .rectifiers import Elu, Gelu, LeakyRelu, Mish, Selu, Silu, Softplus
from .sequential import Sequential

__all__ = [
    "ACTIVATIONS",
    "Dropout",
    "Elu",
    "Gelu",
    "Identity",
    "LeakyRelu",
    "Linear",
    "Mish",
    "ReLU",
    "ReLu",
    "Selu",
    "Sequential",
    "Sigmoid",
    "Silu",
    "Softplus",
    "Tanh",
]
