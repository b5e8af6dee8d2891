"""Layers."""

from .activations import ACTIVATIONS, Identity, ReLU, ReLu, Sigmoid, Tanh
from .branches import Parallel, Residual, Select
from .categorical import Embedding
from .dropout import Dropout
from .linear import Linear
from .normalization import BatchNorm, LayerNorm
from .ntk import NTKLinear
from .numerical import PeriodicEmbedding, PiecewiseLinearEmbedding
from .parametric import ParametricActivation
from .rectifiers import Elu, Gelu, LeakyRelu, Mish, Selu, Silu, Softplus
from .scaling import Scaling
from .sequential import Sequential
from .tied import Tied

__all__ = [
    "ACTIVATIONS",
    "BatchNorm",
    "Dropout",
    "Elu",
    "Embedding",
    "Gelu",
    "Identity",
    "LayerNorm",
    "LeakyRelu",
    "Linear",
    "Mish",
    "NTKLinear",
    "Parallel",
    "ParametricActivation",
    "PeriodicEmbedding",
    "PiecewiseLinearEmbedding",
    "ReLU",
    "ReLu",
    "Residual",
    "Scaling",
    "Select",
    "Selu",
    "Sequential",
    "Sigmoid",
    "Silu",
    "Softplus",
    "Tanh",
    "Tied",
]
