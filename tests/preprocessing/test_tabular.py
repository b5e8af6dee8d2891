"""The encoder: the paper's formulas, what is missing, weights, and scikit-learn's checks."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import OrdinalEncoder
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    parametrize_with_checks,
)

from sknumpynn.preprocessing import RobustSmoothClip, TabularEncoder
from sknumpynn.preprocessing.categories import one_hot

CONFIGURATIONS = [
    TabularEncoder(),
    TabularEncoder(categorical_features=None),
    TabularEncoder(categorical_features=[0], max_one_hot_categories=0),
    TabularEncoder(categorical_features=[0], max_one_hot_categories=None, add_indicator=False),
]
checks = parametrize_with_checks(CONFIGURATIONS)
arguments, cases = checks.args


@pytest.mark.parametrize(arguments, list(cases), **checks.kwargs)
def test_checks(estimator, check):
    check(estimator)


def test_check_that_is_not_in_the_list():
    pytest.importorskip("pandas")
    check_dataframe_column_names_consistency("TabularEncoder", TabularEncoder())


# The paper's formulas, written out


def robust_smooth_clip(x):
    q25, median, q75 = np.percentile(x, [25, 50, 75])
    iqr = q75 - q25
    if iqr == 0:
        iqr = (x.max() - x.min()) / 2
    z = (x - median) * (0 if iqr == 0 else 1 / iqr)
    return z / np.sqrt(1 + (z / 3) ** 2)


def one_hot_columns(values):
    categories = sorted({value for value in values if value is not None})
    if len(categories) <= 1:
        return [[-1 if value is None else 1 for value in values]]
    if len(categories) == 2:
        meaning = {categories[0]: 1, categories[1]: -1, None: 0}
        return [[meaning[value] for value in values]]
    return [[int(value == category) for value in values] for category in categories]


def code_column(values):
    categories = sorted({value for value in values if value is not None})
    return [0 if value is None else 1 + categories.index(value) for value in values]


def make_columns(rng, n_samples=60):
    """Numbers, and strings of 1, 2, 3, 8, 9 and 20 categories, some missing."""
    columns = [rng.normal(3, 5, n_samples), rng.standard_cauchy(n_samples)]
    for n_categories in (1, 2, 3, 8, 9, 20):
        codes = rng.permutation(np.arange(n_samples) % n_categories)
        column = np.array([f"category {code}" for code in codes], dtype=object)
        column[rng.random(n_samples) < 0.1] = None
        columns.append(column)
    return columns


def as_array(columns):
    return np.column_stack([np.asarray(column, dtype=object) for column in columns])


@pytest.mark.parametrize("limit", [0, 2, 8, None])
def test_formulas(rng, limit):
    columns = make_columns(rng)
    numeric, categorical = columns[:2], columns[2:]
    n_categories = [len({value for value in x if value is not None}) for x in categorical]
    assert n_categories == [1, 2, 3, 8, 9, 20]
    few = [limit is None or n <= limit for n in n_categories]
    one_hot = [
        column
        for x, is_few in zip(categorical, few, strict=True)
        if is_few
        for column in one_hot_columns(x)
    ]
    codes = [code_column(x) for x, is_few in zip(categorical, few, strict=True) if not is_few]
    dense = [robust_smooth_clip(np.array(x, float)) for x in numeric + one_hot]

    encoder = TabularEncoder(max_one_hot_categories=limit)
    Z = encoder.fit_transform(as_array(columns))
    assert Z.dtype == np.float32
    assert_allclose(Z, np.column_stack(dense + codes), rtol=1e-6, atol=1e-7)
    assert encoder.n_numeric_ == 2
    assert encoder.n_dense_ == len(dense)
    assert encoder.cardinalities_ == [
        n + 1 for n, is_few in zip(n_categories, few, strict=True) if not is_few
    ]
    names = encoder.get_feature_names_out()
    assert names.shape == (Z.shape[1],) and names.dtype == object


@pytest.mark.parametrize("spread", ["others", "range"])
def test_the_spread_is_that_of_robust_smooth_clip(rng, spread):
    X = rng.lognormal(size=(50, 2)) * (rng.random((50, 2)) < [0.2, 1])
    Z = TabularEncoder(spread=spread).fit_transform(X)
    assert_allclose(Z, RobustSmoothClip(spread=spread).fit_transform(X), rtol=1e-6)
    with pytest.raises(ValueError, match="'spread' parameter of TabularEncoder must be a str"):
        TabularEncoder(spread="iqr").fit(X)


def test_codes_are_one_more_than_those_of_ordinal_encoder(rng):
    X = rng.integers(12, size=(100, 3)) * 1.5
    X_new = rng.integers(20, size=(50, 3)) * 1.5
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(X)
    encoder = TabularEncoder([0, 1, 2], max_one_hot_categories=0).fit(X)
    assert_array_equal(encoder.transform(X_new), ordinal.transform(X_new) + 1)
    for ours, theirs in zip(encoder.categories_, ordinal.categories_, strict=True):
        assert_array_equal(ours, theirs)


def test_columns_of_the_matrix():
    X = np.array(
        [["a", 1.0, "k", True, 5.0], ["b", None, "l", False, 6.0], ["c", 3.0, "m", None, 7.0]],
        dtype=object,
    )
    encoder = TabularEncoder(max_one_hot_categories=2)
    names = ["x1", "x4", "missingindicator_x1", "x3_False", "x0", "x2"]
    assert encoder.fit(X).get_feature_names_out().tolist() == names
    assert (encoder.n_numeric_, encoder.n_dense_, encoder.cardinalities_) == (2, 4, [4, 4])
    assert_array_equal(encoder.is_categorical_, [True, False, True, True, False])
    assert_array_equal(encoder.transform(X)[:, 4:], [[1, 1], [2, 2], [3, 3]])
    names = ["b", "e", "missingindicator_b", "d_False", "a", "c"]
    assert encoder.get_feature_names_out(list("abcde")).tolist() == names
    one_hot = TabularEncoder(max_one_hot_categories=None).fit(X).get_feature_names_out()
    assert one_hot.tolist()[3:] == ["x0_a", "x0_b", "x0_c", "x2_k", "x2_l", "x2_m", "x3_False"]


@pytest.mark.parametrize("n_categories", [0, 1, 2, 3, 5])
def test_one_hot_columns(n_categories):
    numbers = np.arange(n_categories + 1)
    values = [None, *(f"category {number}" for number in numbers[1:])]
    expected = np.transpose(one_hot_columns(values))
    assert_array_equal(one_hot(numbers, n_categories), expected)


# What is missing, unseen or constant


def test_missing_numbers_are_the_median_and_indicated():
    x = np.array([1.0, np.nan, 2.0, 9.0, 4.0])
    Z = TabularEncoder().fit_transform(np.column_stack([x, np.arange(5.0)]))
    assert Z.shape == (5, 3)
    present = ~np.isnan(x)
    assert_allclose(Z[present, 0], robust_smooth_clip(x[present]), rtol=1e-6)
    assert Z[1, 0] == 0
    assert_allclose(Z[:, 2], robust_smooth_clip(np.isnan(x).astype(float)), rtol=1e-6)
    without = TabularEncoder(add_indicator=False).fit_transform(x[:, np.newaxis])
    assert_array_equal(without[:, 0], Z[:, 0])
    assert without.shape == (5, 1)


def test_a_number_missing_for_the_first_time_is_the_median():
    encoder = TabularEncoder().fit(np.arange(5.0)[:, np.newaxis])
    assert_array_equal(encoder.transform([[np.nan], [2.0]]), [[0], [0]])


@pytest.mark.parametrize("x", [[np.nan] * 3, [None] * 3, [7.0] * 3, ["a"] * 3, [True] * 3])
def test_what_does_not_vary_is_zero(x):
    encoder = TabularEncoder().fit(np.array(x, dtype=object)[:, np.newaxis])
    for value in (x[0], None, np.nan):
        assert_array_equal(encoder.transform(np.array([[value]], dtype=object)), [[0]])
    assert len(encoder.get_feature_names_out()) == 1


def test_a_column_of_nan_alone_needs_no_indicator():
    X = np.column_stack([np.full(3, np.nan), np.arange(3.0)])
    encoder = TabularEncoder().fit(X)
    assert encoder.get_feature_names_out().tolist() == ["x0", "x1"]
    assert_array_equal(encoder.transform(X)[:, 0], np.zeros(3))
    assert_array_equal(encoder.transform([[5.0, 1.0]]), [[0, 0]])


@pytest.mark.parametrize("limit", [0, None])
def test_unseen_categories_are_as_missing_ones(limit):
    X = np.array([["a"], ["b"], ["c"], ["d"]], dtype=object)
    encoder = TabularEncoder(max_one_hot_categories=limit).fit(X)
    strange = np.array([["e"], [None], [np.nan], [3.5], [""]], dtype=object)
    Z = encoder.transform(strange)
    assert_array_equal(Z, np.repeat(Z[:1], 5, axis=0))
    assert_array_equal(Z[0], [0] if limit == 0 else [0, 0, 0, 0])


@pytest.mark.parametrize(
    "known, strange, message",
    [
        (["1004", "1072"], [1004, 1005], "numbers, such as 1004, .* held strings, such as '1004'"),
        ([3, 1], ["1", "2"], "strings, such as '1', .* held numbers, such as 1,"),
        ([True, False], ["True", "False"], "strings, such as 'False', .* numbers, such as False,"),
    ],
)
def test_categories_that_were_read_as_another_type_are_told(known, strange, message):
    def table(*values):
        return np.fromiter(values, object)[:, np.newaxis]

    encoder = TabularEncoder([0]).fit(table(*known))
    with pytest.raises(ValueError, match=f"Column 0 holds {message}.*Convert it"):
        encoder.transform(table(*strange, None))
    mixed = encoder.transform(table(known[0], strange[0], None))  # then it is but unseen
    assert_array_equal(mixed[1], mixed[2])
    assert_array_equal(encoder.transform(table(None, np.nan)), mixed[[2, 2]])


def test_an_empty_string_is_a_category():
    X = np.array([[""], ["a"], [None], ["b"]], dtype=object)
    assert TabularEncoder().fit(X).categories_[0].tolist() == ["", "a", "b"]


def test_equal_numbers_of_other_types_are_one_category():
    encoder = TabularEncoder([0], max_one_hot_categories=0).fit([[0], [1], [2]])
    for dtype in (bool, np.int8, np.float32, object):
        assert_array_equal(encoder.transform(np.array([[1], [0]], dtype)), [[2], [1]])


def test_categories_of_several_types_are_sorted_whatever_their_order(rng):
    values = np.array(["b", 2, "a", 1.5, b"x", None, (1, 2)], dtype=object)
    for _ in range(5):
        X = rng.permutation(values)[:, np.newaxis]
        encoder = TabularEncoder([0], max_one_hot_categories=0).fit(X)
        assert encoder.categories_[0].tolist() == [b"x", 1.5, 2, "a", "b", (1, 2)]


def test_a_category_a_row(rng):
    X = np.array([f"{code}" for code in rng.permutation(3000)], dtype=object)[:, np.newaxis]
    encoder = TabularEncoder().fit(X)
    assert encoder.cardinalities_ == [3001]
    assert_array_equal(np.sort(encoder.transform(X)[:, 0]), np.arange(1, 3001))


# Weights


def test_weights_are_repetitions(rng):
    columns = make_columns(rng)
    columns[0][rng.random(60) < 0.3] = np.nan
    X, counts = as_array(columns), rng.integers(0, 4, 60)
    weighted = TabularEncoder().fit(X, sample_weight=counts)
    repeated = TabularEncoder().fit(np.repeat(X, counts, axis=0))
    assert_array_equal(weighted.center_, repeated.center_)
    assert_array_equal(weighted.scale_, repeated.scale_)
    for ours, theirs in zip(weighted.categories_, repeated.categories_, strict=True):
        assert_array_equal(ours, theirs)
    assert_array_equal(weighted.transform(X), repeated.transform(X))


def test_rows_of_no_weight_do_not_count():
    X = np.array([[1.0, "a", 1], [2.0, "b", 2], [1e9, "c", "d"], [None, "d", 4]], dtype=object)
    encoder = TabularEncoder(categorical_features=[1, 2]).fit(X, sample_weight=[1, 1, 0, 0])
    assert [x.tolist() for x in encoder.categories_] == [["a", "b"], [1, 2]]
    assert encoder.get_feature_names_out().tolist() == ["x0", "x1_a", "x2_1"]
    assert encoder.center_[0] == 1.5


def test_equal_weights_in_any_small_unit_are_none(rng):
    X = as_array(make_columns(rng))
    expected = TabularEncoder().fit_transform(X)
    for weight in (1, 0.3, 1e-300):
        Z = TabularEncoder().fit(X, sample_weight=np.full(60, weight)).transform(X)
        assert_array_equal(Z, expected)


@pytest.mark.parametrize("weights", [[0, 0, 0], [1, -1, 1], [1, np.nan, 1], [1, 1], [[1]] * 3])
def test_impossible_weights(weights):
    with pytest.raises(ValueError, match="[wW]eight"):
        TabularEncoder().fit(np.ones((3, 1)), sample_weight=weights)


# Numbers


def test_numbers_beyond_float32():
    encoder = TabularEncoder().fit(np.arange(5.0)[:, np.newaxis])
    Z = encoder.transform([[1e39], [-1e308], [1.7e308]])
    assert_array_equal(Z, np.array([[3], [-3], [3]], np.float32))


def test_scale_is_that_of_the_public_scaler(rng):
    X = rng.standard_cauchy((50, 4))
    expected = RobustSmoothClip().fit_transform(X)
    assert_array_equal(TabularEncoder().fit_transform(X), expected.astype(np.float32))


def test_rows_do_not_depend_on_each_other(rng):
    X = as_array(make_columns(rng))
    encoder = TabularEncoder().fit(X)
    Z = encoder.transform(X)
    for row in range(0, 60, 7):
        assert_array_equal(encoder.transform(X[row : row + 1])[0], Z[row])


# State


def test_what_is_fitted_is_frozen(rng):
    X = as_array(make_columns(rng))
    encoder = TabularEncoder().fit(X)
    before = encoder.transform(X)
    encoder.set_params(max_one_hot_categories=0, categorical_features=None, add_indicator=False)
    assert_array_equal(encoder.transform(X), before)
    assert_array_equal(pickle.loads(pickle.dumps(encoder)).transform(X), before)
    with pytest.raises(NotFittedError):
        clone(encoder).transform(X)


def test_a_failed_fit_changes_nothing(rng):
    X = as_array(make_columns(rng))
    encoder = TabularEncoder().fit(X)
    state = dict(vars(encoder))
    X_bad = X[:, :3].copy()
    X_bad[5, 0] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        encoder.fit(X_bad)
    assert vars(encoder).keys() == state.keys()
    assert all(vars(encoder)[name] is value for name, value in state.items())
    new = TabularEncoder()
    with pytest.raises(ValueError, match="infinity"):
        new.fit(X_bad)
    with pytest.raises(NotFittedError):
        new.transform(X)


def test_input_is_not_modified(rng):
    X = rng.normal(size=(20, 3))
    X[::3] = np.nan
    copy = X.copy()
    X.flags.writeable = False
    TabularEncoder().fit(X).transform(X)
    assert_array_equal(X, copy)


@pytest.mark.parametrize("name", ["max_one_hot_categories", "add_indicator"])
@pytest.mark.parametrize("value", [-1, 2.5, "a"])
def test_impossible_parameters(name, value):
    with pytest.raises(ValueError, match=f"The '{name}' parameter of TabularEncoder must be"):
        TabularEncoder(**{name: value}).fit([[1.0]])
