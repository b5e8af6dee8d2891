"""Several members: an estimator of K networks is the mean of K estimators of one."""

import pickle
from itertools import count

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score
from sklearn.utils import check_random_state

from sknumpynn import (
    Learner,
    Linear,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    ReLu,
    Sequential,
)
from sknumpynn.inspection._curves import read_curves
from sknumpynn.layers import BatchNorm, Dropout
from sknumpynn.saving import save_weights
from sknumpynn.stacking import Stack

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

K = 6
rng = np.random.default_rng(0)
X, X_NEW = rng.normal(size=(120, 4)), rng.normal(size=(30, 4))
NUMBERS = X[:, 0] * X[:, 1] + 0.3 * rng.normal(size=120)
BINARY, SEVERAL = np.where(NUMBERS > 0, "yes", "no"), np.digitize(NUMBERS, [-0.5, 0.5])
LABELS = np.column_stack([NUMBERS > 0, X[:, 2] > 0]).astype(int)
WEIGHTS = rng.uniform(0.5, 2, size=120)

PARAMS = dict(max_iter=12, batch_size=32, learning_rate_init=0.02)
MLP = dict(hidden_layer_sizes=(6,), **PARAMS)
NETWORK = Sequential(Linear(outputs=6), BatchNorm(), ReLu(), Dropout(0.1))

CASES = {
    "binary": (MLPClassifier(**MLP), BINARY),
    "several classes": (MLPClassifier(**MLP, solver="sgd", dropout=0.2), SEVERAL),
    "several labels": (MLPClassifier(**MLP, label_smoothing=0.1), LABELS),
    "balanced": (MLPClassifier(**MLP, class_weight="balanced", clip_norm=0.5), SEVERAL),
    "early stopping": (
        MLPClassifier(**MLP | {"max_iter": 40}, early_stopping=True, n_iter_no_change=2),
        BINARY,
    ),
    "lbfgs": (MLPClassifier(**MLP, solver="lbfgs"), BINARY),
    "numbers": (MLPRegressor(**MLP, scale_target=True, learning_rate="cosine"), NUMBERS),
    "two columns": (MLPRegressor(**MLP, solver="adamw"), np.column_stack([NUMBERS, X[:, 2]])),
    "poisson": (MLPRegressor(**MLP, loss="poisson"), np.abs(NUMBERS)),
    "quantiles": (MLPRegressor(**MLP, loss="quantile", quantile=(0.1, 0.9)), NUMBERS),
    "gaussian": (MLPRegressor(**MLP, loss="gaussian_nll", scale_target=True), NUMBERS),
    "float32": (MLPRegressor(**MLP, dtype="float32", solver="rmsprop"), NUMBERS),
    "adaptive": (
        MLPRegressor(**MLP | {"max_iter": 60}, solver="sgd", learning_rate="adaptive", tol=0.01),
        NUMBERS,
    ),
    "layers": (NetworkClassifier(NETWORK, **PARAMS, optimizer="sgd"), SEVERAL),
    "layers, average": (NetworkRegressor(NETWORK, **PARAMS, average=0.9), NUMBERS),
}
every_case = pytest.mark.parametrize("name", CASES)


def separate(est, y, **fit_params):
    seeds = check_random_state(0).randint(2**31 - 1, size=K)
    return [clone(est).set_params(random_state=int(s)).fit(X, y, **fit_params) for s in seeds]


def together(est, **params):
    return clone(est).set_params(**{"random_state": 0, "n_members": K, **params})


def mean_of(members, method="predict"):
    return np.mean([getattr(member, method)(X_NEW) for member in members], axis=0)


@every_case
def test_members_are_separately_seeded_fits_and_predictions_their_mean(name):
    est, y = CASES[name]
    members, ensemble = separate(est, y), together(est).fit(X, y)
    tol = 1e-4 if est.dtype == "float32" else 1e-10
    assert [m.n_iter_ for m in ensemble.estimators_] == [m.n_iter_ for m in members]
    assert ensemble.n_iter_ == max(m.n_iter_ for m in members)
    for one, other in zip(ensemble.estimators_, members, strict=True):
        assert_allclose(one.loss_, other.loss_, rtol=tol)
        assert one.get_params()["random_state"] == other.random_state
    if hasattr(est, "predict_proba"):
        P = mean_of(members, "predict_proba")
        assert_allclose(ensemble.predict_proba(X_NEW), P, rtol=tol, atol=tol)
        assert_allclose(ensemble.predict_log_proba(X_NEW), np.log(P), rtol=tol, atol=tol)
        labels = P > 0.5 if y.ndim == 2 else ensemble.classes_[P.argmax(axis=1)]
        assert_array_equal(ensemble.predict(X_NEW), labels)
        assert ensemble.score(X, y) == accuracy_score(y, ensemble.predict(X))
    else:
        predictions = ensemble.predict(X_NEW)
        assert predictions.dtype == members[0].predict(X_NEW).dtype
        assert_allclose(predictions, mean_of(members), rtol=tol, atol=tol)


@pytest.mark.parametrize("name", ["numbers", "gaussian", "two columns", "quantiles"])
def test_standard_deviation_of_the_mixture(name):
    est, y = CASES[name]
    members, ensemble = separate(est, y), together(est).fit(X, y)
    predictions, std = ensemble.predict(X_NEW, return_std=True)
    means = np.array([member.predict(X_NEW) for member in members])
    square = np.square(means)
    if name == "gaussian":
        square += np.square([member.predict(X_NEW, return_std=True)[1] for member in members])
    assert_array_equal(predictions, ensemble.predict(X_NEW))
    assert_allclose(std**2, square.mean(axis=0) - means.mean(axis=0) ** 2, rtol=1e-7, atol=1e-10)


def test_numbers_near_the_largest_have_a_mean_and_a_deviation():
    est = together(MLPRegressor(**MLP)).fit(X, NUMBERS)
    for k, member in enumerate(est.estimators_):
        member.coefs_[-1][:] = 0
        member.intercepts_[-1][:] = 1.7e308 * (-1) ** k
    predictions, std = est.predict(X_NEW, return_std=True)
    assert_allclose(predictions, 0, atol=1e300)
    assert_allclose(std, 1.7e308)


def test_small_networks_train_in_lock_step(stack_sizes):
    together(MLPClassifier(**MLP)).fit(X, BINARY)
    assert stack_sizes == [K]
    together(MLPClassifier(**MLP | {"hidden_layer_sizes": (600,)}, n_members=K)).fit(X, BINARY)
    together(MLPClassifier(**MLP), n_members=2).fit(X, BINARY)
    assert stack_sizes == [K]


@pytest.mark.parametrize("name", ["balanced", "numbers", "layers"])
def test_weights_and_validation_rows_go_to_each_member(name):
    est, y = CASES[name]
    given = dict(sample_weight=WEIGHTS, X_val=X[:40], y_val=y[:40], sample_weight_val=WEIGHTS[:40])
    ensemble, members = together(est).fit(X, y, **given), separate(est, y, **given)
    method = "predict_proba" if hasattr(est, "predict_proba") else "predict"
    assert_allclose(getattr(ensemble, method)(X_NEW), mean_of(members, method), rtol=1e-9)
    for one, other in zip(ensemble.estimators_, members, strict=True):
        assert_allclose(one.validation_scores_, other.validation_scores_, rtol=1e-9)


def test_weights_of_zero_are_rows_left_out():
    est, weights = MLPClassifier(**MLP), np.where(np.arange(120) % 3, 1.0, 0.0)
    ensemble = together(est).fit(X, BINARY, sample_weight=weights)
    members = separate(est, BINARY, sample_weight=weights)
    assert_allclose(ensemble.predict_proba(X_NEW), mean_of(members, "predict_proba"), rtol=1e-10)


def test_sparse_data_train_one_after_the_other():
    est = MLPClassifier(**MLP)
    ensemble = together(est).fit(sparse.csr_array(X), BINARY)
    assert_allclose(
        ensemble.predict_proba(X_NEW), mean_of(separate(est, BINARY), "predict_proba"), rtol=1e-8
    )


# Going on


def test_partial_fit_trains_each_member_for_an_epoch():
    est = MLPClassifier(**MLP)
    ensemble, seeds = together(est), check_random_state(0).randint(2**31 - 1, size=K)
    members = [clone(est).set_params(random_state=int(seed)) for seed in seeds]
    for part in (slice(0, 60), slice(60, 120)):
        for each in (ensemble, *members):
            each.partial_fit(X[part], BINARY[part], classes=["no", "yes"])
    assert_allclose(ensemble.predict_proba(X_NEW), mean_of(members, "predict_proba"), rtol=1e-10)
    assert ensemble.estimators_[0].t_ == 120


@pytest.mark.parametrize("warm_start", [True, "exact"])
def test_warm_start_goes_on_with_each_member(warm_start):
    est = MLPRegressor(**MLP, warm_start=warm_start)
    ensemble, members = together(est).fit(X, NUMBERS), separate(est, NUMBERS)
    first = ensemble.estimators_
    before = [member.coefs_[0].copy() for member in first]
    ensemble.set_params(learning_rate_init=0.005).fit(X, NUMBERS)
    for member in members:
        member.set_params(learning_rate_init=0.005).fit(X, NUMBERS)
    assert_allclose(ensemble.predict(X_NEW), mean_of(members), rtol=1e-9)
    assert all(map(np.array_equal, before, [member.coefs_[0] for member in first]))


@pytest.mark.parametrize("n_before, n_after", [(1, 3), (3, 1), (3, 2)])
def test_warm_start_with_another_number_of_members_is_an_error(n_before, n_after):
    est = MLPRegressor(**MLP, n_members=n_before, warm_start=True).fit(X, NUMBERS)
    before = est.predict(X_NEW)
    with pytest.raises(ValueError, match=f"n_members={n_after} does not go with the fitted"):
        est.set_params(n_members=n_after).fit(X, NUMBERS)
    assert_array_equal(est.predict(X_NEW), before)
    est.set_params(warm_start=False).fit(X, NUMBERS)
    assert hasattr(est, "coefs_") == (n_after == 1) == (not hasattr(est, "estimators_"))


# Faults


def test_an_error_in_a_member_changes_nothing():
    est = together(MLPRegressor(**MLP)).fit(X, NUMBERS)
    before, state = est.predict(X_NEW), set(vars(est))
    with pytest.raises(ValueError, match="non-finite"):
        est.set_params(solver="sgd", learning_rate_init=1e200).fit(X, NUMBERS)
    assert_array_equal(est.predict(X_NEW), before)
    assert set(vars(est)) == state


def interrupting(est, X, y):
    raise KeyboardInterrupt


def test_an_interrupt_in_the_first_epoch_leaves_the_estimator_as_it_was():
    est = together(MLPClassifier(**MLP, scoring=interrupting))
    with pytest.raises(KeyboardInterrupt):
        est.fit(X, BINARY, X_val=X[:50], y_val=BINARY[:50])
    assert not hasattr(est, "estimators_") and not hasattr(est, "classes_")


def test_an_interrupt_of_the_lock_step_keeps_the_epochs_before(monkeypatch):
    epochs, fit_epoch = [], Stack.fit_epoch

    def interrupt():
        raise KeyboardInterrupt

    def interrupted(stack, *args):
        epochs.append(0)
        if len(epochs) == 3:
            stack.after_step = interrupt
        return fit_epoch(stack, *args)

    monkeypatch.setattr(Stack, "fit_epoch", interrupted)
    est = together(MLPClassifier(**MLP))
    with pytest.warns(UserWarning, match="interrupted by user in epoch 3"):
        est.fit(X, BINARY)
    monkeypatch.undo()
    shorter = together(MLPClassifier(**MLP | {"max_iter": 2})).fit(X, BINARY)
    assert_array_equal(est.predict_proba(X_NEW), shorter.predict_proba(X_NEW))


def interrupting_at(call):
    """A scorer that is interrupted at a call."""
    calls = count(1)

    def score(est, X, y):
        if next(calls) == call:
            raise KeyboardInterrupt
        return 0.5

    return score


def test_an_interrupt_between_epochs_ends_all_members():
    """Though it comes while one of them is validated, which could take it for its own."""
    est = together(MLPClassifier(**MLP, scoring=interrupting_at(2 * K + 2)))
    with pytest.warns(UserWarning, match="interrupted by user in epoch"):
        est.fit(X, BINARY, X_val=X[:50], y_val=BINARY[:50])
    assert [member.n_iter_ for member in est.estimators_] == [3] + [2] * (K - 1)


@pytest.mark.parametrize("call", [2, K])
def test_an_interrupt_of_some_member_in_the_first_epoch_is_raised(call):
    est = together(MLPClassifier(**MLP, scoring=interrupting_at(call)))
    with pytest.raises(KeyboardInterrupt):
        est.fit(X, BINARY, X_val=X[:50], y_val=BINARY[:50])
    assert not hasattr(est, "estimators_")


def test_an_interrupt_of_members_that_train_one_by_one_leaves_all_as_it_was(monkeypatch):
    epochs, fit_epoch = [], Learner.fit_epoch

    def interrupted(learner, *args):
        epochs.append(0)
        if len(epochs) == 5:
            raise KeyboardInterrupt
        return fit_epoch(learner, *args)

    monkeypatch.setattr(Learner, "fit_epoch", interrupted)
    est = together(MLPClassifier(**MLP, average=0.9))
    with pytest.raises(KeyboardInterrupt):
        est.fit(X, BINARY)
    assert len(epochs) == 5 and not hasattr(est, "estimators_")


def test_memory_is_short_in_lock_step(monkeypatch):
    def fail(stack, *args):
        raise MemoryError

    monkeypatch.setattr(Stack, "fit_epoch", fail)
    est = together(MLPClassifier(**MLP))
    with pytest.raises(MemoryError):
        est.fit(X, BINARY)
    assert not hasattr(est, "estimators_")


@pytest.mark.filterwarnings("default::sklearn.exceptions.ConvergenceWarning")
def test_warnings_of_members_are_given():
    with pytest.warns(ConvergenceWarning, match="Maximum iterations") as caught:
        together(MLPClassifier(**MLP)).fit(X, BINARY)
    assert len(caught) == K and caught[0].filename == __file__


# What else there is


class Doubled:
    """Train and predict on twice X."""

    def fit(self, X, y):
        return super().fit(2 * X, y)

    def predict(self, X, **how):
        return super().predict(2 * X, **how)

    def predict_proba(self, X):
        return super().predict_proba(2 * X)


@pytest.mark.parametrize("name", ["several classes", "numbers", "gaussian", "layers"])
def test_what_a_subclass_does_to_x_is_done_once(name):
    est, y = CASES[name]
    kind = type(est)
    doubled = type("Mine", (Doubled, kind), {"__init__": kind.__init__})
    params = {"random_state": 0, "n_members": 2}
    mine = doubled(**{**est.get_params(deep=False), **params}).fit(X, y)
    plain = together(est, **params).fit(2 * X, y)
    method = "predict_proba" if hasattr(est, "predict_proba") else "predict"
    assert_array_equal(getattr(mine, method)(X_NEW), getattr(plain, method)(2 * X_NEW))
    if method == "predict":
        assert_array_equal(
            mine.predict(X_NEW, return_std=True), plain.predict(2 * X_NEW, return_std=True)
        )


class Pair(MLPClassifier):
    """A subclass that has settled most parameters, the number of members among them."""

    def __init__(self, alpha=1e-4):
        super().__init__(**MLP, alpha=alpha, n_members=2, random_state=0)


def test_a_subclass_may_settle_the_number_of_members():
    expected = together(MLPClassifier(**MLP), alpha=0.1, n_members=2).fit(X, BINARY)
    pair = Pair(alpha=0.1).fit(X, BINARY)
    assert_array_equal(pair.predict_proba(X_NEW), expected.predict_proba(X_NEW))
    for est in (pair, expected):
        est.partial_fit(X, BINARY)
    assert_array_equal(pair.predict_proba(X_NEW), expected.predict_proba(X_NEW))


@pytest.mark.parametrize("n_members", [0, 1.5, "3", None])
def test_a_number_of_members_is_checked(n_members):
    with pytest.raises(ValueError, match="n_members"):
        MLPClassifier(n_members=n_members).fit(X, BINARY)


@pytest.mark.parametrize("name", ["binary", "numbers", "layers"])
def test_features_gradients_and_summary(name):
    est, y = CASES[name]
    ensemble = together(est).fit(X, y)
    members = ensemble.estimators_
    assert_array_equal(
        ensemble.transform(X_NEW), np.hstack([member.transform(X_NEW) for member in members])
    )
    assert len(ensemble.get_feature_names_out()) == 6 * K
    assert_allclose(ensemble.input_gradients(X_NEW), mean_of(members, "input_gradients"))
    lines, of_one = ensemble.summary().splitlines(), members[0].summary().splitlines()
    assert lines[:-1] == of_one[:-1] and lines[-1].startswith(f"total, each of {K}")
    assert len(read_curves(ensemble, "", "loss")) == K


def test_what_is_of_one_network_is_refused(tmp_path):
    est = together(MLPClassifier(**MLP)).fit(X, BINARY)
    with pytest.raises(ValueError, match="one by one"):
        est.to_sklearn()
    with pytest.raises(ValueError, match="one by one"):
        save_weights(est, tmp_path / "weights.npz")
    assert not hasattr(est, "coefs_")


@pytest.mark.parametrize("name", ["binary", "numbers", "layers"])
def test_a_pickle_predicts_and_trains_alike(name):
    est, y = CASES[name]
    ensemble = together(est, warm_start=True).fit(X, y)
    copy = pickle.loads(pickle.dumps(ensemble))
    for each in (copy, ensemble):
        each.fit(X, y)
    assert_array_equal(copy.predict(X_NEW), ensemble.predict(X_NEW))
