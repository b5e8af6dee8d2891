"""Within what scikit-learn has that takes an estimator, the numbers are those of its own MLP."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn import config_context
from sklearn import neural_network as sk
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import (  # noqa: F401
    enable_halving_search_cv,
    enable_iterative_imputer,
)
from sklearn.feature_selection import RFE, SelectFromModel, SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.impute import IterativeImputer
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression, RANSACRegressor, Ridge
from sklearn.model_selection import (
    FixedThresholdClassifier,
    HalvingGridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_val_score,
    learning_curve,
    permutation_test_score,
    validation_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

import sknumpynn

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

rng = np.random.default_rng(0)
X = rng.normal(size=(90, 4))
Y = X @ rng.normal(size=(4, 3)) + 0.3 * rng.normal(size=(90, 3))
NUMBERS, TWO = Y[:, 0], np.where(Y[:, 0] > 0, "yes", "no")
THREE, LABELS = np.array(["a", "b", "c"])[Y.argmax(axis=1)], (Y > 0).astype(int)
WITH_GAPS = np.where(rng.random(X.shape) < 0.1, np.nan, X)
PARTLY_KNOWN = np.where(np.arange(90) % 3, LABELS[:, 0], -1)
WEIGHTS = rng.uniform(0.5, 2, size=90)
PARAMS = dict(
    hidden_layer_sizes=(6,), max_iter=4, batch_size=20, learning_rate_init=0.03, random_state=0
)  # fmt: skip
GRID, SEED = {"alpha": [1e-4, 0.1]}, {"random_state": 0}


def first_weights(est):
    return np.abs(est.coefs_[0]).sum(axis=1)


def frozen(est):
    return FrozenEstimator(est.fit(X, THREE))


# A function of an estimator, unfitted, that makes another; and the target of that.
CLASSIFIERS = {
    "bagging": (lambda e: BaggingClassifier(e, 3, max_features=0.5, **SEED), THREE),
    "boosting": (lambda e: AdaBoostClassifier(e, n_estimators=3, **SEED), THREE),
    "voting": (lambda e: VotingClassifier([("e", e)], voting="soft"), THREE),
    "stacking": (lambda e: StackingClassifier([("e", e)], e, cv=2, passthrough=True), THREE),
    "prefit stack": (lambda e: StackingClassifier([("e", e.fit(X, THREE))], cv="prefit"), THREE),
    "sigmoid": (lambda e: CalibratedClassifierCV(e, cv=2), THREE),
    "isotonic": (lambda e: CalibratedClassifierCV(e, method="isotonic", ensemble=False), THREE),
    "frozen": (lambda e: CalibratedClassifierCV(frozen(e)), THREE),
    "one against the rest": (OneVsRestClassifier, THREE),
    "labels, one by one": (OneVsRestClassifier, LABELS),
    "output code": (lambda e: OutputCodeClassifier(e, **SEED), THREE),
    "tuned": (lambda e: TunedThresholdClassifierCV(e, cv=2), TWO),
    "fixed": (lambda e: FixedThresholdClassifier(e, threshold=0.3), TWO),
    "self-training": (lambda e: SelfTrainingClassifier(e, threshold=0.6), PARTLY_KNOWN),
    "chain": (lambda e: ClassifierChain(e, cv=2, **SEED), LABELS),
    "halving": (lambda e: HalvingGridSearchCV(e, GRID, cv=2, min_resources=50, **SEED), THREE),
    "features": (lambda e: make_pipeline(RFE(e, importance_getter=first_weights), e), THREE),
}
REGRESSORS = {
    "bagging": (lambda e: BaggingRegressor(e, 3, max_samples=0.5, **SEED), NUMBERS),
    "boosting": (lambda e: AdaBoostRegressor(e, n_estimators=3, **SEED), NUMBERS),
    "voting": (lambda e: VotingRegressor([("e", e), ("r", Ridge())]), NUMBERS),
    "stacking": (lambda e: StackingRegressor([("e", e)], e, cv=2, passthrough=True), NUMBERS),
    "target": (lambda e: TransformedTargetRegressor(e, transformer=StandardScaler()), NUMBERS),
    "consensus": (lambda e: RANSACRegressor(e, min_samples=40, max_trials=3, **SEED), NUMBERS),
    "columns": (MultiOutputRegressor, Y),
    "chain": (lambda e: RegressorChain(e, cv=2, **SEED), Y),
}
# Functions of an estimator that give numbers.
OF_CLASSIFIERS = {
    "one against one": lambda e: OneVsOneClassifier(e).fit(X, THREE).decision_function(X),
    "several targets": lambda e: MultiOutputClassifier(e).fit(X, LABELS).predict_proba(X),
    "probabilities": lambda e: cross_val_predict(e, X, THREE, cv=3, method="predict_proba"),
    "rising": lambda e: learning_curve(
        e, X, THREE, cv=2, train_sizes=[0.5, 1.0], exploit_incremental_learning=True
    )[2],
    "permuted": lambda e: permutation_test_score(e, X, THREE, cv=2, n_permutations=2, **SEED)[1],
    "parameter": lambda e: validation_curve(
        e, X, THREE, param_name="alpha", param_range=[0.1, 1.0], cv=2
    )[1],
    "chosen": lambda e: (
        SelectFromModel(e, importance_getter=first_weights).fit(X, THREE).transform(X)
    ),
    "one by one": lambda e: (
        SequentialFeatureSelector(e, n_features_to_select=1, cv=2).fit(X, THREE).transform(X)
    ),
    "in parts": lambda e: (
        OneVsRestClassifier(e)
        .partial_fit(X[:60], THREE[:60], classes=["a", "b", "c"])
        .partial_fit(X[60:], THREE[60:])
        .predict_proba(X)
    ),
}
OF_REGRESSORS = {
    "gaps": lambda e: IterativeImputer(e, max_iter=1, tol=1e9, **SEED).fit_transform(WITH_GAPS),
    "importance": lambda e: (
        permutation_importance(e.fit(X, NUMBERS), X, NUMBERS, n_repeats=2, **SEED).importances
    ),
    "dependence": lambda e: partial_dependence(e.fit(X, NUMBERS), X, [0], grid_resolution=4)[
        "average"
    ],
}


def assert_same(kind, compute, rtol=1e-6, atol=1e-9):
    ours, theirs = (compute(getattr(module, kind)(**PARAMS)) for module in (sknumpynn, sk))
    assert_allclose(ours, theirs, rtol=rtol, atol=atol)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifiers(name):
    make, y = CLASSIFIERS[name]

    def compute(est):
        model = make(est).fit(X, y)
        classes = getattr(model, "classes_", None)
        answer = getattr(model, "predict_proba", model.predict)(X)
        return answer if answer.dtype.kind != "U" else np.searchsorted(classes, answer)

    assert_same("MLPClassifier", compute)


@pytest.mark.parametrize("name", REGRESSORS)
def test_regressors(name):
    make, y = REGRESSORS[name]
    assert_same("MLPRegressor", lambda est: make(est).fit(X, y).predict(X))


@pytest.mark.parametrize("name", OF_CLASSIFIERS)
def test_functions_of_classifiers(name):
    assert_same("MLPClassifier", OF_CLASSIFIERS[name])


@pytest.mark.parametrize("name", OF_REGRESSORS)
def test_functions_of_regressors(name):
    assert_same("MLPRegressor", OF_REGRESSORS[name])


def test_gradient_boosting_may_start_from_a_network():
    def compute(est):  # trees, and so the network, get X in float32
        model = GradientBoostingClassifier(init=est, n_estimators=2, **SEED)
        return model.fit(X, THREE, sample_weight=WEIGHTS).predict_proba(X)

    assert_same("MLPClassifier", compute, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("in_fit, in_score", [(True, True), (True, False), (False, True)])
def test_weights_go_where_they_are_requested(in_fit, in_score):
    def compute(est):
        est.set_fit_request(sample_weight=in_fit).set_score_request(sample_weight=in_score)
        bag = BaggingClassifier(est, 2, **SEED).set_score_request(sample_weight=False)
        weights = {"sample_weight": WEIGHTS}
        scores = cross_val_score(est, X, THREE, cv=3, params=weights)
        return np.r_[scores, bag.fit(X, THREE, **weights).predict_proba(X).ravel()]

    with config_context(enable_metadata_routing=True):
        assert_same("MLPClassifier", compute)


@pytest.mark.parametrize("make", [StackingClassifier, VotingClassifier])
def test_several_members_among_others(make):
    """A fitted one of several networks goes through them as through `fit` alone."""
    members = sknumpynn.MLPClassifier(**PARAMS, n_members=2)
    model = make([("m", members), ("l", LogisticRegression())]).fit(X, THREE)
    expected = members.fit(X, THREE).predict_proba(X)
    assert_allclose(model.named_estimators_["m"].predict_proba(X), expected, rtol=1e-12)
