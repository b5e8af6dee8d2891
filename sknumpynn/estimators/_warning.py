"""Warnings: they point at the line of the user's code that led to them."""

import sys
import warnings

__all__ = ["warn"]

PACKAGE = f"{__name__.split('.')[0]}."


def warn(message, category=UserWarning):
    """Warn the first caller outside of this package."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and frame.f_globals["__name__"].startswith(PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
