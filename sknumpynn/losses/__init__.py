"""Losses."""

from .classification import BinaryCrossEntropy, SoftmaxCrossEntropy
from .regression import HalfPoissonLoss, HalfSquaredError, MeanSquaredError, mse_loss

__all__ = [
    "BinaryCrossEntropy",
    "HalfPoissonLoss",
    "HalfSquaredError",
    "MeanSquaredError",
    "SoftmaxCrossEntropy",
    "mse_loss",
]
