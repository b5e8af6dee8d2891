"""What fit leaves behind: a fitted estimator is frozen, and a fit that fails changes nothing."""

import copy
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from sknumpynn import Learner, MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ESTIMATORS = [MLPClassifier, MLPRegressor]
X = np.random.default_rng(0).normal(size=(60, 4))
TARGETS = {MLPClassifier: (X[:, 0] > 0).astype(int), MLPRegressor: X[:, 0] ** 2}


def new(Estimator, **params):
    return Estimator(**{"hidden_layer_sizes": (6,), "max_iter": 5, "random_state": 0, **params})


def fitted(Estimator, **params):
    return new(Estimator, **params).fit(X, TARGETS[Estimator])


def outputs(est):
    """All that a fitted estimator answers."""
    methods = ["predict", "predict_proba", "predict_log_proba"]
    return [getattr(est, name)(X) for name in methods if hasattr(est, name)]


def assert_unchanged(est, state, answers):
    for actual, expected in zip(outputs(est), answers, strict=True):
        assert_array_equal(actual, expected)
    assert vars(est).keys() == state.keys()
    for name, value in state.items():
        assert_same(vars(est)[name], value)


def assert_same(actual, expected):
    if isinstance(expected, dict):
        assert actual.keys() == expected.keys()
        actual, expected = list(actual.values()), list(expected.values())
    if isinstance(expected, list):
        assert len(actual) == len(expected)
        for a, e in zip(actual, expected, strict=True):
            assert_same(a, e)
    else:
        assert_array_equal(actual, expected)


# set_params after fit


OTHER_PARAMS = {
    "hidden_layer_sizes": (3, 2),
    "activation": "tanh",
    "solver": "lbfgs",
    "alpha": 10.0,
    "warm_start": True,
    "early_stopping": True,
    "random_state": 7,
    "dtype": "float32",
    "loss": "poisson",
}


@pytest.mark.parametrize(
    "Estimator, name",
    [(E, name) for E in ESTIMATORS for name in OTHER_PARAMS if name in E().get_params()],
)
def test_set_params_does_not_touch_the_fitted_network(Estimator, name):
    est = fitted(Estimator)
    answers = outputs(est)
    est.set_params(**{name: OTHER_PARAMS[name]})
    for actual, expected in zip(outputs(est), answers, strict=True):
        assert_array_equal(actual, expected)


@pytest.mark.parametrize("way", ["warm_start", "partial_fit"])
@pytest.mark.parametrize(
    "Estimator, name, fitted_value, requested",
    [
        (MLPClassifier, "hidden_layer_sizes", "(6,)", (3,)),
        (MLPClassifier, "hidden_layer_sizes", "(6,)", (6, 6)),
        (MLPRegressor, "hidden_layer_sizes", "(6,)", ()),
        (MLPRegressor, "activation", "'relu'", "tanh"),
        (MLPRegressor, "loss", "'squared_error'", "poisson"),
        (MLPRegressor, "dtype", "'float64'", "float32"),
    ],
)
def test_a_fitted_network_cannot_change_its_architecture(
    Estimator, name, fitted_value, requested, way
):
    est = fitted(Estimator)
    est.set_params(**{name: requested}, warm_start=way == "warm_start")
    state, answers = copy.deepcopy(vars(est)), outputs(est)
    with pytest.raises(ValueError, match=name) as caught:
        train = est.fit if way == "warm_start" else est.partial_fit
        train(X, TARGETS[Estimator])
    assert fitted_value in str(caught.value)
    assert repr(requested) in str(caught.value)
    assert_unchanged(est, state, answers)


@pytest.mark.parametrize("sizes", [6, [6], (6,), np.array([6]), np.int64(6)])
def test_other_words_for_the_same_architecture(sizes):
    est = fitted(MLPRegressor, warm_start=True)
    est.set_params(hidden_layer_sizes=sizes).fit(X, TARGETS[MLPRegressor])


@pytest.mark.parametrize("dtype", [None, "float64"])
def test_other_data_do_not_change_the_precision(dtype):
    est = fitted(MLPRegressor, warm_start=True)
    est.set_params(dtype=dtype).fit(X.astype(np.float32), TARGETS[MLPRegressor])
    assert est.coefs_[0].dtype == np.float64


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_without_warm_start_the_architecture_may_change(Estimator):
    est = fitted(Estimator).set_params(hidden_layer_sizes=(3, 2), activation="tanh")
    est.fit(X, TARGETS[Estimator])
    assert [W.shape for W in est.coefs_] == [(4, 3), (3, 2), (2, 1)]


@pytest.mark.parametrize("first", ["adam", "lbfgs"])
@pytest.mark.parametrize("second", ["adam", "lbfgs"])
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_a_new_fit_forgets_the_former(Estimator, first, second):
    params = {"solver": first, "early_stopping": True}
    est = new(Estimator, **params).fit(X[:, :3], TARGETS[Estimator])
    est.set_params(solver=second, early_stopping=False).fit(X, TARGETS[Estimator])
    expected = fitted(Estimator, solver=second)
    assert_unchanged(est, vars(expected), outputs(expected))


# coefs_ and intercepts_


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("dtype", [None, "float32"])
def test_writing_into_weights_changes_predictions(solver, early_stopping, dtype):
    est = fitted(MLPRegressor, solver=solver, early_stopping=early_stopping, dtype=dtype)
    est.predict(X)  # the network that it put together may be used again
    est.coefs_[1][:] = 0
    est.intercepts_[1][:] = 3
    for data in (X, X.astype(np.float32)):
        assert_array_equal(est.predict(data), np.full(len(X), 3.0))


def test_replacing_weights_changes_predictions():
    est = fitted(MLPRegressor, hidden_layer_sizes=(), alpha=0)
    W, b = np.arange(4.0)[:, np.newaxis], np.array([1.0])
    est.predict(X)
    est.coefs_, est.intercepts_ = [W], [b]
    np.testing.assert_allclose(est.predict(X), X @ W.ravel() + 1)
    est.coefs_[0] = 2 * W
    np.testing.assert_allclose(est.predict(X), X @ (2 * W).ravel() + 1)


def test_predictions_change_no_estimator():
    est = fitted(MLPRegressor, dtype="float32")
    state, pickled = vars(est).copy(), len(pickle.dumps(est))
    answers = [est.predict(X)]
    assert_unchanged(est, state, answers)
    assert len(pickle.dumps(est)) == pickled


def test_training_goes_on_from_weights_that_were_written():
    est = fitted(MLPRegressor, warm_start=True, learning_rate_init=1e-9, max_iter=1)
    est.coefs_[1][:] = 0
    est.intercepts_[1] = np.array([3.0])
    est.fit(X, TARGETS[MLPRegressor]).partial_fit(X, TARGETS[MLPRegressor])
    np.testing.assert_allclose(est.predict(X), np.full(len(X), 3.0), rtol=1e-6)


def test_a_copy_has_weights_of_its_own():
    est = fitted(MLPRegressor)
    answers = outputs(est)
    copy.deepcopy(est).coefs_[0][:] = 0
    assert_array_equal(outputs(est)[0], answers[0])


@pytest.mark.parametrize("train", ["fit", "partial_fit"])
def test_training_leaves_weights_that_were_read_alone(train):
    """Whoever kept est.coefs_ sees no further training in it."""
    est = fitted(MLPRegressor, warm_start=True)
    weights = est.coefs_[0]
    before = weights.copy()
    getattr(est, train)(X, TARGETS[MLPRegressor])
    assert_array_equal(weights, before)
    assert (est.coefs_[0] != before).any()


# A fit that fails


def last_is(value):
    y = list(range(59)) + [value]
    return np.array(y, dtype=object)


FAILURES = {
    "nan in X": lambda train, y: train(np.where(X > 2, np.nan, X), y),
    "another width": lambda train, y: train(X[:, :0], y),
    "sparse nan": lambda train, y: train(sparse.csr_array(np.where(X > 2, np.nan, X)), y),
    "no y": lambda train, y: train(X, None),
    "bad y, late": lambda train, y: train(X, last_is(None)),
    "bad y of numbers, late": lambda train, y: train(X, np.where(np.arange(60) == 59, np.nan, y)),
    "lengths": lambda train, y: train(X, y[1:]),
    "weights": lambda train, y: train(X, y, sample_weight=np.zeros(60)),
    "divergence": lambda train, y: train(X * 1e300, y),
}


@pytest.mark.parametrize("way", ["fit", "warm_start", "partial_fit", "lbfgs"])
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_a_failed_refit_keeps_the_model(Estimator, failure, way):
    est = fitted(Estimator, warm_start=way == "warm_start")
    if failure == "divergence":  # with batches this small, in the first epoch
        est.set_params(solver="sgd", batch_size=10)
    if way == "lbfgs":
        est.set_params(solver="lbfgs")
    state, answers = copy.deepcopy(vars(est)), outputs(est)
    train = est.partial_fit if way == "partial_fit" else est.fit
    with pytest.raises(ValueError):
        FAILURES[failure](train, TARGETS[Estimator])
    assert_unchanged(est, state, answers)


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_a_failed_first_fit_is_none(Estimator, failure):
    est = new(Estimator, solver="sgd", batch_size=10)
    with pytest.raises(ValueError):
        FAILURES[failure](est.fit, TARGETS[Estimator])
    with pytest.raises(NotFittedError):
        check_is_fitted(est)
    with pytest.raises(NotFittedError):
        est.predict(X)
    assert vars(est) == est.get_params()


def raise_in_epoch(monkeypatch, k, exception):
    """Raise an exception amid the k-th epoch from now on, when weights have changed."""
    epochs, fit_epoch = iter(range(1, 1000)), Learner.fit_epoch

    def interrupted(learner, *args):
        loss = fit_epoch(learner, *args)
        if next(epochs) == k:
            raise exception
        return loss

    monkeypatch.setattr(Learner, "fit_epoch", interrupted)


@pytest.mark.parametrize("way", ["fit", "warm_start", "partial_fit"])
@pytest.mark.parametrize("exception", [KeyboardInterrupt, MemoryError, RuntimeError])
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_an_exception_in_the_first_epoch_rolls_back(monkeypatch, Estimator, exception, way):
    est = fitted(Estimator, warm_start=way == "warm_start")
    state, answers = copy.deepcopy(vars(est)), outputs(est)
    raise_in_epoch(monkeypatch, 1, exception)
    with pytest.raises(exception):
        (est.partial_fit if way == "partial_fit" else est.fit)(X, TARGETS[Estimator])
    assert_unchanged(est, state, answers)


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_an_error_in_a_later_epoch_rolls_back(monkeypatch, Estimator):
    est = fitted(Estimator)
    state, answers = copy.deepcopy(vars(est)), outputs(est)
    raise_in_epoch(monkeypatch, 3, MemoryError)
    with pytest.raises(MemoryError):
        est.fit(X, TARGETS[Estimator])
    assert_unchanged(est, state, answers)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_an_interrupt_in_a_later_epoch_keeps_the_best(monkeypatch, Estimator, early_stopping):
    params = dict(early_stopping=early_stopping, max_iter=50, tol=0, learning_rate_init=0.01)
    complete = new(Estimator, **params | {"max_iter": 2}).fit(X, TARGETS[Estimator])
    raise_in_epoch(monkeypatch, 3, KeyboardInterrupt)
    with pytest.warns(UserWarning, match="interrupted.*epoch 3"):
        est = new(Estimator, **params).fit(X, TARGETS[Estimator])
    assert est.n_iter_ == 2
    assert_same(est.loss_curve_, complete.loss_curve_)
    assert_same(outputs(est), outputs(complete))  # of two epochs, the second is the best


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
@pytest.mark.parametrize("n_members", [1, 2])
def test_what_a_subclass_does_not_pickle_survives_a_fit(n_members, fit):
    class WithFile(MLPRegressor):
        def __getstate__(self):
            return {name: value for name, value in vars(self).items() if name != "file"}

    est = new(WithFile, n_members=n_members)
    est.file = file = object()
    getattr(est, fit)(X, X[:, 0])
    assert est.file is file
    assert copy.copy(est).file is file


@pytest.mark.parametrize("n_members", [1, 2])
def test_a_dataclass_which_has_no_hash_predicts_as_its_base(n_members):
    @dataclass(init=False, repr=False)
    class Unhashable(MLPRegressor):
        pass

    with pytest.raises(TypeError, match="unhashable"):
        hash(Unhashable())
    est = new(Unhashable, n_members=n_members).fit(X, TARGETS[MLPRegressor])
    base = fitted(MLPRegressor, n_members=n_members)
    for rows in (X, X[:1]):
        assert_array_equal(est.predict(rows), base.predict(rows))
