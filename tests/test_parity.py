"""Parity: for the same random_state, the numbers of scikit-learn's MLP.

Every test fits the same data with both packages and compares all that a fitted estimator shows:
each public attribute, the predictions and the warnings. Where the two differ on purpose is told in
docs/differences.rst, and tested in tests/estimators/test_deviations.py.
"""

import numpy as np
import pytest
from scipy import sparse

from tests.parity import (
    COMMON,
    IMPATIENT,
    NEVER_CONTENT,
    SOLVERS,
    TASKS,
    WEIGHTS,
    assert_same,
    fit_both,
)

pytestmark = pytest.mark.parity

# The ways to train. Each is a function of an estimator and data; some need parameters, too.


def plain(est, X, y):
    return est.fit(X, y)


def weighted(est, X, y):
    return est.fit(X, y, sample_weight=WEIGHTS)


def twice(est, X, y):
    return est.fit(X, y).fit(X, y)


def in_parts(est, X, y):
    """Four calls: of some rows, of the others, of all with weights, and of all."""
    classes = {}
    if hasattr(est, "predict_proba"):
        classes = {"classes": np.unique(y) if y.ndim == 1 else np.arange(y.shape[1])}
    est.partial_fit(X[:100], y[:100], **classes)
    est.partial_fit(X[100:], y[100:])
    est.partial_fit(X, y, sample_weight=WEIGHTS)
    return est.partial_fit(X, y)


WAYS = {
    "plain": (plain, {}),
    "early_stopping": (plain, {"early_stopping": True, **IMPATIENT}),
    "sample_weight": (weighted, {}),
    "partial_fit": (in_parts, NEVER_CONTENT),
    "warm_start": (twice, {"warm_start": True}),
    "early_stopping+warm_start": (
        twice,
        {"early_stopping": True, "warm_start": True, "max_iter": 5},
    ),
    "early_stopping+sample_weight": (weighted, {"early_stopping": True, **IMPATIENT}),
}


def is_comparable(task, solver, way):
    """Whether both packages mean to do the same."""
    if solver != "lbfgs":
        return True
    if task == "multioutput":
        return False  # D2
    return way in ("plain", "sample_weight", "warm_start")  # others are for stochastic solvers


MATRIX = [
    pytest.param(task, solver, way, id=f"{task}-{solver}-{way}")
    for task in TASKS
    for solver in SOLVERS
    for way in WAYS
    if is_comparable(task, solver, way)
]


def run_cell(task, solver, way, container=np.asarray, dtype="float64"):
    """Train both packages on one cell of the matrix and compare; return them."""
    task = TASKS[task]
    X = container(task.X.astype(dtype))
    y = task.y.astype(dtype) if task.y.dtype.kind == "f" else task.y
    train, params = WAYS[way]
    if solver == "sgd-adaptive":
        params = {**IMPATIENT, **params}
    ours, theirs = fit_both(
        task.kind,
        lambda est: train(est, X, y),
        **{**COMMON, **SOLVERS[solver], **task.params, **params},
    )
    assert_same(ours, theirs, X, dtype)
    return ours, theirs


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array], ids=["dense", "csr"])
@pytest.mark.parametrize("task, solver, way", MATRIX)
def test_matrix(task, solver, way, container):
    _, theirs = run_cell(task, solver, way, container)
    if solver == "sgd-adaptive":
        assert theirs._optimizer.learning_rate < theirs.learning_rate_init
    elif "early_stopping" in way and "warm_start" not in way:
        assert theirs.n_iter_ < theirs.max_iter
    if "early_stopping+warm_start" in way:
        assert len(theirs.validation_scores_) > theirs.n_iter_


@pytest.mark.parametrize(
    "task, solver, way",
    [cell for cell in MATRIX if "lbfgs" not in cell.id and "+" not in cell.id],
)
def test_float32(task, solver, way):  # lbfgs has no float32: D7
    run_cell(task, solver, way, dtype="float32")
