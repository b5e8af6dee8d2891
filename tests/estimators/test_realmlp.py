"""RealMLP: the contract of estimators, and what its members do together."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    log_loss,
    roc_auc_score,
    root_mean_squared_error,
)
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknumpynn import RealMLPClassifier, RealMLPRegressor
from sknumpynn.estimators._realmlp_training import n_epochs
from sknumpynn.schedules import AdaptiveSchedule, CosineSchedule

BOTH = [RealMLPClassifier, RealMLPRegressor]
SMALL = dict(hidden_layer_sizes=(8,), max_iter=30, n_members=1)
TINY = dict(hidden_layer_sizes=(4,), max_iter=3, n_members=2, random_state=0)


def make_data(Estimator, n=120):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, 4))
    y = X[:, 0] + np.abs(X[:, 1])
    return X, (y > 1).astype(int) if Estimator is RealMLPClassifier else y


def output(est, X):
    return est.predict_proba(X) if hasattr(est, "predict_proba") else est.predict(X)


def expected_failures(est):
    why = "rows that are repeated are not held out, nor initialise weights, like one with a weight"
    return {"check_sample_weight_equivalence_on_dense_data": why}


checks = parametrize_with_checks(
    [Estimator(**SMALL) for Estimator in BOTH], expected_failed_checks=expected_failures
)
arguments, cases = checks.args


@pytest.mark.parametrize(arguments, list(cases), **checks.kwargs)
def test_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("Estimator", BOTH)
def test_weights_count_rows_where_neither_split_nor_initial_weights_depend_on_them(Estimator, rng):
    """In one batch and without held-out rows: but for rounding, which training in float32 adds."""
    X, y = make_data(Estimator)
    counts = rng.integers(0, 4, len(y))
    est = Estimator(
        "td-s", hidden_layer_sizes=(6,), batch_size=1000, max_iter=16, validation_fraction=0.0
    )
    weighted = clone(est).set_params(random_state=3).fit(X, y, sample_weight=counts)
    repeated = clone(est).set_params(random_state=3).fit(X.repeat(counts, 0), y.repeat(counts))
    ignored = clone(est).set_params(random_state=3).fit(X, y)
    assert_allclose(output(weighted, X), output(repeated, X), atol=1e-4)
    assert np.abs(output(weighted, X) - output(ignored, X)).max() > 0.01


# Recipes and parameters


@pytest.mark.parametrize("Estimator", BOTH)
def test_each_setting_of_a_recipe_is_a_parameter_that_is_none(Estimator):
    defaults = Estimator().get_params()
    for recipe in Estimator._recipes.values():
        assert {defaults[name] for name in recipe} == {None}
        assert set(recipe) == set(Estimator._recipes["default"])
        # What a recipe says is itself allowed, and changes nothing.
        X, y = make_data(Estimator, 40)
        recipe = {**recipe, **TINY, "max_iter": 2}
        Estimator(**{k: v for k, v in recipe.items() if k != "random_state"}).fit(X, y)


@pytest.mark.parametrize("recipe", ["default", "fast", "td", "td-s"])
@pytest.mark.parametrize("Estimator", BOTH)
def test_recipes_learn(Estimator, recipe):
    X, y = make_data(Estimator, 300)
    est = Estimator(recipe, hidden_layer_sizes=32, max_iter=40, random_state=0)
    assert est.fit(X[:200], y[:200]).score(X[200:], y[200:]) > 0.85
    assert len(est.weights_) == {"default": 4, "fast": 2}.get(recipe, 1)


@pytest.mark.parametrize(
    "params",
    [
        dict(recipe="x"),
        dict(n_members=0),
        dict(hidden_layer_sizes=(3, 0)),
        dict(activation="x"),
        dict(spread="iqr"),
        dict(numeric_embedding=False),
        dict(max_one_hot_categories=1.5),
        dict(learning_rate="x"),
        dict(dropout_schedule=AdaptiveSchedule()),
        dict(dropout=1.0),
        dict(max_iter="x"),
        dict(scoring="x"),
        dict(validation_fraction=1.0),
        dict(n_jobs="x"),
        dict(categorical_features="x"),
    ],
    ids=str,
)
@pytest.mark.parametrize("Estimator", BOTH)
def test_wrong_parameters_are_named(Estimator, params):
    X, y = make_data(Estimator, 20)
    with pytest.raises(ValueError, match=f"'?{[*params][0]}"):
        Estimator(**{**TINY, **params}).fit(X, y)


@pytest.mark.parametrize(
    "params",
    [
        dict(numeric_embedding="none"),
        dict(init="normal"),
        dict(front_lr_scale=0.0),
        dict(activation_lr_scale=0.0),
        dict(embedding_lr_scale=0.5),
        dict(bias_lr_scale=0.5),
        dict(activation="relu"),
        dict(learning_rate=CosineSchedule()),
        dict(learning_rate="constant"),
        dict(learning_rate_init=0.01),
        dict(dropout=0.0),
        dict(dropout_schedule="constant"),
        dict(weight_decay=0.5),
        dict(weight_decay_schedule="cosine"),
        dict(batch_size=20),
        dict(beta_1=0.5),
        dict(beta_2=0.5),
        dict(epsilon=1.0),
        dict(validation_fraction=0.4),
        dict(max_iter=5),
        dict(n_members=3),
    ],
    ids=str,
)
@pytest.mark.parametrize("Estimator", BOTH)
def test_each_parameter_matters(Estimator, params):
    X, y = make_data(Estimator, 60)
    one, other = Estimator(**TINY).fit(X, y), Estimator(**{**TINY, **params}).fit(X, y)
    assert (output(one, X) != output(other, X)).any()


@pytest.mark.parametrize("Estimator", BOTH)
def test_the_spread_of_a_column_of_zeros(Estimator):
    X, y = make_data(Estimator, 60)
    X[np.arange(60) % 5 > 0, 3] = 0

    def scale(recipe, **params):
        return Estimator(recipe, **TINY, **params).fit(X, y).encoder_.scale_[3]

    assert scale("td") == scale("td-s") == scale("fast", spread="range")
    assert scale("default") == scale("fast") == scale("td", spread="others") < scale("td")


def test_automatic_epochs():
    assert [n_epochs("auto", k) for k in (1, 655, 800, 1024, 9999)] == [100, 100, 82, 64, 64]
    assert n_epochs(7, 10) == 7


# Members and epochs


@pytest.mark.parametrize("Estimator", BOTH)
def test_members_are_averaged(Estimator):
    X, y = make_data(Estimator)
    est = Estimator(**{**TINY, "n_members": 3}, **uncalibrated(Estimator)).fit(X, y)
    alone = []
    for weights in est.weights_:
        member = clone(est).fit(X, y)
        member.weights_ = [weights]
        alone.append(output(member, X))
    assert_allclose(output(est, X), np.mean(alone, axis=0))
    assert len({weights.tobytes() for weights in est.weights_}) == 3


def test_standard_deviation_of_the_members():
    X, y = make_data(RealMLPRegressor)
    est = RealMLPRegressor(**TINY).fit(X, np.column_stack([y, 100 * X[:, 0]]))
    (y_mean, y_std), alone = est.predict(X, return_std=True), []
    for weights in est.weights_:
        est.weights_ = [weights]
        alone.append(est.predict(X))
    assert_allclose(y_mean, np.mean(alone, axis=0))
    assert_allclose(y_std, np.std(alone, axis=0))
    with pytest.raises(ValueError, match="return_std needs several members"):
        est.predict(X, return_std=True)


def uncalibrated(Estimator):
    return {"calibrate": False} if Estimator is RealMLPClassifier else {}


@pytest.mark.parametrize("Estimator", BOTH)
def test_each_member_keeps_its_best_epoch_the_latest_of_equals(Estimator):
    X, y = make_data(Estimator, 200)
    est = Estimator(**{**TINY, "max_iter": 20}).fit(X, y)
    assert est.n_iter_ == 20
    for scores, losses, best in zip(
        est.score_curves_, est.loss_curves_, est.best_iters_, strict=True
    ):
        assert len(scores) == len(losses) == 20
        assert best == 20 - int(np.argmax(scores[::-1]))


@pytest.mark.parametrize("Estimator", BOTH)
@pytest.mark.parametrize("is_weighted", [False, True])
def test_scores_are_those_of_given_validation_rows(Estimator, is_weighted, rng):
    X, y = make_data(Estimator, 190)
    weights = rng.uniform(size=90) if is_weighted else None
    given = dict(X_val=X[100:], y_val=y[100:], sample_weight_val=weights)
    classifies = Estimator is RealMLPClassifier
    scoring = "accuracy" if classifies else None
    est = Estimator(**{**TINY, "n_members": 1}, scoring=scoring).fit(X[:100], y[:100], **given)
    error = accuracy_score if classifies else root_mean_squared_error
    score = error(y[100:], est.predict(X[100:]), sample_weight=weights)
    best = max(est.score_curves_[0])
    assert abs(best) == pytest.approx(score, rel=1e-6)
    # Validation rows teach nothing: without any, the last of as many epochs is the same network.
    blind = Estimator(**{**TINY, "n_members": 1}, validation_fraction=0.0)
    blind.set_params(max_iter=3).fit(X[:100], y[:100])
    assert_array_equal(blind.loss_curves_[0], est.loss_curves_[0])
    assert (blind.best_iters_, blind.score_curves_) == ([3], [[]])


SCORES = {
    "loss": lambda y, P: -log_loss(y, P),
    "neg_log_loss": lambda y, P: -log_loss(y, P),
    "neg_brier_score": lambda y, P: -brier_score_loss(y, P[:, 1]),
    "roc_auc": lambda y, P: roc_auc_score(y, P[:, 1]),
}


@pytest.mark.parametrize("scoring", [*SCORES, "a function"])
def test_other_scores(scoring):
    X, y = make_data(RealMLPClassifier, 190)
    given = dict(X_val=X[100:], y_val=y[100:])
    score = SCORES.get(scoring, SCORES["loss"])

    def own(est, X, y):
        return score(y, est.predict_proba(X))

    scorer = own if scoring == "a function" else scoring
    params = {**TINY, "n_members": 1, "calibrate": False, "scoring": scorer}
    est = RealMLPClassifier(**params).fit(X[:100], y[:100], **given)
    expected = score(y[100:], est.predict_proba(X[100:]))
    assert max(est.score_curves_[0]) == pytest.approx(expected, rel=1e-5)
    assert est.best_iters_[0] == 3 - int(np.argmax(est.score_curves_[0][::-1]))


@pytest.mark.parametrize("is_weighted", [False, True])
def test_the_brier_score_of_three_classes_is_the_squared_distance_from_the_truth(is_weighted, rng):
    X, y = rng.standard_normal((90, 4)), rng.integers(0, 3, 90)
    weights = rng.uniform(size=40) if is_weighted else None
    given = dict(X_val=X[50:], y_val=y[50:], sample_weight_val=weights)
    params = {**TINY, "n_members": 1, "calibrate": False, "scoring": "neg_brier_score"}
    est = RealMLPClassifier(**params).fit(X[:50], y[:50], **given)
    distances = ((est.predict_proba(X[50:]) - np.eye(3)[y[50:]]) ** 2).sum(axis=1)
    expected = -np.average(distances, weights=weights)
    assert max(est.score_curves_[0]) == pytest.approx(expected, rel=1e-5)


def test_scores_that_are_no_numbers_choose_the_last_epoch():
    X, y = make_data(RealMLPClassifier)
    est = RealMLPClassifier(**TINY, scoring=lambda est, X, y: np.nan).fit(X, y)
    assert est.best_iters_ == [3, 3]


@pytest.mark.parametrize("Estimator", BOTH)
def test_random_state_determines_all_and_processes_nothing(Estimator):
    X, y = make_data(Estimator)
    first = output(Estimator(**TINY).fit(X, y), X)
    assert_array_equal(output(Estimator(**TINY, n_jobs=2).fit(X, y), X), first)
    other = Estimator(**{**TINY, "random_state": 1}).fit(X, y)
    assert (output(other, X) != first).any()


# Predictions


def test_predictions_stay_within_the_range_trained_on():
    X, y = make_data(RealMLPRegressor)
    for clips in (True, False):
        est = RealMLPRegressor(**{**TINY, "max_iter": 20}, clip_predictions=clips).fit(X, y)
        far = est.predict(1e6 * np.random.default_rng(1).standard_normal((500, 4)))
        assert (y.min() <= far.min() and far.max() <= y.max()) == clips


@pytest.mark.parametrize("shift, scale", [(0, 1e-150), (-3e8, 1e6), (1, 1e150)])
def test_scale_of_the_target_does_not_matter(shift, scale):
    X, y = make_data(RealMLPRegressor)
    plain = RealMLPRegressor(**TINY).fit(X, y).predict(X)
    moved = RealMLPRegressor(**TINY).fit(X, shift + scale * y).predict(X)
    assert_allclose((moved - shift) / scale, plain, rtol=1e-3, atol=1e-3)


def test_several_targets():
    X, y = make_data(RealMLPRegressor)
    Y = np.column_stack([y, 100 - 50 * y, np.full(len(y), 7.0)])
    est = RealMLPRegressor(hidden_layer_sizes=32, max_iter=60, n_members=2, random_state=0)
    P = est.fit(X, Y).predict(X)
    assert P.shape == Y.shape
    assert est.score(X, Y) > 0.9
    assert_array_equal(P[:, 2], 7)


@pytest.mark.parametrize("y", [np.zeros(30, int), np.array(["only"] * 30)])
def test_a_single_class(y):
    est = RealMLPClassifier(**TINY).fit(make_data(RealMLPClassifier, 30)[0], y)
    assert_allclose(est.predict_proba(np.zeros((5, 4))), np.ones((5, 1)))
    assert_array_equal(est.predict(np.zeros((5, 4))), y[:5])


def test_one_class_in_a_column_constant_target_and_log_probabilities():
    X, y = make_data(RealMLPRegressor)
    assert_array_equal(RealMLPRegressor(**TINY).fit(X, np.full(120, 3.5)).predict(X), 3.5)
    est = RealMLPClassifier(**TINY).fit(X, y > 1)
    assert_allclose(np.exp(est.predict_log_proba(X)), est.predict_proba(X))


@pytest.mark.parametrize("n_members", [3, 4])
def test_the_mean_of_members_is_neither_too_large_nor_out_of_the_range(n_members):
    X, y = make_data(RealMLPRegressor)
    est = RealMLPRegressor(**{**TINY, "n_members": n_members})
    large = np.finfo(float).max / 2
    for constant in 0.1, large:
        assert_array_equal(est.fit(X, np.full(120, constant)).predict(X), constant)
    y /= np.abs(y).max()
    expected = est.fit(X, y).predict(X)
    assert_allclose(est.fit(X, y * large).predict(X) / large, expected, rtol=1e-5)


# Fitted state


@pytest.mark.parametrize("Estimator", BOTH)
def test_pickle_and_clone(Estimator):
    X, y = make_data(Estimator, 2000)
    est = Estimator(**{**TINY, "max_iter": 1}).fit(X, y)
    assert_array_equal(output(pickle.loads(pickle.dumps(est)), X), output(est, X))
    few = Estimator(**{**TINY, "max_iter": 1}).fit(X[:500], y[:500])
    assert abs(len(pickle.dumps(est)) - len(pickle.dumps(few))) < 100  # it holds no data
    assert not hasattr(clone(est), "weights_")


@pytest.mark.parametrize("Estimator", BOTH)
def test_a_failed_fit_changes_nothing(Estimator, monkeypatch):
    X, y = make_data(Estimator)
    est = Estimator(**TINY).fit(X, y)
    state, before = pickle.dumps(est), output(est, X)
    with pytest.raises(ValueError, match="infinity|inf"):
        est.fit(np.full((9, 2), np.inf), np.arange(9) % 2)
    with pytest.raises(ValueError, match="classes not in|columns|features"):
        est.fit(X[:, :2], y, X_val=X[:9], y_val=y[:9])
    with pytest.raises(ValueError, match="go together"):
        est.fit(X[:, :2], y, X_val=X)
    with pytest.raises(ValueError, match="goes with X_val"):
        est.fit(X[:, :2], y, sample_weight_val=y)
    assert pickle.dumps(est) == state
    monkeypatch.setattr("sknumpynn.estimators._base_realmlp.train_member", None)
    with pytest.raises(TypeError):
        est.fit(X[:, :2], y)
    assert pickle.dumps(est) == state
    assert_array_equal(output(est, X), before)


@pytest.mark.parametrize("Estimator", BOTH)
def test_grid_search(Estimator):
    X, y = make_data(Estimator)
    grid = {"recipe": ["td", "td-s"], "learning_rate": ["coslog4", CosineSchedule()]}
    search = GridSearchCV(Estimator(**SMALL), grid, cv=2, error_score="raise").fit(X, y)
    assert search.score(X, y) > 0.5


# Real tables that scikit-learn has


def test_breast_cancer():
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    est = RealMLPClassifier("fast", random_state=0).fit(X[:400], y[:400])
    assert est.score(X[400:], y[400:]) > 0.95


def test_diabetes():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    est = RealMLPRegressor("fast", random_state=0).fit(X[:300], y[:300])
    assert est.score(X[300:], y[300:]) > 0.45
