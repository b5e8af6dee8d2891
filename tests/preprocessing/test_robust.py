"""Scaling by median and quartiles, and the smooth clip."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.preprocessing import RobustScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknumpynn.preprocessing import RobustSmoothClip

checks = parametrize_with_checks([RobustSmoothClip(), RobustSmoothClip(limit=1)])
arguments, cases = checks.args


@pytest.mark.parametrize(arguments, list(cases), **checks.kwargs)
def test_checks(estimator, check):
    check(estimator)


def formula(x, limit=3.0):
    """The paper's, for one column without missing values."""
    q25, median, q75 = np.percentile(x, [25, 50, 75])
    width = q75 - q25
    if width == 0:
        width = (max(x) - min(x)) / 2
    factor = 0 if width == 0 else 1 / width
    z = (x - median) * factor
    return z / np.sqrt(1 + (z / limit) ** 2)


COLUMNS = {
    "normal": np.random.default_rng(0).normal(5, 20, 50),
    "heavy tails": np.random.default_rng(1).standard_cauchy(50),
    "rare": np.arange(50) % 17 == 0,
    "half": np.arange(50) % 2,
    "constant": np.full(50, 3.7),
    "tiny": np.arange(50) * 1e-300,
    "large": np.arange(50) * 1e300,
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("limit", [3.0, 0.5])
def test_formula(name, limit):
    x = COLUMNS[name].astype(float)
    Z = RobustSmoothClip(limit).fit_transform(x[:, np.newaxis])
    assert_allclose(Z[:, 0], formula(x, limit), rtol=1e-12, atol=1e-12)


def test_statistics_are_those_of_scikit_learn(rng):
    X = rng.normal(size=(40, 3))
    X[rng.random(X.shape) < 0.2] = np.nan
    ours, theirs = RobustSmoothClip().fit(X), RobustScaler().fit(X)
    assert_allclose(ours.center_, theirs.center_, rtol=1e-14)
    assert_allclose(ours.scale_, theirs.scale_, rtol=1e-14)
    assert_array_equal(np.isnan(ours.transform(X)), np.isnan(X))


def test_a_rare_value_of_a_binary_column():
    x = np.eye(1, 20).T
    assert_allclose(np.unique(RobustSmoothClip().fit_transform(x)), [0, 2 / np.sqrt(1 + 4 / 9)])


def test_a_constant_column_and_one_without_a_value():
    X = np.array([[2.0, np.nan], [2.0, np.nan]])
    scaler = RobustSmoothClip().fit(X)
    assert_array_equal(scaler.scale_, [np.inf, np.inf])
    assert_array_equal(scaler.transform([[7.0, 7.0]]), [[0, 0]])
    assert_array_equal(scaler.transform([[np.nan, np.nan]]), [[np.nan, np.nan]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_number_is_too_large(dtype):
    largest = np.finfo(dtype).max
    extremes = np.array([[largest], [-largest], [0]], dtype)
    scaler = RobustSmoothClip().fit(np.array([[0], [1e-30], [2e-30]], dtype))
    Z = scaler.transform(extremes)
    assert Z.dtype == dtype
    assert_allclose(Z[:, 0], [3, -3, -1 / np.sqrt(1 + 1 / 9)], rtol=1e-6)
    wide = RobustSmoothClip().fit_transform(extremes)
    assert np.isfinite(wide).all() and wide[1, 0] < wide[2, 0] < wide[0, 0]


def test_no_difference_is_too_large():
    largest = np.finfo(float).max
    halves = np.array([[largest], [largest], [-largest], [-largest]])
    assert_allclose(
        RobustSmoothClip().fit_transform(halves), np.sign(halves) * 0.5 / np.sqrt(1 + 1 / 36)
    )
    constant = RobustSmoothClip().fit([[-largest]])
    assert_array_equal(constant.transform([[largest]]), [[0]])


def test_a_light_value_keeps_a_column_from_being_constant():
    X = np.array([[1.0], [1.0], [1.0], [5.0]])
    scaler = RobustSmoothClip().fit(X, sample_weight=[1, 1, 1, 0.01])
    assert_array_equal(scaler.scale_, [2])


def test_weights_are_repetitions(rng):
    X = rng.normal(size=(30, 2))
    X[::7, 0] = np.nan
    counts = rng.integers(0, 4, 30)
    weighted = RobustSmoothClip().fit(X, sample_weight=counts)
    repeated = RobustSmoothClip().fit(np.repeat(X, counts, axis=0))
    assert_array_equal(weighted.center_, repeated.center_)
    assert_array_equal(weighted.scale_, repeated.scale_)


def test_the_unit_of_fractional_weights_does_not_matter(rng):
    X, weights = rng.normal(size=(30, 2)), rng.random(30)
    one, other = (RobustSmoothClip().fit(X, sample_weight=weights * unit) for unit in (1, 2**-900))
    whole = RobustSmoothClip().fit(X, sample_weight=weights * 2.0**900)  # as large numbers are
    for same in (other, whole):
        assert_array_equal(one.center_, same.center_)
        assert_array_equal(one.scale_, same.scale_)


@pytest.mark.parametrize("limit", [0, -1.0, np.nan, np.inf, "3"])
def test_impossible_limits(limit):
    with pytest.raises(ValueError, match="'limit' parameter of RobustSmoothClip must be"):
        RobustSmoothClip(limit).fit([[1.0]])


def test_what_is_fitted_is_frozen(rng):
    X = rng.normal(size=(9, 2))
    scaler = RobustSmoothClip().fit(X)
    before = scaler.transform(X)
    scaler.set_params(limit=0.1)
    assert_array_equal(scaler.transform(X), before)
    assert_array_equal(pickle.loads(pickle.dumps(scaler)).transform(X), before)
    with pytest.raises(ValueError, match="infinity"):
        scaler.fit([[np.inf, 1.0]])
    assert_array_equal(scaler.transform(X), before)
