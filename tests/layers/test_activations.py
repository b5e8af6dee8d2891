"""Activations: exact values, extremes and no warnings."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknumpynn import ReLU, ReLu, Sigmoid, Tanh
from sknumpynn.layers import ACTIVATIONS


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_relu_of_extremes(dtype):
    X = np.array([[-np.inf, -1, -0.0, 0, 1, np.inf, np.nan]], dtype)
    with np.errstate(all="raise"):
        Y, backward = ReLu().forward(X)
        dX = backward(np.ones_like(Y))
    assert_array_equal(Y, [[0, 0, 0, 0, 1, np.inf, np.nan]])
    assert_array_equal(dX, [[0, 0, 0, 0, 1, 1, 0]])


def test_the_two_spellings_of_relu():
    assert ReLU is ReLu


@pytest.mark.parametrize("name", ["logistic", "tanh"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoids_saturate_exactly_and_silently(name, dtype):
    low = {"logistic": 0, "tanh": -1}[name]
    X = np.array([[-np.inf, np.finfo(dtype).min, -1000, 1000, np.finfo(dtype).max, np.inf]], dtype)
    with np.errstate(all="raise"):
        Y, backward = ACTIVATIONS[name]().forward(X)
        dX = backward(np.ones_like(Y))
    assert_array_equal(Y, [[low, low, low, 1, 1, 1]])
    assert_array_equal(dX, np.zeros_like(X))


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_is_passed_on(name, dtype):
    with np.errstate(all="raise"):
        Y, backward = ACTIVATIONS[name]().forward(np.array([[np.nan, 1.0]], dtype))
        dX = backward(np.ones_like(Y))
    assert_array_equal(np.isnan(Y), [[True, False]])
    assert np.isfinite(dX[0, 1])


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_a_batch_without_rows(name):
    Y, backward = ACTIVATIONS[name]().forward(np.empty((0, 3)))
    assert Y.shape == backward(Y).shape == (0, 3)


def test_symmetries(rng):
    X = rng.standard_normal((50, 4)) * 5
    sigmoid, tanh = Sigmoid().forward, Tanh().forward
    np.testing.assert_allclose(sigmoid(X)[0] + sigmoid(-X)[0], 1, rtol=1e-15)
    assert_array_equal(tanh(X)[0], -tanh(-X)[0])
    assert sigmoid(np.zeros((1, 1)))[0] == 0.5
