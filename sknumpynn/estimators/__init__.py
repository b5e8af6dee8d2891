"""Estimators."""

from .mlp import MLPClassifier, MLPRegressor
from .network import NetworkClassifier, NetworkRegressor

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "NetworkClassifier",
    "NetworkRegressor",
]
