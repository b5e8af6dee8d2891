"""Residual, Parallel and Select: widths, names of parameters, and what flows back."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone

from sknumpynn import AdamOptimizer, Layer, Learner, Linear, Parameter, Sequential, Tanh, mse_loss
from sknumpynn.layers import BatchNorm, Dropout, Identity, Parallel, Residual, Select
from sknumpynn.testing import check_gradients
from tests.cases import LAYERS


class Spy(Layer):
    """Notes what it is asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def plan(self, like, training=False):
        self.asked.append(("plan", training))
        return self.forward

    def plan_input(self, like, training=False):
        self.asked.append(("plan_input", training))
        return self.forward

    def adapt(self, X, rng):
        self.asked.append(("adapt", X.copy()))
        return X + 1


CASES = {case.name: case for case in LAYERS}


@pytest.mark.parametrize(
    "name", ["residual, same layer", "parallel, same layer", "residual, nested", "parallel", "tied"]
)
def test_gradients(name, rng):
    check_gradients(CASES[name].make(), rng.standard_normal((7, 5)), tol=1e-8)


@pytest.mark.parametrize("wrap", [Residual, Parallel, lambda layer: Sequential(Residual(layer))])
def test_a_branch_is_asked_for_the_plan_that_is_asked_of_it(wrap, rng):
    X = rng.standard_normal((4, 2))
    for training in (False, True):
        spy = Spy()
        wrap(spy).plan(X, training)(X)
        wrap(spy).plan_input(X, training)(X)
        assert spy.asked == [("plan", training), ("plan_input", training)]


def test_no_gradient_of_the_data_is_added_up(rng):
    X = rng.standard_normal((6, 5))
    for layer in (Residual(Linear(5, 5)), Parallel(Linear(5, 2), Linear(5, 1))):
        Y, backward = layer.plan_input(X, training=True)(X)
        assert backward(np.ones_like(Y)) is None
        assert all(parameter.gradient.any() for parameter in layer.parameters)


def test_branches_adapt_to_what_reaches_them(rng):
    X, first, second = rng.standard_normal((4, 2)), Spy(), Spy()
    Y = Sequential(Parallel(Residual(first), Identity()), second).adapt(X, rng)
    assert_array_equal(first.asked[0][1], X)
    assert_array_equal(second.asked[0][1], np.hstack([X + (X + 1), X]))
    assert_array_equal(Y, second.asked[0][1] + 1)


def test_dropout_in_a_branch_is_for_training_only(rng):
    X = rng.standard_normal((50, 4))
    layer = Residual(Dropout(0.5))
    assert_array_equal(layer.forward(X)[0], 2 * X)
    Y, _ = layer.plan(X, training=True)(X)
    assert_array_equal(np.where(Y == X, X, 3 * X), Y)
    assert 0.2 < np.mean(Y == X) < 0.8


def test_params_go_down_by_name():
    network = Sequential(
        Linear(outputs=4), Residual(Sequential(Linear(outputs=8), Linear(outputs=4)))
    )
    assert network.get_params()["1__layer__0__outputs"] == 8
    network.set_params(**{"1__layer__0__outputs": 16})
    assert network[1].layer[0].outputs == 16
    assert repr(network[1]) == "Residual(Sequential(Linear(outputs=16), Linear(outputs=4)))"
    parallel = Parallel(Identity(), Residual(Linear(outputs=3)))
    parallel.set_params(**{"1__layer__outputs": 2, "0": Tanh()})
    assert repr(parallel) == "Parallel(Tanh(), Residual(Linear(outputs=2)))"
    assert isinstance(parallel[:1], Parallel) and len(parallel[:1]) == 1
    with pytest.raises(ValueError, match="a Parallel of 2 layers has positions '0' to '1'"):
        parallel.set_params(**{"2": Tanh()})


@pytest.mark.parametrize("layer", [[Linear(2, 2)], (Linear(2, 2), Tanh()), "tanh", None, Linear])
@pytest.mark.parametrize("make", [Residual, Parallel, Sequential])
def test_what_is_no_layer(make, layer, rng):
    network = make(layer)
    message = r"A .* is made of layers, got .*Sequential\(first, second, ...\)\.$"
    for use in (
        lambda: network.build(2, rng, np.float64),
        lambda: network.parameters,
        lambda: Learner(network, mse_loss, AdamOptimizer()),
    ):
        with pytest.raises(TypeError, match=message):
            use()


@pytest.mark.parametrize("outputs", [1, 4])
def test_a_residual_that_changes_the_width(outputs, rng):
    X = rng.standard_normal((6, 3))
    with pytest.raises(ValueError, match=f"cannot add {outputs} columns to 3.*outputs=3"):
        Residual(Linear(outputs=outputs)).build(3, rng, np.float64)
    built = Residual(Linear(3, outputs))
    for plan in (built.plan, built.plan_input):
        with pytest.raises(ValueError, match=f"cannot add {outputs} columns to 3"):
            plan(X, training=True)(X)


@pytest.mark.parametrize(
    "gradient, what",
    [
        (lambda D: D[:, :1], "shape (6, 1)"),
        (lambda D: D[:1], "shape (1, 3)"),
        (lambda D: D.tolist(), "a list"),
        (lambda D: None, "a NoneType"),
    ],
)
@pytest.mark.parametrize(
    "wrap",
    [
        Residual,
        Parallel,
        lambda layer: Parallel(Identity(), layer),
        lambda layer: Sequential(Linear(3, 3), layer, Linear(3, 1)),
    ],
)
def test_a_gradient_of_another_shape_is_not_broadcast(gradient, what, wrap, rng):
    class Slip(Layer):
        def forward(self, X):
            return X, gradient

    X = rng.standard_normal((6, 3))
    Y, backward = wrap(Slip()).forward(X)
    with pytest.raises(
        ValueError, match=re.escape(f"of Slip() gives {what} for X of shape (6, 3)")
    ):
        backward(np.ones_like(Y))


def test_a_parallel_of_nothing(rng):
    for use in (Parallel().plan, lambda X: Parallel().build(2, rng, np.float64)):
        with pytest.raises(ValueError, match="give it one at least"):
            use(np.ones((3, 2)))


def test_a_sparse_input_to_a_parallel(rng):
    X = rng.standard_normal((6, 5)) * (rng.random((6, 5)) < 0.4)
    layer = Parallel(Linear(5, 2), Sequential(Linear(5, 3), Tanh()))
    Y, backward = layer.plan_input(sparse.csr_array(X), training=True)(sparse.csr_array(X))
    assert_allclose(Y, layer.forward(X)[0], rtol=1e-12)
    backward(np.ones_like(Y))
    assert_allclose(layer[0].weights.gradient, np.repeat(X.sum(axis=0)[:, None], 2, 1))


@pytest.mark.parametrize(
    "columns, numbers",
    [
        (1, [1]),
        (-1, [3]),
        ([2, 0], [2, 0]),
        ((3, 3, 1), [3, 3, 1]),
        (range(2), [0, 1]),
        (slice(None, None, -2), [3, 1]),
        ([True, False, True, False], [0, 2]),
        (np.array([False, False, False, True]), [3]),
        (np.array([2, -4]), [2, 0]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_select(columns, numbers, dtype, rng):
    layer, X = Select(columns), rng.integers(0, 9, (5, 4)).astype(dtype)
    assert layer.build(4, rng, np.float64) == len(numbers)
    forward = layer.plan(X)
    for _ in range(2):
        Y, backward = forward(X)
        D = rng.integers(1, 9, Y.shape).astype(float)
        expected = np.zeros((5, 4))
        for j, number in enumerate(numbers):
            expected[:, number] += D[:, j]
        assert_array_equal(Y, X[:, numbers])
        assert_array_equal(backward(D), expected)
    assert_array_equal(clone(layer).forward(X)[0], Y)


@pytest.mark.parametrize("columns", [4, [0, -5], [True, False], [0.5], "a", None, {1}])
def test_columns_that_there_are_not(columns, rng):
    for use in (lambda s: s.build(4, rng, np.float64), lambda s: s.forward(np.ones((2, 4)))):
        with pytest.raises(ValueError, match="does not fit X of 4 columns"):
            use(Select(columns))


@pytest.mark.parametrize("columns", [slice(2, 2), [False] * 4, [[0, 1]], True])
def test_columns_that_are_none_or_no_list(columns, rng):
    with pytest.raises(ValueError, match="does not name one column or several of 4"):
        Select(columns).build(4, rng, np.float64)


class Counting(AdamOptimizer):
    def update(self, param):
        self.updated = [*getattr(self, "updated", []), *param.members]
        super().update(param)


def test_adam_steps_once_a_parameter(rng):
    """A shared layer is trained as one whose gradient is the sum over its uses."""
    shared = Linear(3, 3, rng=0)
    network = Sequential(Residual(shared), Parallel(shared, Sequential(Tanh(), shared)))
    theta = [Parameter(p.tensor.copy()) for p in shared.parameters]
    W, b = (p.tensor for p in theta)
    X, Yt = rng.standard_normal((8, 3)), rng.standard_normal((8, 6))
    optimizer = Counting(0.01)
    Learner(network, mse_loss, optimizer).fit_batch(X, Yt)
    assert len(optimizer.updated) == 2 and set(optimizer.updated) == set(shared.parameters)

    H = X + X @ W + b
    T = np.tanh(H)
    D = 2 * (np.hstack([H @ W + b, T @ W + b]) - Yt) / Yt.size
    D_left, D_right = np.hsplit(D, 2)
    D_H = D_left @ W.T + D_right @ W.T * (1 - T**2)
    theta[0].gradient += X.T @ D_H + H.T @ D_left + T.T @ D_right
    theta[1].gradient += (D_H + D_left + D_right).sum(axis=0)
    adam = AdamOptimizer(0.01)
    for ours, theirs in zip(shared.parameters, theta, strict=True):
        adam.update(theirs)
        assert_allclose(ours.tensor, theirs.tensor, rtol=1e-9)


def test_branches_leave_their_arguments_alone_while_training(rng):
    X = rng.standard_normal((8, 4))
    network = Sequential(Residual(Parallel(Select([0, 1]), Select([2, 3]))), Residual(BatchNorm()))
    network.build(4, rng, np.float64)
    D = rng.standard_normal((8, 4))
    for array in (X, D):
        array.setflags(write=False)
    forward = network.plan(X, training=True)
    first = forward(X)[1](D).copy()
    assert_array_equal(forward(X)[1](D), first)
