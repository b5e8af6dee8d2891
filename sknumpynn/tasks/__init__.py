"""Tasks: what a target needs. Encode y, name the loss, decode the network's output."""

from .classification import ClassificationTask, raise_if_missing
from .regression import LOSSES, RegressionTask, location_and_scale, mixture_std

__all__ = [
    "ClassificationTask",
    "LOSSES",
    "RegressionTask",
    "location_and_scale",
    "mixture_std",
    "raise_if_missing",
]
