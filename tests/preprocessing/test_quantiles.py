"""Quantiles of repeated values, and what sample weights count as."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynn.preprocessing.quantiles import linear_quantiles
from sknumpynn.preprocessing.weights import row_counts

Q = np.linspace(0, 1, 41)


def test_without_counts_they_are_those_of_numpy(rng):
    x = rng.normal(size=37)
    assert_array_equal(linear_quantiles(x, Q), np.quantile(x, Q, method="linear"))


@pytest.mark.parametrize("n_values", [1, 2, 3, 10, 1001])
def test_counts_are_repetitions_to_the_last_digit(rng, n_values):
    x = rng.normal(size=n_values)
    counts = rng.integers(1, 6, n_values)
    expected = np.quantile(np.repeat(x, counts), Q)
    assert_array_equal(linear_quantiles(x, Q, counts.astype(float)), expected)


def test_other_counts_stay_within_the_values_and_in_order(rng):
    for n_values in range(1, 30):
        x, counts = rng.normal(size=n_values), rng.exponential(size=n_values)
        quantiles = linear_quantiles(x, Q, counts)
        assert (np.diff(quantiles) >= 0).all()
        assert x.min() <= quantiles.min() and quantiles.max() <= x.max()


def test_a_heavy_value_draws_the_quantiles():
    x, counts = np.arange(5.0), np.array([0.1, 0.1, 0.1, 99.5, 0.2])
    assert_array_equal(linear_quantiles(x, np.array([0.25, 0.5, 0.75]), counts), [3, 3, 3])


def test_whole_weights_are_counts():
    assert_array_equal(row_counts(np.array([2.0, 2.0, 5.0])), [2, 2, 5])


def test_other_weights_are_relative():
    weights = np.array([0.5, 1.0, 3.0])
    assert_allclose(row_counts(weights), [1 / 3, 2 / 3, 2])
    assert_allclose(row_counts(weights * 1e-307), row_counts(weights))
    assert_array_equal(row_counts(np.full(7, 1e-300)), np.ones(7))
