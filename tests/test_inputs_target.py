"""What may be given as y, weights and classes: it works as a plain array, or is an error."""

import datetime
import decimal
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.utils.multiclass import check_classification_targets

from tests.models import CLASSIFIERS, MAKERS, REGRESSORS, X_NEW, X, answers, make, state

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N = len(X)
CODES = (X[:, 0] + X[:, 1] > 0).astype(int)
CODES3 = np.digitize(X[:, 0], [-1, 1])
NUMBERS = X[:, 0] * X[:, 1] + X[:, 2]
WEIGHTS = np.arange(N) % 3 + 1.0


def series(values, **options):
    return pytest.importorskip("pandas").Series(values, **options)


def polars(values):
    return pytest.importorskip("polars").Series(values)


def arrow(values):
    return pytest.importorskip("pyarrow").array(values)


def words(codes, dtype=None):
    return np.array(["alpha", "beta", "gamma"], dtype)[codes]


def with_one(y, value, dtype=object):
    other = np.array(y, dtype)
    other[7] = value
    return other


# y of classes: codes 0, 1, ... in another form and the same order.
LABELS = {
    "bool": lambda c: c > 0,
    **{f"dtype {dtype}": lambda c, dtype=dtype: c.astype(dtype) for dtype in ("i1", "u8", ">i4")},
    **{f"dtype {dtype}": lambda c, dtype=dtype: c.astype(dtype) for dtype in ("f2", "f4", "f8")},
    "negative": lambda c: c - 5,
    "far apart": lambda c: np.array([-(2**62), 7, 2**62])[c],
    "whole floats": lambda c: np.array([-1e15, 0, 1e9])[c],
    "strings": words,
    "strings, objects": lambda c: words(c, object),
    "strings of several lengths": lambda c: np.array(["", "a" * 50, "é"])[c],
    "list": lambda c: c.tolist(),
    "list of strings": lambda c: words(c).tolist(),
    "tuple": lambda c: tuple(c.tolist()),
    "strided": lambda c: np.repeat(c, 2)[::2],
    "series": series,
    "series with another index": lambda c: series(c, index=np.arange(N)[::-1]),
    "series of strings": lambda c: series(words(c)),
    "series of categories": lambda c: series(words(c)).astype("category"),
    "series of Int64": lambda c: series(c).astype("Int64"),
    "series of boolean": lambda c: series(c > 0).astype("boolean"),
    "polars": polars,
    "polars, strings": lambda c: polars(words(c).tolist()),
    "arrow": arrow,
}


@pytest.mark.parametrize("codes", [CODES, CODES3], ids=["two", "three"])
@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("case", LABELS)
def test_classes_may_be_told_in_many_ways(case, name, codes):
    if case in ("bool", "series of boolean"):
        codes = CODES
    y = LABELS[case](codes)
    est, plain = make(name).fit(X, y), make(name).fit(X, codes)
    assert_array_equal(est.predict_proba(X_NEW), plain.predict_proba(X_NEW))
    labels = np.asarray(y)
    of_code = np.array([labels[codes == code][0] for code in range(codes.max() + 1)], labels.dtype)
    assert_array_equal(est.classes_, of_code)
    assert_array_equal(est.predict(X_NEW), of_code[plain.predict(X_NEW)])


TARGETS = {
    **{f"dtype {dtype}": lambda y, dtype=dtype: y.astype(dtype) for dtype in ("i1", "i8", "f4")},
    **{f"dtype {dtype}": lambda y, dtype=dtype: y.astype(dtype) for dtype in (">f8", "f2")},
    "longdouble": lambda y: y.astype("longdouble"),
    "objects": lambda y: y.astype(object),
    "objects of Decimal": lambda y: np.vectorize(decimal.Decimal, otypes=[object])(y),
    "list": lambda y: y.tolist(),
    "strided": lambda y: np.repeat(y, 2, axis=0)[::2],
    "Fortran order": np.asfortranarray,
    "pandas": lambda y: pytest.importorskip("pandas").DataFrame(y) if y.ndim > 1 else series(y),
    "nullable": lambda y: (
        pytest.importorskip("pandas").DataFrame(y) if y.ndim > 1 else series(y)
    ).astype("Float64"),
    "polars": lambda y: (
        pytest.importorskip("polars").DataFrame(y) if y.ndim > 1 else polars(y)
    ),
}  # fmt: skip


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("name", REGRESSORS)
@pytest.mark.parametrize("case", TARGETS)
def test_numbers_may_be_told_in_many_ways(case, name, columns):
    y = NUMBERS if columns == 1 else np.column_stack([NUMBERS, X[:, 0]])
    est, plain = make(name).fit(X, TARGETS[case](y)), make(name).fit(X, y)
    assert_array_equal(est.predict(X_NEW), plain.predict(X_NEW))


@pytest.mark.parametrize("name", MAKERS)
def test_one_column_is_a_target_after_a_warning(name):
    y = words(CODES) if name in CLASSIFIERS else NUMBERS
    with pytest.warns(UserWarning, match="A column-vector y was passed"):
        est = make(name).fit(X, y[:, np.newaxis])
    assert state(answers(est)) == state(answers(make(name).fit(X, y)))


FINITE = {
    "constant": (np.full(N, 2.0), np.full(N, 2.0)),
    "one other": (np.eye(1, N, dtype=int)[0], np.eye(1, N)[0]),
    "as many classes as rows, with a warning or none": (np.arange(N), np.arange(N)),
    "tiny": (CODES, NUMBERS * 1e-300),
    "bool": (CODES > 0, CODES > 0),
    "indicator": (np.eye(3, dtype=int)[CODES3], np.eye(3)[CODES3]),
    "sparse indicator": (sparse.csr_array(np.eye(3, dtype=int)[CODES3]), NUMBERS),
    "indicator with an empty column": (np.eye(4, dtype=int)[CODES3], np.eye(4)[CODES3]),
    "a constant column": (CODES, np.c_[NUMBERS, np.zeros(N)]),
    "columns of several sizes": (CODES, np.c_[NUMBERS, 1e-9 * NUMBERS]),
}


@pytest.mark.filterwarnings("ignore:The number of unique classes:UserWarning")
@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("case", FINITE)
def test_y_may_be_extreme(case, name):
    y = FINITE[case][name in REGRESSORS]
    est = make(name).fit(X, y)
    for answer in answers(est).values():
        assert answer.dtype.kind not in "fc" or np.isfinite(answer).all()


@pytest.mark.parametrize("size", [1e30, 1e154, 1e200, 1e308])
@pytest.mark.parametrize("name", REGRESSORS)
def test_a_large_y_works_or_is_a_clear_error(name, size):
    try:
        est = make(name).fit(X, NUMBERS * (size / 12))
    except ValueError as error:
        assert "may contain large values and need to be preprocessed" in str(error)
    else:
        assert np.isfinite(est.predict(X_NEW)).all()


# y that is no target

BAD_FOR_BOTH = {
    "None": (None, "requires y to be passed|y cannot be None|should be a 1d array"),
    "one row less": (NUMBERS[1:] > 0, "inconsistent numbers of samples"),
    "one row more": (np.r_[CODES, 0], "inconsistent numbers of samples"),
    "no rows": (np.array([]), "inconsistent numbers of samples|0 sample"),
    "a number": (3.0, "y|array|samples"),
    "a string": ("yes", "y|array|samples"),
    "three dimensions": (np.zeros((N, 2, 2)), "dim 3|3 dim|3D|multiclass|Unknown label"),
    "ragged": ([[1], [1, 2]] * (N // 2), "inhomogeneous|sequence|Unknown label|multilabel"),
    "dicts": (np.array([{}] * N, object), "dict|Unknown label"),
    "complex": (CODES + 1j, "Complex data not supported|Unknown label"),
    "masked": (np.ma.masked_array(CODES, CODES), "y is a masked array in which .* are masked"),
}
BAD = (
    {
        "NaN": (np.where(CODES, np.nan, 1.0), "NaN"),
        "NaN among strings": (with_one(words(CODES), np.nan), "NaN|missing"),
        "None among strings": (with_one(words(CODES), None), "NaN|missing|None"),
        "None among numbers": (with_one(CODES, None), "NaN|missing|None"),
        "inf": (with_one(CODES, np.inf, float), "infinity|Unknown label"),
        "continuous": (NUMBERS + 0.5 * CODES, "Unknown label type"),
        "continuous in two columns": (np.c_[NUMBERS, NUMBERS / 3], "Unknown label|should be a 1d"),
        "classes in two columns": (np.c_[CODES3, CODES3], "Unknown label type|should be a 1d"),
        "objects of int": (CODES.astype(object), "Unknown label type"),
        "strings and numbers": (with_one(words(CODES), 1), "mix|str|label|uniformly"),
        "no columns": (np.zeros((N, 0)), "Unknown label|0 feature|column"),
    },
    {
        "NaN": (with_one(NUMBERS, np.nan, float), "NaN"),
        "inf": (with_one(NUMBERS, -np.inf, float), "infinity"),
        "NaN in the second column": (np.c_[NUMBERS, with_one(NUMBERS, np.nan, float)], "NaN"),
        "None": (with_one(NUMBERS, None), "Input y contains NaN"),
        "NaN among objects": (with_one(NUMBERS, np.nan), "Input contains NaN"),
        "strings": (words(CODES), "y holds the string 'alpha'|y holds the string 'beta'"),
        "one string": (with_one(NUMBERS, "many"), "y holds the string 'many'"),
        "digits": (NUMBERS.astype(str), "y holds the string"),
        "bytes": (NUMBERS.astype("S5"), "y holds the string"),
        "dates": (NUMBERS.astype("M8[D]"), "date|time|numbers"),
        "durations": (NUMBERS.astype("m8[D]"), "date|time|numbers"),
        "no columns": (np.zeros((N, 0)), "0 feature|column|outputs"),
        "a date among objects": (
            with_one(NUMBERS, datetime.date(2000, 1, 1)),
            "y holds the date datetime.date",
        ),
        "too large for a float": (with_one(NUMBERS, 10**400), "y holds a number too large"),
        "sparse": (sparse.csr_array(NUMBERS[:, np.newaxis]), "Sparse data was passed for y"),
    },
)


@pytest.mark.parametrize(
    "name, y, message",
    [
        pytest.param(name, *row, id=f"{name}-{case}")
        for name in MAKERS
        for case, row in {**BAD_FOR_BOTH, **BAD[name in REGRESSORS]}.items()
    ],
)
def test_what_is_no_target_is_an_error_that_changes_nothing(name, y, message):
    new, old = make(name), make(name).fit(X, words(CODES) if name in CLASSIFIERS else NUMBERS)
    for est, method in ((old, old.partial_fit), (old, old.fit), (new, new.fit)):
        before = state(vars(est))
        with pytest.raises((ValueError, TypeError), match=message):
            method(X, y)
        assert state(vars(est)) == before
    with pytest.raises(NotFittedError):
        new.predict(X)


def test_a_missing_label_of_pandas_is_an_error():
    pd = pytest.importorskip("pandas")
    for name in [*CLASSIFIERS, "RealMLPClassifier"]:
        for y in (
            pd.Series(CODES).astype("Int64").where(X[:, 2] < 3),
            pd.Series(words(CODES)).where(X[:, 2] < 3),
            pd.Series(words(CODES), dtype="string").where(X[:, 2] < 3),
            pd.Series(words(CODES)).astype("category").where(X[:, 2] < 3),
        ):
            with pytest.raises((ValueError, TypeError), match="NA|NaN|missing"):
                make(name).fit(X, y)


@pytest.mark.parametrize("name", [*CLASSIFIERS, "RealMLPClassifier"])
def test_classes_almost_as_many_as_rows_are_warned_of(name):
    y = np.repeat(np.arange(N // 2 + 1), 2)[:N]
    make(name).fit(X, y - y % 2)
    with warnings.catch_warnings(record=True) as theirs:
        warnings.simplefilter("always")
        check_classification_targets(np.arange(N))
    if not theirs:
        pytest.skip("this scikit-learn, which does the warning, does not know of it yet")
    with pytest.warns(UserWarning, match="could represent a regression problem"):
        make(name).fit(X, np.arange(N))


@pytest.mark.parametrize("y", [NUMBERS.astype("M8[D]"), words(CODES), with_one(NUMBERS, 10**400)])
def test_what_is_no_target_of_a_table_is_an_error(y):
    with pytest.raises(ValueError, match="y holds (dates or times|the string|a number too large)"):
        make("RealMLPRegressor").fit(X, y)


# Weights

SAME_WEIGHTS = {
    "list": list,
    "tuple": tuple,
    "int": lambda w: w.astype(int),
    "uint8": lambda w: w.astype("u1"),
    "float32": lambda w: w.astype("f4"),
    "float16": lambda w: w.astype("f2"),
    "big-endian": lambda w: w.astype(">f8"),
    "objects": lambda w: w.astype(object),
    "strided": lambda w: np.repeat(w, 2)[::2],
    "negative strides": lambda w: w[::-1].copy()[::-1],
    "series": lambda w: series(w, index=np.arange(N)[::-1]),
    "nullable": lambda w: series(w).astype("Int64"),
    "polars": polars,
    "ten times as large": lambda w: 10 * w,
    "1e-300 times as large": lambda w: 1e-300 * w,
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("case", SAME_WEIGHTS)
def test_weights_may_be_told_in_many_ways(case, name):
    y = CODES if name in CLASSIFIERS else NUMBERS
    given = SAME_WEIGHTS[case](WEIGHTS)
    scale = "times" in case  # but for the penalty only ratios count
    params = {"alpha": 0} if scale else {}
    actual = answers(make(name, **params).fit(X, y, sample_weight=given))
    expected = answers(make(name, **params).fit(X, y, sample_weight=WEIGHTS))
    for method in expected:
        assert_allclose(actual[method], expected[method], rtol=1e-9)


BAD_WEIGHTS = {
    "too few": (np.ones(N - 1), "sample_weight.shape"),
    "too many": (np.ones(N + 1), "sample_weight.shape"),
    "none": (np.ones(0), "sample_weight|0 sample"),
    "two dimensions": (np.ones((N, 1)), "1D array"),
    "NaN": (with_one(np.ones(N), np.nan, float), "sample_weight contains NaN"),
    "inf": (with_one(np.ones(N), np.inf, float), "sample_weight contains infinity"),
    "None among objects": (with_one(np.ones(N), None), "sample_weight contains NaN"),
    "negative": (
        with_one(np.full(N, 0.5), -1.0, float),
        "Negative values in sample_weight: -1.0 in row 7",
    ),
    "all zero": (np.zeros(N), "all are zero"),
    "zero": (0, "all are zero"),
    "minus one": (-1, "Negative values in sample_weight"),
    "strings": (np.array(["many"] * N), "sample_weight must hold a number for each row: could not"),
    "a string": ("balanced", "sample_weight must hold a number for each row: could not"),
    "complex": (np.ones(N) + 1j, "sample_weight must hold a number for each row: Complex"),
    "sparse": (sparse.csr_array(np.ones((1, N))), "[Ss]parse"),
    "masked": (np.ma.masked_array(np.ones(N), CODES), "sample_weight is a masked array"),
    "a sum beyond numbers": (np.full(N, 1e308), "The sum of sample_weight is inf"),
    "a dict": ({0: 1.0}, "sample_weight must hold a number for each row.*dict"),
    "dates": (np.ones(N, "M8[D]"), "sample_weight must hold a number.* dates and times are none"),
    "durations": (np.ones(N, "m8[D]"), "sample_weight must hold .* dates and times are none"),
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("case", BAD_WEIGHTS)
def test_what_are_no_weights_is_an_error_that_changes_nothing(case, name):
    weights, message = BAD_WEIGHTS[case]
    y = CODES if name in CLASSIFIERS else NUMBERS
    new, old = make(name), make(name).fit(X, y)
    for est, method in ((old, old.partial_fit), (old, old.fit), (new, new.fit)):
        before = state(vars(est))
        with pytest.raises((ValueError, TypeError), match=message):
            method(X, y, sample_weight=weights)
        assert state(vars(est)) == before


# Classes of partial_fit

BAD_CLASSES = {
    "none": (None, "classes must be passed on the first call"),
    "not all": ([0], "classes not in"),
    "of another type": (["no", "yes"], "classes not in"),
    "continuous": ([0.5, 1.5], "Unknown label|classes not in"),
    "a number": (1, "array|iter|label|classes"),
    "with NaN": ([0, 1, np.nan], "NaN"),
    "empty": ([], "label|empty|classes|0 sample"),
}


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("case", BAD_CLASSES)
def test_what_are_no_classes_is_an_error_that_changes_nothing(case, name):
    classes, message = BAD_CLASSES[case]
    est = make(name)
    with pytest.raises((ValueError, TypeError), match=message):
        est.partial_fit(X, CODES, classes=classes)
    assert vars(est) == est.get_params(deep=False)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classes_may_be_told_in_any_order_and_more_than_once(name):
    expected = answers(make(name).partial_fit(X, CODES, classes=[0, 1]))
    for classes in ([1, 0], (0, 1, 1), np.array([1.0, 0.0]), series([0, 1])):
        actual = answers(make(name).partial_fit(X, CODES, classes=classes))
        for method in expected:
            assert_array_equal(actual[method], expected[method])
    est = make(name).partial_fit(X, CODES, classes=[0, 1])
    est.partial_fit(X[:20], np.zeros(20, int)).partial_fit(X, CODES, classes=[0, 1])
    est.partial_fit(X, CODES, classes=[1, 0, 1])
    with pytest.raises(ValueError, match="is not the same as on last call to partial_fit"):
        est.partial_fit(X, CODES, classes=[0, 1, 2])
