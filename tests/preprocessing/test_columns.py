"""Kinds of tables and of columns: what is made of them, and which are refused by name."""

import datetime
from decimal import Decimal

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.ensemble import HistGradientBoostingRegressor

from sknumpynn.preprocessing import TabularEncoder, columns

pd = pytest.importorskip("pandas")

RECORDS = {
    "number": [1.5, 2.5, None, 9.0],
    "whole": [3, 1, 2, 7],
    "missing_whole": [3, None, 2, 7],
    "word": ["b", "a", None, ""],
    "truth": [True, False, True, True],
    "missing_truth": [True, None, False, True],
    "nothing": [None, None, None, None],
}


def encode(X, **params):
    encoder = TabularEncoder(**params).fit(X)
    return encoder, encoder.transform(X)


# The same table in another container


def pandas_nullable():
    dtypes = dict(
        number="Float64",
        whole="Int64",
        missing_whole="Int64",
        word="string",
        truth="boolean",
        missing_truth="boolean",
    )
    return pd.DataFrame(RECORDS, dtype=object).astype(dtypes)


def pandas_categories():
    frame = pd.DataFrame(RECORDS)
    words = ["word", "truth", "missing_truth", "nothing"]
    return frame.astype({word: "category" for word in words})


def import_polars():
    pl = pytest.importorskip("polars")
    if not hasattr(pl.DataFrame, "__dataframe__"):
        pytest.importorskip("sklearn", "1.9", "does not see the names of polars' columns")
    return pl


def polars():
    pl = import_polars()
    return pl.DataFrame(RECORDS).with_columns(pl.col("nothing").cast(pl.String))


def polars_categories():
    pl = import_polars()
    words = [pl.col("word").cast(pl.Categorical), pl.col("nothing").cast(pl.Enum(["x"]))]
    return pl.DataFrame(RECORDS).with_columns(words)


def arrow():
    return pytest.importorskip("pyarrow").table(RECORDS)


def arrow_dictionaries():
    table = arrow()
    position = table.column_names.index("word")
    return table.set_column(position, "word", table.column("word").dictionary_encode())


def arrow_in_pandas():
    return arrow().to_pandas(types_mapper=pd.ArrowDtype).assign(nothing=pd.Series([None] * 4))


def array_of_objects():
    return pd.DataFrame(RECORDS, dtype=object).to_numpy()


def list_of_lists():
    return array_of_objects().tolist()


CONTAINERS = [
    pandas_nullable,
    pandas_categories,
    polars,
    polars_categories,
    arrow,
    arrow_dictionaries,
    arrow_in_pandas,
    array_of_objects,
    list_of_lists,
]


@pytest.mark.parametrize("make", CONTAINERS)
@pytest.mark.parametrize("limit", [0, 8])
def test_containers_do_not_matter(make, limit):
    expected_encoder, expected = encode(pd.DataFrame(RECORDS), max_one_hot_categories=limit)
    encoder, Z = encode(make(), max_one_hot_categories=limit)
    assert_array_equal(encoder.is_categorical_, [False, False, False, True, True, True, True])
    assert_array_equal(Z, expected)
    assert encoder.cardinalities_ == expected_encoder.cardinalities_
    if isinstance(make(), np.ndarray | list):
        assert encoder.n_features_in_ == len(RECORDS)
    else:
        assert encoder.feature_names_in_.tolist() == list(RECORDS)
        assert_array_equal(
            encoder.get_feature_names_out(), expected_encoder.get_feature_names_out()
        )


def test_a_dictionary_of_numbers_holds_categories():
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"code": pa.array([30, None, 10, 20, 30]).dictionary_encode()})
    as_category = encode(table.to_pandas())[1]
    assert as_category.shape == (5, 3)
    assert_array_equal(encode(table)[1], as_category)
    assert_array_equal(encode(table.to_pandas(types_mapper=pd.ArrowDtype))[1], as_category)


def test_one_row_of_another_container():
    encoder, Z = encode(pd.DataFrame(RECORDS))
    assert_array_equal(encoder.transform(arrow().slice(1, 1)), Z[1:2])
    assert_array_equal(encoder.transform(polars()[1:2]), Z[1:2])


@pytest.mark.parametrize(
    "X",
    [
        np.array([["1", "a"], ["2", "b"]]),
        np.array([["1", "a"], ["2", "b"]], dtype="S1"),
        np.array([["1", "a"], ["2", "b"]], dtype=np.dtypes.StringDType()),
        np.array([[True, False], [False, True]]),
    ],
    ids=["str", "bytes", "StringDType", "bool"],
)
def test_arrays_of_strings_and_booleans_are_categories(X):
    encoder, Z = encode(X, max_one_hot_categories=0)
    assert encoder.is_categorical_.all()
    ranks = np.argsort(np.argsort(X, axis=0), axis=0)
    assert_array_equal(Z, 1 + ranks)


def test_numbers_beside_strings_in_a_list_stay_numbers():
    encoder, Z = encode([[1.5, "a"], [2.5, "b"]])
    assert encoder.is_categorical_.tolist() == [False, True]
    assert_array_equal(Z[:, :1], encode([[1.5], [2.5]])[1])


@pytest.mark.parametrize("dtype", ["i1", "u8", "f2", "f4", "longdouble"])
def test_arrays_of_numbers(dtype):
    X = np.array([[1, 2], [3, 4], [7, 9]])
    assert_array_equal(encode(X.astype(dtype))[1], encode(X.astype(float))[1])


# Kinds of columns


@pytest.mark.parametrize(
    "values, is_categorical",
    [
        ([1, 2.5, None], False),
        ([Decimal("1.5"), Decimal("NaN"), None], False),
        ([np.float32(1), np.int8(2), float("nan")], False),
        ([True, 2, 3.5], False),
        ([True, None, np.bool_(False)], True),
        (["1", "2", "3"], True),
        (["a", 1, None], True),
        ([None, pd.NA, pd.NaT], True),
    ],
)
def test_objects_are_categories_unless_all_are_numbers(values, is_categorical):
    X = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    encoder, Z = encode(X)
    assert encoder.is_categorical_.tolist() == [is_categorical]
    assert np.isfinite(Z).all()


@pytest.mark.parametrize(
    "none",
    [None, np.nan, pd.NA, pd.NaT, np.datetime64("NaT", "s"), Decimal("nan"), np.float32("nan")],
)
def test_all_that_is_missing_is_the_same(none):
    X = np.array([["a", 1], ["b", 2], [none, none]], dtype=object)
    expected = encode(np.array([["a", 1], ["b", 2], [None, None]], dtype=object))[1]
    assert_array_equal(encode(X)[1], expected)


def test_objects_are_looked_at_by_their_types(monkeypatch):
    asked = []

    class Spy(type):
        def __instancecheck__(cls, value):
            asked.append(type(value))
            return False

    monkeypatch.setattr(columns, "TIMES", Spy("Times", (), {}))
    x = np.array([*range(2, 50), *np.linspace(0.1, 0.9, 50).tolist(), None], dtype=object)
    encode(x[:, np.newaxis])
    assert sorted(asked, key=str) == [float, int]


def test_objects_that_are_floats_or_none_become_numbers_at_once(monkeypatch):
    monkeypatch.setattr(columns, "_number", None)
    x = np.array([[0.5], [None], [np.nan], [2.0]])
    assert_array_equal(encode(x)[1], encode(x.astype(float))[1])


def test_unused_categories_do_not_count():
    x = pd.Categorical(["c", "a", None], categories=["d", "c", "b", "a"], ordered=True)
    assert encode(pd.DataFrame({"x": x}))[0].categories_[0].tolist() == ["a", "c"]


def test_intervals_and_dates_can_be_categories():
    days = [datetime.date(2020, 1, day) for day in (2, 1, 3)]
    X = pd.DataFrame({"bin": pd.cut([1, 2, 3], 3), "day": pd.Categorical(days)})
    assert_array_equal(encode(X, max_one_hot_categories=0)[1], [[1, 2], [2, 1], [3, 3]])


def test_sparse_columns_of_a_frame_are_numbers():
    x = [0.0, 0.0, 3.0, 1.0]
    sparse = pd.DataFrame({"x": pd.arrays.SparseArray(x)})
    assert_array_equal(encode(sparse)[1], encode(pd.DataFrame({"x": x}))[1])


# The choice of categorical features


@pytest.fixture
def frame(rng):
    return pd.DataFrame(
        {"a": rng.integers(3, size=30), "b": rng.normal(size=30), "c": rng.integers(4, size=30)}
    )


@pytest.mark.parametrize(
    "choice",
    ["from_dtype", None, [], ["a"], ["c", "a"], [0], [2, 0], [True, False, True], np.array([1])],
)
def test_choice_as_in_gradient_boosting(frame, choice):
    frame = frame.astype({"c": "category"})
    theirs = HistGradientBoostingRegressor(max_iter=1, categorical_features=choice)
    theirs = theirs.fit(frame, np.arange(30)).is_categorical_
    ours = TabularEncoder(choice).fit(frame).is_categorical_
    assert_array_equal(ours, np.zeros(3, bool) if theirs is None else theirs)


@pytest.mark.parametrize(
    "choice, message",
    [
        (["a", "z"], r"has \['z'\], but the columns are \['a', 'b', 'c'\]"),
        ([0, 3], r"must be in \[0, n_features - 1\] = \[0, 2\], got: \[0, 3\]"),
        ([-1], r"must be in \[0, n_features - 1\]"),
        ([True, False], r"must have shape \(n_features,\) = \(3,\), got: \(2,\)"),
        ([0.5], "must be 'from_dtype', None or an array-like of bool, int or str"),
        ("dtype", "must be 'from_dtype', None or an array-like"),
        (np.array([True, False, True], dtype=object), "has .True, False, True."),
        (1, "must be 'from_dtype', None or an array-like"),
    ],
)
def test_impossible_choices(frame, choice, message):
    with pytest.raises(ValueError, match=f"categorical_features .*{message}"):
        TabularEncoder(choice).fit(frame)


def test_names_need_a_frame(frame):
    for choice in (["a"], np.array([True, False, True], dtype=object)):
        with pytest.raises(ValueError, match="but the columns are .0, 1, 2.. Give names"):
            TabularEncoder(choice).fit(frame.to_numpy())


# What is refused, by the name of its column


def refused(x, error, match):
    X = pd.DataFrame({"fine": np.arange(len(x)), "bad": x})
    with pytest.raises(error, match=f"Column 'bad'.*{match}"):
        TabularEncoder().fit(X)


@pytest.mark.parametrize(
    "x",
    [
        pd.to_datetime(["2020-01-01", None]),
        pd.to_datetime(["2020-01-01", None]).tz_localize("UTC"),
        pd.to_timedelta([1, 2]),
        pd.period_range("2020", periods=2),
        [datetime.date(2020, 1, 1), None],
        [datetime.time(1), datetime.time(2)],
    ],
    ids=["datetime", "zone", "timedelta", "period", "date", "time"],
)
def test_dates_and_times(x):
    refused(x, ValueError, "holds dates or times .*Make numbers of them")


@pytest.mark.parametrize("x", [[[1], [2]], [{"a": 1}, None], [(1, 2), (3, 4)], [int, str]])
def test_other_objects(x):
    refused(x, TypeError, "argument must be a string or a number")


def test_structures_of_other_containers():
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    for rows in ([{"k": 1}, {"k": 2}], [[1], [2]]):
        for X in (pl.DataFrame({"bad": rows}), pa.table({"bad": rows})):
            with pytest.raises((TypeError, ValueError), match="Column 'bad'"):
                TabularEncoder().fit(X)


def test_complex_numbers():
    refused([1j, 2], ValueError, "has complex128")


@pytest.mark.parametrize(
    "x", [[1, np.inf, -np.inf], pd.Series([1, 10**400, 10**400], dtype=object)]
)
def test_infinity(x):
    refused(x, ValueError, r"contains infinity .* in 2 row\(s\), first in row 1")


def test_a_number_too_long_for_float64():
    X = np.full((2, 1), np.finfo(np.longdouble).max)
    X[0] *= 1 if X.itemsize > 8 else np.inf
    with pytest.raises(ValueError, match="Column 0 contains infinity"):
        TabularEncoder().fit(X)


def test_strings_in_a_numeric_column():
    encoder = TabularEncoder().fit(pd.DataFrame({"bad": [1.0, 2.0]}))
    for value in ("1", "word"):
        with pytest.raises(ValueError, match=f"Column 'bad' is numeric, .*'{value}' in row 1"):
            encoder.transform(pd.DataFrame({"bad": pd.Series([1, value], dtype=object)}))
    with pytest.raises(ValueError, match="could not convert string to float"):
        TabularEncoder(None).fit(np.array([["a"]], dtype=object))


def test_lists_in_a_categorical_column():
    encoder = TabularEncoder().fit(pd.DataFrame({"bad": ["a", "b"]}))
    with pytest.raises(TypeError, match="Column 'bad': unhashable type: 'list'"):
        encoder.transform(pd.DataFrame({"bad": [["a"], ["b"]]}))


# Shapes and names


@pytest.mark.parametrize("make", [pd.DataFrame, polars, arrow])
def test_tables_without_rows_or_columns(make):
    full = make(RECORDS) if make is pd.DataFrame else make()
    encoder = TabularEncoder().fit(full)
    with pytest.raises(ValueError, match=r"0 sample\(s\) \(shape=\(0, 7\)\) while a minimum of 1"):
        encoder.transform(full[:0])
    with pytest.raises(ValueError, match=r"0 feature\(s\)"):
        TabularEncoder().fit(pd.DataFrame(index=[0, 1]))


def test_names_and_their_order_are_checked(frame):
    encoder = TabularEncoder().fit(frame)
    with pytest.raises(ValueError, match="in the same order"):
        encoder.transform(frame[["b", "a", "c"]])
    with pytest.raises(ValueError, match="Feature names unseen at fit time"):
        encoder.transform(frame.rename(columns={"a": "z"}))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        encoder.transform(frame.to_numpy())


def test_names_are_forgotten_by_a_fit_without_any(frame):
    encoder = TabularEncoder().fit(frame).fit(frame.to_numpy())
    assert not hasattr(encoder, "feature_names_in_")
    assert encoder.get_feature_names_out().tolist() == ["x0", "x1", "x2"]


def test_set_output(frame):
    encoder = TabularEncoder([0], max_one_hot_categories=2).set_output(transform="pandas")
    out = encoder.fit_transform(frame)
    assert out.columns.tolist() == ["b", "c", "a"]
    assert (out.dtypes == np.float32).all()
    assert set(out["a"]) == {1, 2, 3}


@pytest.mark.parametrize("X", [pd.Series([1, 2]), None, [1, 2], np.ones((2, 2, 2))])
def test_other_shapes(X):
    with pytest.raises(ValueError, match="2|dim"):
        TabularEncoder().fit(X)
