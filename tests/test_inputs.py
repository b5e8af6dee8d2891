"""What may be given as X: it works as a plain array, or is an error that changes nothing."""

import datetime
import decimal
import fractions
import re
import tempfile

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.exceptions import NotFittedError

from tests.models import CLASSIFIERS, MAKERS, X_NEW, X, answers, fitted, make, state, target

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
]

NAMES = ["a", "b", "c"]


def with_one(value, dtype=float):
    """X with one other value, in column 1 of row 4."""
    other = X.astype(dtype)
    other[4, 1] = value
    return other


def read_only(X):
    X = X.copy()
    X.flags.writeable = False
    return X


def unaligned(X):
    buffer = np.zeros(X.nbytes + 1, np.uint8)[1:]
    other = buffer[: X.nbytes].view(X.dtype).reshape(X.shape)
    other[:] = X
    return other


def memmap(X):
    with tempfile.TemporaryFile() as file:  # the map keeps it alive
        X.tofile(file)
        return np.memmap(file, X.dtype, "r", shape=X.shape)


class Subclass(np.ndarray):
    """An array of a class of one's own."""


class ArrayLike:
    """What knows how to become an array."""

    def __init__(self, X):
        self.X = X

    def __array__(self, dtype=None, copy=None):
        return self.X.astype(dtype or float)


class Sequence:
    """What has a length and items."""

    def __init__(self, X):
        self.X = X

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X.tolist()[i]


def int64_indices(X):
    other = sparse.csr_array(X)
    other.indices, other.indptr = other.indices.astype("i8"), other.indptr.astype("i8")
    return other


def explicit_zeros(X):
    rows, columns = np.indices(X.shape).reshape(2, -1)
    return sparse.coo_array((X.ravel(), (rows, columns)), X.shape).tocsr()


def duplicates(X):
    """Each entry in two halves, which a sparse array adds."""
    other = explicit_zeros(X)
    data, indices = np.repeat(other.data / 2, 2), np.repeat(other.indices, 2)
    return sparse.csr_array((data, indices, 2 * other.indptr), X.shape)


def unsorted(X):
    other = explicit_zeros(X)
    backwards = np.arange(X.size).reshape(X.shape)[:, ::-1].ravel()
    return sparse.csr_array((other.data[backwards], other.indices[backwards], other.indptr))


def frame(X, **options):
    return pytest.importorskip("pandas").DataFrame(X, columns=NAMES[: X.shape[1]], **options)


def polars(X):
    return pytest.importorskip("polars").DataFrame(X, schema=NAMES)


def zoned_dates():
    return pytest.importorskip("pandas").date_range("2000", periods=36, tz="UTC")


def arrow(X):
    pa = pytest.importorskip("pyarrow")
    return pa.table([pa.array(column) for column in X.T], names=NAMES)


INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
FLOATS = ["f2", "f8", "longdouble", ">f8", "<f8", ">f4", ">i4"]

# What X may be, and how to make it of an array. All hold the same whole numbers.
SAME = {
    **{f"dtype {d}": lambda X, d=d: (X - (-3 if d[0] == "u" else 0)).astype(d) for d in INTEGERS},
    **{f"dtype {d}": lambda X, d=d: X.astype(d) for d in FLOATS},
    "objects": lambda X: X.astype(object),
    "objects of int": lambda X: X.astype(int).astype(object),
    "objects of Decimal": lambda X: np.vectorize(decimal.Decimal, otypes=[object])(X),
    "objects of Fraction": lambda X: np.vectorize(fractions.Fraction, otypes=[object])(X),
    "objects of digits": lambda X: X.astype(str).astype(object),
    "Fortran order": np.asfortranarray,
    "strided": lambda X: np.repeat(np.repeat(X, 2, 0), 3, 1)[::2, ::3],
    "negative strides": lambda X: X[::-1, ::-1].copy()[::-1, ::-1],
    "transposed": lambda X: X.T.copy().T,
    "read-only": read_only,
    "unaligned": unaligned,
    "memmap": memmap,
    "view of a larger array": lambda X: np.hstack([X, X])[:, :3],
    "subclass": lambda X: X.view(Subclass),
    "nested lists": lambda X: X.tolist(),
    "nested tuples": lambda X: tuple(map(tuple, X)),
    "list of arrays": list,
    "list of mixed numbers": lambda X: [[int(a), float(b), np.float32(c)] for a, b, c in X],
    "__array__": ArrayLike,
    "sequence": Sequence,
    "masked array without a mask": np.ma.masked_array,
    "frame": frame,
    "frame of objects": lambda X: frame(X.astype(object)),
    "frame of several dtypes": lambda X: frame(X).astype({"a": "i1", "b": "f4"}),
    "frame, nullable": lambda X: frame(X).convert_dtypes(),
    "frame of Int64": lambda X: frame(X).astype("Int64"),
    "sparse frame": lambda X: frame(X).astype(pytest.importorskip("pandas").SparseDtype(float, 0)),
    "frame with another index": lambda X: frame(X, index=np.arange(len(X))[::-1]),
    "polars": polars,
    "arrow": arrow,
    **{f"sparse {name} array": getattr(sparse, f"{name}_array") for name in ("csr", "csc", "coo")},
    **{f"sparse {name} array": getattr(sparse, f"{name}_array") for name in ("bsr", "lil", "dok")},
    "sparse dia array": sparse.dia_array,
    "sparse csr matrix": sparse.csr_matrix,
    "sparse csc matrix": sparse.csc_matrix,
    "sparse, 64 bit indices": int64_indices,
    "sparse of longdouble": lambda X: sparse.csr_array(X.astype("longdouble")),
    "sparse of int": lambda X: sparse.csr_array(X.astype("i4")),
    "sparse with explicit zeros": explicit_zeros,
    "sparse with duplicates": duplicates,
    "sparse with unsorted indices": unsorted,
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("case", SAME)
def test_it_is_as_good_as_a_plain_array(case, name):
    shift = 3 if case.startswith("dtype u") else 0
    given, given_new = SAME[case](X), SAME[case](X_NEW)
    before = repr(given), repr(given_new)
    est = make(name).fit(given, target(name))
    expected = answers(make(name).fit(X + shift, target(name)), X_NEW + shift)
    assert (repr(given), repr(given_new)) == before
    actual = answers(est, given_new)
    for method in expected:
        if case.startswith("sparse"):  # sums of products come in another order
            if actual[method].dtype.kind == "f":
                assert_allclose(actual[method], expected[method], rtol=1e-9, atol=1e-12)
                continue
        assert state(actual[method]) == state(expected[method])


# What X may hold: answers are finite, whatever they are. The second is for prediction.
FINITE = {
    "bool": lambda: (X > 0, X_NEW > 0),
    "sparse of bool": lambda: (sparse.csr_array(X > 0), sparse.csr_array(X_NEW > 0)),
    "float32": lambda: (X.astype("f4"), X_NEW.astype("f4")),
    "float32 to fit, float64 to predict": lambda: (X.astype("f4"), X_NEW),
    "float64 to fit, float32 to predict": lambda: (X, X_NEW.astype("f4")),
    "float64 to fit, int to predict": lambda: (X, X_NEW.astype("i2")),
    "dense to fit, sparse to predict": lambda: (X, sparse.csr_array(X_NEW)),
    "sparse to fit, dense to predict": lambda: (sparse.csr_array(X), X_NEW),
    "one column": lambda: (X[:, :1], X_NEW[:, :1]),
    "one row to predict": lambda: (X, X_NEW[:1]),
    "two rows": lambda: (X[:2], X_NEW),
    "zeros": lambda: (0 * X, 0 * X_NEW),
    "zeros of a sparse array": lambda: (sparse.csr_array(X.shape), sparse.csr_array(X_NEW.shape)),
    "a constant column": lambda: (with_column(7.0), X_NEW),
    "negative zero": lambda: (-0.0 * X, X_NEW),
    "a large constant column": lambda: (with_column(1e9), X_NEW),
    "equal columns": lambda: (X[:, [0, 0, 0]], X_NEW[:, [0, 0, 0]]),
    "equal rows": lambda: (X[[0] * 36], X_NEW),
    "tiny": lambda: (1e-300 * X, 1e-300 * X_NEW),
    "denormal": lambda: (5e-324 * X, 5e-324 * X_NEW),
    "tiny float32": lambda: (1e-45 * X.astype("f4"), X_NEW.astype("f4")),
    "1e30 to predict": lambda: (X, 1e30 * X_NEW),
    "1e300 to predict": lambda: (X, 1e300 * X_NEW),
    "1e38 of float32 to predict": lambda: (X.astype("f4"), 1e38 * np.sign(X_NEW).astype("f4")),
    "one outlier": lambda: (with_one(1e6), X_NEW),
    "wide": lambda: (np.tile(X, 2000), np.tile(X_NEW, 2000)),
    "tall": lambda: (np.tile(X, (200, 1)), np.tile(X_NEW, (200, 1))),
    "a wide sparse array": lambda: tuple(
        sparse.hstack([a, sparse.csr_array((len(a), 9000))]) for a in (X, X_NEW)
    ),
    "unicode column names": lambda: (renamed("ä", "列", ""), renamed("ä", "列", "")),
    "numbers as column names": lambda: (renamed(0, 1, 2), renamed(0, 1, 2)),
    "an index of several levels": lambda: (
        frame(X, index=pytest.importorskip("pandas").MultiIndex.from_product([range(6)] * 2)),
        frame(X_NEW),
    ),
}


def with_column(value):
    other = X.copy()
    other[:, 1] = value
    return other


def renamed(*names):
    return frame(X).set_axis(list(names), axis=1)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("case", FINITE)
def test_what_it_holds_may_be_extreme(case, name):
    given, given_new = FINITE[case]()
    y = np.resize(target(name), given.shape[0])
    est = make(name, batch_size="auto").fit(given, y)
    before = state(vars(est))
    for answer in answers(est, given_new).values():
        assert len(answer) == given_new.shape[0]
        assert answer.dtype.kind not in "fc" or np.isfinite(answer).all()
    assert state(vars(est)) == before
    if name in CLASSIFIERS:
        assert_allclose(est.predict_proba(given_new).sum(axis=1), 1, atol=1e-6)


# What is too large to train on may work, or be an error that says what to do.
LARGE = {
    **{f"{size:g}": lambda size=size: size * X for size in (1e10, 1e30, 1e100, 1e154, 1e300)},
    "an outlier of 1e300": lambda: with_one(1e300),
    "beyond float32": lambda: 1e39 * X,
    "1e30 in float32": lambda: (1e30 * X).astype("f4"),
    "1e300 in a sparse array": lambda: sparse.csr_array(1e300 * X),
    "int64": lambda: np.sign(X).astype(int) * 2**62,
    "uint64": lambda: np.where(X > 0, np.uint64(2**64 - 1), np.uint64(0)),
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("case", LARGE)
def test_what_is_large_works_or_is_a_clear_error(case, name):
    given = LARGE[case]()
    est = fitted(name)
    before = state(vars(est))
    try:
        est.fit(given, target(name))
    except ValueError as error:
        message = "may contain large values and need to be preprocessed|Scale the data"
        assert re.search(message, str(error))
        assert state(vars(est)) == before
    else:
        for answer in answers(est, given).values():
            assert answer.dtype.kind not in "fc" or np.isfinite(answer).all()


# What is no table of numbers is an error, whatever is asked of the estimator.
WORDS = "(could not convert string to float|not compatible with arrays of bytes/strings).*Column"
BAD = {
    "NaN": (lambda: with_one(np.nan), "NaN.*Column 1 holds nan in row 4; such rows: 1"),
    "all NaN": (lambda: np.full(X.shape, np.nan), "NaN"),
    "NaN in the last place": (lambda: np.r_[X[:-1], [[0, 0, np.nan]]], "NaN"),
    "inf": (lambda: with_one(np.inf), "infinity"),
    "minus inf": (lambda: with_one(-np.inf), "infinity.*Column 1 holds -inf in row 4"),
    "inf and minus inf": (lambda: np.where(X > 0, np.inf, -np.inf), "infinity"),
    "NaN of float32": (lambda: with_one(np.nan, "f4"), "NaN"),
    "inf of float16": (lambda: with_one(np.inf, "f2"), "infinity"),
    "NaN of longdouble": (lambda: with_one(np.nan, "longdouble"), "NaN"),
    "beyond float64": (lambda: with_one(np.longdouble("1e4000"), "longdouble"), "infinity|too la"),
    "None among objects": (lambda: with_one(None, object), "Input X contains NaN"),
    "NaN among objects": (lambda: with_one(np.nan, object), "NaN"),
    "inf among lists of objects": (
        lambda: with_one(decimal.Decimal("inf"), object).tolist(), "infinity"),
    "sparse NaN": (lambda: sparse.csr_array(with_one(np.nan)), "NaN"),
    "sparse inf": (lambda: sparse.csc_array(with_one(np.inf)), "infinity"),
    "a word among objects": (lambda: with_one("many", object), WORDS + " 1 holds 'many' in row 4"),
    "words": (lambda: with_one("many", "<U9"), WORDS),
    "bytes": (lambda: with_one(b"many", "S9"), WORDS),
    "a number too large": (lambda: with_one(10**400, object), "number too large for float64"),
    "a dict among objects": (lambda: with_one({}, object), "not 'dict'"),
    "a list among objects": (lambda: with_one([1], object), "sequence|not 'list'"),
    "complex": (lambda: X + 1j, "Complex data not supported"),
    "dates": (lambda: X.astype("M8[D]"), "Column 0 holds dates or times"),
    "durations": (lambda: X.astype("m8[s]"), "Column 0 holds dates or times"),
    "records": (lambda: np.zeros(36, "f8,f8"), "2D array|void|numbers"),
    "None": (lambda: None, "array|None"),
    "a number": (lambda: 3.0, "2D array"),
    "a string": (lambda: "abc", "2D array|string"),
    "a dict": (lambda: {"a": 1}, "array|dict"),
    "an iterator": (lambda: iter(X), "array|iter"),
    "one dimension": (lambda: X[:, 0], "2D array"),
    "three dimensions": (lambda: X[np.newaxis], "dim 3|3 dim|3D"),
    "ragged lists": (lambda: [[1, 2, 3], [1, 2]] * 18, "inhomogeneous|sequence"),
    "no columns": (lambda: X[:, :0], r"0 feature\(s\)"),
    "no rows": (lambda: X[:0], r"0 sample\(s\)"),
    "no rows, sparse": (lambda: sparse.csr_array((0, 3)), r"0 sample\(s\)"),
    "empty list": (lambda: [], "2D array|0 sample"),
    "np.matrix": (lambda: np.asmatrix(X), "np.matrix is not supported"),
    "a masked value": (lambda: np.ma.masked_equal(X, 3.0).filled(np.nan), "NaN"),
    "frame with NaN": (lambda: frame(with_one(np.nan)), "NaN.*Column 'b' holds nan in row 4"),
    "frame with NA": (
        lambda: frame(with_one(np.nan)).convert_dtypes(), "Input X contains NaN.*Column 'b'"),
    "frame of words": (lambda: frame(X).astype({"b": str}).replace("0.0", "x"), WORDS + " 'b'"),
    "frame of categories": (
        lambda: frame(with_one("x", object)).astype({"b": "category"}), WORDS + " 'b'"),
    "frame of dates": (lambda: frame(X).assign(b=datetime.datetime(2000, 1, 1)), "'b' holds dates"),
    "frame of durations": (lambda: frame(X).assign(b=datetime.timedelta(1)), "'b' holds dates"),
    "frame of dates with a zone": (
        lambda: frame(X).assign(b=zoned_dates()), "'b' holds dates or times .*UTC"),
    "frame of periods": (
        lambda: frame(X).assign(b=zoned_dates().tz_localize(None).to_period("D")),
        "not 'Period'.*Column 'b' holds Period.* in row 0; such rows: 36"),
    "masked values": (
        lambda: np.ma.masked_equal(X, 3.0), f"X is a masked array in which {(X == 3).sum()} val"),
    "polars with a null": (
        lambda: pytest.importorskip("polars").DataFrame(dict.fromkeys("abc", [1, None])), "NaN"),
    "too few columns": (lambda: X[:, :2], "X has 2 features, but .* is expecting 3 features"),
    "too many columns": (lambda: X[:, [0, 1, 2, 0]], "X has 4 features, but .* expecting 3"),
    "names, reordered": (lambda: frame(X)[["b", "a", "c"]], "must be in the same order"),
    "names, one other": (lambda: renamed("a", "b", "d"), "seen at fit time, yet now missing"),
    "names, one less": (lambda: frame(X)[["a", "b"]], "seen at fit time, yet now missing"),
    "names of several types": (lambda: renamed("a", 1, "c"), "names are strings|only supported if"),
    "names, twice the same": (lambda: renamed("a", "a", "c"), "unique column names|seen at fit"),
}  # fmt: skip
ONLY_AFTER_FIT = "too few", "too many", "names, "  # a first fit takes these as they are


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("case", BAD)
def test_what_is_no_table_of_numbers_is_an_error_that_changes_nothing(case, name):
    (given, message), y = (lambda make, message: (make(), message))(*BAD[case]), target(name)
    has_names = case.startswith(("frame", "polars", "names"))
    new, old = make(name), make(name).fit(frame(X) if has_names else X, y)
    ways = [(old, old.partial_fit, (given, y)), (old, old.predict, (given,))]
    if not case.startswith(ONLY_AFTER_FIT):
        ways += [(old, old.fit, (given, y)), (new, new.fit, (given, y))]
    for est, method, arguments in ways:
        before = state(vars(est))
        with pytest.raises((ValueError, TypeError), match=f"(?s:{message})"):
            method(*arguments)
        assert state(vars(est)) == before
    with pytest.raises(NotFittedError):
        new.predict(X)
