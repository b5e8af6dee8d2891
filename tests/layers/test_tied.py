"""Tied: one Parameter in two layers, through training, clone and pickle."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sknumpynn import AdamOptimizer, Learner, Linear, Parameter, Sequential, Tanh, mse_loss
from sknumpynn.core import pack
from sknumpynn.layers import NTKLinear, Residual, Tied
from tests.composites import autoencoder


def tie_of(network):
    return network[-1].linear is network[0]


def test_it_shares_the_weights_and_has_a_bias_of_its_own(rng):
    network = autoencoder()
    assert network.build(5, rng, np.float32) == 5
    encoder, _, decoder = network
    assert list(dict.fromkeys(network.parameters)) == [*encoder.parameters, decoder.bias]
    assert decoder.bias.tensor.dtype == np.float32
    assert decoder.bias.treatment == (1.0, 0.0)
    assert_array_equal(decoder.bias.tensor, np.zeros(5))


def test_a_linear_that_is_built_later_again_is_followed(rng):
    network = autoencoder(inputs=5)
    network[0].build(5, rng, np.float64)
    assert network[0].weights in network[-1].parameters
    X = rng.standard_normal((3, 2))
    assert_allclose(network[-1].forward(X)[0], X @ network[0].weights.tensor.T)


def test_an_autoencoder_steps_once_a_parameter_by_the_sum_of_both_gradients(rng):
    network, X = autoencoder(inputs=5, rng=0), rng.standard_normal((8, 5))
    theta = [Parameter(p.tensor.copy()) for p in dict.fromkeys(network.parameters)]
    optimizer, reference = AdamOptimizer(0.01), AdamOptimizer(0.01)
    learner = Learner(network, mse_loss, optimizer)
    assert learner.parameters.tensor.size == 5 * 2 + 2 + 5
    for _ in range(3):
        learner.fit_batch(X, X)
        W, b, c = (parameter.tensor for parameter in theta)
        H = np.tanh(X @ W + b)
        D = 2 * (H @ W.T + c - X) / X.size
        D_H = D @ W * (1 - H**2)
        gradients = X.T @ D_H + D.T @ H, D_H.sum(axis=0), D.sum(axis=0)
        for parameter, gradient in zip(theta, gradients, strict=True):
            parameter.gradient += gradient
            reference.update(parameter)
    ours = [parameter.tensor for parameter in dict.fromkeys(network.parameters)]
    for array, parameter in zip(ours, theta, strict=True):
        assert_allclose(array, parameter.tensor, rtol=1e-8)


def test_an_autoencoder_finds_the_plane_that_the_data_lie_in(rng):
    X = rng.standard_normal((200, 2)) @ rng.standard_normal((2, 6))
    encoder = Linear(6, 2, rng=0)
    network = Sequential(encoder, Tied(encoder))
    losses = Learner(network, mse_loss, AdamOptimizer(0.02)).fit(X, X, epochs=100, bs=50)
    assert losses[-1] < 1e-3 * losses[0]


@pytest.mark.parametrize("inputs", [{}, {"inputs": 5}])
def test_a_clone_keeps_the_tie_and_no_weights(inputs, rng):
    network = autoencoder(**inputs)
    network.build(5, rng, np.float64)
    twin = clone(network)
    assert tie_of(twin) and twin[0] is not network[0]
    assert not set(twin.parameters) & set(network.parameters)
    assert repr(twin) == repr(network)
    if not inputs:
        assert twin.parameters == []
    twin.build(5, rng, np.float64)
    assert twin[0].weights in twin[-1].parameters


def test_a_clone_keeps_ties_across_nesting(rng):
    encoder = Linear(outputs=3)
    decoder = Tied(encoder)
    network = Sequential(
        Sequential(encoder, Residual(Sequential(Tanh()))), Sequential(decoder, encoder)
    )
    twin = clone(network)
    assert twin[0][0] is twin[1][1] is twin[1][0].linear is not encoder
    both = clone([network, decoder])
    assert both[1].linear is not both[0][0][0]  # each network of its own


def test_searching_the_encoder_searches_the_decoder(rng):
    network = clone(autoencoder()).set_params(**{"0__outputs": 4})
    assert network.build(5, rng, np.float64) == 5
    assert network[-1].linear.outputs == 4


def test_a_pickle_keeps_the_tie_and_the_weights(rng):
    network, X = autoencoder(inputs=5), rng.standard_normal((4, 5))
    twin = pickle.loads(pickle.dumps(network))
    assert tie_of(twin)
    assert_array_equal(twin.forward(X)[0], network.forward(X)[0])


def test_a_linear_that_adapts_does_so_where_it_stands(rng):
    encoder, X = NTKLinear(outputs=3), rng.standard_normal((50, 5))
    network = Sequential(encoder, Tied(encoder))
    network.build(5, np.random.default_rng(0), np.float64)
    alone = clone(encoder)
    alone.build(5, np.random.default_rng(0), np.float64)
    seed = rng.integers(1000)
    alone.adapt(X, np.random.default_rng(seed))
    Y = network.adapt(X, np.random.default_rng(seed))
    assert_array_equal(encoder.weights.tensor, alone.weights.tensor)
    assert_array_equal(Y, network.forward(X)[0])


def test_a_sparse_input(rng):
    X = rng.standard_normal((6, 2)) * (rng.random((6, 2)) < 0.4)
    linear, D = Linear(5, 2), rng.standard_normal((6, 5))
    layer = Tied(linear)
    Y, backward = layer.plan_input(csr_array(X), training=True)(csr_array(X))
    assert_allclose(Y, layer.forward(X)[0], rtol=1e-12)
    backward(D)
    assert_allclose(linear.weights.gradient, D.T @ X, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_transposed_gradient_is_added_in_place_also_in_a_pack(dtype, rng):
    X, D = rng.standard_normal((4, 2)).astype(dtype), rng.standard_normal((4, 5)).astype(dtype)
    linear = Linear(5, 2, dtype=dtype)
    layer = Tied(linear)
    packed = pack(layer.parameters)
    packed.gradient.fill(1)
    _, backward = layer.forward(X)
    backward(D)
    tol = 20 * np.finfo(dtype).eps
    assert_allclose(linear.weights.gradient, 1 + D.T @ X, rtol=tol, atol=tol)
    assert np.shares_memory(linear.weights.gradient, packed.gradient)
    assert_array_equal(linear.bias.gradient, 1)


def test_what_cannot_be(rng):
    encoder = Linear(outputs=2)
    network = Sequential(Tied(encoder), encoder)
    with pytest.raises(
        ValueError,
        match="has no weights to take: .*not a copy, in an earlier position of the network",
    ):
        network.build(5, rng, np.float64)
    with pytest.raises(ValueError, match="takes 2 columns, but is given 3"):
        Tied(Linear(5, 2)).build(3, rng, np.float64)
    with pytest.raises(ValueError, match="takes 2 columns, but is given 3"):
        Tied(Linear(5, 2)).forward(np.ones((4, 3)))
    with pytest.raises(NotFittedError, match="has no bias yet: call build"):
        Tied(encoder).forward(np.ones((4, 2)))
    with pytest.raises(TypeError, match="is made of layers, got 'encoder'"):
        Tied("encoder").build(5, rng, np.float64)
    with pytest.raises(ValueError, match="has no weights to take"):
        Tied(Tanh()).build(5, rng, np.float64)
