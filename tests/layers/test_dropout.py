"""Dropout: how much is dropped, which random numbers it takes, and that it is for training only."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from sklearn.base import clone

from sknumpynn import Linear, Sequential
from sknumpynn.layers import Dropout


def built(rate=0.5, seed=0):
    layer = Dropout(rate)
    assert layer.build(7, np.random.default_rng(seed), np.float64) == 7
    return layer


def noisy_ones(layer, shape=(40, 7)):
    return layer.plan(np.ones(shape), training=True)(np.ones(shape))[0]


@pytest.mark.parametrize("rate", [0.01, 0.15, 0.5, 0.9])
def test_the_rate_is_the_part_that_is_dropped_and_the_mean_is_kept(rate):
    Y = noisy_ones(built(rate), (1000, 300))
    n_dropped = np.count_nonzero(Y == 0)
    assert stats.binomtest(n_dropped, Y.size, rate).pvalue > 0.01
    assert_allclose(Y[Y != 0], 1 / (1 - rate), rtol=1 / 65536 / (1 - rate))
    assert abs(Y.mean() - 1) < 3 * np.sqrt(rate / (1 - rate) / Y.size)


@pytest.mark.parametrize("rate", [1 / 65536, 0.123456, 1 - 1e-9])
def test_the_scale_is_that_of_the_rounded_rate(rate):
    rounded = min(round(rate * 65536), 65535) / 65536
    Y = noisy_ones(built(rate), (2000, 200))
    assert_allclose(Y[Y != 0], 1 / (1 - rounded), rtol=1e-15)
    assert stats.binomtest(np.count_nonzero(Y == 0), Y.size, rounded).pvalue > 0.01


def test_numbers_are_dropped_independently_of_each_other():
    dropped = noisy_ones(built(0.3), (999, 501)) == 0
    for one, other in [
        (dropped[:, :-1], dropped[:, 1:]),
        (dropped[:-1], dropped[1:]),
        (dropped[:, :-4], dropped[:, 4:]),
    ]:
        n_both = np.count_nonzero(one & other)
        assert stats.binomtest(n_both, one.size, 0.3**2).pvalue > 0.01


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(40, 7), (1, 1), (3, 3), (0, 4)])
def test_backward_has_the_mask_of_its_forward(dtype, shape, rng):
    X, D = rng.standard_normal((2, *shape)).astype(dtype)
    Y, backward = built().plan(X, training=True)(X)
    mask = np.where(Y == 0, 0, 2)
    dX = backward(D)
    assert Y.dtype == dX.dtype == dtype
    assert_array_equal(Y, mask * X)
    assert_array_equal(dX, mask * D)
    assert_array_equal(backward(2 * D), mask * 2 * D)


def test_each_run_and_each_plan_has_another_mask():
    layer, X = built(), np.ones((40, 7))
    forward = layer.plan(X, training=True)
    first, second = forward(X)[0].copy(), forward(X)[0].copy()
    third = noisy_ones(layer)
    for one, other in [(first, second), (first, third), (second, third)]:
        assert not np.array_equal(one, other)


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_masks_follow_from_the_seed(make):
    twins = [Dropout(), Dropout()]
    for layer in twins:
        layer.build(7, make(3), np.float64)
    for _ in range(3):
        assert_array_equal(*[noisy_ones(layer) for layer in twins])
    other = Dropout()
    other.build(7, make(4), np.float64)
    assert not np.array_equal(noisy_ones(other), noisy_ones(twins[0]))


def test_two_layers_built_from_one_generator_have_different_masks():
    network = Sequential(Dropout(), Dropout())
    network.build(7, np.random.default_rng(0), np.float64)
    first, second = network.layers
    assert not np.array_equal(noisy_ones(first), noisy_ones(second))


def test_the_generator_that_builds_is_not_drawn_from_afterwards():
    rng = np.random.default_rng(0)
    layer = Dropout()
    layer.build(7, rng, np.float64)
    before = rng.bit_generator.state
    noisy_ones(layer)
    assert rng.bit_generator.state == before


def test_a_word_of_the_generator_serves_four_numbers():
    layer, twin = built(), built()
    noisy_ones(layer, (3, 7))
    twin.rng.bit_generator.random_raw(6)
    assert layer.rng.bit_generator.state == twin.rng.bit_generator.state


def test_without_build_it_is_random_all_the_same():
    one, other = noisy_ones(Dropout()), noisy_ones(Dropout())
    assert set(np.unique(one)) == {0, 2}
    assert not np.array_equal(one, other)


def test_it_does_nothing_but_in_training(rng):
    layer, X = built(), rng.standard_normal((40, 7))
    before = layer.rng.bit_generator.state
    for forward in (layer.forward, layer.plan(X), layer.plan_input(X)):
        Y, backward = forward(X)
        assert Y is X
        assert backward(X) is X
    assert layer.rng.bit_generator.state == before


def test_a_rate_of_zero_does_nothing_and_draws_nothing(rng):
    layer, X = built(0), rng.standard_normal((40, 7))
    before = layer.rng.bit_generator.state
    Y, backward = layer.plan(X, training=True)(X)
    assert Y is X
    assert backward(X) is X
    assert layer.rng.bit_generator.state == before


def test_the_rate_is_read_when_the_plan_runs():
    layer, X = built(0.0), np.ones((100, 100))
    forward = layer.plan(X, training=True)
    for rate in (0.0, 0.5, 0.9, 0.0):
        layer.rate = rate
        assert abs(np.mean(forward(X)[0] == 0) - rate) < 0.02


def test_a_pickled_layer_goes_on_with_the_same_masks():
    layer = built()
    noisy_ones(layer)
    twin = pickle.loads(pickle.dumps(layer))
    assert_array_equal(noisy_ones(twin), noisy_ones(layer))


def test_a_clone_is_not_built():
    layer = built(0.3)
    twin = clone(layer)
    assert twin.rate == 0.3
    assert twin.rng is None


def test_within_a_network_it_acts_in_training_plans_only(rng):
    X = rng.standard_normal((20, 5))
    network = Sequential(Linear(outputs=8), Dropout(0.4), Linear(outputs=1))
    network.build(5, rng, np.float64)
    plain = Sequential(network[0], network[2])
    assert_array_equal(network.forward(X)[0], plain.forward(X)[0])
    forward = network.plan(X, training=True)
    outputs = np.mean([forward(X)[0].copy() for _ in range(4000)], axis=0)
    assert_allclose(outputs, plain.forward(X)[0], atol=0.1)


def test_reseeding_begins_another_stream_of_its_own():
    layer, twin = built(), built()
    layer.reseed(np.random.default_rng(1)), twin.reseed(np.random.default_rng(1))
    noise = noisy_ones(layer)
    assert_array_equal(noise, noisy_ones(twin))
    assert not np.array_equal(noise, noisy_ones(built()))
    assert not np.array_equal(noise, noisy_ones(layer))
    layer.reseed(np.random.RandomState(1)), twin.reseed(np.random.RandomState(1))
    assert_array_equal(noisy_ones(layer), noisy_ones(twin))


def test_it_depends_on_the_batch_if_it_drops_anything():
    assert Dropout().depends_on_batch
    assert not Dropout(0.0).depends_on_batch
    assert not Linear().depends_on_batch
    within = [layer.depends_on_batch for layer in Sequential(Linear(), Dropout()).walk()]
    assert within == [False, False, True]


@pytest.mark.parametrize("rate", [-0.1, 1, np.nan, "a", None, True])
def test_a_rate_that_is_none(rate):
    with pytest.raises(ValueError, match=r"rate must be in \[0, 1\), got"):
        built(rate)
    layer = built().set_params(rate=rate)
    with pytest.raises(ValueError, match=r"rate must be in \[0, 1\), got"):
        noisy_ones(layer)
