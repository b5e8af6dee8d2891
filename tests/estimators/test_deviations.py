"""Where the estimators differ from scikit-learn's on purpose, see docs/differences.rst.

Where a test is about scikit-learn, it tells when the page is no longer true.
"""

import copy
import pickle
import re
import warnings
from itertools import count

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array, issparse
from sklearn import neural_network as sk
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge

from sknumpynn import MLPClassifier, MLPRegressor

N = 40
rng = np.random.default_rng(0)
X = rng.normal(size=(N, 3))
Y = X @ rng.normal(size=(3, 2)) + 0.1 * rng.normal(size=(N, 2))
y = Y[:, 0]
LABELS = (y > 0).astype(int)

BOTH_REGRESSORS = [
    pytest.param(MLPRegressor, id="ours"),
    pytest.param(sk.MLPRegressor, id="theirs", marks=pytest.mark.parity),
]
BOTH_CLASSIFIERS = [
    pytest.param(MLPClassifier, id="ours"),
    pytest.param(sk.MLPClassifier, id="theirs", marks=pytest.mark.parity),
]


def is_ours(Estimator):
    return Estimator.__module__.startswith("sknumpynn")


def fit_quietly(est, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return est.fit(*args, **kwargs)


# D1: a batch without weight


@pytest.mark.parametrize("Estimator", BOTH_REGRESSORS)
def test_d1_a_batch_without_weight_is_skipped(Estimator):
    weights = np.ones(N)
    weights[10:20] = 0
    params = dict(hidden_layer_sizes=(4,), batch_size=10, shuffle=False, random_state=0)
    est = Estimator(**params, max_iter=5)
    if not is_ours(Estimator):
        with pytest.raises(ZeroDivisionError):
            fit_quietly(est, X, y, sample_weight=weights)
        return
    fit_quietly(est, X, y, sample_weight=weights)
    rest = np.flatnonzero(weights)
    expected = fit_quietly(Estimator(**params, max_iter=5), X[rest], y[rest])
    assert_array_equal(est.coefs_[0], expected.coefs_[0])
    assert_allclose(est.loss_curve_, expected.loss_curve_, rtol=1e-12)
    assert est.t_ == 5 * N  # they have been seen all the same


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_d1_with_a_penalty_and_momentum(solver):
    """A skipped batch is no step at all: neither the penalty nor the momentum moves a weight."""
    est = MLPRegressor(solver=solver, batch_size=1, alpha=10, max_iter=3, random_state=0)
    fit_quietly(est, X, y, sample_weight=np.arange(N) % 2)
    assert np.isfinite(est.loss_curve_).all()


# D2: lbfgs with several outputs


LINEAR = dict(hidden_layer_sizes=(), solver="lbfgs", alpha=5.0, tol=1e-10, random_state=0)


def test_d2_lbfgs_minimises_what_it_reports():
    """Without hidden layers the minimum is known: a ridge regression of each output."""
    est = fit_quietly(MLPRegressor(**LINEAR), X, Y)
    ridge = Ridge(alpha=Y.shape[1] * LINEAR["alpha"]).fit(X, Y)
    assert_allclose(est.coefs_[0], ridge.coef_.T, rtol=1e-3)
    assert_allclose(est.intercepts_[0], ridge.intercept_, rtol=1e-3)


@pytest.mark.parity
def test_d2_in_scikit_learn():
    """A gradient that is not the loss's misleads the line search: it stops above the minimum."""
    ours, theirs = (fit_quietly(E(**LINEAR), X, Y) for E in (MLPRegressor, sk.MLPRegressor))
    assert theirs.loss_ > 1.001 * ours.loss_


def test_d2_the_reported_loss_is_the_one_of_scikit_learn():
    alpha = 5.0
    est = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", alpha=alpha, random_state=0)
    est = fit_quietly(est, X, Y)
    penalty = sum((W**2).sum() for W in est.coefs_) * alpha / (2 * N)
    assert_allclose(est.loss_, 0.5 * np.mean((est.predict(X) - Y) ** 2) + penalty)


# D3: partial_fit


def test_d3_partial_fit_is_there_only_where_it_works():
    for Estimator in (MLPClassifier, MLPRegressor):
        assert hasattr(Estimator(), "partial_fit")
        assert hasattr(Estimator(solver="sgd"), "partial_fit")
        assert not hasattr(Estimator(solver="lbfgs"), "partial_fit")
        assert not hasattr(Estimator(early_stopping=True), "partial_fit")
        with pytest.raises(AttributeError, match="only available for stochastic optimizers"):
            Estimator(solver="lbfgs").partial_fit(X, LABELS)
        with pytest.raises(ValueError, match="does not support early_stopping=True"):
            Estimator(early_stopping=True).partial_fit(X, LABELS)


@pytest.mark.parity
def test_d3_in_scikit_learn():
    assert hasattr(sk.MLPRegressor(solver="lbfgs"), "partial_fit")
    assert hasattr(sk.MLPClassifier(early_stopping=True), "partial_fit")


# D4: probabilities


TARGETS = {
    "binary": LABELS,
    "multiclass": Y.argmax(axis=1) + (X[:, 0] > 1),
    "multilabel": (Y > 0).astype(int),
}


@pytest.mark.parametrize("Estimator", BOTH_CLASSIFIERS)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_d4_log_probabilities_are_finite(Estimator, target, dtype):
    est = Estimator(hidden_layer_sizes=(5,), solver="lbfgs", random_state=0)
    fit_quietly(est, X.astype(dtype), TARGETS[target])
    far = (X * 1e5).astype(dtype)
    with np.errstate(divide="ignore"):
        P, log_P = est.predict_proba(far), est.predict_log_proba(far)
    if not is_ours(Estimator):
        assert np.isinf(log_P).any()
        return
    assert P.dtype == log_P.dtype == dtype
    assert np.isfinite(log_P).all() and (log_P <= 0).all()
    assert (P > 0).all() and (P < 1).all()
    if target != "multilabel":
        assert_allclose(P.sum(axis=1), 1, rtol=1e-6)
    possible = P > 1e-30
    assert_allclose(log_P[possible], np.log(P[possible]), rtol=1e-4, atol=1e-6)
    assert_array_equal(P.argmax(axis=1), log_P.argmax(axis=1))
    log_P.sort(axis=1)
    assert log_P.min() < -1000  # far beyond the smallest float there is more to tell


# D5: divergence


DIVERGING = dict(hidden_layer_sizes=(5,), solver="sgd", random_state=0, max_iter=60)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_d5_a_loss_that_is_not_finite_stops_training(early_stopping):
    est = MLPRegressor(**DIVERGING, early_stopping=early_stopping, learning_rate_init=1.0, alpha=1)
    with pytest.warns(ConvergenceWarning, match="diverged in epoch") as caught:
        est.fit(X, 10 * y)
    assert len(caught) == 1
    message = str(caught[0].message)
    assert f"epoch {est.n_iter_}:" in message and "learning_rate_init=1.0" in message
    assert est.n_iter_ < 60
    assert len(est.loss_curve_) == est.n_iter_
    assert np.isfinite(est.loss_curve_[:-1]).all() and np.isnan(est.loss_curve_[-1])
    assert np.isfinite(est.predict(X)).all()
    if early_stopping:
        assert np.isnan(est.validation_scores_[-1])
        assert est.best_validation_score_ == np.nanmax(est.validation_scores_)
    else:
        assert est.best_loss_ == np.nanmin(est.loss_curve_)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("solver, slip", [("sgd", np.inf), ("adam", np.inf), ("sgd", 1e9)])
def test_d5_training_goes_on_without_what_the_optimizer_remembers_of_it(solver, slip):
    steps = count(1)

    def loss(Yp, Y):
        factor = slip if next(steps) == 5 else 1
        return np.square(Yp - Y).mean() / 2, factor * (Yp - Y) / len(Y)

    est = MLPRegressor(loss, (5,), solver=solver, random_state=0, max_iter=6, warm_start=True)
    with pytest.warns(ConvergenceWarning, match="diverged"):
        est.fit(X, y)
    anew = copy.deepcopy(est).set_params(max_iter=1)  # whose optimizer remembers nothing
    assert_array_equal(est.partial_fit(X, y).predict(X), fit_quietly(anew, X, y).predict(X))


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("scale", [1e200, 1e300])
def test_d5_without_weights_to_keep_it_is_an_error(solver, scale):
    est = MLPRegressor(hidden_layer_sizes=(5,), solver=solver, random_state=0)
    message = (
        "Solver produced non-finite parameter weights. The input data may contain large values "
        "and need to be preprocessed."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        est.fit(scale * X, y)
    assert not est.__sklearn_is_fitted__()


@pytest.mark.parity
def test_d5_in_scikit_learn():
    """Without early stopping it goes on to the last epoch and then raises."""
    est = sk.MLPRegressor(**DIVERGING, learning_rate_init=1.0, alpha=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="non-finite"):
            est.fit(X, 10 * y)
    assert est.n_iter_ == 60


# D6: copies of weights


@pytest.mark.parametrize("Estimator", BOTH_REGRESSORS)
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver, n_moments", [("adam", 2), ("sgd", 1)])
def test_d6_weights_are_kept_once(Estimator, solver, n_moments, early_stopping):
    """Besides them only the optimizer's memory, with which partial_fit goes on."""
    est = Estimator(solver=solver, early_stopping=early_stopping, random_state=0)
    est = fit_quietly(est, X, y)
    n_weights = sum(W.size for W in est.coefs_ + est.intercepts_)
    n_kept = 1 + n_moments + (0 if is_ours(Estimator) or early_stopping else 1)
    assert sum(array.size for array in kept_arrays(est)) == n_kept * n_weights


def kept_arrays(est):
    """Arrays in a pickle of an estimator but the random state's, two names of one counted once."""
    found = {}

    def walk(value):
        if isinstance(value, np.ndarray):
            found[id(value)] = value
        elif isinstance(value, list | tuple):
            for child in value:
                walk(child)
        elif isinstance(value, dict) or hasattr(value, "__dict__"):
            walk(list((value if isinstance(value, dict) else vars(value)).values()))

    copy = pickle.loads(pickle.dumps(est))
    walk(vars(copy))
    return list(found.values())


# D7: lbfgs and float32


@pytest.mark.parametrize("target", [y, Y[:, 1]])
def test_d7_lbfgs_computes_in_float64(target):
    X32 = X.astype(np.float32)
    params = dict(hidden_layer_sizes=(5,), solver="lbfgs", random_state=0)
    single = fit_quietly(MLPRegressor(**params), X32, target)
    double = fit_quietly(MLPRegressor(**params), X32.astype(np.float64), target)
    assert single.n_iter_ == double.n_iter_
    for a, b in zip(single.coefs_, double.coefs_, strict=True):
        assert a.dtype == np.float32
        assert_array_equal(a, b.astype(np.float32))


@pytest.mark.parity
def test_d7_in_scikit_learn():
    est = fit_quietly(sk.MLPRegressor(solver="lbfgs", random_state=0), X.astype(np.float32), y)
    assert est.coefs_[0].dtype == np.float64


# D8 and D9 are in test_fitted_state.py, D10 in test_sample_weight.py, but for Poisson.


@pytest.mark.parity
def test_d8_in_scikit_learn():
    est = fit_quietly(sk.MLPRegressor(random_state=0), X, y)
    before = est.predict(X)
    assert (est.set_params(activation="tanh").predict(X) != before).any()


@pytest.mark.parametrize("Estimator", BOTH_REGRESSORS)
def test_d8_parameters_of_the_optimizer_are_as_set_but_the_learning_rate_goes_on(Estimator):
    params = dict(solver="sgd", shuffle=False, alpha=0, batch_size=N, random_state=0)
    est = Estimator(hidden_layer_sizes=(), momentum=0.9, **params).partial_fit(X, y)
    W, b = est.coefs_[0].copy(), est.intercepts_[0].copy()
    error = (X @ W + b).ravel() - y
    est.set_params(momentum=0.0, learning_rate_init=1.0).partial_fit(X, y)
    step = W.ravel() - est.coefs_[0].ravel()
    gradient_step = 0.001 * X.T @ error / N
    assert np.allclose(step, gradient_step, rtol=1e-9, atol=0) == is_ours(Estimator)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_d10_poisson_needs_targets_that_are_not_negative(solver):
    with pytest.raises(ValueError, match="non-negative y, but its smallest value is -2.0"):
        MLPRegressor(loss="poisson", solver=solver).fit(X, np.r_[np.ones(N - 1), -2.0])
    fit_quietly(MLPRegressor(loss="poisson", solver=solver), X, np.abs(y))
    fit_quietly(MLPRegressor(loss="poisson", solver=solver), X, np.zeros(N))


@pytest.mark.parametrize("Estimator", BOTH_REGRESSORS)
@pytest.mark.parametrize("dtype", ["U32", "M8[s]"])
def test_d11_neither_strings_nor_dates_are_numbers(Estimator, dtype):
    odd = np.round(X).astype(int).astype(dtype)
    if is_ours(Estimator):
        with pytest.raises(ValueError, match="bytes/strings|dates or times"):
            Estimator().fit(odd, y)
        return
    assert fit_quietly(Estimator(max_iter=2), odd, y).n_iter_ == 2


@pytest.mark.parametrize("Estimator", BOTH_CLASSIFIERS)
def test_d12_a_sparse_target_has_dense_predictions(Estimator):
    several = (Y > 0).astype(int)
    params = dict(max_iter=5, random_state=0)
    predicted = fit_quietly(Estimator(**params), X, csr_array(several)).predict(X)
    assert issparse(predicted) != is_ours(Estimator)
    expected = fit_quietly(Estimator(**params), X, several).predict(X)
    assert_array_equal(predicted.toarray() if issparse(predicted) else predicted, expected)
