"""Records: what each epoch brought, which of them the weights are of, and what is compared."""

import copy
import pickle

import numpy as np
import pytest
import sklearn.neural_network as sk
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import ConvergenceWarning

from sknumpynn import Learner, MLPClassifier, MLPRegressor
from sknumpynn.core import Optimizer
from sknumpynn.schedules import CosineSchedule

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X, X_VAL = RNG.normal(size=(90, 4)), RNG.normal(size=(40, 4))
Y, Y_VAL = X[:, 0] * X[:, 1], X_VAL[:, 0] * X_VAL[:, 1]
VALIDATION = {"X_val": X_VAL, "y_val": Y_VAL}
VALIDATED = {"loss", "lr", "validation_score", "validation_loss"}


def make(Estimator=MLPRegressor, **params):
    defaults = {"hidden_layer_sizes": (6,), "max_iter": 6, "batch_size": 20, "random_state": 0}
    return Estimator(**defaults | params)


def same_weights(a, b):
    for ours, theirs in zip(a.coefs_ + a.intercepts_, b.coefs_ + b.intercepts_, strict=True):
        assert_array_equal(ours, theirs)


def assert_consistent(est, n_epochs):
    assert {len(values) for values in est.history_.values()} == {n_epochs}
    assert est.history_["loss"] == est.loss_curve_
    assert all(isinstance(value, float) for values in est.history_.values() for value in values)


# The history


def test_without_validation():
    est = make().fit(X, Y)
    assert est.history_ == {"loss": est.loss_curve_, "lr": [0.001] * 6}
    assert est.best_iter_ == est.n_iter_ == 6


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("scoring", [None, "loss", "neg_mean_absolute_error"])
@pytest.mark.parametrize("data", [{}, VALIDATION], ids=["held out", "given"])
def test_with_validation(early_stopping, scoring, data):
    est = make(early_stopping=early_stopping, scoring=scoring).fit(X, Y, **data)
    is_validated = early_stopping or bool(data)
    assert est.history_.keys() == (VALIDATED if is_validated else {"loss", "lr"})
    assert_consistent(est, 6)
    assert (est.best_loss_ is None) == early_stopping
    assert hasattr(est, "validation_loss_curve_") == bool(data)
    if is_validated:
        assert est.history_["validation_score"] == est.validation_scores_
    if data:
        assert est.history_["validation_loss"] == est.validation_loss_curve_
    if data and not early_stopping:
        loss = 0.5 * np.mean((est.predict(X_VAL) - Y_VAL) ** 2)
        assert_allclose(est.history_["validation_loss"][-1], loss)


def test_learning_rates_are_those_of_the_last_step():
    est = make(solver="sgd", learning_rate="invscaling", power_t=0.5).fit(X, Y)
    seen = 90 * np.arange(6)
    assert_allclose(est.history_["lr"], 0.001 / np.sqrt(seen + 1))
    est = make(learning_rate="cosine").fit(X, Y)
    last = (5 * np.arange(1, 7) - 1) / 30  # of 6 epochs of 5 steps
    assert_allclose(est.history_["lr"], [0.001 * CosineSchedule().factor(p) for p in last])


def test_it_goes_on_in_lists_of_its_own():
    est = make(warm_start=True).fit(X, Y)
    before = est.history_
    kept = copy.deepcopy(before)
    est.fit(X, Y, **VALIDATION).partial_fit(X, Y)
    assert before == kept
    assert_consistent(est, 13)
    assert est.best_iter_ == 13
    assert_array_equal(np.isnan(est.history_["validation_score"]), [1] * 6 + [0] * 6 + [1])
    assert pickle.loads(pickle.dumps(est)).best_iter_ == 13
    est.set_params(warm_start=False).fit(X, Y)
    assert_consistent(est, 6)
    assert est.best_iter_ == 6


def test_lbfgs_has_no_epochs():
    assert not {"history_", "best_iter_"} & vars(make(solver="lbfgs").fit(X, Y)).keys()
    est = make(warm_start=True).fit(X, Y).set_params(solver="lbfgs").fit(X, Y)
    assert not hasattr(est, "best_iter_")
    assert_consistent(est.set_params(solver="adam", early_stopping=True).fit(X, Y), 12)
    assert est.best_iter_ > 6


# The epoch whose weights are the fitted ones


@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
def test_with_early_stopping_it_is_the_best(Estimator):
    y, y_val = (Y > 0, Y_VAL > 0) if Estimator is MLPClassifier else (Y, Y_VAL)
    params = dict(max_iter=300, learning_rate_init=0.05)
    est = make(Estimator, early_stopping=True, n_iter_no_change=4, **params)
    est.fit(X, y, X_val=X_VAL, y_val=y_val)
    assert est.best_iter_ == 1 + np.argmax(est.history_["validation_score"]) < est.n_iter_ < 300
    params.update(max_iter=est.best_iter_, n_iter_no_change=1000)
    same_weights(est, make(Estimator, **params).fit(X, y))


def test_without_early_stopping_it_is_the_last_whatever_the_scores():
    est = make(learning_rate_init=0.05).fit(X, Y, X_val=X_VAL, y_val=-Y_VAL)
    assert est.best_iter_ == est.n_iter_ > 1 + np.argmax(est.validation_scores_)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_after_divergence_it_is_the_one_gone_back_to(early_stopping):
    params = dict(
        solver="sgd", hidden_layer_sizes=(5,), learning_rate_init=1.0, alpha=1, batch_size=90
    )
    with pytest.warns(ConvergenceWarning, match="diverged"):
        est = make(**params, max_iter=60, early_stopping=early_stopping).fit(
            X, 10 * Y, **VALIDATION
        )
    assert_consistent(est, est.n_iter_)
    assert est.best_iter_ < est.n_iter_
    same_weights(est, make(**params, max_iter=est.best_iter_).fit(X, 10 * Y))
    # A loss that is nan does not count as the lowest, nor a score as the highest.
    est.set_params(warm_start=True, learning_rate_init=1e-4, max_iter=3).fit(
        X, 10 * Y, **VALIDATION
    )
    if early_stopping:
        assert est.best_validation_score_ == np.nanmax(est.validation_scores_)
    else:
        assert est.best_loss_ == np.nanmin(est.loss_curve_)


@pytest.mark.parametrize("stopping", [(False, False), (True, False), (False, True, False)])
def test_the_lowest_loss_is_that_of_all_fits(stopping):
    est = make(max_iter=4, warm_start=True, learning_rate_init=0.05)
    for early_stopping in stopping:
        est.set_params(early_stopping=early_stopping).fit(X, Y)
        assert est.best_loss_ == (None if early_stopping else min(est.loss_curve_))
        est.set_params(learning_rate_init=1.0)  # which makes it worse


def test_after_an_interrupt_it_is_the_one_before(monkeypatch):
    epochs, fit_epoch = iter(range(1, 10)), Learner.fit_epoch

    def interrupted(learner, *args):
        loss = fit_epoch(learner, *args)
        if next(epochs) == 4:
            raise KeyboardInterrupt
        return loss

    monkeypatch.setattr(Learner, "fit_epoch", interrupted)
    with pytest.warns(UserWarning, match="interrupted"):
        est = make().fit(X, Y)
    assert est.best_iter_ == 3
    assert_consistent(est, 3)


# What is compared with what


def test_a_score_of_another_kind_is_not_compared_with():
    est = make(early_stopping=True, warm_start=True).fit(X, Y, **VALIDATION)
    kinds = ["neg_mean_absolute_error", "loss", lambda est, X, y: -100 + est.score(X, y), None]
    for fit, scoring in enumerate(kinds, 1):
        est.set_params(scoring=scoring).fit(X, Y, **VALIDATION)
        assert len(est.validation_scores_) == 6
        assert est.best_validation_score_ == max(est.validation_scores_)
        assert est.best_iter_ == 6 * fit + 1 + np.argmax(est.validation_scores_)
        assert_consistent(est, 6 * fit + 6)
        assert_array_equal(
            np.isnan(est.history_["validation_score"]), np.arange(6 * fit + 6) < 6 * fit
        )
    best = est.best_validation_score_
    est.fit(X, Y, **VALIDATION)  # of the same kind
    assert len(est.validation_scores_) == 12
    assert est.best_validation_score_ == max(best, *est.validation_scores_[6:])


def test_nor_one_that_did_not_decide():
    est = make(warm_start=True, max_iter=3).fit(X, Y, **VALIDATION)
    est.validation_scores_.append(1.0)  # better than any to come
    est._no_improvement_count = 100
    est.set_params(early_stopping=True, n_iter_no_change=2).fit(X, Y, **VALIDATION)
    assert est.n_iter_ == 3  # the count, too, was of something else
    assert est.best_validation_score_ == max(est.validation_scores_) < 1


# Exchange


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_scikit_learn_s_records_are_taken_over(early_stopping, solver):
    params = dict(early_stopping=early_stopping, solver=solver, warm_start=True)
    theirs = sk.MLPRegressor(hidden_layer_sizes=(6,), max_iter=6, random_state=0, **params)
    ours = MLPRegressor.from_sklearn(theirs.fit(X, Y))
    before = 6 if solver == "adam" else 0
    if before:
        assert_consistent(ours, before)
        scores = ours.history_.get("validation_score", [])
        assert ours.best_iter_ == (1 + np.argmax(scores) if early_stopping else 6)
    else:
        assert not hasattr(ours, "history_")
    ours.set_params(solver="adam").fit(X, Y)
    assert_consistent(ours, before + 6)
    assert ours.to_sklearn().n_iter_ == 6


# Optimizers without a learning rate


class Fixed(Optimizer):
    """Steps of its own size."""

    def step(self, param, state):
        state["t"] = state.get("t", 0) + 1
        param.tensor -= 0.01 / state["t"] * param.gradient


def test_an_optimizer_needs_no_learning_rate():
    est = make(solver=Fixed(), warm_start="exact", max_iter=3).fit(X, Y).fit(X, Y)
    assert np.isnan(est.history_["lr"]).all()
    same_weights(est, make(solver=Fixed()).fit(X, Y))
    assert est.loss_curve_[-1] < est.loss_curve_[0]
    assert not hasattr(est.solver, "lr")
    assert_consistent(est.partial_fit(X, Y), 7)


def test_but_for_a_schedule():
    with pytest.raises(ValueError, match="learning_rate='cosine' sets the attribute lr .* none"):
        make(solver=Fixed(), learning_rate="cosine").fit(X, Y)
