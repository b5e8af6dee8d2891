"""What scikit-learn asks of an estimator: its own checks, and what they leave out."""

import os
import pickle

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_inplace_ensure_writeable,
    parametrize_with_checks,
)

from sknumpynn import (
    Linear,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    ReLu,
    Sequential,
)
from sknumpynn.layers import BatchNorm, Dropout, Residual

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ESTIMATORS = [MLPClassifier, MLPRegressor]

# scikit-learn's checks

SMALL = dict(hidden_layer_sizes=(20,), learning_rate_init=0.05, max_iter=50)


def deep_network():
    block = Residual(Sequential(Linear(outputs=20), ReLu()))
    return Sequential(Linear(outputs=20), BatchNorm(), ReLu(), Dropout(0.1), block)


TRAINING = dict(learning_rate_init=0.05, max_iter=50)

CONFIGURATIONS = [
    NetworkClassifier(),
    NetworkClassifier(deep_network(), **TRAINING),
    NetworkRegressor(),
    NetworkRegressor(deep_network(), **TRAINING),
    MLPClassifier(),
    MLPClassifier(**SMALL, solver="sgd", activation="tanh"),
    MLPClassifier(solver="lbfgs"),
    MLPClassifier(**SMALL | {"hidden_layer_sizes": ()}),
    MLPClassifier(**SMALL, activation="logistic", warm_start=True),
    MLPClassifier(**SMALL, early_stopping=True, validation_fraction=0.3),
    MLPClassifier(**SMALL, class_weight="balanced", label_smoothing=0.1, solver="adamw"),
    MLPClassifier(**SMALL, dropout=0.2, activation="gelu", clip_norm=1.0),
    MLPClassifier(**SMALL, average=0.9),
    MLPRegressor(),
    MLPRegressor(**SMALL, solver="sgd", learning_rate="adaptive"),
    MLPRegressor(solver="lbfgs"),
    MLPRegressor(**SMALL, loss="poisson"),
    MLPRegressor(**SMALL, activation="identity", warm_start=True),
    MLPRegressor(**SMALL, early_stopping=True, validation_fraction=0.3),
    MLPRegressor(**SMALL, scale_target=True, solver="rmsprop", learning_rate="cosine"),
    MLPRegressor(**SMALL, dropout=0.2, loss="gaussian_nll"),
    MLPRegressor(**SMALL, average=0.9, solver="adamw"),
    MLPRegressor(**SMALL, early_stopping=True, validation_fraction=0.3, average=0.9),
    MLPClassifier(**SMALL, n_members=3),
    MLPRegressor(**SMALL, n_members=3),
    NetworkClassifier(Sequential(Linear(outputs=10), ReLu()), **TRAINING, n_members=3),
    NetworkRegressor(Sequential(Linear(outputs=10), ReLu()), **TRAINING, n_members=3),
]


def expected_failures(est):
    """Checks that ask for what a parameter rules out. At the defaults there are none."""
    if est.warm_start:
        why = "fits one estimator twice, and expects the same of both"
        return {
            "check_supervised_y_2d": why,
            "check_classifiers_multilabel_representation_invariance": why,
            "check_pipeline_consistency": why,
            "check_transformer_data_not_an_array": why,
            "check_transformer_general": why,
        }
    layers = est.network.walk() if getattr(est, "network", None) else []
    has_noise = any(layer.depends_on_batch for layer in layers) or getattr(est, "dropout", None)
    if est.early_stopping or has_noise:
        splits = "rows that are repeated are not held out, or not dropped, like one with a weight"
        return {
            "check_sample_weight_equivalence_on_dense_data": splits,
            "check_sample_weight_equivalence_on_sparse_data": splits,
        }
    if getattr(est, "loss", None) == "poisson":
        return {"check_regressor_multioutput": "gives negative targets, whatever the tags"}
    return {}


checks = parametrize_with_checks(CONFIGURATIONS, expected_failed_checks=expected_failures)
arguments, cases = checks.args


@pytest.mark.parametrize(arguments, list(cases), **checks.kwargs)  # in 1.6 they are an iterator
def test_checks(estimator, check):
    check(estimator)


def test_array_api_check_is_not_skipped():
    assert os.environ.get("SCIPY_ARRAY_API") == "1", (
        "Set SCIPY_ARRAY_API=1 before Python starts, as `make test` does: without it scikit-learn "
        "skips check_array_api_input."
    )


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_checks_that_are_not_in_the_list(Estimator):
    pytest.importorskip("pandas")
    check_dataframe_column_names_consistency(Estimator.__name__, Estimator(**SMALL))
    check_inplace_ensure_writeable(Estimator.__name__, Estimator(**SMALL))


# Copies


def make_data(Estimator, n_samples=100):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_samples, 5))
    y = X @ rng.normal(size=5)
    return X, y > 0 if Estimator is MLPClassifier else y


def fitted(Estimator, **params):
    return Estimator(**{**SMALL, "max_iter": 5, "random_state": 0, **params}).fit(
        *make_data(Estimator)
    )


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_parameters_round_trip(Estimator):
    est = Estimator(hidden_layer_sizes=[3, 2], alpha=0.5, n_iter_no_change=np.inf)
    params = est.get_params()
    assert params["hidden_layer_sizes"] is est.hidden_layer_sizes
    assert Estimator(**params).get_params() == params
    assert Estimator().set_params(**params).get_params() == params
    assert fitted(Estimator, hidden_layer_sizes=[3, 2]).hidden_layer_sizes == [3, 2]


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_clone_is_unfitted_and_fits_alike(Estimator):
    est = fitted(Estimator)
    copy = clone(est)
    X, y = make_data(Estimator)
    with pytest.raises(NotFittedError):
        copy.predict(X)
    assert_array_equal(copy.fit(X, y).coefs_[0], est.coefs_[0])


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_pickle_predicts_and_trains_alike(Estimator, solver):
    est = fitted(Estimator, solver=solver, warm_start=True)
    copy = pickle.loads(pickle.dumps(est))
    X, y = make_data(Estimator)
    assert_array_equal(copy.predict(X), est.predict(X))
    train = "fit" if solver == "lbfgs" else "partial_fit"
    for e in (copy, est):
        getattr(e, train)(X, y)
    for a, b in zip(copy.coefs_, est.coefs_, strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_memory_mapped_estimator_predicts_and_trains(Estimator, tmp_path):
    """Workers of joblib get arrays that are read-only: training must copy them."""
    est = fitted(Estimator)
    X, y = make_data(Estimator)
    joblib.dump(est, tmp_path / "est")
    mapped = joblib.load(tmp_path / "est", mmap_mode="r")
    assert isinstance(mapped.coefs_[0], np.memmap)
    assert_array_equal(mapped.predict(X), est.predict(X))
    mapped.partial_fit(X, y)
    assert_array_equal(joblib.load(tmp_path / "est").coefs_[0], est.coefs_[0])
    assert_array_equal(mapped.coefs_[0], est.partial_fit(X, y).coefs_[0])


def reachable(value, seen):
    """Yield all that an object holds, directly or not."""
    if id(value) in seen:
        return
    seen[id(value)] = value
    yield value
    if isinstance(value, np.ndarray):
        held = [value.base]
    elif isinstance(value, dict):
        held = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set):
        held = value
    else:
        held = getattr(value, "__dict__", {}).values()
    for child in held:
        yield from reachable(child, seen)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_fitted_estimator_holds_neither_closures_nor_data(Estimator, solver, early_stopping):
    X, y = make_data(Estimator, 300)  # so that a tenth of y alone outnumbers the weights
    params = {**SMALL, "hidden_layer_sizes": (2,), "max_iter": 5}
    est = Estimator(**params, solver=solver, early_stopping=early_stopping).fit(X, y)
    held = list(reachable(vars(est), {}))
    n_bytes = sum(W.nbytes for W in est.coefs_ + est.intercepts_) + 64  # to begin at a cache line
    assert n_bytes < 0.1 * len(y) * np.dtype(float).itemsize
    assert max(value.nbytes for value in held if isinstance(value, np.ndarray)) <= n_bytes
    plain = (dict, list, tuple, str, int, float, bool, type(None), np.generic, np.ndarray)
    assert not [value for value in held if not isinstance(value, plain)]


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_pickle_does_not_grow_with_the_data(Estimator):
    few, many = (
        len(pickle.dumps(Estimator(**SMALL, batch_size=50).fit(*make_data(Estimator, n))))
        for n in (100, 2000)
    )
    assert many < few + 100


# Meta-estimators


@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_grid_search_in_processes(Estimator):
    X, y = make_data(Estimator)
    est = make_pipeline(StandardScaler(), Estimator(**SMALL, random_state=0))
    name = Estimator.__name__.lower()
    grid = {
        f"{name}__hidden_layer_sizes": [(), (4,), (4, 3), [5]],
        f"{name}__solver": ["adam", "lbfgs"],
    }
    search = GridSearchCV(est, grid, n_jobs=2, cv=2, error_score="raise").fit(X, y)
    again = GridSearchCV(est, grid, cv=2, error_score="raise").fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert_array_equal(scores, again.cv_results_["mean_test_score"])
    assert search.score(X, y) > 0.8


# What the checks do not look at: float32


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("Estimator", ESTIMATORS)
def test_float32(Estimator, solver, early_stopping):
    X, y = make_data(Estimator)
    X = X.astype(np.float32)
    est = Estimator(**SMALL, solver=solver, early_stopping=early_stopping, random_state=0)
    est.fit(X, y)
    assert {array.dtype for array in est.coefs_ + est.intercepts_} == {np.dtype(np.float32)}
    assert est.score(X, y) > 0.8
    output = est.predict_proba(X) if Estimator is MLPClassifier else est.predict(X)
    assert output.dtype == np.float32
    assert np.isfinite(output).all()
    # What float32 was trained on can be predicted with all digits.
    precise = est.predict_proba if Estimator is MLPClassifier else est.predict
    assert precise(X.astype(np.float64)).dtype == np.float64
    assert_allclose(precise(X.astype(np.float64)), output, rtol=1e-4, atol=1e-5)
