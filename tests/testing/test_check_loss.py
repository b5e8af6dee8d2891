"""check_loss: the right pass, and each rule is broken once, on purpose."""

import numpy as np
import pytest

from sknumpynn import mse_loss
from sknumpynn.core import Loss, align
from sknumpynn.losses import GaussianNLL, QuantileLoss
from sknumpynn.testing import check_loss


def article_mse(Yp, Yt):
    Yt = align(Yp, Yt)
    error = Yp - Yt
    return np.mean(error**2), 2 * error / error.size


def weighted_mse(Yp, Yt, sample_weight=None):
    error = Yp - align(Yp, Yt)
    weights = np.ones(len(Yp)) if sample_weight is None else sample_weight
    shares = (weights / weights.sum()).reshape(-1, *[1] * (error.ndim - 1)).astype(Yp.dtype)
    return np.sum(shares * error**2), 2 * shares * error


@pytest.mark.parametrize("loss", [article_mse, weighted_mse, lambda Yp, Yt: mse_loss(Yp, Yt)])
def test_a_right_function_passes(loss):
    check_loss(loss, n_outputs=1)
    if loss is not weighted_mse:  # it sums over outputs, which is as good a loss
        check_loss(loss, n_outputs=3)
    check_loss(loss, make_targets=lambda rng, shape: rng.integers(3, size=shape), rng=5)


class Doubled(GaussianNLL):
    """A loss of two outputs for each target, whose gradient is wrong."""

    def row_gradient(self, Yp, Yt):
        return 2 * super().row_gradient(Yp, Yt)


def test_a_loss_has_by_default_the_outputs_of_one_target():
    check_loss(GaussianNLL())
    check_loss(QuantileLoss((0.1, 0.5, 0.9)))
    with pytest.raises(AssertionError, match="the gradient is wrong"):
        check_loss(Doubled())


def k_times(Yp, Yt):
    value, D = article_mse(Yp, Yt)
    return value, D * Yp.shape[-1]


def broadcasts(Yp, Yt):
    error = Yp - Yt
    return np.mean(error**2), 2 * error / error.size


def flat(Yp, Yt):
    value, D = article_mse(Yp, Yt)
    return value, D.ravel()


def writes(Yp, Yt):
    Yp -= align(Yp, Yt)
    return np.mean(Yp**2), 2 * Yp / Yp.size


def float64_gradient(Yp, Yt):
    value, D = article_mse(Yp, Yt)
    return value, D * np.ones(1)


def ignores_weights(Yp, Yt, sample_weight=None):
    return article_mse(Yp, Yt)


def ignores_weights_in_gradient(Yp, Yt, sample_weight=None):
    return weighted_mse(Yp, Yt, sample_weight)[0], weighted_mse(Yp, Yt)[1]


def sums_weights(Yp, Yt, sample_weight=None):
    value, D = weighted_mse(Yp, Yt, sample_weight)
    total = len(Yp) if sample_weight is None else sample_weight.sum()
    return value * total, D * np.float32(total)


def divides_by_rows(Yp, Yt, sample_weight=None):
    value, D = weighted_mse(Yp, Yt, sample_weight)
    share = 1.0 if sample_weight is None else sample_weight.mean()
    return value * share, D * float(share)


class SumOfAll(Loss):
    __name__ = "SumOfAll"

    def row_loss(self, Yp, Yt):
        return ((Yp - Yt) ** 2).sum()

    def row_gradient(self, Yp, Yt):
        return 2 * (Yp - Yt)


class NumberOfEach(SumOfAll):
    __name__ = "NumberOfEach"

    def row_loss(self, Yp, Yt):
        return (Yp - Yt) ** 2


def squared(row_gradient):
    """A squared error with a gradient that is not what it should be."""

    class Squared(SumOfAll):
        def row_loss(self, Yp, Yt):
            return ((Yp - Yt) ** 2).sum(axis=1)

    Squared.row_gradient = row_gradient
    return Squared()


@pytest.mark.parametrize(
    "loss, n_outputs, message",
    [
        (squared(lambda _, Yp, Yt: (Yp - Yt).sum(axis=1)), 2, r"float64 of shape \(7,\) for"),
        (squared(lambda _, Yp, Yt: (Yp - Yt).T), 2, r"float64 of shape \(2, 7\) for"),
        (squared(lambda _, Yp, Yt: np.where(Yp > Yt, 1, -1)), 1, "row_gradient gives int64"),
        (squared(lambda _, Yp, Yt: (Yp - Yt).tolist()), 1, "row_gradient gives a list"),
        (squared(lambda _, Yp, Yt: None), 1, "row_gradient gives a NoneType"),
        (k_times, 2, r"the gradient is wrong at \(\d, \d\)"),
        (broadcasts, 1, r"predictions \(7, 1\) with targets \(7,\) give something else"),
        (broadcasts, 2, r"\(7, 2\) and targets \(1, 2\) do not match, but no ValueError"),
        (flat, 2, "is not of the shape of the predictions"),
        (lambda Yp, Yt: None, 1, "must return .value, gradient., a number and an array"),
        (lambda Yp, Yt: ((Yp - Yt) ** 2).mean(), 1, "must return .value, gradient."),
        (lambda Yp, Yt: ((Yp - Yt) ** 2, Yp - Yt), 1, "must return .value, gradient., a number"),
        (lambda Yp, Yt: (0.0, Yp - Yt, Yt), 1, "must return .value, gradient."),
        (writes, 1, "writes into its arguments"),
        (float64_gradient, 1, "is float64 where predictions are float32"),
        (ignores_weights, 1, "whole weights differ from repeated rows"),
        (ignores_weights_in_gradient, 1, "the gradient with sample weights is wrong"),
        (sums_weights, 1, "weights that are 7 times as large give another loss"),
        (divides_by_rows, 1, "whole weights differ from repeated rows"),
        (SumOfAll(), 2, r"row_loss gives shape \(\) for .*a number for each row: .* axis=1"),
        (NumberOfEach(), 1, r"row_loss gives shape \(7, 1\) for predictions \(7, 1\)"),
    ],
)
def test_a_wrong_loss_is_told_what_is_wrong(loss, n_outputs, message):
    with pytest.raises(AssertionError, match=f"^{loss.__name__}: .*{message}"):
        check_loss(loss, n_outputs)


@pytest.mark.parametrize("thing", [SumOfAll, "mse", None])
def test_what_is_no_loss(thing):
    with pytest.raises(TypeError, match="check_loss takes a Loss, .* got"):
        check_loss(thing)
