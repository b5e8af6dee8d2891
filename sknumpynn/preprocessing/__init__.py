"""Preprocessing: tables in, matrices that networks learn well from out."""

from .robust import RobustSmoothClip
from .tabular import TabularEncoder

__all__ = ["RobustSmoothClip", "TabularEncoder"]
