"""What cannot be a ParametricActivation; gradients are checked with those of all layers."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknumpynn import Layer, Linear, NetworkRegressor, RealMLPRegressor, Sequential
from sknumpynn.layers import BatchNorm, Dropout, ParametricActivation, Select
from sknumpynn.testing import check_layer

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        ("swosh", "none of .*'selu'"),
        (None, "None is none of"),
        ([], "nor a layer"),
        (BatchNorm(), "has parameters"),
        (Select([0]), "changes the number of columns"),
    ],
)
def test_impossible_activations(activation, message, rng):
    with pytest.raises(ValueError, match=message):
        ParametricActivation(activation).build(3, rng, np.float64)


def test_an_estimator_says_so_before_it_trains(rng):
    X = rng.standard_normal((20, 2))
    with pytest.raises(ValueError, match="BatchNorm.* has parameters"):
        RealMLPRegressor("fast", activation=BatchNorm()).fit(X, X[:, 0])


class Halves(Layer):
    """It learns in `build` what it computes with."""

    def build(self, inputs, rng, dtype):
        self.factor = np.array(0.5, dtype)
        return inputs

    def forward(self, X):
        return self.factor * X, lambda D: self.factor * D


def test_an_activation_may_have_a_build_of_its_own(rng):
    X = rng.standard_normal((5, 3))
    layer = ParametricActivation(Halves())
    assert layer.walk() == [layer]
    check_layer(layer, X)
    layer.build(3, rng, np.float32)
    assert layer.walk() == [layer, layer.f] and layer.f.factor.dtype == np.float32
    assert_array_equal(layer.forward(X)[0], X / 2)
    assert not hasattr(layer.activation, "factor")


def test_noise_comes_from_the_random_state(rng):
    X = rng.standard_normal((40, 2))
    network = Sequential(Linear(outputs=4), ParametricActivation(Dropout(0.5)))

    def fit(seed):
        return NetworkRegressor(network, max_iter=5, random_state=seed, tol=0).fit(X, X[:, 0])

    assert fit(0).loss_curve_ == fit(0).loss_curve_
    with pytest.raises(ValueError, match="Dropout.* does not go with optimizer='lbfgs'"):
        NetworkRegressor(network, optimizer="lbfgs").fit(X, X[:, 0])
