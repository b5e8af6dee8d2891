"""Losses."""

from .classification import BinaryCrossEntropy, SoftmaxCrossEntropy
from .gaussian import GaussianNLL
from .regression import (
    HalfGammaLoss,
    HalfPoissonLoss,
    HalfSquaredError,
    MeanSquaredError,
    mse_loss,
)
from .robust import HuberLoss, MeanAbsoluteError, QuantileLoss

__all__ = [
    "BinaryCrossEntropy",
    "GaussianNLL",
    "HalfGammaLoss",
    "HalfPoissonLoss",
    "HalfSquaredError",
    "HuberLoss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "QuantileLoss",
    "SoftmaxCrossEntropy",
    "mse_loss",
]
