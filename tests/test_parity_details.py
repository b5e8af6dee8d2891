"""Parity, one thing at a time: parameters, labels, containers, hard data, and what is printed."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn import neural_network as sk
from sklearn.datasets import load_breast_cancer, load_wine

import sknumpynn
from tests.parity import (
    COMMON,
    NEVER_CONTENT,
    SOLVERS,
    TASKS,
    TOLERANCE,
    assert_same,
    fit_both,
    train_one,
)

pytestmark = pytest.mark.parity


def plain(est, X, y):
    return est.fit(X, y)


def fit_task(task, train=plain, X=None, y=None, **params):
    """Train both packages on a task of the matrix, with some parameters, and compare."""
    task = TASKS[task]
    X, y = task.X if X is None else X, task.y if y is None else y
    params = {**COMMON, **SOLVERS["adam"], **task.params, **params}
    ours, theirs = fit_both(task.kind, lambda est: train(est, X, y), **params)
    assert_same(ours, theirs, X)
    return ours, theirs


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_activations(activation, solver):
    fit_task("multiclass", activation=activation, solver=solver)
    fit_task("regression", activation=activation, solver=solver)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("sizes", [6, [6], (7, 5), (4, 3, 2), np.array([5, 4]), (), np.int64(3)])
def test_hidden_layer_sizes(sizes, solver):
    fit_task("multiclass", hidden_layer_sizes=sizes, solver=solver)


@pytest.mark.parametrize(
    "params",
    [
        {"shuffle": False},
        {"batch_size": 1, "max_iter": 2},
        {"batch_size": 149},
        {"batch_size": 150},
        {"batch_size": 1000},  # both warn
        {"batch_size": "auto"},
        {"batch_size": np.int64(40)},
        {"alpha": 0},
        {"alpha": 10},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3},
        {"beta_1": 0, "beta_2": 0},
        {"n_iter_no_change": np.inf, "tol": 10},
        {"n_iter_no_change": 3, "tol": 10},
        {"tol": 0},
        {"early_stopping": True, "validation_fraction": 0.4},
        {"early_stopping": True, "shuffle": False},
        {"solver": "sgd", "momentum": 0},
        {"solver": "sgd", "momentum": 1.0, "max_iter": 3},
        {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.1},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 10, "n_iter_no_change": 1},
        {"learning_rate": "adaptive", "tol": 10},  # for adam without effect
        {"solver": "lbfgs", "max_fun": 5},
        {"solver": "lbfgs", "tol": 1.0},
        {"solver": "lbfgs", "early_stopping": True, "warm_start": True},  # without effect
    ],
    ids=str,
)
def test_parameters(params):
    fit_task("binary", **params)
    fit_task("regression", **params)


def test_adaptive_until_the_rate_is_too_small():
    _, theirs = fit_task("binary", **{**SOLVERS["sgd-adaptive"], **NEVER_CONTENT, "max_iter": 99})
    assert theirs.n_iter_ < 99


def test_random_state_instance():
    """A RandomState is used up alike, so that what comes after sees the same numbers."""
    after = []

    def train(est, X, y):
        est.fit(X, y)
        after.append(est.random_state.random_sample())
        return est.set_params(random_state=0)

    task = TASKS["binary"]
    for package in (sknumpynn, sk):
        params = {**COMMON, "early_stopping": True, "random_state": np.random.RandomState(5)}
        train_one(package.MLPClassifier, lambda est: train(est, task.X, task.y), params)
    assert after[0] == after[1]


@pytest.mark.parametrize("solver", ["adam", "sgd-adaptive", "lbfgs"])
def test_fit_again_without_warm_start(solver):
    def train(est, X, y):
        return est.fit(X[:50], y[:50]).fit(X, y)

    fit_task("multiclass", train, **SOLVERS[solver])


@pytest.mark.parametrize("solver", [name for name in SOLVERS if name != "lbfgs"])
def test_partial_fit_after_fit(solver):
    """The optimizer goes on where fit left it."""

    def train(est, X, y):
        return est.fit(X, y).partial_fit(X, y).partial_fit(X, y)

    fit_task("multiclass", train, **SOLVERS[solver])


def test_warm_start_after_partial_fit():
    """Fit goes on from the weights, with a new optimizer."""

    def train(est, X, y):
        return est.partial_fit(X, y, classes=np.unique(y)).fit(X, y).partial_fit(X, y)

    fit_task("multiclass", train, warm_start=True)


def test_warm_start_without_improvement():
    """Where a further fit finds no better validation score, both keep its last weights."""

    def train(est, X, y):
        return est.fit(X, y).fit(X, y).fit(X, y).fit(X, y)

    params = {"early_stopping": True, "warm_start": True, "max_iter": 5}
    ours, _ = fit_task("binary", train, learning_rate_init=0.5, **params)
    assert np.argmax(ours.validation_scores_) < 15


def test_warm_start_with_another_solver():
    def train(est, X, y):
        return est.fit(X, y).set_params(solver="sgd").fit(X, y).set_params(solver="lbfgs").fit(X, y)

    fit_task("binary", train, warm_start=True)


@pytest.mark.parametrize(
    "relabel",
    [
        lambda y: np.array(["no", "yes", "maybe"])[y],
        lambda y: np.array(["no", "yes", "maybe"], dtype=object)[y],
        lambda y: y.astype(float),
        lambda y: y * 10 - 5,
        lambda y: y > 0,
        lambda y: y[:, np.newaxis],  # both warn
        lambda y: y.tolist(),
        lambda y: np.full(len(y), "all"),
        lambda y: np.zeros(len(y)),
    ],
)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_labels(relabel, early_stopping):
    """Labels of any kind, one class alone among them."""
    y = relabel(TASKS["multiclass"].y)
    fit_task("multiclass", y=y, early_stopping=early_stopping)


@pytest.mark.parametrize("classes", [[0, 1, 2], [0, 1, 2, 7], ["a", "b", "c"]])
def test_partial_fit_misses_classes(classes):
    def train(est, X, y):
        y = np.asarray(classes)[y]
        rows = np.flatnonzero(y != classes[2])
        return est.partial_fit(X[rows], y[rows], classes=classes).partial_fit(X[:1], y[:1])

    fit_task("multiclass", train)


@pytest.mark.parametrize("kind", ["binary", "multilabel"])
def test_partial_fit_misses_all_but_one_class(kind):
    def train(est, X, y):
        return est.partial_fit(X, np.zeros_like(y), classes=[0, 1, 2] if y.ndim == 2 else [0, 1])

    fit_task(kind, train)


@pytest.mark.parametrize("task", TASKS)
def test_data_frame(task):
    pd = pytest.importorskip("pandas")
    X = pd.DataFrame(TASKS[task].X, columns=list("abcdef"))
    y = TASKS[task].y
    y = pd.DataFrame(y) if y.ndim == 2 else pd.Series(y)
    fit_task(task, X=X, y=y, early_stopping=True)


@pytest.mark.parametrize("task", ["regression", "multioutput"])
@pytest.mark.parametrize("convert", [np.rint, lambda a: np.rint(a).astype(int), np.asfortranarray])
def test_numbers_of_other_kinds(task, convert):
    fit_task(task, X=convert(TASKS[task].X), y=convert(TASKS[task].y))


@pytest.mark.parametrize("task", ["regression", "poisson"])
def test_targets_as_a_column(task):
    fit_task(task, y=TASKS[task].y[:, np.newaxis])


# Harder data


@pytest.mark.parametrize("solver", ["adam", "sgd-nesterov", "lbfgs"])
@pytest.mark.parametrize("n_labels", [1, 2])
def test_unscaled_data(solver, n_labels):
    """Logits of hundreds, whose probabilities scikit-learn's log loss clips."""
    X, y = load_breast_cancer(return_X_y=True)
    y = y if n_labels == 1 else np.column_stack([y, X[:, 0] > 12])
    params = {**SOLVERS[solver], "max_iter": 4}
    ours, theirs = fit_both(
        "MLPClassifier",
        lambda est: est.fit(X, y),
        hidden_layer_sizes=(8,),
        random_state=0,
        **params,
    )
    assert_same(ours, theirs, X)


def test_unscaled_data_of_three_classes():
    X, y = load_wine(return_X_y=True)
    ours, theirs = fit_both(
        "MLPClassifier",
        lambda est: est.fit(X, y),
        hidden_layer_sizes=(8,),
        random_state=0,
        max_iter=9,
    )
    assert_same(ours, theirs, X)


@pytest.mark.parametrize("solver", ["adam", "sgd-adaptive"])
@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_long_runs(task, solver):
    """Roundings add up: the first epochs agree to the digits, the end in what counts."""
    task = TASKS[task]
    params = {**COMMON, **SOLVERS[solver], "max_iter": 150, "tol": 0}
    ours, theirs = fit_both(task.kind, lambda est: est.fit(task.X, task.y), **params)
    assert ours.n_iter_ > 90
    assert_allclose(ours.loss_curve_[:20], theirs.loss_curve_[:20], **TOLERANCE["float64"])
    assert_allclose(ours.loss_curve_[-1], theirs.loss_curve_[-1], rtol=0.02)
    assert ours.score(task.X, task.y) == pytest.approx(theirs.score(task.X, task.y), abs=0.02)


# What is said


@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", [name for name in SOLVERS if name != "lbfgs"])
def test_verbose(solver, early_stopping, task, capsys):
    task = TASKS[task]
    printed = []
    for package in (sknumpynn, sk):
        params = {**COMMON, **SOLVERS[solver], **NEVER_CONTENT, "verbose": True, "max_iter": 60}
        params["early_stopping"] = early_stopping
        train_one(getattr(package, task.kind), lambda est: est.fit(task.X, task.y), params)
        printed.append(capsys.readouterr().out)
    assert "did not improve" in printed[0]
    assert ("Setting learning rate" in printed[0]) == (solver == "sgd-adaptive")
    assert printed[0] == printed[1]


MISTAKES = {
    "unfitted": ({}, lambda est, X, y: est.predict(X)),
    "predict other width": ({}, lambda est, X, y: est.fit(X, y).predict(X[:, 1:])),
    "nan": ({}, lambda est, X, y: est.fit(np.where(X == 0, np.nan, X), y)),
    "inf": ({}, lambda est, X, y: est.fit(np.where(X == 0, np.inf, X), y)),
    "lengths": ({}, lambda est, X, y: est.fit(X, y[1:])),
    "no y": ({}, lambda est, X, y: est.fit(X, None)),
    "no rows": ({}, lambda est, X, y: est.fit(X[:0], y[:0])),
    "one dimension": ({}, lambda est, X, y: est.fit(X[0], y)),
    "no classes": ({}, lambda est, X, y: est.partial_fit(X, y)),
    "other classes": (
        {},
        lambda est, X, y: est.partial_fit(X, y, classes=[0, 1]).partial_fit(X, y, classes=[0, 2]),
    ),
    "stranger": ({}, lambda est, X, y: est.partial_fit(X, y, classes=[0, 1]).partial_fit(X, y + 1)),
    "warm start": (
        {"warm_start": True},
        lambda est, X, y: est.fit(X, y).fit(X, np.where(X[:, 0] > 0, 2, y)),
    ),
    "other width": ({"warm_start": True}, lambda est, X, y: est.fit(X, y).fit(X[:, 1:], y)),
    "partial other width": ({}, lambda est, X, y: est.fit(X, y).partial_fit(X[:, 1:], y)),
    "partial early": (
        {"early_stopping": True},
        lambda est, X, y: est.partial_fit(X, y, classes=[0, 1]),
    ),
    "small": ({"early_stopping": True}, lambda est, X, y: est.fit(X[:9], y[:9])),
    "lonely class": ({"early_stopping": True}, lambda est, X, y: est.fit(X, np.arange(150) == 7)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_error_messages(mistake):
    params, err = MISTAKES[mistake]
    task = TASKS["binary"]
    messages = []
    for package in (sknumpynn, sk):
        est = package.MLPClassifier(**{**COMMON, "max_iter": 500, "tol": 1, **params})
        with pytest.raises(Exception) as caught:
            err(est, task.X, task.y)
        messages.append((caught.type, str(caught.value)))
    (our_type, our_text), (their_type, their_text) = messages
    assert issubclass(our_type, their_type)
    says_where = mistake in ("nan", "inf")  # after scikit-learn's text
    assert our_text.startswith(their_text) if says_where else our_text == their_text
