"""Objective: the mean loss plus penalty over all rows, and its gradient."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.optimize import approx_fprime

from sknumpynn import Linear, Sequential, Tanh
from sknumpynn.core import Objective, PlannedLayer, inference, pack
from sknumpynn.penalties import L2Penalty
from tests.cases import LOSSES, named


def network(n_outputs):
    return Sequential(Linear(4, 3, rng=0), Tanh(), Linear(3, n_outputs, rng=1))


def draw(case, rng, n_rows=30):
    X = rng.standard_normal((n_rows, 4))
    return X, case.draw_targets(rng, n_rows).astype(float)


def directional_error(function, theta, rng):
    direction, step = rng.standard_normal(theta.size), 6e-6
    _, gradient = function(theta)
    claimed, typical = gradient @ direction, np.linalg.norm(gradient)
    ends = [function(theta + sign * step * direction)[0] for sign in (1, -1)]
    measured = (ends[0] - ends[1]) / (2 * step)
    return abs(claimed - measured) / typical


@named(LOSSES)
@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_and_value(case, weighted, rng, monkeypatch):
    monkeypatch.setattr(inference, "CHUNK", 8)
    X, Y = draw(case, rng)
    weights = rng.uniform(0, 2, len(X)) if weighted else None
    model = network(case.n_outputs)
    function = Objective(model, case.make(), L2Penalty(0.3), X, Y, weights)
    theta = function.parameters.tensor + 0.1
    value, _ = function(theta)
    W, V = model[0].weights.tensor, model[2].weights.tensor
    total = len(X) if weights is None else weights.sum()
    expected = case.reference(model.forward(X)[0], Y, weights)
    expected += 0.15 * (np.sum(W**2) + np.sum(V**2)) / total
    assert_allclose(value, expected, rtol=1e-12)
    assert_array_equal(function.parameters.tensor, theta)
    for _ in range(3):
        assert directional_error(function, theta, rng) < 1e-8


def test_gradient_element_by_element(rng):
    case = LOSSES[0]
    function = Objective(network(1), case.make(), L2Penalty(0.1), *draw(case, rng))
    theta = function.parameters.tensor.copy()
    _, gradient = function(theta)
    numeric = approx_fprime(theta, lambda theta: function(theta)[0], 1e-7)
    assert_allclose(function(theta)[1], numeric, rtol=1e-4, atol=1e-6)
    assert gradient is function.parameters.gradient


@pytest.mark.parametrize("chunk", [1, 7, 30, 31])
def test_chunks_change_nothing(chunk, rng, monkeypatch):
    case = LOSSES[1]
    X, Y = draw(case, rng)
    weights = rng.uniform(0, 2, 30)
    weights[:7] = 0  # a whole chunk of no account
    whole = Objective(network(2), case.make(), L2Penalty(), X, Y, weights)
    theta = whole.parameters.tensor.copy()
    value, gradient = whole(theta)
    monkeypatch.setattr(inference, "CHUNK", chunk)
    chunked = Objective(network(2), case.make(), L2Penalty(), X, Y, weights)
    value_chunked, gradient_chunked = chunked(theta)
    assert_allclose(value_chunked, value, rtol=1e-13)
    assert_allclose(gradient_chunked, gradient, rtol=1e-11, atol=1e-14)


def test_whole_weights_are_repeated_rows(rng):
    case = LOSSES[0]
    X, Y = draw(case, rng)
    counts = rng.integers(0, 4, 30)
    weighted = Objective(network(1), case.make(), L2Penalty(), X, Y, counts.astype(float))
    rows = np.repeat(np.arange(30), counts)
    repeated = Objective(network(1), case.make(), L2Penalty(), X[rows], Y[rows])
    theta = weighted.parameters.tensor.copy()
    (value, gradient), (value_repeated, gradient_repeated) = weighted(theta), repeated(theta)
    assert_allclose(value, value_repeated, rtol=1e-13)
    assert_allclose(gradient, gradient_repeated, rtol=1e-11, atol=1e-14)


def test_sparse_data(rng):
    case = LOSSES[0]
    X, Y = draw(case, rng)
    X[rng.random(X.shape) < 0.6] = 0
    dense = Objective(network(1), case.make(), L2Penalty(), X, Y)
    thin = Objective(network(1), case.make(), L2Penalty(), sparse.csr_array(X), Y)
    theta = dense.parameters.tensor.copy()
    (value, gradient), (value_thin, gradient_thin) = dense(theta), thin(theta)
    assert_allclose(value_thin, value, rtol=1e-13)
    assert_allclose(gradient_thin, gradient, rtol=1e-11, atol=1e-14)


def test_evaluations_do_not_depend_on_those_before(rng):
    case = LOSSES[0]
    function = Objective(network(1), case.make(), L2Penalty(), *draw(case, rng))
    theta = function.parameters.tensor.copy()
    value, gradient = function(theta)
    gradient = gradient.copy()
    function(theta + 1)
    value_again, gradient_again = function(theta)
    assert value_again == value
    assert_array_equal(gradient_again, gradient)


def test_it_evaluates_at_theta_wherever_the_layers_were_housed_since(rng):
    case = LOSSES[0]
    model, data = network(1), draw(case, rng)
    function = Objective(model, case.make(), L2Penalty(), *data)
    theta = function.parameters.tensor + 0.1
    value, gradient = function(theta)
    gradient = gradient.copy()
    pack(model.parameters)
    value_again, gradient_again = function(theta)
    assert value_again == value
    assert_array_equal(gradient_again, gradient)


def test_value_and_gradient_apart(rng):
    case = LOSSES[0]
    data = draw(case, rng)
    function = Objective(network(1), case.make(), L2Penalty(), *data)
    both = Objective(network(1), case.make(), L2Penalty(), *data)
    theta = function.parameters.tensor.copy()
    for point in (theta, theta + 0.1, theta):
        assert_array_equal(function.gradient(point), both(point)[1])  # nobody asked for the value
    for point in (theta + 0.2, theta + 0.2, theta):
        assert function.value(point) == both(point)[0]
        assert_array_equal(function.gradient(point), both(point)[1])


def test_a_gradient_where_the_value_was_asked_for_computes_nothing_anew(rng):
    case, calls = LOSSES[0], []

    class Counting(type(case.make())):
        def gradient(self, *arguments):
            calls.append(1)
            return super().gradient(*arguments)

    function = Objective(network(1), Counting(), L2Penalty(0.1), *draw(case, rng))
    theta = function.parameters.tensor + 0.1
    expected = function(theta)[1].copy()
    calls.clear()
    function.value(theta)
    once = len(calls)
    assert_array_equal(function.gradient(theta), expected)
    assert len(calls) == once > 0
    assert not np.array_equal(function.gradient(theta + 0.1), expected)
    assert len(calls) == 2 * once


class Drift(PlannedLayer):
    """Adds what is not learned, and notes what its plans are for."""

    def __init__(self, noted):
        super().__init__()
        self.offset, self.noted = self.build_param(np.zeros(4), lr_scale=0.0), noted

    def plan(self, like, training=False):
        self.noted.append(training)

        def forward(X):
            def backward(D):
                self.offset.gradient += 1
                return D

            return X + self.offset.tensor, backward

        return forward


def test_what_is_not_learned_has_no_gradient_and_noise_is_there(rng):
    case, noted = LOSSES[0], []
    model = Sequential(Drift(noted), *network(1).layers)
    function = Objective(model, case.make(), L2Penalty(), *draw(case, rng))
    _, gradient = function(function.parameters.tensor.copy())
    assert_array_equal(model[0].offset.gradient, 0)
    assert np.count_nonzero(gradient) == gradient.size - 4
    assert noted == [True]


def test_data_in_single_precision_are_computed_with_in_double(rng):
    case = LOSSES[0]
    X, Y = draw(case, rng)
    single, double = (
        Objective(network(1), case.make(), L2Penalty(), data, Y)
        for data in (X.astype(np.float32), X.astype(np.float32).astype(np.float64))
    )
    theta = single.parameters.tensor.copy()
    assert single(theta)[0] == double(theta)[0]
    assert_array_equal(single(theta)[1], double(theta)[1])
