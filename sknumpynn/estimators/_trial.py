"""Trial: build a new network and pass two rows through it, to find a layer that breaks rules."""

from contextlib import contextmanager
from numbers import Integral

import numpy as np

__all__ = ["build_on_trial"]


def build_on_trial(network, X, rng, dtype):
    """Build a network, and check that each of its layers keeps to the rules of layers.

    Parameters
    ----------
    network : Sequential
        Not built yet.
    X : ndarray or sparse CSR of shape (n_samples, inputs)
    rng : numpy.random.RandomState
    dtype : numpy dtype
        Of the parameters. Those that a layer has made in another dtype are cast.

    Raises
    ------
    TypeError
        If a layer breaks the rules; names it, and says what to do.
    """
    inputs, widths = X.shape[1], []
    for layer in network.layers:
        inputs = layer.build(inputs, rng, dtype)
        _expect(
            isinstance(inputs, Integral),
            layer,
            "let build return the number of columns that it makes, not {!r}",
            inputs,
        )
        widths.append(inputs)
    for parameter in network.parameters:
        parameter.tensor = parameter.tensor.astype(dtype, copy=False)
        vars(parameter).pop("gradient", None)  # it was of the other dtype
    with np.errstate(all="ignore"):
        _pass_through(network.layers, widths, X[:2].astype(dtype, copy=False))
    for parameter in network.parameters:
        parameter.gradient.fill(0)


def _pass_through(layers, widths, X):
    passes = []
    for layer, width in zip(layers, widths, strict=True):
        with _reads_only(layer):
            returned = layer.forward(_frozen(X))
        _expect(
            isinstance(returned, tuple) and len(returned) == 2 and callable(returned[1]),
            layer,
            "let forward return (Y, backward), an array and a function",
        )
        Y, backward = returned
        _expect(
            isinstance(Y, np.ndarray) and Y.shape == (X.shape[0], width),
            layer,
            "build returns {}, but of {} rows forward makes an array of shape {}. Override "
            "build(inputs, rng, dtype), and return the number of columns of Y",
            *(width, X.shape[0], np.shape(Y)),
        )
        passes.append((layer, backward, X.shape))
        X = Y
    D = np.zeros_like(X)
    for layer, backward, shape in reversed(passes):
        with _reads_only(layer):
            D = backward(_frozen(D))
        _expect(
            isinstance(D, np.ndarray) and D.shape == shape,
            layer,
            "let backward return dLoss/dX, an array of shape {}, not {!r:.50}",
            *(shape, D),
        )


def _frozen(array):
    """A view that cannot be written: what a layer gets may be the data of the user."""
    if isinstance(array, np.ndarray):
        array = array.view()
        array.setflags(write=False)
    return array


@contextmanager
def _reads_only(layer):
    try:
        yield
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        _expect(False, layer, "only read X and D, others may need them")


def _expect(condition, layer, advice, *values):
    if not condition:  # to print values takes as long as an epoch
        raise TypeError(f"{layer!r} breaks the rules of layers: {advice.format(*values)}.")
