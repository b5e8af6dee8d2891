"""Checks of what a layer is given: other layers, numbers, and batches with the right columns."""

from numbers import Integral, Real

import numpy as np
from sklearn.exceptions import NotFittedError

from ..core import Layer


def check_layers(composite, layers):
    """Return the layers of a composite; raise a TypeError if one of them is none."""
    for layer in layers:
        if not isinstance(layer, Layer):
            raise TypeError(
                f"A {type(composite).__name__} is made of layers, got {layer!r}. Several layers in "
                "a row make one as Sequential(first, second, ...)."
            )
    return layers


def check_counts(**counts):
    """Raise a ValueError unless each of these named arguments is an int from 1 up."""
    for name, count in counts.items():
        if not (isinstance(count, Integral) and not isinstance(count, bool) and count >= 1):
            raise ValueError(f"{name} must be an int from 1 up, got {count!r}.")


def check_number(name, number, is_valid, interval):
    """Raise a ValueError unless a named argument is a number, and a valid one."""
    if not (isinstance(number, Real) and not isinstance(number, bool) and is_valid(number)):
        raise ValueError(f"{name} must be {interval}, got {number!r}.")


def check_gradient(layer, gradient, dX):
    """Raise a ValueError if what a layer's backward returns is not of the shape of its X."""
    if getattr(gradient, "shape", None) != dX.shape:
        raise ValueError(
            f"The backward of {layer!r} gives shape {np.shape(gradient)} for X of shape "
            f"{dX.shape}. It must return dLoss/dX, of the shape of X."
        )


def check_columns(layer, parameter, like):
    """Raise an error unless a parameter with an entry for each column fits this batch."""
    if parameter is None:
        raise NotFittedError(f"{layer!r} has no parameters yet: call build.")
    if like.shape[1] != len(parameter.tensor):
        raise ValueError(
            f"{layer!r} takes {len(parameter.tensor)} columns, but is given {like.shape[1]}."
        )
