"""Neural networks that are scikit-learn estimators, in NumPy."""

import sklearn  # noqa: F401 - first: imported from deeper within, it takes 0.1 s longer

from ._version import __version__ as __version__
from .chunks import predict_in_chunks
from .core import Layer, Learner, Parameter
from .estimators import (
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    RealMLPClassifier,
    RealMLPRegressor,
)
from .layers import Identity, Linear, ReLU, ReLu, Sequential, Sigmoid, Tanh
from .losses import mse_loss
from .model_selection import StackedSearchCV
from .optimizers import AdamOptimizer, SGDOptimizer

__all__ = [
    "AdamOptimizer",
    "Identity",
    "Layer",
    "Learner",
    "Linear",
    "MLPClassifier",
    "MLPRegressor",
    "NetworkClassifier",
    "NetworkRegressor",
    "Parameter",
    "ReLU",
    "ReLu",
    "RealMLPClassifier",
    "RealMLPRegressor",
    "SGDOptimizer",
    "Sequential",
    "Sigmoid",
    "StackedSearchCV",
    "Tanh",
    "mse_loss",
    "predict_in_chunks",
]


def __getattr__(name):
    if name == "compare":  # it takes time to import, and few programs need it
        from .comparison import compare

        return compare
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
