"""The best constant: what a loss makes a network predict that sees nothing, found by SciPy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq, minimize, minimize_scalar

from sknumpynn import AdamOptimizer, Learner, Linear
from sknumpynn.losses import (
    GaussianNLL,
    HalfGammaLoss,
    HalfPoissonLoss,
    HalfSquaredError,
    HuberLoss,
    MeanAbsoluteError,
    MeanSquaredError,
    QuantileLoss,
)


def weighted_quantile(q):
    """The least target up to which there is a share q of the weight."""

    def quantile(y, weights):
        order = np.argsort(y)
        shares = np.cumsum(weights[order]) / weights.sum()
        return y[order][np.searchsorted(shares, q)]

    return quantile


def mean(y, weights):
    return np.average(y, weights=weights)


def log_mean(y, weights):
    return np.log(mean(y, weights))


def huber_location(delta):
    def location(y, weights):
        def pull(c):
            return np.sum(weights * np.minimum(np.maximum(y - c, -delta), delta))

        return brentq(pull, y.min(), y.max())

    return location


OPTIMA = [
    (MeanSquaredError(), mean),
    (HalfSquaredError(), mean),
    (MeanAbsoluteError(), weighted_quantile(0.5)),
    (QuantileLoss(), weighted_quantile(0.5)),
    (QuantileLoss(0.1), weighted_quantile(0.1)),
    (QuantileLoss((0.75,)), weighted_quantile(0.75)),
    (HuberLoss(1.0), huber_location(1.0)),
    (HuberLoss(0.1), huber_location(0.1)),
    (HuberLoss(1e3), mean),
    (HuberLoss(1e-7), weighted_quantile(0.5)),
    (HalfPoissonLoss(), log_mean),
    (HalfGammaLoss(), log_mean),
]


def draw(rng, n=101):
    """Targets and weights; no share of the weight is a quantile that is asked for."""
    return rng.gamma(2.0, size=n), rng.uniform(0.1, 2, n)


@pytest.mark.parametrize("loss, optimum", OPTIMA)
@pytest.mark.parametrize("weighted", [False, True])
def test_best_constant(loss, optimum, weighted, rng):
    y, weights = draw(rng)
    if not weighted:
        weights = np.ones_like(y)
    Yt = y[:, np.newaxis]

    def value(c):
        return loss.value(np.full_like(Yt, c), Yt, weights)

    best = minimize_scalar(value, bounds=(-2, y.max()), method="bounded", options={"xatol": 1e-9})
    assert_allclose(best.x, optimum(y, weights), atol=1e-6)


def test_several_quantiles_and_targets_at_once(rng):
    Yt, quantiles = rng.gamma(2.0, size=(101, 2)), (0.1, 0.5, 0.9)
    loss, weights = QuantileLoss(quantiles), np.ones(101)
    best = minimize(
        lambda c: loss.value(np.tile(c, (101, 1)), Yt), np.ones(6), method="Powell", tol=1e-10
    )
    expected = [weighted_quantile(q)(y, weights) for y in Yt.T for q in quantiles]
    assert_allclose(best.x, expected, atol=1e-6)


@pytest.mark.parametrize("weighted", [False, True])
def test_gaussian_finds_mean_and_standard_deviation(weighted, rng):
    Yt = rng.gamma(2.0, size=(101, 2)) * [1, 5]
    weights = rng.uniform(0.1, 2, 101) if weighted else np.ones(101)
    loss = GaussianNLL()

    def value_and_gradient(c):
        value, D = loss(np.tile(c, (101, 1)), Yt, weights)
        return value, D.sum(axis=0)

    best = minimize(value_and_gradient, np.zeros(4), jac=True, method="BFGS")
    mean, std = loss.mean_and_std(best.x[np.newaxis])
    expected = np.average(Yt, axis=0, weights=weights)
    assert_allclose(mean[0], expected, rtol=1e-5)
    assert_allclose(
        std[0] ** 2, np.average((Yt - expected) ** 2, axis=0, weights=weights), rtol=1e-5
    )


@pytest.mark.parametrize("loss", [QuantileLoss((0.1, 0.5, 0.9)), GaussianNLL()])
def test_a_learner_finds_several_outputs_for_one_target(loss, rng):
    X, y = np.zeros((200, 1)), 5 + 2 * rng.standard_normal(200)
    model = Linear(1, loss.outputs_per_target, rng=0)
    curve = Learner(model, loss, AdamOptimizer(0.05), rng=rng).fit(X, y, epochs=80, bs=40)
    predicted = model.forward(X[:1])[0]
    if isinstance(loss, GaussianNLL):
        predicted = np.hstack(loss.mean_and_std(predicted))
        expected = [y.mean(), y.std()]
    else:
        expected = np.quantile(y, loss.quantiles)
    assert_allclose(predicted[0], expected, atol=0.2)
    outputs = np.tile(model.forward(X[:1])[0], (200, 1))
    assert_allclose(curve[-1], loss.value(outputs, y[:, np.newaxis]), rtol=0.01)
