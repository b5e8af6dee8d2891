"""StackedSearchCV finds what GridSearchCV finds: its numbers are the oracle, whatever is asked."""

import pickle
from itertools import count

import numpy as np
import pytest
from joblib import parallel_config
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from sknumpynn import (
    Linear,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    ReLu,
    Sequential,
    StackedSearchCV,
)
from sknumpynn.layers import BatchNorm, Dropout, Tanh
from sknumpynn.model_selection import stacked_search
from sknumpynn.optimizers import AdamOptimizer, SGDOptimizer
from sknumpynn.stacking import Stack
from tests.watchers import Recorder

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N_ROWS = 103  # so that folds differ by a row
rng = np.random.default_rng(0)
X = rng.normal(size=(N_ROWS, 4))
NUMBERS = X[:, 0] * X[:, 1] + 0.3 * rng.normal(size=N_ROWS)
BINARY, SEVERAL = np.where(NUMBERS > 0, "yes", "no"), np.digitize(NUMBERS, [-0.5, 0.5])
WEIGHTS, GROUPS = rng.uniform(0.5, 2, size=N_ROWS), np.arange(N_ROWS) % 7

PARAMS = dict(max_iter=6, batch_size=16, learning_rate_init=0.02, random_state=0)
CLASSIFIER = MLPClassifier((5,), **PARAMS)
REGRESSOR = MLPRegressor(hidden_layer_sizes=(5,), scale_target=True, **PARAMS)
RATES = {"alpha": [1e-4, 0.1, 3.0], "learning_rate_init": [0.003, 0.03]}
NETWORK = Sequential(Linear(outputs=4), BatchNorm(), ReLu(), Dropout(0.2))

CASES = {
    "binary": (CLASSIFIER, RATES, BINARY),
    "several classes": (clone(CLASSIFIER).set_params(solver="adamw"), RATES, SEVERAL),
    "numbers": (REGRESSOR, RATES, NUMBERS),
    "two columns": (REGRESSOR, RATES, np.column_stack([NUMBERS, X[:, 2]])),
    "early stopping": (
        clone(CLASSIFIER).set_params(early_stopping=True, n_iter_no_change=2, max_iter=30),
        RATES,
        BINARY,
    ),
    "sgd": (
        clone(REGRESSOR).set_params(solver="sgd", learning_rate="adaptive", tol=0.01, max_iter=40),
        {"momentum": [0.0, 0.9], "learning_rate_init": [0.003, 0.03], "clip_norm": [None, 0.1]},
        NUMBERS,
    ),
    "schedules": (CLASSIFIER, {"learning_rate": ["constant", "cosine", "one_cycle"]}, SEVERAL),
    "dropout": (CLASSIFIER, {"dropout": [0.0, 0.1, 0.4], "max_iter": [4, 8]}, BINARY),
    "architectures": (
        CLASSIFIER,
        {
            "hidden_layer_sizes": [(), (3,), (4, 3)],
            "activation": ["relu", "tanh"],
            "solver": ["adam", "lbfgs"],
        },
        BINARY,
    ),
    "losses": (REGRESSOR, {"loss": ["squared_error", "huber", "gaussian_nll"]}, NUMBERS),
    "class weights": (
        CLASSIFIER,
        {"class_weight": [None, "balanced"], "label_smoothing": [0, 0.2], "average": [None, 0.9]},
        SEVERAL,
    ),
    "members": (CLASSIFIER, {"n_members": [1, 2], "alpha": [0.1, 1]}, BINARY),
    "batch sizes": (CLASSIFIER, {"batch_size": [8, 16, "auto"], "shuffle": [True, False]}, BINARY),
    "layers": (
        NetworkClassifier(NETWORK, **PARAMS | {"optimizer": "sgd"}),
        {"network__3__rate": [0.1, 0.3], "network__0__outputs": [3, 4]},
        BINARY,
    ),
    "networks": (
        NetworkRegressor(**PARAMS),
        {
            "network": [Sequential(Linear(outputs=3), layer) for layer in (ReLu(), Tanh())],
            "optimizer": [AdamOptimizer(0.01), SGDOptimizer(0.03, 0.9)],
        },
        NUMBERS,
    ),
    "two grids": (
        CLASSIFIER,
        [{"alpha": [0.1, 1]}, {"solver": ["sgd"], "momentum": [0.5]}],
        BINARY,
    ),
    "pipeline in a pipeline": (
        make_pipeline(StandardScaler(), make_pipeline(MinMaxScaler(), CLASSIFIER)),
        {"pipeline__mlpclassifier__alpha": [0, 1e-3], "standardscaler__with_mean": [True, False]},
        BINARY,
    ),
    "pipeline": (
        make_pipeline(StandardScaler(), CLASSIFIER),
        {
            "standardscaler": [StandardScaler(), MinMaxScaler(), "passthrough"],
            "mlpclassifier__alpha": [0.1, 1.0],
        },
        BINARY,
    ),
}


def assert_same(searches, y, fit_params=None, data=X, rtol=1e-8):
    ours, theirs = (search.fit(data, y, **(fit_params or {})) for search in searches)
    assert ours.cv_results_.keys() == theirs.cv_results_.keys()
    for name, values in theirs.cv_results_.items():
        if name == "params":
            assert list(map(repr, ours.cv_results_[name])) == list(map(repr, values))
        elif "score" in name and "time" not in name:
            assert_allclose(ours.cv_results_[name], values, rtol=rtol, atol=1e-10, err_msg=name)
    public = [
        {name for name in vars(s) if name.endswith("_") and not name.startswith("_")}
        for s in (ours, theirs)
    ]
    assert public[0] == public[1]
    assert repr(ours.best_params_) == repr(theirs.best_params_)
    assert ours.best_index_ == theirs.best_index_ and ours.n_splits_ == theirs.n_splits_
    if ours.refit:
        assert type(ours.best_estimator_) is type(theirs.best_estimator_)
        assert_array_equal(ours.predict(data), theirs.predict(data))
    return ours, theirs


SPLIT = np.arange(60), np.arange(60, 103)


def both(est, grid, **params):
    return StackedSearchCV(est, grid, **params), GridSearchCV(est, grid, **params)


@pytest.mark.parametrize("name", CASES)
def test_scores_are_those_of_grid_search(name, sizes):
    est, grid, y = CASES[name]
    assert_same(both(est, grid, cv=KFold(3), return_train_score=True), y)
    assert sizes


ASKED = {
    "weights": ({}, {"sample_weight": WEIGHTS}),
    "groups": ({"cv": GroupKFold(3)}, {"groups": GROUPS}),
    "random folds": ({"cv": ShuffleSplit(3, random_state=0)}, {}),
    "given folds": ({"cv": [(np.arange(60), np.arange(60, 103)), (np.arange(9, 80), [1])]}, {}),
    "a score": ({"scoring": "f1_macro"}, {}),
    "a function": ({"scoring": lambda est, X, y: float(est.coefs_[0].sum())}, {}),
    "several scores": (
        {"scoring": {"a": "accuracy", "b": make_scorer(accuracy_score)}, "refit": "b"},
        {},
    ),
    "its own choice": ({"refit": lambda results: 1}, {}),
    "no refit": ({"refit": False}, {}),
    "two processes": ({"n_jobs": 2}, {}),
}


@pytest.mark.parametrize("name", ASKED)
def test_whatever_grid_search_is_asked(name, sizes):
    options, fit_params = ASKED[name]
    with parallel_config(backend="threading"):  # which the spy can see
        assert_same(both(CLASSIFIER, RATES, **{"cv": 3, **options}), BINARY, fit_params)
    assert sizes


def test_processes_get_fits_that_take_as_long(sizes):
    """All of a grid's first candidates may be small, and all of its last ones large."""
    grid = {"hidden_layer_sizes": [(2,), (3,)], "alpha": [0.1, 1, 3]}
    with parallel_config(backend="threading"):
        StackedSearchCV(CLASSIFIER, grid, cv=[SPLIT] * 4, n_jobs=2, refit=False).fit(X, BINARY)
    assert sizes == [6] * 4


def test_processes_give_the_same():
    searches = (StackedSearchCV(CLASSIFIER, RATES, cv=2, n_jobs=n_jobs) for n_jobs in (2, None))
    assert_same(searches, BINARY)


def test_workers_of_the_surroundings_give_the_same(sizes):
    with parallel_config(backend="threading", n_jobs=2):
        assert_same(both(CLASSIFIER, RATES, cv=3), BINARY)
    assert len(sizes) > 1


def test_workers_go_by_the_configuration_of_the_caller(sizes):
    pytest.importorskip("pandas")
    names = FunctionTransformer(lambda frame: frame[["x0", "x3"]])  # which an array has not
    est = make_pipeline(FunctionTransformer(feature_names_out="one-to-one"), names, CLASSIFIER)
    grid = {f"mlpclassifier__{name}": values for name, values in RATES.items()}
    with config_context(transform_output="pandas"), parallel_config(backend="threading"):
        assert_same(both(est, grid, cv=2, n_jobs=2), BINARY)
    assert len(sizes) > 1


def test_folds_that_are_drawn_anew_are_drawn_once():
    cv = ShuffleSplit(3, random_state=np.random.RandomState(0))
    search = StackedSearchCV(CLASSIFIER, RATES, cv=cv).fit(X, BINARY)
    expected = GridSearchCV(
        CLASSIFIER, RATES, cv=ShuffleSplit(3, random_state=np.random.RandomState(0))
    )
    assert_array_equal(
        search.cv_results_["mean_test_score"],
        expected.fit(X, BINARY).cv_results_["mean_test_score"],
    )


def test_data_frames(sizes):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=list("abcd"))
    ours, _ = assert_same(both(CLASSIFIER, RATES, cv=3), pd.Series(BINARY), data=frame)
    assert_array_equal(ours.feature_names_in_, list("abcd"))
    assert sizes


# What falls back


class OwnClassifier(MLPClassifier):
    """Fits in a way of its own, perhaps."""

    def fit(self, X, y):
        return super().fit(-X, y)


FALL_BACK = {
    "another estimator": (LogisticRegression(), {"C": [0.1, 1, 10]}),
    "lbfgs": (clone(CLASSIFIER).set_params(solver="lbfgs"), {"alpha": [0.1, 1, 2]}),
    "few fits": (CLASSIFIER, {"alpha": [0.1]}),
    "own fit": (OwnClassifier((5,), **PARAMS), RATES),
}


@pytest.mark.parametrize("name", FALL_BACK)
def test_what_falls_back(name, sizes):
    assert_same(both(*FALL_BACK[name], cv=2), BINARY)
    assert not sizes


def test_large_data(sizes, monkeypatch):
    monkeypatch.setattr(stacked_search, "LARGE", X.size - 1)
    assert_same(both(CLASSIFIER, RATES, cv=2), BINARY, {"sample_weight": WEIGHTS})
    assert not sizes


def test_large_networks_are_fitted_alone(sizes):
    est = clone(CLASSIFIER).set_params(hidden_layer_sizes=(1000,), max_iter=2)
    assert_same(both(est, RATES, cv=2), BINARY)
    assert not sizes


def test_sparse_data(sizes):
    assert_same(both(CLASSIFIER, RATES, cv=2), BINARY, data=sparse.csr_array(X))
    assert not sizes


def test_too_few_weights_are_told_of():
    message = r"sample_weight\.shape == \(102,\)"
    for search in both(CLASSIFIER, RATES, cv=2):
        with pytest.raises(ValueError, match=message):
            search.fit(X, BINARY, sample_weight=WEIGHTS[1:])


def test_metadata_routing(sizes):
    with config_context(enable_metadata_routing=True):
        est = clone(CLASSIFIER).set_fit_request(sample_weight=True)
        est.set_score_request(sample_weight=False)
        assert_same(both(est, RATES, cv=2), BINARY, {"sample_weight": WEIGHTS})
        assert not sizes
        assert_same(both(est, RATES, cv=2), BINARY)  # where there is nothing to route
    assert sizes


@pytest.mark.parametrize("watched", ["search", "pipeline", "network"])
def test_callbacks_are_told_what_they_are_in_grid_search(watched, sizes):
    pytest.importorskip("sklearn.callback", reason="new in scikit-learn 1.9")
    told = []
    for Search in (StackedSearchCV, GridSearchCV):
        network, recorder = clone(CLASSIFIER), Recorder()
        pipeline = make_pipeline(StandardScaler(), network)
        search = Search(pipeline, {"mlpclassifier__alpha": [0, 1, 2]}, cv=2)
        which = {"search": search, "pipeline": pipeline, "network": network}[watched]
        which.set_callbacks(recorder)
        search.fit(X, BINARY)
        told.append([(what, task.replace(Search.__name__, "")) for what, task in recorder.calls])
    assert told[0] == told[1] and told[0]
    assert not sizes


# The search as an object


def test_it_is_cloned_pickled_and_fitted_again():
    search = StackedSearchCV(make_pipeline(StandardScaler(), REGRESSOR), {}, cv=5)
    search.set_params(
        estimator__mlpregressor__max_iter=3, param_grid={"mlpregressor__alpha": [0.1, 1]}
    )
    params = clone(search).get_params()
    search.fit(X, NUMBERS)
    assert set(params) == set(search.get_params())
    copy = pickle.loads(pickle.dumps(search))
    assert_array_equal(copy.predict(X), search.predict(X))
    first = search.cv_results_["mean_test_score"]
    assert_array_equal(search.fit(X, NUMBERS).cv_results_["mean_test_score"], first)
    assert search.score(X, NUMBERS) == copy.score(X, NUMBERS)


def test_times_are_shares_of_all(monkeypatch):
    """By a clock that is read before and after each piece of work, and goes on at each look."""
    clock = count()
    monkeypatch.setattr("sknumpynn.estimators._steps.process_time", lambda: float(next(clock)))
    search = StackedSearchCV(CLASSIFIER, RATES, cv=3).fit(X, BINARY)
    times = search.cv_results_["mean_fit_time"]
    assert np.all(times > 0) and times.shape == (6,)
    assert_allclose(3 * times.sum(), next(clock) / 2)


def test_an_interrupt_ends_the_search_and_leaves_it_as_it_was(monkeypatch):
    search = StackedSearchCV(CLASSIFIER, RATES, cv=3).fit(X, BINARY)
    before, fit_epoch, n_epochs = dict(vars(search)), Stack.fit_epoch, iter(range(20))

    def interrupted(*args):
        if next(n_epochs) == 7:
            raise KeyboardInterrupt
        return fit_epoch(*args)

    monkeypatch.setattr(Stack, "fit_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        search.fit(X, BINARY)
    assert next(n_epochs) == 8
    assert vars(search) == before


@pytest.mark.filterwarnings("ignore:Training interrupted")
@pytest.mark.parametrize("call", [2, 20])  # in the first epoch of 18 fits, and in the second
def test_an_interrupt_between_epochs_ends_the_search_too(call):
    """Though it comes while one of the candidates is validated, which could take it for its own."""
    n_scores = iter(range(100))

    def interrupted(*args):
        if next(n_scores) == call:
            raise KeyboardInterrupt
        return 0.5

    watched = clone(CLASSIFIER).set_params(early_stopping=True, scoring=interrupted)
    search = StackedSearchCV(watched, RATES, cv=3)
    with pytest.raises(KeyboardInterrupt):
        search.fit(X, BINARY)
    assert next(n_scores) == call + 1
    assert not hasattr(search, "cv_results_")


def test_an_invalid_search_is_refused_before_it_trains(monkeypatch):
    monkeypatch.setattr(Stack, "fit_epoch", lambda *_: pytest.fail("trained"))
    several = {"scoring": ["accuracy", "f1_macro"]}  # of which `refit` has to name one
    for params in ({"cv": "five"}, {"n_jobs": "all"}, {"scoring": "beauty"}, several):
        with pytest.raises((ValueError, TypeError)):
            StackedSearchCV(CLASSIFIER, RATES, **params).fit(X, BINARY)
    with pytest.raises(ValueError, match="Invalid parameter 'beta'"):
        StackedSearchCV(CLASSIFIER, {"beta": [1, 2, 3, 4]}).fit(X, BINARY)
