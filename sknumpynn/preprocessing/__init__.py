"""Preprocessing: make matrices from tables, such that networks learn well from them."""

from .robust import RobustSmoothClip
from .tabular import TabularEncoder

__all__ = ["RobustSmoothClip", "TabularEncoder"]
