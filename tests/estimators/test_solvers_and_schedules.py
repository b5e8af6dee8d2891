"""Solvers and schedules beyond scikit-learn's: by name or as objects, step by step."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.model_selection import GridSearchCV

from sknumpynn import AdamOptimizer, MLPRegressor, SGDOptimizer
from sknumpynn.optimizers import AdamWOptimizer, RMSpropOptimizer
from sknumpynn.schedules import CosineSchedule, OneCycleSchedule

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 4))
NUMBERS = X[:, 0] * X[:, 1]


def same_weights(a, b, **tol):
    for ours, theirs in zip(a.coefs_ + a.intercepts_, b.coefs_ + b.intercepts_, strict=True):
        assert_allclose(ours, theirs, **tol)


def regressor(**params):
    return MLPRegressor(
        **{"hidden_layer_sizes": (6,), "max_iter": 8, "batch_size": 32, "random_state": 0} | params
    )


@pytest.mark.parametrize(
    "name, solver",
    [
        ("adam", AdamOptimizer(0.001)),
        ("sgd", SGDOptimizer(0.001, 0.9, True)),
        ("rmsprop", RMSpropOptimizer(0.001)),
    ],
)
def test_an_optimizer_object_does_as_the_name_does(name, solver):
    same_weights(
        regressor(solver=name).fit(X, NUMBERS), regressor(solver=solver).fit(X, NUMBERS), rtol=0
    )


def test_adamw_shrinks_by_alpha_in_its_steps():
    ours = regressor(solver="adamw", alpha=0.1).fit(X, NUMBERS)
    solver = AdamWOptimizer(0.001, weight_decay=0.1)
    same_weights(ours, regressor(solver=solver, alpha=0).fit(X, NUMBERS), rtol=0)


def test_optimizers_are_searchable_and_left_alone():
    solver = AdamOptimizer()
    est = regressor(solver=solver)
    assert GridSearchCV(est, {"solver__lr": [1e-3, 1e-2]}, cv=2).fit(X, NUMBERS).best_params_
    est.fit(X, NUMBERS)
    assert vars(solver) == AdamOptimizer().get_params()
    with pytest.raises(ValueError, match="'solver__lr': solver='adam' has no parameter 'lr'"):
        regressor().set_params(solver__lr=0.1)


@pytest.mark.parametrize("solver", ["adam", "sgd", "rmsprop"])
@pytest.mark.parametrize(
    "name, schedule", [("cosine", CosineSchedule()), ("one_cycle", OneCycleSchedule())]
)
def test_schedules_set_the_rate_of_each_step(name, schedule, solver, monkeypatch):
    rates = []
    optimizer = {"adam": AdamOptimizer, "sgd": SGDOptimizer, "rmsprop": RMSpropOptimizer}[solver]
    step = optimizer.step
    monkeypatch.setattr(
        optimizer, "step", lambda self, *args: rates.append(self.lr) or step(self, *args)
    )
    params = dict(solver=solver, learning_rate_init=0.01, max_iter=3, tol=0)
    by_name = regressor(learning_rate=name, **params).fit(X, NUMBERS)
    steps = np.arange(12) / 12  # 3 epochs of 4 batches
    assert_allclose(rates, [0.01 * schedule.factor(t) for t in steps], atol=1e-15)
    same_weights(by_name, regressor(learning_rate=schedule, **params).fit(X, NUMBERS), rtol=0)


def test_a_plateau_of_the_loss_does_not_cut_a_planned_schedule_short():
    params = dict(max_iter=12, tol=1e9, n_iter_no_change=2)  # an improvement that no epoch brings
    planned = regressor(learning_rate="cosine", **params).fit(X, NUMBERS)
    to_the_end = regressor(
        learning_rate="cosine", **params | {"tol": 0, "n_iter_no_change": np.inf}
    )
    same_weights(planned, to_the_end.fit(X, NUMBERS), rtol=0)
    assert planned.n_iter_ == 12
    watched = regressor(learning_rate="cosine", early_stopping=True, **params).fit(X, NUMBERS)
    unplanned = regressor(**params).fit(X, NUMBERS)
    assert watched.n_iter_ == unplanned.n_iter_ == 1 + 3  # three that do not improve on the first


def test_partial_fit_goes_on_along_the_schedule(monkeypatch):
    rates = []
    step = AdamOptimizer.step
    monkeypatch.setattr(
        AdamOptimizer, "step", lambda self, *args: rates.append(self.lr) or step(self, *args)
    )
    est = regressor(learning_rate="cosine", max_iter=2)
    for _ in range(3):
        est.partial_fit(X, NUMBERS)
    steps = np.minimum(np.arange(12) / 8, 1)
    assert_allclose(rates, [0.001 * CosineSchedule().factor(t) for t in steps], atol=1e-15)


def test_clip_norm_bounds_the_step():
    """Without momentum, one step of a clipped gradient is as long as lr times the norm allows."""
    params = dict(solver="sgd", momentum=0, max_iter=1, batch_size=120, learning_rate_init=1.0)
    start = regressor(**params | {"learning_rate_init": 1e-300}).fit(X, 100 * NUMBERS)
    clipped = regressor(clip_norm=0.25, **params).fit(X, 100 * NUMBERS)
    moved = [
        (a - b).ravel()
        for a, b in zip(
            clipped.coefs_ + clipped.intercepts_, start.coefs_ + start.intercepts_, strict=True
        )
    ]
    assert_allclose(np.linalg.norm(np.concatenate(moved)), 0.25, rtol=1e-6)
    loose = regressor(clip_norm=1e9, **params).fit(X, NUMBERS)
    same_weights(loose, regressor(**params).fit(X, NUMBERS), rtol=0)
