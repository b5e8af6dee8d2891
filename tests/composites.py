"""Networks for the table of cases, and what they compute, written out in another way."""

import numpy as np

from sknumpynn.layers import (
    BatchNorm,
    Dropout,
    Identity,
    LayerNorm,
    Linear,
    Parallel,
    Residual,
    Select,
    Sequential,
    Sigmoid,
    Tanh,
    Tied,
)
from tests.references import batch_norm, layer_norm, linear


def moved(layer, inputs=5):
    """Build a layer and move its parameters, some of which start where mistakes do not show."""
    layer.build(inputs, np.random.default_rng(2), np.float64)
    for parameter in dict.fromkeys(layer.parameters):
        parameter.tensor += np.random.default_rng(3).uniform(0.1, 0.9, parameter.tensor.shape)
    return layer


def same_layer_twice():
    layer = Linear(5, 5, rng=1)
    return Sequential(layer, Tanh(), layer)


def same_layer_inside_and_outside():
    layer = Linear(5, 5, rng=1)
    return Sequential(Residual(Sequential(Tanh(), layer)), layer)


def same_layer_in_branches():
    layer = Linear(5, 2, rng=1)
    return Parallel(layer, Sequential(Tanh(), layer))


def inside_and_outside(X, W, b):
    return linear(X + linear(np.tanh(X), W, b), W, b)


def in_branches(X, W, b):
    return np.hstack([linear(X, W, b), linear(np.tanh(X), W, b)])


def block():
    return Residual(Sequential(Linear(outputs=3), Tanh(), Linear(outputs=5)))


def nested_blocks():
    return Residual(Sequential(block(), Residual(Sequential(Sigmoid(), Residual(Identity())))))


def block_of(X, W, b, V, c):
    return X + linear(np.tanh(linear(X, W, b)), V, c)


def blocks_of(X, *tensors):
    inner = block_of(X, *tensors)
    return X + inner + 2 / (1 + np.exp(-inner))


def branches():
    return Parallel(
        Identity(),
        Sequential(Select([4, 0]), Parallel(Linear(outputs=3), Dropout(0.0))),
        Select(slice(1, 4, 2)),
    )


def branches_of(X, W, b):
    chosen = np.stack([X[:, 4], X[:, 0]], axis=1)
    return np.column_stack([X, linear(chosen, W, b), chosen, X[:, 1], X[:, 3]])


def autoencoder(**inputs):
    encoder = Linear(outputs=2, **inputs)
    return Sequential(encoder, Tanh(), Tied(encoder))


def autoencoder_of(X, W, b, c):
    return np.tanh(linear(X, W, b)) @ W.T + c


def normalized():
    norms = Residual(BatchNorm(epsilon=1e-5)), LayerNorm()
    return Sequential(Linear(outputs=4), *norms, Tanh(), BatchNorm())


def normalized_of(X, W, b, *tensors):
    X = linear(X, W, b)
    X = layer_norm(X + batch_norm(X, *tensors[:4]), *tensors[4:6])
    return batch_norm(np.tanh(X), *tensors[6:])
