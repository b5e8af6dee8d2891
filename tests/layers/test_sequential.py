"""Sequential: nesting, indexing, sharing, and plans of its own for each position."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sknumpynn import Layer, Linear, ReLu, Sequential, Tanh


def pass_through(model, X, D):
    for parameter in model.parameters:
        parameter.gradient.fill(0)
    Y, backward = model.forward(X)
    dX = backward(D)
    return [Y, dX, *(parameter.gradient.copy() for parameter in dict.fromkeys(model.parameters))]


def test_nesting_changes_nothing(rng):
    a, b, c = Linear(4, 3, rng=0), Tanh(), Linear(3, 2, rng=1)
    X, D = rng.standard_normal((6, 4)), rng.standard_normal((6, 2))
    flat = pass_through(Sequential(a, b, c), X, D)
    for nested in (Sequential(a, Sequential(b, c)), Sequential(Sequential(a, b), Sequential(c))):
        assert nested.parameters == [*a.parameters, *c.parameters]
        for got, expected in zip(pass_through(nested, X, D), flat, strict=True):
            assert_array_equal(got, expected)


def test_indexing():
    layers = [Linear(2, 3), ReLu(), Linear(3, 1)]
    model = Sequential(*layers)
    assert len(model) == 3
    assert list(model) == layers
    assert model[-1] is layers[2]
    assert isinstance(model[:2], Sequential)
    assert model[:2].layers == layers[:2]
    with pytest.raises(IndexError):
        model[3]


def test_parameters_of_layers_added_or_built_later_are_found():
    model = Sequential(Linear(outputs=3))
    assert model.parameters == []
    assert model.build(2, np.random.default_rng(0), np.float32) == 3
    assert len(model.parameters) == 2
    model.layers.append(Linear(3, 1))
    assert len(model.parameters) == 4


def test_build_tells_each_layer_its_inputs_from_one_stream_of_numbers():
    first, second, third = (Linear(outputs=k, initializer="lecun_normal") for k in (3, 4, 1))
    model = Sequential(first, ReLu(), Sequential(second), third)
    assert model.build(2, np.random.RandomState(0), np.float64) == 1
    shapes = [parameter.tensor.shape for parameter in model.parameters]
    assert shapes == [(2, 3), (3,), (3, 4), (4,), (4, 1), (1,)]
    numbers = np.random.RandomState(0).standard_normal(6 + 12 + 4)
    weights = [layer.weights.tensor for layer in (model[0], model[2][0], model[3])]
    expected = np.split(numbers, [6, 18])
    for W, values in zip(weights, expected, strict=True):
        np.testing.assert_allclose(W, values.reshape(W.shape) / np.sqrt(len(W)), rtol=1e-15)


def test_a_layer_in_two_positions_gets_both_gradients(rng):
    shared = Linear(3, 3, rng=0)
    first, second = Linear(3, 3, rng=0), Linear(3, 3, rng=0)
    X, D = rng.standard_normal((6, 3)), rng.standard_normal((6, 3))
    Y, dX, dW, db = pass_through(Sequential(shared, Tanh(), shared), X, D)
    apart = pass_through(Sequential(first, Tanh(), second), X, D)
    np.testing.assert_allclose(Y, apart[0], rtol=1e-14)
    np.testing.assert_allclose(dX, apart[1], rtol=1e-14)
    np.testing.assert_allclose(dW, apart[2] + apart[4], rtol=1e-13)
    np.testing.assert_allclose(db, apart[3] + apart[5], rtol=1e-13)


def test_layers_are_fed_with_data_as_far_as_the_first_with_parameters(rng):
    asked, asked_back = [], []

    class Spy(Layer):
        def __init__(self, *tensors):
            super().__init__()
            for tensor in tensors:
                self.build_param(tensor)

        def plan(self, like, training=False):
            asked.append(("plan", training))
            return self.forward

        def plan_input(self, like, training=False):
            asked.append(("plan_input", training))
            return self.forward

        def forward(self, X):
            return X, lambda D: asked_back.append(self) or D

    X = rng.standard_normal((4, 2))
    first, last = Spy([1.0]), Spy()
    inner = Sequential(Spy(), first, Spy())
    _, backward = Sequential(Spy(), inner, last).plan_input(X, training=True)(X)
    backward(X)
    fed, not_fed = ("plan_input", True), ("plan", True)
    assert asked == [fed, fed, fed, not_fed, not_fed]
    assert asked_back == [last, inner[2], first]  # nobody would use what came after


def test_each_layer_is_planned_once(rng):
    planned = []

    class Spy(Layer):
        def plan(self, like, training=False):
            planned.append(like.shape)
            return self.forward

    X = rng.standard_normal((4, 2))
    forward = Sequential(Linear(2, 3), Spy(), Spy()).plan(X)
    forward(X), forward(X)
    assert planned == [(4, 3), (4, 3)]


def test_it_pickles_after_use(rng):
    model, X = Sequential(Linear(2, 3), ReLu(), Linear(3, 1)), rng.standard_normal((4, 2))
    Y, backward = model.forward(X)
    backward(np.ones_like(Y))
    twin = pickle.loads(pickle.dumps(model))
    assert_array_equal(twin.forward(X)[0], Y)
    assert not any(parameter.gradient.any() for parameter in twin.parameters)


@pytest.mark.parametrize("wrong", ["relu", ReLu, [ReLu()], np.tanh])
def test_what_is_no_layer_is_named_in_use(wrong, rng):
    model = Sequential(Linear(3, 2), wrong)
    X = rng.standard_normal((5, 3))
    for use in (model.forward, lambda X: model.plan(X)(X), model.plan_input):
        with pytest.raises(TypeError, match="A Sequential is made of layers, got"):
            use(X)


class Forgetful(Sequential):
    def __init__(self, outputs=3):
        self.outputs = outputs


def test_a_subclass_that_does_not_call_the_constructor(rng):
    for use in (
        lambda: Forgetful().forward(np.ones((2, 3))),
        lambda: Forgetful().parameters,
        lambda: Forgetful().build(3, rng, np.float64),
        lambda: clone(Forgetful()),
    ):
        with pytest.raises(TypeError, match=r"must call super\(\).__init__\(\*layers\)"):
            use()
    assert repr(Forgetful()) == "Forgetful(outputs=3)"
