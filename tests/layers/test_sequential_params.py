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
    new = Linear(outputs=9)
    # The name of the part sorts before that of the whole, and yet is set on the new layer.
    network.set_params(**{"0__outputs": 5, "2__0__outputs": 4, "0": new})
    assert network[0] is new
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
