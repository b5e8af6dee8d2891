"""Checks of what a layer is given: other layers, and batches of as many columns as it has."""

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


def check_columns(layer, parameter, like):
    """Raise an error unless a parameter of a row, or number, for each column suits this batch."""
    if parameter is None:
        raise NotFittedError(f"{layer!r} has no parameters yet: call build.")
    if like.shape[1] != len(parameter.tensor):
        raise ValueError(
            f"{layer!r} takes {len(parameter.tensor)} columns, but is given {like.shape[1]}."
        )
