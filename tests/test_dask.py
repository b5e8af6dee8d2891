"""More machines: searches on dask's workers, which may die, and predictions of its partitions."""

import importlib
import itertools
import os
import pickle
import re
import signal
import textwrap
from contextlib import suppress
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    StratifiedKFold,
    cross_validate,
)

from sknumpynn import MLPClassifier, NetworkClassifier, RealMLPClassifier
from sknumpynn.layers import Dropout, Linear, ReLu, Sequential

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

GUIDE = Path(__file__).parents[1] / "docs" / "user_guide"

X = np.random.default_rng(0).normal(size=(400, 4))
y = (X[:, 0] * X[:, 1] > 0).astype(int)
SPLITS = list(StratifiedKFold(3).split(X, y))

SEARCHES = {
    "MLPClassifier": (
        MLPClassifier((8,), max_iter=5, random_state=0),
        {"alpha": [1e-4, 1e-2], "learning_rate_init": [1e-3, 1e-2]},
    ),
    "NetworkClassifier": (
        NetworkClassifier(Sequential(Linear(outputs=8), ReLu(), Dropout(0.1)), random_state=0),
        {"network__0__outputs": [4, 8], "max_iter": [3, 5]},
    ),
    "RealMLPClassifier": (
        RealMLPClassifier(hidden_layer_sizes=(8,), max_iter=3, random_state=0),
        {"dropout": [0.0, 0.2]},
    ),
}


@pytest.fixture(scope="module")
def client():
    """A client of two workers, each a process of its own, which live as long as these tests."""
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with (
        distributed.LocalCluster(**options, dashboard_address=":0", silence_logs=50) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.amm.stop()
        yield client


def on_dask(*data):
    return joblib.parallel_config("dask", scatter=[*data, *itertools.chain(*SPLITS)])


def assert_same_scores(results, expected):
    names = [name for name in expected if name.endswith("_score") or "_test_" in name]
    assert len(names) >= 2
    for name in names:
        assert_allclose(results[name], expected[name], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["MLPClassifier", "NetworkClassifier"])
def test_a_grid_search_has_the_scores_of_one_process(client, name):
    search = GridSearchCV(*SEARCHES[name], cv=SPLITS, return_train_score=True)
    expected = search.fit(X, y).cv_results_
    with on_dask(X, y):
        found = search.fit(X, y).cv_results_
    assert found["params"] == expected["params"]
    assert_same_scores(found, expected)


def test_a_halving_search_has_the_scores_of_one_process(client):
    est, grid = SEARCHES["MLPClassifier"]
    search = HalvingGridSearchCV(
        est, grid, cv=SPLITS, resource="max_iter", min_resources=2, max_resources=8, factor=2
    )
    expected = search.fit(X, y).cv_results_
    with on_dask(X, y):
        found = search.fit(X, y).cv_results_
    assert list(found["n_resources"]) == list(expected["n_resources"])
    assert_same_scores(found, expected)


def test_cross_validation_has_the_scores_of_one_process(client):
    est, _ = SEARCHES["RealMLPClassifier"]
    expected = cross_validate(est, X, y, cv=SPLITS, return_train_score=True)
    with on_dask(X, y):
        found = cross_validate(est, X, y, cv=SPLITS, return_train_score=True)
    assert_same_scores(found, expected)


def test_a_search_is_spread_as_the_guide_says(client):
    text = (GUIDE / "search.rst").read_text(encoding="utf-8")
    start, search = re.findall(r"\.\. code-block:: python\n\n((?:   .+\n|\n)+)", text)
    compile(textwrap.dedent(start), "search.rst", "exec")
    est, grid = SEARCHES["MLPClassifier"]
    names = {"model": est, "grid": grid, "X": X, "y": y}
    exec(textwrap.dedent(search), names)
    expected = GridSearchCV(est, grid, cv=names["splits"]).fit(X, y)
    assert_same_scores(names["search"].cv_results_, expected.cv_results_)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a signal of POSIX")
def test_a_worker_that_is_killed_does_not_lose_the_search(client, tmp_path):
    # The last test of the cluster: dask may take its time to start another worker.
    est, grid = SEARCHES["MLPClassifier"]
    expected = GridSearchCV(est, grid, cv=SPLITS).fit(X, y).cv_results_
    died, workers = tmp_path / "died", set(client.run(os.getpid).values())

    def score(est, X, y):
        if est.alpha == 1e-2 and os.getpid() in workers:
            with suppress(FileExistsError):
                died.touch(exist_ok=False)  # one of them alone
                os.kill(os.getpid(), signal.SIGKILL)
        return est.score(X, y)

    with on_dask(X, y):
        found = GridSearchCV(est, grid, cv=SPLITS, scoring=score).fit(X, y).cv_results_
    assert died.exists()
    assert_same_scores(found, expected)


# What travels


def pickled(name, n_rows):
    """Size of an estimator with a callback, fitted to some rows or to none."""
    est = clone(SEARCHES[name][0])
    if hasattr(est, "set_callbacks"):  # new in scikit-learn 1.9
        callback = importlib.import_module("sklearn.callback")
        est.set_callbacks(callback.ScoringMonitor(scoring="accuracy"))
    return len(pickle.dumps(est.fit(X[:n_rows], y[:n_rows]) if n_rows else est))


@pytest.mark.parametrize("name", SEARCHES)
def test_what_travels_is_small(name):
    assert pickled(name, 0) < 2000
    assert pickled(name, 400) < pickled(name, 100) + 100


# Partitions


@pytest.mark.parametrize("name", SEARCHES)
def test_blocks_of_an_array_are_predicted_where_they_are(name):
    da = pytest.importorskip("dask.array")
    est = clone(SEARCHES[name][0]).fit(X, y)
    blocks = da.from_array(X, chunks=(90, -1))
    P = blocks.map_blocks(est.predict_proba, dtype=float, chunks=(blocks.chunks[0], 2))
    assert_allclose(P.compute(), est.predict_proba(X), rtol=1e-12)


@pytest.mark.parametrize("name", SEARCHES)
def test_partitions_of_a_table_are_predicted_where_they_are(name):
    dd = pytest.importorskip("dask.dataframe")
    table = pd.DataFrame(X, columns=list("abcd"))
    est = clone(SEARCHES[name][0]).fit(table, y)
    partitions = dd.from_pandas(table, npartitions=3)
    found = partitions.map_partitions(est.predict, meta=np.empty(0, int))
    assert_array_equal(found.compute(), est.predict(table))
