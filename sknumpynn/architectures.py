"""Architectures: plain values in, a network of layers out."""

from sklearn.base import clone

from .initializers import DEFAULT_INITIALIZERS
from .layers import ACTIVATIONS, Dropout, Linear, Sequential

__all__ = ["build_mlp", "linears"]


def build_mlp(hidden_layer_sizes, activation, n_outputs, dropout=0.0):
    """Make a multi-layer perceptron, unbuilt: linear maps with an activation between.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int
        Units of each hidden layer; none makes a linear model.
    activation : str, Layer, or list or tuple of such
        A name of `sknumpynn.layers.ACTIVATIONS` or a layer to take copies of, for all hidden layers
        or one for each.
    n_outputs : int
    dropout : float, or list or tuple of float, default=0.0
        Rate of the dropout behind all hidden layers, or behind each. 0 puts none.

    Returns
    -------
    network : Sequential

    Raises
    ------
    ValueError
        If there are not as many activations or rates as hidden layers.
    """
    n_hidden = len(hidden_layer_sizes)
    activations = _one_each(activation, n_hidden, "activation")
    rates = _one_each(dropout, n_hidden, "dropout")
    layers = []
    initializer = "glorot_uniform"
    if n_hidden == 0 and not isinstance(activation, list | tuple):
        initializer = _initializer(activation)  # as scikit-learn
    for units, activation_i, rate in zip(hidden_layer_sizes, activations, rates, strict=True):
        initializer = _initializer(activation_i)
        layers += [Linear(outputs=units, initializer=initializer), _activation(activation_i)]
        if rate > 0:
            layers.append(Dropout(rate))
    return Sequential(*layers, Linear(outputs=n_outputs, initializer=initializer))


def _one_each(value, n_hidden, name):
    if not isinstance(value, list | tuple):
        return [value] * n_hidden
    if len(value) != n_hidden:
        raise ValueError(
            f"{name}={value!r} has {len(value)} values, but there are {n_hidden} hidden layers."
        )
    return value


def _activation(activation):
    return ACTIVATIONS[activation]() if isinstance(activation, str) else clone(activation)


def _initializer(activation):
    return DEFAULT_INITIALIZERS.get(activation, "glorot_uniform")


def linears(network):
    """List the linear maps of a multi-layer perceptron.

    Parameters
    ----------
    network : Sequential

    Returns
    -------
    layers : list of Linear
    """
    return [layer for layer in network.layers if isinstance(layer, Linear)]
