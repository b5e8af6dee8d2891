"""Robust losses: by hand, limits, outliers, and arguments that make no sense."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynn.losses import HalfSquaredError, HuberLoss, MeanAbsoluteError, QuantileLoss


def test_absolute_error_by_hand():
    value, D = MeanAbsoluteError()([[1.0, 2.0], [3.0, 4.0]], [[0.0, 2.0], [5.0, 3.0]])
    assert value == (1 + 0 + 2 + 1) / 4
    assert_array_equal(D, [[0.25, 0], [-0.25, 0.25]])


def test_huber_by_hand():
    value, D = HuberLoss(2.0)([1.0, 2.0, 5.0, -5.0], [0.0, 0.0, 0.0, 0.0])
    assert value == (0.5 + 2 + 8 + 8) / 4
    assert_array_equal(D, np.array([1, 2, 2, -2]) / 4)


def test_pinball_by_hand():
    value, D = QuantileLoss((0.25, 0.75))([[1.0, 1.0], [1.0, 1.0]], [3.0, 0.0])
    assert value == ((0.25 * 2 + 0.75 * 2) + (0.75 * 1 + 0.25 * 1)) / 2
    assert_array_equal(D, np.array([[-0.25, -0.75], [0.75, 0.25]]) / 2)


def test_at_an_error_of_zero_the_gradient_is_the_mean_of_its_two_sides():
    for loss in (MeanAbsoluteError(), HuberLoss(), QuantileLoss((0.1, 0.5, 0.8))):
        k = loss.outputs_per_target
        y, step = np.zeros((1, 1)), np.full((1, k), 1e-9)
        here, left, right = (loss.gradient(z * step, y) for z in (0, -1, 1))
        assert_allclose(here, (left + right) / 2, atol=1e-15)


def test_huber_is_between_squares_and_absolute_values(rng):
    Yp, Yt = rng.standard_normal((2, 50, 3))
    squares, absolute = HalfSquaredError()(Yp, Yt), MeanAbsoluteError()(Yp, Yt)
    large, small = HuberLoss(100.0)(Yp, Yt), HuberLoss(1e-9)(Yp, Yt)
    for of_huber, of_squares in zip(large, squares, strict=True):
        assert_allclose(of_huber, of_squares, rtol=1e-13)
    for of_huber, of_absolute in zip(small, absolute, strict=True):
        assert_allclose(of_huber * 1e9, of_absolute, rtol=1e-6)


def test_the_median_is_half_the_absolute_error(rng):
    Yp, Yt = rng.standard_normal((2, 50, 1))
    pairs = zip(QuantileLoss(0.5)(Yp, Yt), MeanAbsoluteError()(Yp, Yt), strict=True)
    for of_median, of_absolute in pairs:
        assert_allclose(2 * of_median, of_absolute, rtol=1e-14)


@pytest.mark.parametrize("loss", [MeanAbsoluteError(), HuberLoss(), QuantileLoss()])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_outlier_pulls_no_more_than_any_other_error(loss, dtype):
    Yp, Yt = np.zeros((3, 1), dtype), np.array([[-2], [2], [1e30]], dtype)
    with np.errstate(all="raise"):
        value, D = loss(Yp, Yt)
    assert np.isfinite(value)
    assert_array_equal(np.abs(D), np.abs(D[0, 0]))
    assert D.dtype == dtype


def test_outputs_of_a_target_stand_side_by_side(rng):
    Yp, Yt = rng.standard_normal((9, 4)), rng.standard_normal((9, 2))
    loss = QuantileLoss((0.2, 0.6))
    value, D = loss(Yp, Yt)
    (first, D_first), (second, D_second) = (loss(Yp[:, j : j + 2], Yt[:, j // 2]) for j in (0, 2))
    assert_allclose(value, first + second, rtol=1e-14)
    assert_array_equal(D, np.hstack([D_first, D_second]))


@pytest.mark.parametrize("quantiles", [0.0, 1.0, (0.5, 1.2), (-0.1, 0.5), np.nan, ()])
def test_quantiles_that_are_none(quantiles):
    loss = QuantileLoss(quantiles)
    for method in (loss.row_loss, loss.row_gradient):
        with pytest.raises(ValueError, match=r"quantiles must be in \(0, 1\), got"):
            method(np.zeros((3, loss.outputs_per_target)), np.zeros((3, 1)))


def test_targets_that_are_not_one_column_are_not_taken_for_it():
    loss = QuantileLoss((0.1, 0.5, 0.9))
    for shape in [(4, 3), (4, 2), (3,), (1, 4), ()]:
        with pytest.raises(ValueError) as error:
            loss(np.zeros((4, 3)), np.zeros(shape))
        assert f"shape {shape}" in str(error.value)
    with pytest.raises(ValueError, match="reshape"):
        loss.gradient(np.zeros((4, 3)), np.zeros((4, 3)))
