"""Optimizers."""

from .adam import AdamOptimizer
from .sgd import SGDOptimizer

__all__ = ["AdamOptimizer", "SGDOptimizer"]
