"""Embedding: what is a category, and what is learned of it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import OneHotEncoder

from sknumpynn.core import Parameter
from sknumpynn.layers import Embedding, Linear


def built(categories, inputs, outputs=3):
    layer = Embedding(categories, outputs)
    assert layer.build(inputs, np.random.default_rng(0), np.float64) == inputs * outputs
    return layer


def test_it_is_a_linear_map_of_one_hot_columns(rng):
    X, D = rng.integers(0, 5, (40, 1)), rng.standard_normal((40, 3))
    layer, linear = built(5, 1), Linear(5, 3)
    linear.weights.tensor[:] = layer.vectors.tensor
    one_hot = OneHotEncoder(categories=[range(5)], sparse_output=False).fit_transform(X)
    (Y, backward), (expected, backward_linear) = layer.forward(X), linear.forward(one_hot)
    backward(D), backward_linear(D)
    assert_array_equal(Y, expected)
    assert_allclose(layer.vectors.gradient, linear.weights.gradient)


def test_columns_have_vectors_of_their_own():
    layer = built([2, 3], 2)
    layer.vectors = Parameter(np.arange(15.0).reshape(5, 3))
    Y, backward = layer.forward(np.array([[1, 0], [0, 2]]))
    assert_array_equal(Y, [[3, 4, 5, 6, 7, 8], [0, 1, 2, 12, 13, 14]])
    backward(np.ones((2, 6)))
    assert_array_equal(layer.vectors.gradient[:, 0], [1, 1, 1, 0, 1])


def test_vectors_start_standard_normal():
    vectors = built(4000, 1, 8).vectors.tensor
    assert (vectors.mean(), vectors.std()) == pytest.approx((0, 1), abs=0.02)


@pytest.mark.parametrize("code", [-1, 3, np.nan, np.inf, 123456])
def test_what_is_no_category_is_named(code):
    X = np.array([[0.0, 0], [2, 0], [0, code]])
    with pytest.raises(ValueError, match=rf"{X[2, 1]} in column 1 is no category.*from 0 to 2"):
        built([9, 3], 2).forward(X)


def test_other_columns_or_categories_than_it_was_built_for(rng):
    layer, X = built(3, 2), np.zeros((4, 3))
    for n_columns in (1, 3):
        with pytest.raises(ValueError, match=r"built for columns of \[3, 3\] categories.*build it"):
            layer.forward(X[:, :n_columns])
    layer.set_params(categories=2)
    for n_columns in (2, 3):  # of which the latter would have as many vectors
        with pytest.raises(ValueError, match=r"of \[3, 3\] categories, not of \[2, 2"):
            layer.forward(X[:, :n_columns])
    layer.build(2, rng, np.float64)
    assert layer.forward(X[:, :2])[0].shape == (4, 6)
    layer.set_params(categories=np.array([2, 2]))
    assert layer.forward(X[:, :2])[0].shape == (4, 6)


@pytest.mark.parametrize("categories", [0, -1, 2.5, "3", True, None, [3, 0], [3, 2.0]])
def test_categories_are_counted(categories):
    with pytest.raises(ValueError, match="categories must be an int from 1 up, got"):
        built(categories, 2)
    with pytest.raises(ValueError, match="outputs must be an int from 1 up, got 0"):
        built(3, 2, outputs=0)


def test_categories_are_as_many_as_columns():
    with pytest.raises(ValueError, match="categories for 2 columns, but is given 3"):
        built([2, 3], 3)
    with pytest.raises(ValueError, match="categories for 2 columns, but is given 1"):
        built([2, 3], 2).forward(np.zeros((4, 1)))
    with pytest.raises(NotFittedError, match="call build"):
        Embedding(3).forward(np.zeros((4, 1)))
