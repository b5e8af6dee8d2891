"""Embeddings of numbers: where they start, and what they can tell apart."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from sknumpynn import Learner
from sknumpynn.core import Parameter
from sknumpynn.layers import Linear, PeriodicEmbedding, PiecewiseLinearEmbedding, Sequential
from sknumpynn.losses import mse_loss
from sknumpynn.optimizers import AdamOptimizer

BOTH = [PeriodicEmbedding, PiecewiseLinearEmbedding]


def built(layer, X, adapt=True):
    rng = np.random.default_rng(0)
    layer.build(X.shape[1], rng, X.dtype)
    if adapt:
        layer.adapt(X, rng)
    return layer


@pytest.mark.parametrize("Layer", BOTH)
def test_columns_do_not_mix(Layer, rng):
    X = rng.standard_normal((20, 3))
    layer, other = built(Layer(outputs=4), X), X.copy()
    other[:, 1] += 1
    changed = (layer.forward(X)[0] != layer.forward(other)[0]).any(axis=0)
    of_column = [0, 1, 2] if Layer is PeriodicEmbedding else []
    assert_array_equal(changed, np.r_[np.repeat([0, 1, 2], 4), of_column] == 1)


@pytest.mark.parametrize("Layer", BOTH)
def test_learning_rate_and_decay_of_what_is_learned(Layer, rng):
    layer = built(Layer(lr_scale=0.1, decay_scale=0.5), rng.standard_normal((9, 2)))
    assert {p.treatment for p in layer.parameters} - {(0.0, 0.0)} == {(0.1, 0.5)}


@pytest.mark.parametrize("Layer", BOTH)
def test_mistakes_are_named(Layer, rng):
    X = rng.standard_normal((9, 2))
    with pytest.raises(NotFittedError, match="call build"):
        Layer().forward(X)
    with pytest.raises(ValueError, match="takes 2 columns, but is given 3"):
        built(Layer(), X).forward(np.ones((4, 3)))


@pytest.mark.parametrize("Layer", BOTH)
def test_a_line_behind_it_learns_a_curve(Layer, rng):
    X = rng.uniform(-1, 1, (500, 1))
    Y = np.sin(6 * X)
    model = built(Sequential(Layer(outputs=8), Linear(outputs=1)), X)
    Learner(model, mse_loss, AdamOptimizer(0.02), rng=rng).fit(X, Y, epochs=60, bs=50)
    assert mse_loss(model.forward(X)[0], Y)[0] < 0.02 * Y.var()


def test_periodic_starts_as_the_paper_says(rng):
    layer = built(PeriodicEmbedding(400, 30, sigma=0.25), rng.standard_normal((9, 20)))
    assert layer.frequency_weights.tensor.std() == pytest.approx(0.25, rel=0.02)
    assert layer.frequency_weights.tensor.mean() == pytest.approx(0, abs=0.01)
    for parameter, bound in [(layer.phases, np.pi), (layer.weights, 0.05), (layer.bias, 0.05)]:
        assert np.abs(parameter.tensor).max() <= bound
        assert parameter.tensor.std() == pytest.approx(bound / np.sqrt(3), rel=0.05)


def encoding(layer, X):
    """What the layer makes of X before it maps it."""
    n, bins, _ = layer.weights.tensor.shape
    layer.weights = Parameter(np.tile(np.eye(bins), (n, 1, 1)))
    layer.bias = Parameter(np.zeros((n, bins)))
    return layer.forward(X)[0].reshape(len(X), n, bins)


def test_bins_are_quantiles(rng):
    X = rng.gamma(2.0, size=(1000, 3))
    layer = built(PiecewiseLinearEmbedding(bins=7), X)
    for edges, x in zip(layer.edges.tensor, X.T, strict=True):
        assert (edges[0], edges[-1]) == (x.min(), x.max())
        assert_allclose(np.histogram(x, edges)[0], 1000 / 7, atol=1)


def test_before_it_adapts_bins_are_those_of_a_normal(rng):
    X = rng.standard_normal((100_000, 1))
    edges = built(PiecewiseLinearEmbedding(bins=4), X, adapt=False).edges.tensor[0]
    assert_allclose(np.mean(X <= edges, axis=0), [0.1, 0.3, 0.5, 0.7, 0.9], atol=0.01)


def test_encoding_by_hand():
    X = np.array([[0.0], [1.0], [2.0], [4.0], [8.0]])
    layer = built(PiecewiseLinearEmbedding(bins=2), X)
    rows = np.array([[-2.0], [0.0], [1.0], [2.0], [5.0], [20.0]])
    expected = [[-1, 0], [0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 3]]
    assert_allclose(encoding(layer, rows)[:, 0], expected)


@pytest.mark.parametrize(
    "column, n_bins",
    [
        ([0.0, 0, 1, 1, 1], 1),
        ([0.0, 0, 0, 0, 9], 1),
        ([0.0, 1, 2, 3, 4], 4),
    ],
)
def test_few_values_make_few_bins(column, n_bins):
    X = np.array(column)[:, np.newaxis]
    layer = built(PiecewiseLinearEmbedding(bins=4), X)
    E = encoding(layer, X)[:, 0]
    assert np.isfinite(E).all()
    assert (E[:, n_bins:] == 0).all()
    assert_allclose(E[np.argmax(X)], np.r_[np.ones(n_bins), np.zeros(4 - n_bins)])


def test_a_single_value_changes_no_bins():
    X = np.full((5, 1), 3.0)
    edges = [built(PiecewiseLinearEmbedding(4), X, a).edges.tensor for a in (True, False)]
    assert_array_equal(*edges)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_row_alone_and_values_too_close_to_divide_by_change_no_bins(dtype, rng):
    X = rng.standard_normal((50, 2)).astype(dtype)
    close = X * np.finfo(dtype).tiny / 100
    for rows in (X[:1], close, close[:1]):
        layer = built(PiecewiseLinearEmbedding(4), rows)
        assert_array_equal(layer.edges.tensor, built(layer, rows, False).edges.tensor)
        Y, backward = layer.forward(rows)
        assert np.isfinite(Y).all() and np.isfinite(backward(np.ones_like(Y))).all()


def test_a_column_that_is_too_wide_is_named():
    X = np.array([[1.0, -1.5e308], [2.0, 1.5e308], [3.0, 1.0]])
    with pytest.raises(
        ValueError, match=r"from -1.5e\+308 to 1.5e\+308: its width is not finite in float64"
    ):
        built(PiecewiseLinearEmbedding(2), X)


@pytest.mark.parametrize(
    "layer, message",
    [
        (PeriodicEmbedding(0), "frequencies must be an int from 1 up, got 0"),
        (PeriodicEmbedding(2.5), "frequencies must be an int from 1 up, got 2.5"),
        (PeriodicEmbedding(outputs="3"), "outputs must be an int from 1 up, got '3'"),
        (PeriodicEmbedding(sigma=None), "sigma must be at least 0, got None"),
        (PiecewiseLinearEmbedding("a"), "bins must be an int from 1 up, got 'a'"),
        (PiecewiseLinearEmbedding(True), "bins must be an int from 1 up, got True"),
        (PiecewiseLinearEmbedding(outputs=0), "outputs must be an int from 1 up, got 0"),
    ],
)
def test_sizes_that_are_none(layer, message, rng):
    with pytest.raises(ValueError, match=message):
        layer.build(3, rng, np.float64)


def test_bins_are_not_learned(rng):
    X, Y = rng.standard_normal((50, 2)), rng.standard_normal((50, 1))
    model = built(Sequential(PiecewiseLinearEmbedding(4), Linear(outputs=1)), X)
    edges = model[0].edges.tensor.copy()
    Learner(model, mse_loss, AdamOptimizer(), rng=rng).fit(X, Y, epochs=3, bs=10)
    assert_array_equal(model[0].edges.tensor, edges)


def test_no_bins_are_refused(rng):
    with pytest.raises(ValueError, match="bins must be an int from 1 up, got 0"):
        built(PiecewiseLinearEmbedding(bins=0), rng.standard_normal((4, 2)))
