"""What cannot be a ParametricActivation; gradients are checked with those of all layers."""

import numpy as np
import pytest

from sknumpynn import RealMLPRegressor
from sknumpynn.layers import BatchNorm, ParametricActivation


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        ("swosh", "none of .*'selu'"),
        (None, "None is none of"),
        ([], "nor a layer"),
        (BatchNorm(), "has parameters"),
    ],
)
def test_impossible_activations(activation, message, rng):
    with pytest.raises(ValueError, match=message):
        ParametricActivation(activation).build(3, rng, np.float64)


def test_an_estimator_says_so_before_it_trains(rng):
    X = rng.standard_normal((20, 2))
    with pytest.raises(ValueError, match="BatchNorm.* has parameters"):
        RealMLPRegressor("fast", activation=BatchNorm()).fit(X, X[:, 0])
