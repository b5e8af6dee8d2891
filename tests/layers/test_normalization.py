"""BatchNorm and LayerNorm: statistics, running and of a batch, and what they do with extremes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from sknumpynn import AdamOptimizer, Learner, Linear, Sequential, mse_loss
from sknumpynn.core import pack
from sknumpynn.layers import BatchNorm, LayerNorm
from sknumpynn.testing import check_gradients, check_layer


def built(layer, inputs=3, dtype=np.float64):
    assert layer.build(inputs, np.random.default_rng(0), dtype) == inputs
    return layer


def train(layer, X):
    Y, backward = layer.plan(X, training=True)(X)
    return Y.copy(), backward(np.ones_like(Y)).copy()


def statistics(layer):
    return layer.mean.tensor.copy(), layer.variance.tensor.copy()


def test_a_training_batch_has_mean_0_and_variance_1(rng):
    X = rng.standard_normal((50, 3)) * [1, 10, 0.1] + [5, -20, 0]
    Y, _ = train(built(BatchNorm(epsilon=1e-12)), X)
    assert_allclose(Y.mean(axis=0), 0, atol=1e-14)
    assert_allclose(Y.var(axis=0), 1, rtol=1e-9)


@pytest.mark.parametrize("momentum", [0.0, 0.1, 0.6, 1.0])
def test_running_statistics_are_moved_by_training_alone(momentum, rng):
    layer = built(BatchNorm(momentum))
    m, v = np.zeros(3), np.ones(3)
    for n in (8, 8, 3):
        X = rng.gamma(2.0, size=(n, 3))
        train(layer, X)
        m = (1 - momentum) * m + momentum * X.mean(axis=0)
        v = (1 - momentum) * v + momentum * X.var(axis=0, ddof=1)
        layer.forward(X), layer.plan(X)(X), layer.plan_input(X)(X)
        assert_allclose(statistics(layer), (m, v), rtol=1e-13)


def test_prediction_is_by_running_statistics(rng):
    layer, X = built(BatchNorm(1.0)), rng.gamma(2.0, size=(9, 3))
    train(layer, X)
    expected = (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0, ddof=1) + 1e-5)
    assert_allclose(layer.forward(X)[0], expected, rtol=1e-12)
    assert_allclose(layer.forward(X[3:4])[0], expected[3:4], rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_training_batch_of_one_row(dtype, rng):
    layer, X = built(BatchNorm(), dtype=dtype), rng.standard_normal((9, 3)).astype(dtype)
    train(layer, X)
    before, row = statistics(layer), X[:1]
    with np.errstate(all="raise"):
        Y, dX = train(layer, row)
    assert_array_equal(Y, layer.forward(row)[0])
    assert_allclose(dX[0], 1 / np.sqrt(before[1] + 1e-5), rtol=1e-6)
    assert_array_equal(statistics(layer), before)


def test_two_rows_have_statistics(rng):
    X = 100 * rng.standard_normal((2, 3))
    by_training, by_adapting = built(BatchNorm(1.0)), built(BatchNorm())
    Y, _ = train(by_training, X)
    by_adapting.adapt(X, rng)
    assert_allclose(Y, np.sign(X - X.mean(axis=0)), rtol=1e-4)
    for layer in (by_training, by_adapting):
        assert_allclose(statistics(layer), (X.mean(axis=0), X.var(axis=0, ddof=1)), rtol=1e-12)


def test_a_network_is_trained_where_the_last_batch_has_one_row(rng):
    X = rng.standard_normal((21, 3))
    model = Sequential(Linear(outputs=4), BatchNorm(), Linear(outputs=1))
    model.build(3, rng, np.float64)
    losses = Learner(model, mse_loss, AdamOptimizer(0.05)).fit(X, X[:, 0], epochs=60, bs=5)
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0] / 2


def test_constant_columns_and_large_offsets(rng):
    X = np.column_stack([np.full(20, 7.0), 1e8 + rng.standard_normal(20), rng.standard_normal(20)])
    with np.errstate(all="raise"):
        Y, _ = train(built(BatchNorm(epsilon=1e-10)), X)
    assert_array_equal(Y[:, 0], 0)
    assert_allclose(Y.var(axis=0)[1:], 1, rtol=1e-7)


@pytest.mark.parametrize("offset", [0.1, 1e6 + 0.1, 1e8 + 0.3, -1.7e9, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_constant_column_of_any_offset_becomes_zero(offset, dtype, rng):
    X = np.full((200, 1), offset, dtype)
    layer = built(BatchNorm(), 1, dtype)
    assert_array_equal(layer.adapt(X, rng), 0)
    assert_array_equal(train(layer, X)[0], 0)
    assert_array_equal(layer.forward(X)[0], 0)
    assert_array_equal(built(LayerNorm(), 200, dtype).forward(X.T)[0], 0)


@pytest.mark.parametrize("offset", [0, 1e3, 1e6 + 0.1])
def test_an_offset_costs_no_more_digits_than_the_data_lost(offset, rng):
    X = (rng.standard_normal((200, 1)) + offset).astype(np.float32)
    exact = X.astype(np.float64)
    expected = (exact - exact.mean()) / np.sqrt(exact.var() + 1e-5)
    assert_allclose(train(built(BatchNorm(), 1, np.float32), X)[0], expected, atol=2e-6)
    Y, _ = built(LayerNorm(), 200, np.float32).forward(X.T)
    assert_allclose(Y.T, expected, atol=2e-6)


@pytest.mark.parametrize("dtype, size", [(np.float32, 1e25), (np.float64, 1e200)])
def test_it_does_not_adapt_to_what_has_no_variance(dtype, size, rng):
    X = rng.standard_normal((50, 3)).astype(dtype)
    X[:, 1] *= size
    layer = built(BatchNorm(), dtype=dtype)
    before = statistics(layer)
    with pytest.raises(
        ValueError, match=f"not finite in {np.dtype(dtype)}: column 1 is one. Scale"
    ):
        layer.adapt(X, rng)
    assert_array_equal(statistics(layer), before)


def test_it_does_not_adapt_to_a_range_beyond_numbers(rng):
    X = np.where(rng.random((50, 3)) < 0.5, -1.7e308, 1.7e308)
    with pytest.raises(ValueError, match="not finite in float64: column 0 is one. Scale"):
        built(BatchNorm()).adapt(X, rng)


def test_float32_keeps_what_it_can_of_an_offset(rng):
    X = (rng.standard_normal((5000, 3)) + 1000).astype(np.float32)
    Y, _ = train(built(BatchNorm(), dtype=np.float32), X)
    expected, _ = train(built(BatchNorm()), X.astype(np.float64))
    assert Y.dtype == np.float32
    assert_allclose(Y, expected, atol=2e-3)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, bool])
def test_integers_in_training(dtype, rng):
    X = rng.integers(0, 100, (300, 3)).astype(dtype)
    assert_array_equal(train(built(BatchNorm()), X), train(built(BatchNorm()), X.astype(float)))
    Y, Y_float = built(LayerNorm()).forward(X)[0], built(LayerNorm()).forward(X.astype(float))[0]
    assert_array_equal(Y, Y_float)


def test_how_the_parameters_are_treated():
    layer = built(BatchNorm())
    learned, kept = (1.0, 0.0), (0.0, 0.0)
    assert [p.treatment for p in layer.parameters] == [learned, learned, kept, kept]
    assert [p.treatment for p in built(LayerNorm()).parameters] == [learned, learned]


def test_running_statistics_live_in_the_pack_and_are_not_learned(rng):
    layer, X = built(BatchNorm()), rng.gamma(2.0, size=(9, 3))
    packed, optimizer = pack(layer.parameters), AdamOptimizer(0.1)
    train(layer, X)
    before, snapshot = statistics(layer), packed.tensor.copy()
    optimizer.update(packed)
    assert_array_equal(statistics(layer), before)
    assert_allclose(before[0], 0.1 * X.mean(axis=0))
    train(layer, X)
    packed.tensor[:] = snapshot
    assert_array_equal(statistics(layer), before)


def test_it_adapts_to_the_data(rng):
    X = rng.gamma(2.0, size=(30, 3))
    layer = built(BatchNorm())
    Y = layer.adapt(X, rng)
    assert_allclose(statistics(layer), (X.mean(axis=0), X.var(axis=0, ddof=1)))
    assert_array_equal(Y, layer.forward(X)[0])
    before = statistics(layer)
    layer.adapt(X[:1], rng)
    assert_array_equal(statistics(layer), before)


@pytest.mark.parametrize("make", [BatchNorm, lambda: Sequential(BatchNorm(), Linear(outputs=2))])
def test_gradients_are_checked_in_training(make, rng):
    """The check sees the plan for training: it fails where the mean is taken for a constant."""
    check_layer(make(), rng.standard_normal((6, 3)))

    class Forgetful(BatchNorm):
        def plan(self, like, training=False):
            forward = super().plan(like, training)

            def forgetful(X):
                Y, backward = forward(X)
                scale = Y.std(axis=0) / X.std(axis=0)
                return Y, lambda D: (backward(D), D * scale)[1]

            return forgetful if training else forward

    with pytest.raises(AssertionError, match="in training: the gradient with respect to X"):
        check_layer(Forgetful(), rng.standard_normal((6, 3)))


def test_a_row_of_a_layer_norm_has_mean_0_and_variance_1(rng):
    X = rng.standard_normal((50, 6)) * 10.0 ** rng.integers(-2, 3, (50, 1))
    Y, backward = built(LayerNorm(epsilon=1e-12), 6).forward(X)
    assert_allclose(Y.mean(axis=1), 0, atol=1e-13)
    assert_allclose(Y.var(axis=1), 1, rtol=1e-6)
    dX = backward(rng.standard_normal(Y.shape))
    assert_allclose(dX.sum(axis=1), 0, atol=1e-9)  # Y does not notice that a row is moved ...
    assert_allclose(np.sum(dX * X, axis=1), 0, atol=1e-4)  # ... or scaled


def test_a_constant_row(rng):
    X = np.ones((4, 3))
    with np.errstate(all="raise"):
        Y, backward = built(LayerNorm()).forward(X)
        dX = backward(rng.standard_normal(Y.shape))
    assert_array_equal(Y, 0)
    assert np.isfinite(dX).all()
    check_gradients(LayerNorm(), X, tol=1e-6)


@pytest.mark.parametrize("make", [BatchNorm, LayerNorm])
def test_what_cannot_be(make, rng):
    with pytest.raises(NotFittedError, match="has no parameters yet: call build"):
        make().forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match="takes 3 columns, but is given 1"):
        built(make()).forward(np.ones((2, 1)))
    for epsilon in (0, -1e-5, np.nan, "a", True):
        with pytest.raises(ValueError, match="epsilon must be greater than 0, got"):
            built(make(epsilon=epsilon))


@pytest.mark.parametrize("momentum", [-0.1, 1.5, 2, np.nan, "a", None])
def test_a_momentum_that_is_none(momentum):
    with pytest.raises(ValueError, match=r"momentum must be in \[0, 1\], got"):
        built(BatchNorm(momentum))
