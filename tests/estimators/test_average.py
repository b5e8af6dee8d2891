"""The moving average of the weights: its formula, who uses it, and that training does not."""

import pickle
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import ConvergenceWarning

from sknumpynn import Learner, MLPClassifier, MLPRegressor
from sknumpynn.estimators._weights import AveragedWeights

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X, X_VAL = RNG.normal(size=(90, 4)), RNG.normal(size=(40, 4))
TARGETS = {MLPClassifier: lambda X: X[:, 0] > X[:, 1], MLPRegressor: lambda X: X[:, 0] * X[:, 1]}
Y, Y_VAL = (TARGETS[MLPRegressor](rows) for rows in (X, X_VAL))
ESTIMATORS = pytest.mark.parametrize("Estimator", TARGETS)


def make(Estimator=MLPRegressor, **params):
    defaults = {"hidden_layer_sizes": (6,), "max_iter": 8, "batch_size": 20, "random_state": 0}
    return Estimator(**defaults | {"average": 0.9, "learning_rate_init": 0.01} | params)


def flat(est):
    return np.concatenate([array.ravel() for array in est.coefs_ + est.intercepts_])


def closed_form(path, decay):
    shares = decay ** np.arange(len(path))[::-1]
    return np.average(path, axis=0, weights=shares)


# The formula


@pytest.mark.parametrize("decay", [0.5, 0.9, 0.9999])
@pytest.mark.parametrize("dtype, rtol", [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("shape", [(7,), (0,)])
def test_it_is_the_weighted_mean_of_all_steps(decay, dtype, rtol, shape):
    path = (3 + np.random.default_rng(0).normal(size=(50, *shape))).astype(dtype)
    tensor = np.zeros(shape, dtype)
    weights = AveragedWeights(tensor, decay)
    for t, theta in enumerate(path, 1):
        tensor[:] = theta
        weights.update()
        assert_allclose(weights.average, closed_form(path[:t], decay), rtol=rtol)
    assert weights.average.dtype == dtype


def test_a_step_makes_no_arrays():
    weights = AveragedWeights(np.ones(100_000), 0.9)
    weights.update()
    tracemalloc.start()
    for _ in range(5):
        weights.update()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000


@ESTIMATORS
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_estimator_has_the_average_of_its_steps(Estimator, dtype):
    """Where a batch has all rows, an epoch is a step."""
    y, params = TARGETS[Estimator](X), dict(batch_size=90, dtype=dtype)
    path = [
        flat(make(Estimator, average=None, max_iter=k, **params).fit(X, y)) for k in range(1, 9)
    ]
    est = make(Estimator, **params).fit(X, y)
    assert_allclose(flat(est), closed_form(path, 0.9), rtol=1e-4 if dtype == "float32" else 1e-12)
    assert est.coefs_[0].dtype == dtype


def test_it_quietens_steps_that_scatter():
    """On a problem whose solution is known, at a learning rate too high to come close to it."""
    y = X @ [1.0, -2, 0.5, 0] + RNG.normal(size=90)
    solution = np.linalg.lstsq(np.column_stack([X, np.ones(90)]), y, rcond=None)[0]
    params = dict(
        hidden_layer_sizes=(), solver="sgd", momentum=0, batch_size=2, alpha=0, max_iter=40, tol=0,
        learning_rate_init=0.1,
    )  # fmt: skip
    plain, averaged = (
        np.linalg.norm(flat(make(average=decay, **params).fit(X, y)) - solution)
        for decay in (None, 0.99)
    )
    assert averaged < 0.5 * plain


# Who uses it


@ESTIMATORS
def test_training_does_not_know_of_it(Estimator):
    y = TARGETS[Estimator](X)
    plain, est = (make(Estimator, average=average).fit(X, y) for average in (None, 0.99))
    assert est.loss_curve_ == plain.loss_curve_
    trained = est._solver_state["averaging"]["trained"]
    assert_array_equal(np.sort(trained), np.sort(flat(plain)))
    assert np.abs(flat(est) - flat(plain)).max() > 1e-3


@ESTIMATORS
@pytest.mark.parametrize("scoring", [None, "loss", lambda est, X, y: est.score(X, y)])
def test_validation_does(Estimator, scoring):
    y, y_val = TARGETS[Estimator](X), TARGETS[Estimator](X_VAL)
    est = make(Estimator, scoring=scoring).fit(X, y, X_val=X_VAL, y_val=y_val)
    score = -est.validation_loss_curve_[-1] if scoring == "loss" else est.score(X_VAL, y_val)
    assert_allclose(est.validation_scores_[-1], score, rtol=1e-12)
    assert_array_equal(flat(est), flat(make(Estimator).fit(X, y)))  # and changes nothing


def test_early_stopping_keeps_the_best_average():
    params = dict(early_stopping=True, max_iter=300, n_iter_no_change=5, learning_rate_init=0.05)
    est = make(**params).fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    assert 1 < est.best_iter_ < est.n_iter_ < 300
    params.update(early_stopping=False, n_iter_no_change=1000, max_iter=est.best_iter_)
    assert_array_equal(flat(est), flat(make(**params).fit(X, Y)))
    assert_allclose(est.best_validation_score_, est.score(X_VAL, Y_VAL), rtol=1e-12)


# Going on


@ESTIMATORS
def test_partial_fit_keeps_averaging(Estimator):
    y = TARGETS[Estimator](X)
    first = {"classes": [False, True]} if Estimator is MLPClassifier else {}
    est = make(Estimator, shuffle=False).partial_fit(X, y, **first)
    for _ in range(7):
        est = pickle.loads(pickle.dumps(est)).partial_fit(X, y)
    assert_array_equal(flat(est), flat(make(Estimator, shuffle=False).fit(X, y)))


def test_training_goes_on_from_weights_that_were_written():
    est = make(warm_start="exact").fit(X, Y).set_params(learning_rate_init=1e-300)
    est._solver_state["lr"] = 1e-300
    est.coefs_[1][:], est.intercepts_[1][:] = 0, 3
    assert_allclose(est.fit(X, Y).partial_fit(X, Y).predict(X), 3)


def test_averaging_may_begin_and_end_later():
    late = make(average=None, shuffle=False).fit(X, Y).set_params(average=0.5).partial_fit(X, Y)
    plain = make(average=None, shuffle=False).fit(X, Y).partial_fit(X, Y)
    assert late.loss_curve_ == plain.loss_curve_
    assert 0 < np.abs(flat(late) - flat(plain)).max() < 0.1
    before = flat(late)
    late.set_params(average=None, learning_rate_init=1e-300)
    late._solver_state["lr"] = 1e-300
    assert_array_equal(flat(late.partial_fit(X, Y)), before)
    assert "averaging" not in late._solver_state


# When something goes wrong


def interrupt_in_epoch(monkeypatch, k):
    epochs, fit_epoch = iter(range(1, 1000)), Learner.fit_epoch

    def interrupted(learner, *args):
        loss = fit_epoch(learner, *args)
        if next(epochs) == k:
            raise KeyboardInterrupt
        return loss

    monkeypatch.setattr(Learner, "fit_epoch", interrupted)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_an_interrupt_keeps_the_average_of_the_epoch_before(monkeypatch, early_stopping):
    params = dict(early_stopping=early_stopping, shuffle=False)
    data = dict(X_val=X_VAL, y_val=Y_VAL)
    complete = make(**params, max_iter=2).fit(X, Y, **data)
    interrupt_in_epoch(monkeypatch, 3)
    with pytest.warns(UserWarning, match="interrupted.*epoch 3"):
        est = make(**params).fit(X, Y, **data)
    assert_array_equal(flat(est), flat(complete))
    assert est.best_iter_ == complete.best_iter_
    for name, value in complete._solver_state["averaging"].items():
        assert_array_equal(est._solver_state["averaging"][name], value)


def test_an_interrupted_validation_leaves_the_average_in_place():
    calls = iter(range(1, 100))

    def score(est, X, y):
        if next(calls) == 3:
            raise KeyboardInterrupt
        return est.score(X, y)

    with pytest.warns(UserWarning, match="interrupted.*epoch 3"):
        est = make(scoring=score).fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    assert_array_equal(flat(est), flat(make(max_iter=2).fit(X, Y)))


def test_divergence_goes_back_to_the_average_of_the_best_epoch():
    params = dict(
        hidden_layer_sizes=(5,), solver="sgd", learning_rate_init=1.0, alpha=1, batch_size=90
    )
    with pytest.warns(ConvergenceWarning, match="diverged in epoch"):
        est = make(**params, max_iter=60).fit(X, 10 * Y)
    assert est.best_iter_ < est.n_iter_ < 60
    assert np.isfinite(flat(est)).all()
    again = make(**params, max_iter=est.best_iter_).fit(X, 10 * Y)
    assert_array_equal(flat(est), flat(again))


@ESTIMATORS
def test_not_with_lbfgs(Estimator):
    with pytest.raises(ValueError, match=r"average=0.9 does not go with solver='lbfgs'"):
        make(Estimator, solver="lbfgs").fit(X, TARGETS[Estimator](X))
