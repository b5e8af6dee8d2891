"""Learner: what a batch may be, its weights, the penalty and the norm of a gradient."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from sknumpynn import Layer, Learner, Sequential, SGDOptimizer, mse_loss
from sknumpynn.core import Batches
from sknumpynn.losses import MeanSquaredError
from sknumpynn.penalties import L2Penalty
from tests.core.test_learner import draw, network, weights_of


def weighted_mse(Yp, Yt, sample_weight=None):
    """A plain function of the article's form that takes weights."""
    error = Yp - Yt
    weights = np.ones(len(error)) if sample_weight is None else sample_weight
    share = weights[:, np.newaxis] / (weights.sum() * error.shape[1])
    return np.sum(share * error**2), 2 * share * error


def test_fit_batch_takes_lists(rng):
    X, Y = draw(rng)
    learners = [Learner(network(), mse_loss, SGDOptimizer(0.1)) for _ in range(2)]
    losses = learners[0].fit_batch(X, Y), learners[1].fit_batch(X.tolist(), Y.tolist())
    assert losses[0] == losses[1]
    assert_array_equal(*(weights_of(learner.model) for learner in learners))


@pytest.mark.parametrize("clip_norm, expected", [(5.0, [3, 4]), (6.0, [3, 4]), (0.5, [0.3, 0.4])])
def test_a_longer_gradient_is_scaled_to_the_norm(clip_norm, expected):
    class Point(Layer):
        def __init__(self):
            super().__init__()
            self.place = self.build_param([0.0, 0.0])

        def forward(self, X):
            def backward(D):
                self.place.gradient += [3, 4]
                return D

            return X, backward

    point = Point()
    learner = Learner(point, mse_loss, SGDOptimizer(1.0), clip_norm=clip_norm)
    learner.fit_batch(np.zeros((1, 2)), np.zeros((1, 2)))
    assert_allclose(-point.place.tensor, expected)


def test_a_penalty_counts_as_one_row_of_a_batch(rng):
    X, Y = draw(rng)
    model, before = network(), weights_of(network())
    learner = Learner(
        model, lambda Yp, Yt: (0.0, np.zeros_like(Yp)), SGDOptimizer(1.0), L2Penalty(0.1)
    )
    learner.fit_batch(X, Y)
    decays = np.repeat([1.0, 0.0, 1.0, 0.0], [12, 4, 4, 1])  # biases are left alone
    assert_allclose(weights_of(model), before * (1 - 0.1 / len(X) * decays))


def test_rows_of_X_and_Y_are_as_many(rng):
    X, Y = draw(rng)
    learner = Learner(network(), mse_loss, SGDOptimizer(0.1))
    for data in ((X, Y[:-1]), (X[:0], Y[:0])):
        with pytest.raises(ValueError, match=f"X has {len(data[0])} rows and Y has {len(data[1])}"):
            learner.fit(*data, epochs=1, bs=5)


def test_batches_of_any_number_of_sizes(rng):
    X, Y = draw(rng)
    learner, by_hand = (Learner(network(), mse_loss, SGDOptimizer(0.1)) for _ in range(2))
    for size in (1, 2, 3, 4, 5, 1):
        loss = learner.fit_batch(X[:size], Y[:size])
        by_hand = Learner(by_hand.model, mse_loss, SGDOptimizer(0.1))  # has no plans yet
        assert by_hand.fit_batch(X[:size], Y[:size]) == loss
    assert_array_equal(weights_of(learner.model), weights_of(by_hand.model))


def test_sparse_and_dense_batches_of_one_shape_in_turn(rng):
    X, Y = draw(rng)
    mixed, dense = (Learner(network(), mse_loss, SGDOptimizer(0.1)) for _ in range(2))
    for take in (sparse.csr_array, np.array, sparse.csr_array):
        assert_allclose(mixed.fit_batch(take(X), Y), dense.fit_batch(X, Y), rtol=1e-12)
    assert_allclose(weights_of(mixed.model), weights_of(dense.model), rtol=1e-12)


def test_a_batch_has_a_row(rng):
    with pytest.raises(ValueError, match="bs must be at least 1, got 0"):
        Learner(network(), mse_loss, SGDOptimizer(0.1)).fit(*draw(rng), epochs=1, bs=0)
    with pytest.raises(ValueError, match="epochs must be at least 0, got -1"):
        Learner(network(), mse_loss, SGDOptimizer(0.1)).fit(*draw(rng), epochs=-1, bs=1)


def test_a_batch_may_be_of_one_row(rng):
    (X, Y), order = draw(rng), np.arange(23)
    np.random.default_rng(0).shuffle(order)
    model, twin = network(), network()
    Learner(model, mse_loss, SGDOptimizer(0.1), rng=np.random.default_rng(0)).fit(X, Y, 1, bs=1)
    learner = Learner(twin, mse_loss, SGDOptimizer(0.1))
    for i in order:
        learner.fit_batch(X[[i]], Y[[i]])
    assert_allclose(weights_of(model), weights_of(twin), rtol=1e-12)


def test_no_column_is_not_one():
    learner = Learner(network(inputs=1), mse_loss, SGDOptimizer(0.1))
    with pytest.raises(ValueError, match="takes 1 columns, but is given 0"):
        learner.fit(np.ones((4, 0)), np.ones(4), epochs=1, bs=2)
    with pytest.raises(ValueError, match=r"\(2, 1\).*\(2, 0\)"):
        learner.fit(np.ones((4, 1)), np.ones((4, 0)), epochs=1, bs=2)


@pytest.mark.parametrize("loss", [MeanSquaredError(), weighted_mse])
def test_weights_of_a_batch_are_repeated_rows(loss, rng):
    X, Y = draw(rng)
    counts = np.arange(len(X)) % 3
    models, losses = (network(), network()), []
    for model, rows, weights in zip(
        models,
        (np.arange(len(X)), np.repeat(np.arange(len(X)), counts)),
        (counts, None),
        strict=True,
    ):
        batches = Batches(X[rows], Y[rows], len(rows), sample_weight=weights)
        losses.append(Learner(model, loss, SGDOptimizer(0.1)).fit_epoch(batches))
    assert_allclose(losses[0], losses[1], rtol=1e-12)
    assert_allclose(*map(weights_of, models), rtol=1e-12)


@pytest.mark.parametrize(
    "X, dtype",
    [(np.ones((1, 3), np.float32), np.float32), (np.ones((1, 3)), float), ([[1, 2, 3]], float)],
    ids=["float32", "float64", "whole numbers in lists"],
)
def test_fit_batch_keeps_the_precision_of_floats_and_makes_floats_of_lists(X, dtype):
    seen = []

    class Spy(Layer):
        def forward(self, X):
            seen.append(X.dtype)
            return X, lambda D: D

    Learner(Sequential(Spy(), network()), mse_loss, SGDOptimizer(0.1)).fit_batch(X, [[1]])
    assert seen == [dtype]


@pytest.mark.parametrize("clip_norm", [None, 0.5])
@pytest.mark.parametrize("loss", [MeanSquaredError(), weighted_mse])
def test_the_loss_has_the_penalty_in_it(loss, clip_norm, rng):
    X, Y = draw(rng)
    plain, penalised = (
        Learner(network(), loss, SGDOptimizer(0.1), penalty, clip_norm=clip_norm).fit_batch(X, Y)
        for penalty in (None, L2Penalty(0.3))
    )
    W, V = (network()[i].weights.tensor for i in (0, 2))
    assert_allclose(penalised - plain, 0.15 * (np.sum(W**2) + np.sum(V**2)) / len(X), rtol=1e-9)
