"""Layer: the defaults, and the way from plan to forward."""

import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sknumpynn import Layer, Linear, ReLu, Sequential
from sknumpynn.core import Composite, PlannedLayer
from sknumpynn.layers import Select


class Counter:
    def __init__(self):
        self.updated = []

    def update(self, param):
        self.updated.append(param)


def test_by_default_it_is_the_identity(rng):
    layer, X = Layer(), rng.standard_normal((3, 2))
    assert layer.parameters == []
    assert layer.build(2, rng, np.float64) == 2
    for forward in (
        layer.forward,
        layer.plan(X),
        layer.plan(X, training=True),
        layer.plan_input(X),
    ):
        Y, backward = forward(X)
        assert Y is X
        assert backward(X) is X


def test_by_default_build_asks_forward_for_the_width():
    class Squares(Layer):
        def forward(self, X):
            assert X.dtype == np.float32 and X.tolist() == [[1, 1, 1]]
            return np.hstack([X, np.log(X - X)]), None  # what it computes does not matter

    assert Squares().build(3, np.random.default_rng(0), np.float32) == 6


@pytest.mark.parametrize("returned", [None, (), (3.0, None), (np.zeros(5), None), np.zeros((1, 7))])
def test_the_width_stays_where_forward_does_not_tell(returned):
    class Silent(Layer):
        def forward(self, X):
            return returned

    assert Silent().build(3, np.random.default_rng(0), np.float64) == 3


def test_build_param_lists_what_it_makes():
    layer = Layer()
    param = layer.build_param([1.0], lr_scale=0.5, decay_scale=0.0)
    assert layer.parameters == [param]
    assert param.treatment == (0.5, 0.0)
    assert layer.build_param([1.0]).treatment == (1.0, 1.0)


def test_a_constructor_need_not_call_that_of_layer():
    class Careless(Layer):
        def __init__(self, size=1):
            self.size = size

    layer = Careless()
    assert list(layer.parameters) == []
    param = layer.build_param([1.0])
    assert layer.parameters == [param] and list(Careless().parameters) == []


def test_update_visits_each_parameter_once():
    layer, optimizer = Layer(), Counter()
    a, b = layer.build_param([1.0]), layer.build_param([2.0])
    layer.parameters.append(a)
    layer.update(optimizer)
    assert optimizer.updated == [a, b]


def test_forward_of_a_planned_layer_is_a_fresh_plan(rng):
    planned = []

    class Spy(PlannedLayer):
        def plan(self, like, training=False):
            planned.append((like, training))
            return lambda X: (X + 1, lambda D: D)

    X = rng.standard_normal((3, 2))
    layer = Spy()
    for _ in range(2):
        assert_array_equal(layer.forward(X)[0], X + 1)
    assert [training for _, training in planned] == [False, False]
    assert all(like is X for like, _ in planned)


def test_a_composite_lists_the_parameters_of_its_children_as_they_are_now():
    class Pair(Composite):
        def __init__(self, first, second):
            super().__init__()
            self.first, self.second = first, second

        @property
        def children(self):
            return [self.first, self.second]

    pair = Pair(Linear(outputs=2), Linear(2, 1))
    assert pair.parameters == pair.second.parameters
    pair.first.build(3, np.random.default_rng(0), np.float64)
    assert pair.parameters == pair.first.parameters + pair.second.parameters
    twins = Pair(pair.second, pair.second)
    optimizer = Counter()
    twins.update(optimizer)
    assert optimizer.updated == pair.second.parameters


def test_a_composite_has_its_children_s_parameters_and_its_own():
    class Own(Composite):
        def __init__(self, child):
            self.child = child

        @property
        def children(self):
            return [self.child]

    child = Linear(outputs=2)
    one, other = Own(child), Own(child)
    assert one.parameters == []
    own = [one.build_param([1.0], lr_scale=0.5), one.build_param([2.0], decay_scale=0.0)]
    assert [param.treatment for param in own] == [(0.5, 1.0), (1.0, 0.0)]
    child.build(3, np.random.default_rng(0), np.float64)
    assert one.parameters == [*child.parameters, *own]
    assert other.parameters == child.parameters
    other.parameters = given = own[:1]
    given.clear()  # a list of the caller's
    assert other.parameters == [*child.parameters, own[0]]
    one.parameters = []
    assert one.parameters == child.parameters
    assert clone(one).parameters == []


def test_a_composite_may_find_its_parameters_itself():
    class None_(Around):
        @property
        def parameters(self):
            return []

    assert None_(Linear(3, 2)).parameters == []


class Adapting(Layer):
    def adapt(self, X, rng):
        return X + 1


class Around(Composite):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    @property
    def children(self):
        return [self.layer]

    def plan(self, like, training=False):
        return self.layer.plan(like, training)


def test_what_adapts(rng):
    assert not Layer().adapts and not Around(Around(Layer())).adapts
    assert Adapting().adapts and Around(Around(Adapting())).adapts
    X = rng.standard_normal((3, 2))
    assert_array_equal(Around(Layer()).adapt(X, rng), X)
    with pytest.raises(
        NotImplementedError,
        match=r"Around has .* Override adapt_children\(X, rng\): .* the composite makes of X\.$",
    ):
        Around(Adapting()).adapt(X, rng)

    class Handing(Around):
        def adapt_children(self, X, rng):
            return self.layer.adapt(X, rng)

    class Itself(Around):
        def adapt(self, X, rng):
            return X - 1

    assert_array_equal(Handing(Adapting()).adapt(X, rng), X + 1)
    assert Itself(Layer()).adapts
    assert_array_equal(Itself(Layer()).adapt(X, rng), X - 1)


def test_a_composite_must_name_its_children():
    with pytest.raises(NotImplementedError):
        _ = Composite().children


class Both(Composite):
    def __init__(self, layers=(), other=None):
        super().__init__()
        self.layers, self.other = layers, other


def test_a_clone_has_a_layer_in_all_the_places_that_it_stands_in():
    shared, apart = Linear(outputs=2), Linear(outputs=2)
    network = Both([shared, Both((apart, shared)), apart], other=shared)
    twin = clone(network)
    assert twin.layers[0] is twin.layers[1].layers[1] is twin.other is not shared
    assert twin.layers[2] is twin.layers[1].layers[0] is not apart
    assert twin.other is not twin.layers[2]
    again = clone(network)
    assert again.other is not twin.other


def test_a_clone_that_fails_leaves_nothing_behind():
    class Odd(Layer):
        def __init__(self, size):
            super().__init__()

    layer = Linear(outputs=2)
    with pytest.raises(AttributeError):
        clone(Both([layer, Odd(3)]))
    assert clone(layer) is not clone(layer)


@pytest.mark.parametrize("base", [PlannedLayer, Composite])
def test_neither_plan_nor_forward_is_an_error(base):
    class Forgetful(base):
        children = []

    layer, X = Forgetful(), np.ones((2, 3))
    for use in (layer.forward, layer.plan):
        with pytest.raises(NotImplementedError, match=r"Forgetful must override plan\(like"):
            use(X)


def test_a_planned_layer_may_override_forward_alone():
    class Doubles(PlannedLayer):
        def forward(self, X):
            return 2 * X, lambda D: 2 * D

    X = np.ones((2, 3))
    assert_array_equal(Doubles().plan(X)(X)[0], 2 * X)


@pytest.mark.parametrize("layer", [Linear(3, 2), ReLu(), Sequential(Linear(3, 4), Linear(4, 1))])
def test_a_gradient_that_is_not_of_the_shape_of_the_output_is_told(layer, rng):
    Y, backward = layer.forward(rng.standard_normal((5, 3)))
    for D in (np.ones((5, 7)), np.ones(5), np.ones((1, Y.shape[1])), 1.0, None):
        message = re.escape(f"of the shape of Y, {Y.shape}, but is given shape {np.shape(D)}")
        with pytest.raises(ValueError, match=message):
            backward(D)


def test_lists_are_rows_too():
    layer = Linear(2, 3)
    rows = [[1, 2], [3, 4]]
    assert_array_equal(layer.forward(rows)[0], layer.forward(np.array(rows, float))[0])
    assert Select([0]).forward(rows)[0].dtype == np.float64
