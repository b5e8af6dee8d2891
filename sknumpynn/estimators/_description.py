"""Descriptions: texts by which values of parameters are compared, now or after a pickle."""

import sys

import numpy as np

from ..core import Layer, Optimizer

__all__ = ["describe"]

ALL_DIGITS = {"threshold": sys.maxsize, "floatmode": "unique", "formatter": {}, "legacy": False}


def describe(value):
    """Make a text that tells values of a parameter apart, whatever is set of how they are printed.

    Parameters
    ----------
    value : object
        Of layers and optimizers all parameters count, but for where weights started.

    Returns
    -------
    text : str
    """
    if isinstance(value, Layer | Optimizer):
        params = {"": value, **value.get_params()}
        value = {
            name: type(v) if isinstance(v, Layer | Optimizer) else v
            for name, v in params.items()
            if name.split("__")[-1] not in ("rng", "dtype")
        }
    with np.printoptions(**ALL_DIGITS):
        return repr(value)
