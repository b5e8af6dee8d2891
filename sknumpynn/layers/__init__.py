"""Layers."""

from .activations import ACTIVATIONS, Identity, ReLU, ReLu, Sigmoid, Tanh
from .linear import Linear
from .sequential import Sequential

__all__ = ["ACTIVATIONS", "Identity", "Linear", "ReLU", "ReLu", "Sequential", "Sigmoid", "Tanh"]
