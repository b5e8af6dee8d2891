"""Sample weights: what they may be, and what they mean."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynn import Linear, MLPClassifier, MLPRegressor, NetworkRegressor, ReLu, Sequential
from sknumpynn.layers import BatchNorm, Dropout

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ESTIMATORS = [MLPClassifier, MLPRegressor]
N = 30
X = np.random.default_rng(0).normal(size=(N, 3))
TARGETS = {MLPClassifier: (X[:, 0] > 0).astype(int), MLPRegressor: X[:, 0] ** 2}


def fit(Estimator, sample_weight=None, X=X, y=None, **params):
    params = {"hidden_layer_sizes": (5,), "max_iter": 10, "random_state": 0, **params}
    y = TARGETS[Estimator] if y is None else y
    return Estimator(**params).fit(X, y, sample_weight=sample_weight)


def with_one(value):
    weights = np.ones(N)
    weights[7] = value
    return weights


@pytest.mark.parametrize(
    "sample_weight, message",
    [
        (np.ones(N - 1), f"sample_weight.shape == ({N - 1},), expected ({N},)!"),
        (np.ones((N, 1)), "Sample weights must be 1D array or scalar, got 2D array"),
        (with_one(np.nan), "Input sample_weight contains NaN."),
        (with_one(np.inf), "Input sample_weight contains infinity"),
        (with_one(-0.5), "Negative values in sample_weight: -0.5 in row 7."),
        (np.zeros(N), "all are zero"),
        (0.0, "all are zero"),
        (1e308, "The sum of sample_weight is inf"),
        (1e-320, "The sum of sample_weight is 2.99"),
        ("balanced", "could not convert string to float"),
        (["a"] * N, "could not convert string to float"),
        ([None] * N, "Input sample_weight contains NaN."),
        ({"a": 1}, "not 'dict'"),
    ],
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_bad_weights(Estimator, solver, sample_weight, message):
    with pytest.raises((ValueError, TypeError), match=re.escape(message)):
        fit(Estimator, sample_weight, solver=solver)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("scale", [1e-300, 1e-9, 7, 1e100, 1e290])
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_only_their_ratios_count(Estimator, scale, solver):
    """But for the penalty, which is divided by their sum."""
    weights = np.random.default_rng(1).uniform(1, 3, size=N)
    expected = fit(Estimator, weights, alpha=0, solver=solver)
    actual = fit(Estimator, scale * weights, alpha=0, solver=solver)
    for a, e in zip(actual.coefs_, expected.coefs_, strict=True):
        assert_allclose(a, e, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("weight", [1, 1.0, [1] * N, np.ones(N, np.float32), np.ones(N, bool)])
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_weights_of_one_are_none(Estimator, weight, solver):
    expected, actual = fit(Estimator, solver=solver), fit(Estimator, weight, solver=solver)
    for a, e in zip(actual.coefs_, expected.coefs_, strict=True):
        assert_allclose(a, e, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_sums_of_weights_in_float32_are_exact(Estimator):
    weights = np.random.default_rng(1).uniform(0.5, 2, size=N).astype(np.float32)
    expected, actual = fit(Estimator, weights.astype(np.float64)), fit(Estimator, weights)
    for a, e in zip(actual.coefs_, expected.coefs_, strict=True):
        assert_array_equal(a, e)


@pytest.mark.parametrize("params", [{"solver": "lbfgs"}, {"solver": "sgd"}, {"solver": "adam"}])
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_whole_weights_repeat_rows(Estimator, params):
    """On all rows at once; zero drops a row."""
    counts = np.random.default_rng(1).integers(0, 4, size=N)
    params = {**params, "batch_size": N, "shuffle": False, "max_iter": 30}
    rows = np.repeat(np.arange(N), counts)
    weighted = fit(Estimator, counts, **params)
    params["batch_size"] = len(rows)
    repeated = fit(Estimator, X=X[rows], y=TARGETS[Estimator][rows], **params)
    for a, e in zip(weighted.coefs_, repeated.coefs_, strict=True):
        assert_allclose(a, e, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("train", ["fit", "partial_fit"])
def test_weights_are_not_changed(train):
    weights = np.arange(N, dtype=float)
    weights.flags.writeable = False
    est = fit(MLPRegressor, weights)
    getattr(est, train)(X, TARGETS[MLPRegressor], sample_weight=weights)
    assert_array_equal(weights, np.arange(N))


def test_weights_count_in_early_stopping():
    """Rows of weight zero have no say in the validation score."""
    y = TARGETS[MLPClassifier].copy()
    expected = fit(MLPClassifier, with_one(1), early_stopping=True, validation_fraction=0.5)
    noisy = np.random.default_rng(0).permutation(N)[:10]
    weights = np.ones(N)
    weights[noisy] = 0
    scores = []
    for flip in (False, True):
        X_new = X.copy()
        X_new[noisy] *= -100 if flip else 1
        est = fit(
            MLPClassifier, weights, X=X_new, y=y, early_stopping=True, validation_fraction=0.5
        )
        scores.append(est.validation_scores_)
    assert scores[0] == scores[1] != expected.validation_scores_


NOISY = Sequential(Linear(outputs=6), BatchNorm(), ReLu(), Dropout(0.2))


@pytest.mark.parametrize("train", ["fit", "partial_fit"])
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("batch_size", [8, N])
def test_rows_of_no_weight_are_as_if_absent(train, shuffle, batch_size):
    """For a batch normalization and its running statistics, too."""
    y, weights = TARGETS[MLPRegressor], np.random.default_rng(1).integers(0, 3, size=N)
    wild = np.where(weights[:, np.newaxis] == 0, 1e3, X)
    some = weights > 0
    params = dict(shuffle=shuffle, max_iter=3, learning_rate_init=0.01, random_state=0)
    present = NetworkRegressor(NOISY, batch_size=batch_size, **params)
    absent = NetworkRegressor(NOISY, batch_size=min(batch_size, some.sum()), **params)
    getattr(present, train)(wild, y, sample_weight=weights)
    getattr(absent, train)(X[some], y[some], sample_weight=weights[some])
    assert_allclose(present.predict(X), absent.predict(X), rtol=1e-9)
    assert present.t_ == absent.t_


def test_rows_of_no_weight_do_not_matter_with_early_stopping():
    y, weights = TARGETS[MLPRegressor], np.random.default_rng(1).integers(0, 3, size=N)
    params = dict(batch_size=8, max_iter=3, early_stopping=True, random_state=0)
    params["validation_fraction"] = 0.5
    wild = np.where(weights[:, np.newaxis] == 0, 1e3, X)
    tame, wild = (NetworkRegressor(NOISY, **params).fit(Z, y, weights) for Z in (X, wild))
    assert tame.validation_scores_ == wild.validation_scores_
    assert_array_equal(tame.predict(X), wild.predict(X))
