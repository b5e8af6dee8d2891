"""Scaling by median and quartiles, and the smooth clip."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import RobustScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknumpynn.preprocessing import RobustSmoothClip

checks = parametrize_with_checks([RobustSmoothClip(), RobustSmoothClip(limit=1)])
arguments, cases = checks.args


@pytest.mark.parametrize(arguments, list(cases), **checks.kwargs)
def test_checks(estimator, check):
    check(estimator)


def test_it_has_to_be_fitted():
    with pytest.raises(NotFittedError, match="RobustSmoothClip instance is not fitted yet"):
        RobustSmoothClip().transform([[1.0]])


def formula(x, limit=3.0, spread="others"):
    """For one column without missing values; the paper's, if the spread is the range."""
    q25, median, q75 = np.percentile(x, [25, 50, 75])
    width = q75 - q25
    if width == 0 and spread == "range":
        width = (max(x) - min(x)) / 2
    elif width == 0 and len(set(x)) > 1:
        width = np.median([abs(value - median) for value in x if value != median]) / 2
    factor = 0 if width == 0 else 1 / width
    z = (x - median) * factor
    return z / np.sqrt(1 + (z / limit) ** 2)


COLUMNS = {
    "normal": np.random.default_rng(0).normal(5, 20, 50),
    "heavy tails": np.random.default_rng(1).standard_cauchy(50),
    "rare": np.arange(50) % 17 == 0,
    "mostly zero": np.where(np.arange(50) % 5, 0, np.arange(50) ** 4 - 1e5),
    "half": np.arange(50) % 2,
    "constant": np.full(50, 3.7),
    "tiny": np.arange(50) * 1e-300,
    "large": np.arange(50) * 1e300,
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("limit", [3.0, 0.5])
@pytest.mark.parametrize("spread", ["others", "range"])
def test_formula(name, limit, spread):
    x = COLUMNS[name].astype(float)
    Z = RobustSmoothClip(limit, spread=spread).fit_transform(x[:, np.newaxis])
    assert_allclose(Z[:, 0], formula(x, limit, spread), rtol=1e-12, atol=1e-12)


def test_of_the_values_that_are_not_the_median_half_are_beyond_two_spreads(rng):
    x = np.where(rng.random(1001) < 0.2, rng.standard_cauchy(1001), 0)
    X = x[:, np.newaxis]
    scale = RobustSmoothClip().fit(X).scale_
    assert np.mean(abs(x[x != 0]) > 2 * scale) == pytest.approx(0.5, abs=0.01)
    assert scale < RobustSmoothClip(spread="range").fit(X).scale_ / 20  # one value decides that


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
    X = rng.normal(size=(30, 3))
    X[::7, 0] = np.nan
    X[X[:, 2] < 1, 2] = 0
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


@pytest.mark.parametrize("spread", ["iqr", None, ["range"]])
def test_impossible_spreads(spread):
    with pytest.raises(ValueError, match="'spread' parameter of RobustSmoothClip must be a str"):
        RobustSmoothClip(spread=spread).fit([[1.0]])


def test_what_is_fitted_is_frozen(rng):
    X = rng.normal(size=(9, 2))
    scaler = RobustSmoothClip().fit(X)
    before = scaler.transform(X)
    scaler.set_params(limit=0.1)
    assert_array_equal(scaler.transform(X), before)
    assert_array_equal(pickle.loads(pickle.dumps(scaler)).transform(X), before)
    with pytest.raises(ValueError, match="infinity"):
        scaler.fit([[np.inf, 1.0]])
    with pytest.raises(ValueError, match="Negative"):
        scaler.fit(X[:, :1], sample_weight=np.full(9, -1.0))
    assert_array_equal(scaler.transform(X), before)


def test_masked_numbers_are_not_learned_from(rng):
    X = np.ma.masked_greater(rng.normal(size=(9, 2)), 0)
    with pytest.raises(ValueError, match="X is a masked array"):
        RobustSmoothClip().fit(X)
    scaler = RobustSmoothClip().fit(X.filled(np.nan))
    with pytest.raises(ValueError, match="X is a masked array"):
        scaler.transform(X)
