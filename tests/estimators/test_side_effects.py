"""What a fit or a prediction must not do: change its input, the global state, or the other fit."""

import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from sknumpynn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ESTIMATORS = [MLPClassifier, MLPRegressor]
SOLVERS = ["adam", "sgd", "lbfgs"]
X = np.random.default_rng(0).normal(size=(300, 4))
TARGETS = {MLPClassifier: np.where(X[:, 0] > 0, "yes", "no"), MLPRegressor: X[:, 0] ** 2}


def fit(Estimator, X=X, **params):
    params = {"hidden_layer_sizes": (6,), "max_iter": 5, "random_state": 0, **params}
    return Estimator(**params).fit(X, TARGETS[Estimator])


@pytest.mark.parametrize("container", [np.array, np.asfortranarray, sparse.csr_array])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_input_is_not_changed(Estimator, solver, container):
    X_given = container(X)
    data = X_given.data if sparse.issparse(X_given) else X_given
    before = data.copy()
    data.flags.writeable = False
    est = fit(Estimator, X_given, solver=solver, shuffle=False)
    est.predict(X_given)
    assert_array_equal(data, before)


@pytest.mark.parametrize("Estimator", ESTIMATORS)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_global_state_is_not_touched(Estimator, solver, early_stopping, capsys):
    drawn = np.random.get_state()[1].copy()  # noqa: NPY002
    errors = np.geterr()
    fit(Estimator, solver=solver, early_stopping=early_stopping).predict(X)
    assert_array_equal(np.random.get_state()[1], drawn)  # noqa: NPY002
    assert np.geterr() == errors
    assert capsys.readouterr() == ("", "")


def test_a_scorer_runs_with_the_warning_filters_of_all_threads():
    filters, seen = warnings.filters, []

    def scoring(est, X, y):
        seen.append(warnings.filters)
        return est.score(X, y)

    fit(MLPRegressor, early_stopping=True, scoring=scoring)
    assert seen and all(one is filters for one in seen)


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_a_later_change_of_the_data_changes_nothing(Estimator):
    X_given = X.copy()
    est = fit(Estimator, X_given)
    expected = est.predict(X)
    X_given[:] = 0
    assert_array_equal(est.predict(X), expected)


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_predictions_at_the_same_time(Estimator):
    est = fit(Estimator)
    parts = [X[i : i + 37] for i in range(0, 263)]
    expected = [est.predict(part) for part in parts]
    with ThreadPoolExecutor(4) as pool:
        for actual, e in zip(pool.map(est.predict, parts), expected, strict=True):
            assert_array_equal(actual, e)


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_fits_at_the_same_time(Estimator):
    seeds = range(8)
    expected = [fit(Estimator, random_state=seed).coefs_ for seed in seeds]
    with ThreadPoolExecutor(4) as pool:
        fits = pool.map(lambda seed: fit(Estimator, random_state=seed).coefs_, seeds)
        for actual, e in zip(fits, expected, strict=True):
            for a, b in zip(actual, e, strict=True):
                assert_array_equal(a, b)


PROGRAM = """
import numpy as np
from sknumpynn import MLPClassifier
X = np.random.default_rng(0).normal(size=(60, 4))
y = np.where(X[:, 0] > 0, "yes", "no")
est = MLPClassifier((6,), tol=1, early_stopping=True, random_state=0).fit(X, y)
print(est.predict_proba(X).tobytes().hex())
"""


def test_processes_agree():
    """Neither the seed of hashes nor anything else that differs between processes has a say."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    printed = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**env, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(printed) == 1 and len(printed.pop()) > 1000


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_a_row_is_predicted_alike_among_any_others(Estimator, solver, dtype, tolerance):
    """To within the rounding of float32 if the data are of that type."""
    est = fit(Estimator, X.astype(dtype), solver=solver)
    predict = est.predict_proba if Estimator is MLPClassifier else est.predict
    rows = X.astype(dtype)
    alone = np.concatenate([predict(rows[i : i + 1]) for i in range(len(rows))])
    np.testing.assert_allclose(predict(rows), alone, rtol=tolerance, atol=tolerance)
    many = np.tile(rows, (9, 1))  # more than are predicted at once
    np.testing.assert_allclose(predict(many)[: len(rows)], alone, rtol=tolerance, atol=tolerance)
