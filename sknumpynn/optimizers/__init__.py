"""Optimizers."""

from .adam import AdamOptimizer
from .adamw import AdamWOptimizer
from .rmsprop import RMSpropOptimizer
from .sgd import SGDOptimizer

__all__ = ["AdamOptimizer", "AdamWOptimizer", "RMSpropOptimizer", "SGDOptimizer"]
