"""Learner: the steps of training, their order, and the losses it reports."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from sknumpynn import (
    AdamOptimizer,
    Layer,
    Learner,
    Linear,
    ReLu,
    Sequential,
    SGDOptimizer,
    Tanh,
    mse_loss,
)
from sknumpynn.core import Batches, batches
from sknumpynn.losses import QuantileLoss, SoftmaxCrossEntropy
from sknumpynn.penalties import L2Penalty


def network(inputs=3, outputs=1, dtype=np.float64):
    return Sequential(
        Linear(inputs, 4, rng=0, dtype=dtype), Tanh(), Linear(4, outputs, rng=1, dtype=dtype)
    )


def draw(rng, n_rows=23, outputs=1):
    X = rng.standard_normal((n_rows, 3))
    return X, np.sin(X @ rng.standard_normal((3, outputs)))


def weights_of(model):
    return np.concatenate([parameter.tensor.ravel() for parameter in model.parameters])


# A step


def test_a_step_is_forward_loss_backward_update(rng):
    X, Y = draw(rng)
    model, by_hand = network(), network()
    loss = Learner(model, mse_loss, SGDOptimizer(0.1)).fit_batch(X, Y)
    (first, _, last), h = by_hand, np.tanh(X @ by_hand[0].weights.tensor)
    error = h @ last.weights.tensor - Y
    D = 2 * error / len(X)
    D_h = (D @ last.weights.tensor.T) * (1 - h**2)
    assert_allclose(loss, np.mean(error**2), rtol=1e-13)
    for param, gradient in [
        (first.weights, X.T @ D_h),
        (first.bias, D_h.sum(axis=0)),
        (last.weights, h.T @ D),
        (last.bias, D.sum(axis=0)),
    ]:
        param.tensor -= 0.1 * gradient
    assert_allclose(weights_of(model), weights_of(by_hand), rtol=1e-12, atol=1e-15)


def test_parameters_are_updated_once_a_batch_all_in_one_and_last(rng):
    events = []

    class Spy(Layer):
        def forward(self, X):
            return X, lambda D: events.append("backward") or D

    class Recorder(SGDOptimizer):
        def update(self, param):
            events.append(param)
            super().update(param)

    shared, (X, Y) = Linear(3, 3, rng=0), draw(rng, outputs=3)
    model = Sequential(shared, Spy(), ReLu(), shared)
    learner = Learner(model, mse_loss, Recorder(0.1))
    learner.fit(X, Y, epochs=2, bs=12)
    assert set(learner.parameters.members) == set(shared.parameters)
    assert len(learner.parameters.members) == 2
    assert events == ["backward", learner.parameters] * 4


def test_a_function_and_a_loss_of_the_same_formula_train_alike(rng):
    X, Y = draw(rng)

    def function(Yp, Yt):
        error = Yp - Yt
        return np.mean(error**2), 2 * error / error.size

    curves, ends = [], []
    for loss in (mse_loss, function):
        model = network()
        learner = Learner(model, loss, AdamOptimizer(0.01), rng=np.random.default_rng(0))
        curves.append(learner.fit(X, Y, epochs=3, bs=5))
        ends.append(weights_of(model))
    assert_allclose(curves[1], curves[0], rtol=1e-12)
    assert_allclose(ends[1], ends[0], rtol=1e-10)


def test_fit_batch_reports_the_loss_before_the_step(rng):
    X, Y = draw(rng)
    for loss in (mse_loss, lambda Yp, Yt: mse_loss(Yp, Yt)):
        model = network()
        learner = Learner(model, loss, SGDOptimizer(0.1))
        expected = mse_loss(model.forward(X)[0], Y)[0]
        assert_allclose(learner.fit_batch(X, Y.ravel()), expected, rtol=1e-13)
        assert learner.fit_batch(X, Y) < expected


def test_a_layer_is_planned_for_training_and_for_data(rng):
    asked = []

    class Spy(Linear):
        def plan_input(self, like, training=False):
            asked.append((like.shape, training))
            return super().plan_input(like, training)

    learner = Learner(Spy(3, 1), mse_loss, SGDOptimizer(0.01))
    learner.fit(*draw(rng), epochs=3, bs=10)
    assert asked == [((10, 3), True), ((3, 3), True)]


def test_an_optimizer_s_plan_is_made_once_an_epoch(rng):
    planned = []

    class Spy(SGDOptimizer):
        def plan(self, param):
            planned.append(param)
            return super().plan(param)

    learner = Learner(network(), mse_loss, Spy(0.01))
    learner.fit(*draw(rng), epochs=3, bs=10)
    assert planned == [learner.parameters] * 3


def test_batches_of_many_sizes_do_not_pile_up(rng):
    learner = Learner(network(), mse_loss, SGDOptimizer(0.01))
    for n_rows in range(1, 20):
        learner.fit_batch(*draw(rng, n_rows))
    assert len(learner._plans) <= 3


# The losses reported


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("block_size", [1, 10, 65536])
@pytest.mark.parametrize("bs", [1, 5, 23])
def test_without_a_step_the_epoch_s_loss_is_that_of_all_rows(
    weighted, block_size, bs, rng, monkeypatch
):
    monkeypatch.setattr(batches, "BLOCK_SIZE", block_size)
    X, Y = draw(rng, outputs=2)
    # Each batch counts by its rows, so weights that are to be a whole's are even over batches.
    weights = np.ones(23) if weighted else None
    model = network(outputs=2)
    learner = Learner(model, mse_loss, SGDOptimizer(lr=0.0))
    dealer = Batches(X, Y, bs, np.random.default_rng(0), weights)
    expected = mse_loss.value(model.forward(X)[0], Y)
    assert_allclose(learner.fit_epoch(dealer), expected, rtol=1e-12)


def test_blocks_change_neither_losses_nor_weights(rng, monkeypatch):
    X, Y = draw(rng, outputs=2)
    weights, results = rng.uniform(0, 2, 23), []
    for block_size in (65536, 12, 1):
        monkeypatch.setattr(batches, "BLOCK_SIZE", block_size)
        model = network(outputs=2)
        learner = Learner(model, mse_loss, SGDOptimizer(0.1), L2Penalty(0.1))
        dealer = Batches(X, Y, 3, np.random.default_rng(0), weights)
        results.append([*(learner.fit_epoch(dealer) for _ in range(3)), *weights_of(model)])
    assert_allclose(results[1], results[0], rtol=1e-13)
    assert_allclose(results[2], results[0], rtol=1e-13)


def test_the_epoch_s_loss_is_the_mean_of_the_batches_before_their_steps(rng):
    X, Y = draw(rng)
    weights = rng.uniform(0, 2, 23)
    model, twin = network(), network()
    learner = Learner(model, mse_loss, SGDOptimizer(0.1), L2Penalty(0.5))
    loss = learner.fit_epoch(Batches(X, Y, 5, sample_weight=weights))
    other, expected = Learner(twin, mse_loss, SGDOptimizer(0.1), L2Penalty(0.5)), 0.0
    for place in (slice(0, 5), slice(5, 10), slice(10, 15), slice(15, 20), slice(20, 23)):
        Yp, total = twin.forward(X[place])[0], weights[place].sum()
        squares = sum(np.sum(layer.weights.tensor**2) for layer in (twin[0], twin[2]))
        value = np.average((Yp - Y[place]).ravel() ** 2, weights=weights[place])
        expected += len(Yp) / 23 * (value + 0.25 * squares / total)
        other.fit_epoch(Batches(X[place], Y[place], 5, sample_weight=weights[place]))
    assert_allclose(loss, expected, rtol=1e-12)
    assert_allclose(weights_of(model), weights_of(twin), rtol=1e-12)


def test_a_batch_without_weight_takes_no_step_and_does_not_count(rng):
    X, Y = draw(rng, 12)
    weights = np.repeat([1.0, 0.0, 2.0], 4)
    X[4:8] = np.nan  # a batch that is not even looked at
    results = []
    for rows in (None, np.r_[0:4, 8:12]):
        model = network()
        learner = Learner(model, mse_loss, AdamOptimizer(0.1))
        dealer = Batches(X, Y, 4, sample_weight=weights, rows=rows)
        losses = [learner.fit_epoch(dealer) for _ in range(3)]
        results.append([*losses, *weights_of(model)])
    assert_allclose(results[0], results[1], rtol=1e-14)
    assert np.isfinite(results[0]).all()


# What it takes


def test_lists_and_whole_numbers_are_taken(rng):
    X, Y = rng.integers(0, 3, (20, 3)), rng.integers(0, 3, 20)
    results = []
    for data in ((X.astype(float), Y.astype(float)), (X, Y), (X.tolist(), Y.tolist())):
        learner = Learner(network(), mse_loss, SGDOptimizer(), rng=np.random.default_rng(0))
        results.append(learner.fit(*data, epochs=2, bs=6))
    assert results[0] == results[1] == results[2]


def test_one_column_of_input_may_be_flat(rng):
    x, y = rng.standard_normal((2, 20))
    flat, column = (
        Learner(Linear(1, 1, rng=0), mse_loss, SGDOptimizer(), rng=np.random.default_rng(0)).fit(
            X, y, epochs=2, bs=5
        )
        for X in (x, x[:, np.newaxis])
    )
    assert flat == column


def test_a_batch_larger_than_the_data_is_all_of_it(rng):
    X, Y = draw(rng)
    results = [
        Learner(network(), mse_loss, SGDOptimizer(), rng=np.random.default_rng(0)).fit(X, Y, 2, bs)
        for bs in (23, 1000)
    ]
    assert results[0] == results[1]


@pytest.mark.parametrize(
    "X_shape, Y_shape, message",
    [
        ((20, 3), (19,), "X has 20 rows and Y has 19"),
        ((20, 3), (20, 2), r"\(5, 1\).*\(5, 2\)"),
        ((20, 3, 2), (20,), r"X must have one or two dimensions, got shape \(20, 3, 2\)"),
        ((20, 3), (20, 1, 1), r"Y must have one or two dimensions, got shape \(20, 1, 1\)"),
        ((20, 3), (), "Y must have one or two dimensions"),
    ],
)
@pytest.mark.parametrize("loss", [mse_loss, lambda Yp, Yt: mse_loss(Yp, Yt)])
def test_shapes_that_do_not_match(X_shape, Y_shape, message, loss):
    learner = Learner(network(), loss, SGDOptimizer())
    before = weights_of(learner.model)
    with pytest.raises(ValueError, match=message):
        learner.fit(np.ones(X_shape), np.ones(Y_shape), epochs=1, bs=5)
    assert_array_equal(weights_of(learner.model), before)


@pytest.mark.parametrize("bad", ["text", 1j, None])
def test_what_is_not_a_number_is_named(bad):
    learner = Learner(network(), mse_loss, SGDOptimizer())
    with pytest.raises(TypeError, match="^Y must hold real numbers, got dtype"):
        learner.fit(np.ones((4, 3)), [bad] * 4, epochs=1, bs=2)
    with pytest.raises(TypeError, match="^X must hold real numbers, got dtype"):
        learner.fit([[bad] * 3] * 4, np.ones(4), epochs=1, bs=2)


def test_data_are_only_read(rng):
    X, Y = draw(rng)
    X.setflags(write=False)
    Y.setflags(write=False)
    learner = Learner(network(), mse_loss, SGDOptimizer(), L2Penalty())
    learner.fit(X, Y, epochs=2, bs=5)
    learner.fit_epoch(Batches(X, Y, 5))
    learner.fit_batch(X, Y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_throughout(dtype, rng):
    valued = []

    class Spy(type(mse_loss)):
        def value(self, Yp, Yt, sample_weight=None):
            valued.append(Yp.dtype)
            return super().value(Yp, Yt, sample_weight)

    X, Y = draw(rng)
    model = network(dtype=dtype)
    learner = Learner(model, Spy(), AdamOptimizer(), L2Penalty())
    learner.fit(X.astype(dtype), Y.astype(dtype), epochs=1, bs=5)
    assert {parameter.tensor.dtype for parameter in model.parameters} == {np.dtype(dtype)}
    assert valued == [dtype]  # of all batches at once
    state = learner.optimizer.state_of(learner.parameters)
    assert state["m"].dtype == state["v"].dtype == dtype
    assert model.forward(X.astype(dtype))[0].dtype == dtype


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csr_matrix, sparse.coo_array])
def test_sparse_data_train_as_dense_ones(kind, rng):
    X, _ = draw(rng)
    X[rng.random(X.shape) < 0.5] = 0
    Y, results = np.eye(3)[rng.integers(3, size=23)], []
    for data in (X, kind(X)):
        model = network(outputs=3)
        source = np.random.default_rng(0)
        learner = Learner(model, SoftmaxCrossEntropy(), AdamOptimizer(0.1), rng=source)
        results.append([*learner.fit(data, Y, epochs=3, bs=5), *weights_of(model)])
    assert_allclose(results[1], results[0], rtol=1e-9)


def test_sparse_data_that_do_not_match():
    learner = Learner(network(), mse_loss, SGDOptimizer())
    with pytest.raises(ValueError, match="X has 4 rows and Y has 3"):
        learner.fit(sparse.csr_array(np.ones((4, 3))), np.ones(3), epochs=1, bs=2)


# Randomness and sharing


def test_the_order_of_rows_comes_from_rng_and_no_global_generator(rng):
    X, Y = draw(rng)
    before = np.random.get_state()[1].copy()  # noqa: NPY002

    def curve(seed):
        generator = None if seed is None else np.random.default_rng(seed)
        return Learner(network(), mse_loss, SGDOptimizer(), rng=generator).fit(X, Y, 2, 5)

    assert curve(0) == curve(0)
    assert curve(0) != curve(1)
    assert curve(None) != curve(None)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_weights_set_by_hand_between_steps_are_the_ones_trained(rng):
    X, Y = draw(rng)
    W = rng.standard_normal((3, 1))
    set_late, set_early = Linear(3, 1), Linear(3, 1)
    learner = Learner(set_late, mse_loss, SGDOptimizer(0.1))
    learner.fit_batch(X, Y)
    for layer in (set_late, set_early):
        layer.weights.tensor, layer.bias.tensor = W.copy(), np.zeros(1)
    learner.fit_batch(X, Y)
    Learner(set_early, mse_loss, SGDOptimizer(0.1)).fit_batch(X, Y)
    assert_array_equal(set_late.weights.tensor, set_early.weights.tensor)


def test_two_learners_may_train_the_same_layers_in_turn(rng):
    X, Y = draw(rng)
    trunk, heads = Linear(3, 4, rng=0), [Linear(4, 1, rng=1), Linear(4, 1, rng=2)]
    learners = [
        Learner(Sequential(trunk, Tanh(), head), mse_loss, SGDOptimizer(0.1)) for head in heads
    ]
    alone = [Linear(3, 4, rng=0), Linear(4, 1, rng=1), Linear(4, 1, rng=2)]
    for _ in range(3):
        for i, learner in enumerate(learners):
            learner.fit_batch(X, Y)
            fresh = Learner(Sequential(alone[0], Tanh(), alone[1 + i]), mse_loss, SGDOptimizer(0.1))
            fresh.fit_batch(X, Y)
    assert_allclose(trunk.weights.tensor, alone[0].weights.tensor, rtol=1e-13)
    for head, twin in zip(heads, alone[1:], strict=True):
        assert_allclose(head.weights.tensor, twin.weights.tensor, rtol=1e-13)


def test_a_loss_may_have_several_outputs_for_a_target():
    model = Linear(2, 3, rng=0)
    loss = QuantileLoss((0.1, 0.5, 0.9))
    expected = loss(model.forward(np.ones((5, 2)))[0], np.ones(5))[0]
    learner = Learner(model, loss, SGDOptimizer())
    assert np.isclose(learner.fit_batch(np.ones((5, 2)), np.ones(5)), expected)
    assert learner.fit(np.ones((5, 2)), np.ones(5), epochs=1, bs=5)[0] < expected
