"""Inspection: pictures of fitted estimators."""

from .loss_curve import LossCurveDisplay

__all__ = ["LossCurveDisplay"]
