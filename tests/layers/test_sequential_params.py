"""A Sequential is a scikit-learn object: its layers are its parameters."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sknumpynn import Layer, Linear, ReLu, Sequential, Tanh


@pytest.fixture
def network():
    return Sequential(Linear(outputs=8), ReLu(), Sequential(Linear(outputs=3), Tanh()))


def test_params_are_named_by_position(network):
    params = network.get_params()
    assert params["0"] is network[0]
    assert params["0__outputs"] == 8
    assert params["2__0__outputs"] == 3
    assert network.get_params(deep=False) == {str(i): layer for i, layer in enumerate(network)}


def test_set_params_goes_down_and_replaces(network):
    new, other = Linear(outputs=9), Tanh()
    # The name of the part sorts before that of the whole, and yet is set on the new layer.
    network.set_params(**{"0__outputs": 5, "2__0__outputs": 4, "0": new, "1": other})
    assert network[0] is new and network[1] is other
    assert (new.outputs, network[2][0].outputs) == (5, 4)


@pytest.mark.parametrize("name", ["3", "depth", "3__outputs"])
def test_an_unknown_position_is_an_error(network, name):
    with pytest.raises(ValueError, match=f"Invalid parameter '{name}'.*'0' to '2'"):
        network.set_params(**{name: 1})


def test_a_clone_is_unbuilt_and_independent(network):
    network.build(5, np.random.default_rng(0), np.float64)
    copy = clone(network)
    assert repr(copy) == repr(network)
    assert copy.parameters == [] and len(network.parameters) == 4
    copy.set_params(**{"0__outputs": 2})
    assert network[0].outputs == 8


def test_a_clone_of_a_built_layer_has_other_weights():
    layer = Linear(4, 2)
    assert not np.array_equal(clone(layer).weights.tensor, layer.weights.tensor)


def test_a_clone_keeps_ties():
    tied = Linear(3, 3)
    copy = clone(Sequential(tied, ReLu(), tied))
    assert copy[0] is copy[2] is not tied


def test_repr_reads_like_the_call(network):
    shown = "Sequential(Linear(outputs=8), ReLu(), Sequential(Linear(outputs=3), Tanh()))"
    assert repr(network) == shown
    assert "Linear" in network._repr_html_()


def test_a_layer_without_weights_says_so():
    with pytest.raises(NotFittedError, match="Linear.outputs=8. has no weights yet.*call build"):
        Linear(outputs=8).forward(np.ones((2, 2)))


def test_a_layer_that_does_not_store_its_arguments_says_so():
    class Forgetful(Layer):
        def __init__(self, width):
            super().__init__()

    assert repr(Forgetful(3)) == "Forgetful(...)"
    with pytest.raises(AttributeError, match="'width'.*must store its constructor's arguments"):
        clone(Forgetful(3))


class Doubled(Sequential):
    """Has a Parameter that it makes with its constructor, and an argument beside its layers."""

    def __init__(self, *layers, factor=2.0):
        super().__init__(*layers)
        self.factor = factor
        self.gate = self.build_param(np.ones(1))


class Hidden(Sequential):
    """Makes its layers of its arguments."""

    def __init__(self, width=5, activation=None):
        super().__init__(Linear(outputs=width), Tanh() if activation is None else activation)
        self.width, self.activation = width, activation


def test_a_clone_of_a_subclass_has_no_parameter_of_the_original():
    shared = Linear(outputs=3)
    network = Doubled(shared, ReLu(), shared, factor=3.0)
    network.gate.tensor[:] = 7
    twin = clone(network)
    assert (twin.factor, twin.gate.tensor) == (3.0, 1)
    assert twin.layers[0] is twin.layers[2] is not shared
    assert twin.parameters == [twin.gate] and network.parameters == [network.gate]
    part = network[:2]
    assert type(part) is Doubled and part.factor == 3.0 and part.layers == network.layers[:2]


def test_other_arguments_of_a_subclass_are_parameters_by_name():
    network = Doubled(Linear(outputs=3), factor=3.0)
    assert network.get_params()["factor"] == 3.0
    assert network.get_params()["0__outputs"] == 3
    network.set_params(factor=4.0, **{"0": ReLu()})
    assert repr(network) == "Doubled(ReLu(), factor=4.0)"
    with pytest.raises(ValueError, match="Doubled of 1 layers has positions '0' to '0', 'factor'"):
        network.set_params(rate=1)


def test_what_a_subclass_takes_by_any_name_is_no_parameter():
    class Loose(Sequential):
        def __init__(self, *layers, **others):
            super().__init__(*layers)

    network = Loose(Tanh(), colour="red")
    assert set(network.get_params()) == {"0"}
    assert repr(clone(network)) == "Loose(Tanh())"


def test_a_subclass_that_makes_its_layers_has_its_arguments_alone():
    network = Hidden(7, activation=Linear(outputs=2))
    assert set(network.get_params()) >= {"width", "activation", "activation__outputs"}
    assert set(network.get_params(deep=False)) == {"width", "activation"}
    twin = clone(network.set_params(width=3, activation__outputs=4))
    assert [layer.outputs for layer in twin.layers] == [3, 4]
    assert twin.layers[1] is twin.activation is not network.activation
    assert repr(Hidden(3)) == "Hidden(width=3, activation=None)"
    with pytest.raises(ValueError, match="a Hidden of 2 layers has 'width', 'activation'"):
        network.set_params(**{"0__outputs": 5})
    with pytest.raises(TypeError, match="A .* has no parts of its kind: slice its layers"):
        network[:1]


def test_a_subclass_that_does_not_store_its_arguments_says_so():
    class Forgetful(Sequential):
        def __init__(self, width):
            super().__init__(Linear(outputs=width))

    assert repr(Forgetful(3)) == "Forgetful(width=Ellipsis)"
    with pytest.raises(AttributeError, match="'width'.*must store its constructor's arguments"):
        clone(Forgetful(3))


@pytest.mark.parametrize("wrong", [ReLu, None, [ReLu()]])
def test_what_is_no_layer_is_not_cloned_but_can_be_replaced(wrong):
    network = Sequential(wrong)
    with pytest.raises(TypeError, match="A Sequential is made of layers, got"):
        clone(network)
    assert "Sequential(" in repr(network)
    assert clone(network.set_params(**{"0": Tanh()})).parameters == []


def test_what_is_no_layer_is_shown_until_it_is_used():
    assert Sequential(Linear(outputs=2), "relu").get_params()["1"] == "relu"
