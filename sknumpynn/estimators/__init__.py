"""Estimators."""

from .mlp import MLPClassifier, MLPRegressor
from .network import NetworkClassifier, NetworkRegressor
from .realmlp import RealMLPClassifier, RealMLPRegressor

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "NetworkClassifier",
    "NetworkRegressor",
    "RealMLPClassifier",
    "RealMLPRegressor",
]
