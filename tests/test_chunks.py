"""Prediction in chunks: the numbers of all rows at once, from and into whatever holds rows."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynn import MLPClassifier, MLPRegressor, predict_in_chunks
from sknumpynn.core import rows

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(600, 3))
y = np.where(X[:, 0] > 0, "yes", "nope")


class Rows:
    """The least that X may be: a shape, and slices of rows. It notes which were asked for."""

    def __init__(self, X):
        self.X, self.shape, self.taken = X, X.shape, []

    def __getitem__(self, rows):
        self.taken.append((rows.start, rows.stop))
        return self.X[rows]


@pytest.fixture(scope="module")
def classifier():
    return MLPClassifier((5,), max_iter=3, random_state=0).fit(X, y)


def saved(array, path, mode="r"):
    np.save(path, array)
    return np.load(path, mmap_mode=mode)


KINDS = {
    "list": lambda X, path: X.tolist(),
    "rows": lambda X, path: Rows(X),
    "memmap": lambda X, path: saved(X, path / "X.npy"),
    "table": lambda X, path: pd.DataFrame(X, index=np.arange(600.0)[::-1]),
    "sparse": lambda X, path: csr_matrix(X),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba", "transform"])
def test_they_are_those_of_all_rows_at_once(classifier, kind, method, tmp_path):
    found = predict_in_chunks(classifier, KINDS[kind](X, tmp_path), method=method, chunk_size=7)
    expected = getattr(classifier, method)(X)
    assert type(found) is np.ndarray and found.dtype == expected.dtype
    if method == "predict":
        assert_array_equal(found, expected)
    else:
        assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("chunk_size", [1, 7, 600, 4096])
def test_a_chunk_is_all_that_is_asked_of_x(classifier, chunk_size):
    rows = Rows(X)
    predict_in_chunks(classifier, rows, chunk_size=chunk_size)
    starts = range(0, 600, chunk_size)
    assert rows.taken == [(start, min(start + chunk_size, 600)) for start in starts]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_out_is_where_they_go(classifier, dtype, tmp_path):
    expected = classifier.predict_proba(X)
    path = tmp_path / "out.npy"
    out = np.lib.format.open_memmap(path, "w+", dtype, (600, 2))
    found = predict_in_chunks(classifier, X, method="predict_proba", chunk_size=100, out=out)
    assert found is out
    out.flush()
    assert_allclose(np.load(path), expected, rtol=1e-6 if dtype == "f4" else 1e-12)


@pytest.mark.parametrize(
    "estimator, method",
    [
        (make_pipeline(StandardScaler(), LogisticRegression()), "decision_function"),
        (make_pipeline(StandardScaler(), PCA(2)), "transform"),
        (MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, random_state=0), "predict"),
    ],
)
def test_any_estimator_will_do(estimator, method):
    estimator.fit(X, y if method == "decision_function" else X[:, :2])
    found = predict_in_chunks(estimator, X, method=method, chunk_size=64)
    assert_allclose(found, getattr(estimator, method)(X), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "error, match, options",
    [
        (ValueError, "chunk_size must be at least 1; got 0", {"chunk_size": 0}),
        (ValueError, r"\(599,\), and the predictions have \(600,\)", {"out": np.full(599, "four")}),
        (ValueError, r"shape \(600, 1\)", {"out": np.full((600, 1), "four")}),
        (TypeError, "cannot hold predictions of <U4", {"out": np.full(600, "xxx")}),
        (TypeError, "out is of int64", {"out": np.full(600, 7)}),
        (TypeError, "of float64", {"out": np.full((600, 2), 7), "method": "predict_proba"}),
        (AttributeError, "no attribute 'predict_prob'", {"method": "predict_prob"}),
    ],
)  # fmt: skip
def test_what_does_not_suit_is_an_error_and_leaves_out_as_it_was(classifier, error, match, options):
    before = np.copy(options.get("out"))
    with pytest.raises(error, match=match):
        predict_in_chunks(classifier, X, **options)
    assert_array_equal(options.get("out"), before)


def test_whole_numbers_may_go_where_there_is_room_and_nowhere_else():
    classes = np.where(X[:, 0] > 0, 300, 3).astype(np.int16)
    est = MLPClassifier((4,), max_iter=2, random_state=0).fit(X, classes)
    found = predict_in_chunks(est, X, out=np.empty(600, np.int64))
    assert_array_equal(found, est.predict(X))
    with pytest.raises(TypeError, match="int8"):
        predict_in_chunks(est, X, out=np.empty(600, np.int8))


def test_not_one_prediction_a_row_is_an_error():
    forest = RandomForestClassifier(2, random_state=0).fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match=r"predict_proba of 50 rows gives .* \(2, 50, 2\)"):
        predict_in_chunks(forest, X, method="predict_proba", chunk_size=50)


def test_errors_of_the_estimator_come_through(classifier):
    with pytest.raises(NotFittedError):
        predict_in_chunks(MLPClassifier(), X)
    with pytest.raises(ValueError, match="0 sample"):
        predict_in_chunks(classifier, X[:0])
    with pytest.raises(ValueError, match="4 features"):
        predict_in_chunks(classifier, np.zeros((9, 4)))


def test_a_length_that_is_unknown_is_an_error(classifier):
    rows = Rows(X)
    rows.shape = np.nan, 3
    with pytest.raises(ValueError, match="does not know how many rows"):
        predict_in_chunks(classifier, rows)


def test_pages_of_both_files_are_let_go_of_whatever_the_estimator_does(tmp_path, monkeypatch):
    files = []
    monkeypatch.setattr(rows, "PART_SIZE", 4096)
    monkeypatch.setattr(rows, "_let_go", files.append)
    mapped, out = saved(X, tmp_path / "X.npy"), saved(np.zeros((600, 2)), tmp_path / "P.npy", "r+")
    predict_in_chunks(LogisticRegression().fit(X, y), mapped, method="predict_proba", out=out)
    assert set(map(id, files)) == {id(mapped.base), id(out.base)}
