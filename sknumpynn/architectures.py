"""Architectures: plain values in, a network of layers out."""

from .layers import ACTIVATIONS, Linear, Sequential

__all__ = ["build_mlp", "linears"]


def build_mlp(hidden_layer_sizes, activation, n_outputs):
    """Make a multi-layer perceptron, unbuilt: linear maps with an activation between.

    Parameters
    ----------
    hidden_layer_sizes : iterable of int
        Units of each hidden layer; none makes a linear model.
    activation : str
        A name of `sknumpynn.layers.ACTIVATIONS`.
    n_outputs : int

    Returns
    -------
    network : Sequential
    """
    initializer = "glorot_uniform_logistic" if activation == "logistic" else "glorot_uniform"
    layers = []
    for units in hidden_layer_sizes:
        layers += [Linear(outputs=units, initializer=initializer), ACTIVATIONS[activation]()]
    return Sequential(*layers, Linear(outputs=n_outputs, initializer=initializer))


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
