"""Initializers: distribution, shapes and source of the numbers."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import stats

from sknumpynn import Linear
from sknumpynn.architectures import build_mlp, linears
from sknumpynn.initializers import (
    DEFAULT_INITIALIZERS,
    INITIALIZERS,
    glorot_uniform,
    he_normal,
    lecun_normal,
)
from sknumpynn.layers import ACTIVATIONS, ReLu

named = pytest.mark.parametrize("name", sorted(INITIALIZERS))


@named
@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
@pytest.mark.parametrize("inputs, outputs", [(4, 3), (1, 1), (1, 5), (5, 1)])
def test_shapes_and_reproducibility(name, make, inputs, outputs):
    weights, bias = INITIALIZERS[name](make(0), inputs, outputs)
    again = INITIALIZERS[name](make(0), inputs, outputs)
    assert weights.shape == (inputs, outputs)
    assert bias.shape == (outputs,)
    assert_array_equal(weights, again[0])
    assert_array_equal(bias, again[1])


@named
def test_no_global_generator_is_touched(name):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    INITIALIZERS[name](np.random.default_rng(0), 4, 3)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("initialize, gain", [(lecun_normal, 1), (he_normal, 2)])
def test_normal_of_variance_gain_over_inputs(initialize, gain):
    weights, bias = initialize(np.random.default_rng(0), 50, 400)
    assert stats.kstest(weights.ravel() * np.sqrt(50 / gain), "norm").pvalue > 0.01
    assert_array_equal(bias, 0)


def test_lecun_normal_keeps_the_variance_of_the_input(rng):
    weights, _ = lecun_normal(rng, 300, 300)
    X = rng.standard_normal((300, 300)) * 3
    assert np.var(X @ weights) == pytest.approx(np.var(X), rel=0.02)


def test_he_normal_keeps_the_mean_square_through_relu(rng):
    weights, _ = he_normal(rng, 300, 300)
    X = ReLu().forward(rng.standard_normal((300, 300)) * 3)[0]
    Y = ReLu().forward(X @ weights)[0]
    assert np.mean(Y**2) == pytest.approx(np.mean(X**2), rel=0.05)


def test_every_activation_has_a_default():
    assert set(DEFAULT_INITIALIZERS) == set(ACTIVATIONS)
    assert set(DEFAULT_INITIALIZERS.values()) <= set(INITIALIZERS)


@pytest.mark.parametrize(
    "activation, name",
    [("logistic", "glorot_uniform_logistic"), ("relu", "glorot_uniform")]
    + [("selu", "lecun_normal"), ("gelu", "he_normal"), ("leaky_relu", "he_normal")],
)
def test_a_multi_layer_perceptron_starts_by_the_default_of_its_activation(activation, name):
    network, expected = build_mlp([4], activation, 2), np.random.default_rng(0)
    network.build(3, np.random.default_rng(0), np.float64)
    for layer, (inputs, outputs) in zip(linears(network), [(3, 4), (4, 2)], strict=True):
        weights, bias = INITIALIZERS[name](expected, inputs, outputs)
        assert_array_equal(layer.weights.tensor, weights)
        assert_array_equal(layer.bias.tensor, bias)


def test_a_linear_layer_takes_each_name():
    for name in INITIALIZERS:
        assert Linear(outputs=3, initializer=name).build(4, np.random.default_rng(0), float) == 3


@pytest.mark.parametrize("name, gain", [("glorot_uniform", 6), ("glorot_uniform_logistic", 2)])
def test_glorot_uniform_is_uniform_within_its_bound(name, gain):
    weights, bias = INITIALIZERS[name](np.random.default_rng(0), 200, 300)
    bound = np.sqrt(gain / 500)
    for values in (weights.ravel(), bias):
        assert stats.kstest(values, "uniform", (-bound, 2 * bound)).pvalue > 0.01
        assert np.abs(values).max() <= bound
    assert np.abs(weights).max() > 0.999 * bound


def test_glorot_uniform_draws_weights_first_as_scikit_learn_does():
    weights, bias = glorot_uniform(np.random.RandomState(0), 4, 3)
    random_state, bound = np.random.RandomState(0), np.sqrt(6 / 7)
    assert_array_equal(weights, random_state.uniform(-bound, bound, (4, 3)))
    assert_array_equal(bias, random_state.uniform(-bound, bound, 3))
