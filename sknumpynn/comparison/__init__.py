"""Comparison: which estimator suits a table, by cross-validation."""

from ._compare import compare
from ._estimators import default_estimators
from ._result import Comparison

__all__ = ["Comparison", "compare", "default_estimators"]
