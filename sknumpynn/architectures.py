"""Architectures: plain values in, a network of layers out."""

from sklearn.base import clone

from .initializers import DEFAULT_INITIALIZERS
from .layers import (
    ACTIVATIONS,
    Dropout,
    Embedding,
    Linear,
    NTKLinear,
    Parallel,
    ParametricActivation,
    PeriodicEmbedding,
    ReLu,
    Scaling,
    Select,
    Sequential,
)

__all__ = ["append_output", "build_mlp", "build_realmlp", "linears"]


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


def append_output(network, n_outputs):
    """Make an unbuilt copy of a network, with a linear map to the outputs behind it.

    Parameters
    ----------
    network : Layer or None
        None is a hidden layer of 100 relu units.
    n_outputs : int

    Returns
    -------
    network : Sequential
    """
    hidden = Sequential(Linear(outputs=100), ReLu()) if network is None else clone(network)
    layers = hidden.layers if type(hidden) is Sequential else [hidden]  # a subclass stays whole
    return Sequential(*layers, Linear(outputs=n_outputs))


def build_realmlp(
    n_numeric,
    n_dense,
    cardinalities,
    n_outputs,
    *,
    hidden_layer_sizes,
    activation,
    numeric_embedding="pbld",
    embedding_size=8,
    front_lr_scale=6.0,
    embedding_lr_scale=0.1,
    activation_lr_scale=0.1,
    bias_lr_scale=0.1,
    init="data",
    dropout=0.0,
):
    """Make a RealMLP [1]_, unbuilt, for columns such as a `TabularEncoder` makes.

    The ``decay_scale`` of factors, waves and activations is their ``lr_scale``: as in the paper,
    their weight decay is multiplied by it twice.

    Parameters
    ----------
    n_numeric : int
        How many columns, from the first on, are numbers, which are embedded.
    n_dense : int
        How many columns, from the first on, are anything but codes of categories.
    cardinalities : sequence of int
        Number of codes in each of the other columns.
    n_outputs : int
    hidden_layer_sizes : sequence of int
    activation : str or Layer
        A name of `sknumpynn.layers.ACTIVATIONS` or a layer to take copies of.
    numeric_embedding : {"pbld", "none"}, default="pbld"
        "pbld" puts a `PeriodicEmbedding` on the numbers.
    embedding_size : int, default=8
        Length of a category's vector.
    front_lr_scale, embedding_lr_scale, activation_lr_scale, bias_lr_scale : float, \
            default=6.0, 0.1, 0.1 and 0.1
        Learning rates, relative to that of the weights, of the factors for each column (`Scaling`),
        the `PeriodicEmbedding`, the `ParametricActivation` and the biases. With 0 there are no
        factors, or a plain activation.
    init : {"data", "normal"}, default="data"
        Where `NTKLinear` starts. With "normal" the last one starts at zero.
    dropout : float, default=0.0
        Rate of the dropout behind all hidden layers. 0 puts none.

    Returns
    -------
    network : Sequential

    References
    ----------
    .. [1] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data", NeurIPS 2024.
    """
    parts = []
    n_embedded = n_numeric if numeric_embedding == "pbld" else 0
    if n_embedded:
        scales = {"lr_scale": embedding_lr_scale, "decay_scale": embedding_lr_scale}
        parts.append(Sequential(Select(slice(n_embedded)), PeriodicEmbedding(**scales)))
    if n_dense > n_embedded:
        parts.append(Select(slice(n_embedded, n_dense)))
    if len(cardinalities):
        embedding = Embedding(list(cardinalities), embedding_size)
        parts.append(Sequential(Select(slice(n_dense, None)), embedding))
    layers = [Parallel(*parts)]
    if front_lr_scale:
        layers.append(Scaling(lr_scale=front_lr_scale, decay_scale=front_lr_scale))
    for units in hidden_layer_sizes:
        layers.append(NTKLinear(units, init=init, bias_lr_scale=bias_lr_scale))
        layers.append(_realmlp_activation(activation, activation_lr_scale))
        if dropout > 0:
            layers.append(Dropout(dropout))
    last = "zeros" if init == "normal" else init
    return Sequential(*layers, NTKLinear(n_outputs, init=last, bias_lr_scale=bias_lr_scale))


def _realmlp_activation(activation, lr_scale):
    if not lr_scale:
        return _activation(activation)
    return ParametricActivation(activation, lr_scale=lr_scale, decay_scale=lr_scale)


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
