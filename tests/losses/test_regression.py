"""Regression losses: optima, and the gradient that scikit-learn follows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynn import mse_loss
from sknumpynn.losses import HalfGammaLoss, HalfPoissonLoss, HalfSquaredError, MeanSquaredError


@pytest.mark.parametrize(
    "loss, output_of",
    [
        (MeanSquaredError(), lambda mean: mean),
        (HalfSquaredError(), lambda mean: mean),
        (HalfPoissonLoss(), np.log),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_best_constant_is_the_mean(loss, output_of, weighted, rng):
    Yt = rng.poisson(2.0, (50, 2)).astype(float)
    weights = rng.uniform(0, 2, 50) if weighted else None
    best = np.tile(output_of(np.average(Yt, axis=0, weights=weights)), (50, 1))
    D = loss.gradient(best, Yt, weights)
    assert_allclose(D.sum(axis=0), 0, atol=1e-15)
    assert loss.value(best, Yt, weights) < loss.value(best + 0.01, Yt, weights)
    assert loss.value(best, Yt, weights) < loss.value(best - 0.01, Yt, weights)


def test_mse_by_hand():
    value, D = mse_loss(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 2.0], [3.0, 0.0]]))
    assert value == (1 + 0 + 0 + 16) / 4
    assert_array_equal(D, [[0.5, 0], [0, 2]])


@pytest.mark.parametrize("k", [1, 3])
def test_summed_gradient_is_that_of_the_sum_over_outputs(k, rng):
    Yp, Yt = rng.standard_normal((2, 9, k))
    plain, summed = HalfSquaredError(), HalfSquaredError(summed_gradient=True)
    assert summed.value(Yp, Yt) == plain.value(Yp, Yt)
    assert_allclose(summed.gradient(Yp, Yt), k * plain.gradient(Yp, Yt), rtol=1e-14)


def test_poisson_deviance_of_a_perfect_prediction_is_zero():
    Yt = np.array([[1.0], [2.0], [5.0]])
    assert_allclose(HalfPoissonLoss().value(np.log(Yt), Yt), 0, atol=1e-15)


def test_gamma_deviance_counts_the_relative_error(rng):
    Yp, Yt = rng.standard_normal((9, 2)), rng.gamma(2.0, size=(9, 2))
    value, D = HalfGammaLoss()(Yp, Yt)
    value_scaled, D_scaled = HalfGammaLoss()(Yp + np.log(1000), 1000 * Yt)
    assert_allclose(value_scaled, value, rtol=1e-13)
    assert_allclose(D_scaled, D, rtol=1e-12, atol=1e-15)
    assert_allclose(HalfGammaLoss().value(np.log(Yt), Yt), 0, atol=1e-15)


def test_poisson_takes_counts_of_zero():
    assert_allclose(HalfPoissonLoss().value(np.zeros((2, 1)), np.zeros((2, 1))), 1)


def test_whole_numbers_on_both_sides():
    value, D = mse_loss([[1], [4]], [0, 2])
    assert value == 2.5
    assert_array_equal(D, [[1], [2]])
