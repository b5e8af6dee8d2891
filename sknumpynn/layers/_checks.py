"""Checks of what a layer is given: other layers, numbers, and batches with the right columns."""

from numbers import Integral, Real

from sklearn.exceptions import NotFittedError

from ..core import Layer


def check_layers(composite, layers):
    """Return the layers of a composite; raise a TypeError if there are none, or one is no layer."""
    if layers is None:
        raise TypeError(
            f"A {type(composite).__name__} has no layers yet: its constructor must call "
            "super().__init__(*layers)."
        )
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
    shape = getattr(gradient, "shape", None)
    if shape != dX.shape:
        what = f"a {type(gradient).__name__}" if shape is None else f"shape {shape}"
        raise ValueError(
            f"The backward of {layer!r} gives {what} for X of shape {dX.shape}. It must return "
            "dLoss/dX, of the shape of X."
        )


def check_columns(layer, parameter, like):
    """Raise an error unless a parameter with an entry for each column fits this batch."""
    if parameter is None:
        raise NotFittedError(f"{layer!r} has no parameters yet: call build.")
    if like.shape[1] != len(parameter.tensor):
        raise ValueError(
            f"{layer!r} takes {len(parameter.tensor)} columns, but is given {like.shape[1]}."
        )
