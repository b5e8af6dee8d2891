"""Every estimator, small and quick, for the tests of contracts, inputs, faults and relations."""

import pickle
from functools import cache, partial

import numpy as np
from scipy.sparse import issparse
from sklearn.base import is_classifier

from sknumpynn import (
    Linear,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    RealMLPClassifier,
    RealMLPRegressor,
    ReLu,
    Sequential,
)
from sknumpynn.layers import BatchNorm, Dropout

# Whole numbers, which every numeric type can tell.
X = np.random.default_rng(0).integers(-3, 4, size=(36, 3)).astype(float)
X_NEW = np.random.default_rng(1).integers(-3, 4, size=(10, 3)).astype(float)
LABELS = np.where(X[:, 0] + X[:, 1] > 0, "yes", "no")
NUMBERS = X[:, 0] * X[:, 1] + X[:, 2]

TRAINING = dict(max_iter=4, batch_size=15, random_state=0)


def hidden_layers():
    return Sequential(Linear(outputs=5), BatchNorm(), ReLu(), Dropout(0.1))


# A new estimator has one row here, which says how to make a small one.
MAKERS = {
    "MLPClassifier": partial(MLPClassifier, hidden_layer_sizes=(5,), **TRAINING),
    "MLPRegressor": partial(MLPRegressor, hidden_layer_sizes=(5,), **TRAINING),
    "NetworkClassifier": lambda **params: NetworkClassifier(
        **{"network": hidden_layers(), **TRAINING, **params}
    ),
    "NetworkRegressor": lambda **params: NetworkRegressor(
        **{"network": hidden_layers(), **TRAINING, **params}
    ),
}
# These take tables, and train in one go: they have contracts of their own beside the common ones.
SMALL_TABLES = dict(
    n_members=2, hidden_layer_sizes=(5,), max_iter=3, batch_size=16, random_state=0
)  # fmt: skip
TABLE_MAKERS = {
    "RealMLPClassifier": partial(RealMLPClassifier, **SMALL_TABLES),
    "RealMLPRegressor": partial(RealMLPRegressor, **SMALL_TABLES),
}
CLASSIFIERS = [name for name in MAKERS if name.endswith("Classifier")]
REGRESSORS = [name for name in MAKERS if name.endswith("Regressor")]


def make(name, **params):
    """Make an estimator, unfitted."""
    return (MAKERS | TABLE_MAKERS)[name](**params)


def target(est_or_name):
    """The target of X that suits an estimator."""
    if isinstance(est_or_name, str):
        return LABELS if est_or_name.endswith("Classifier") else NUMBERS
    return LABELS if is_classifier(est_or_name) else NUMBERS


@cache
def _pickled_fit(name, params):
    return pickle.dumps(make(name, **dict(params)).fit(X, target(name)))


def fitted(name, **params):
    """An estimator fitted to X; a copy of its own for each who asks."""
    return pickle.loads(_pickled_fit(name, tuple(params.items())))


def answers(est, X=X_NEW):
    """All that a fitted estimator answers, by method."""
    methods = ["predict", "predict_proba", "predict_log_proba", "transform"]
    return {name: getattr(est, name)(X) for name in methods if hasattr(est, name)}


def state(value):
    """All that an object holds, as nested tuples that are equal only if it is bit for bit."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, np.ndarray | list | tuple):
        return type(value).__name__, tuple(map(state, value))
    if issparse(value):
        return type(value).__name__, state(value.toarray())
    if isinstance(value, dict):
        return tuple((key, state(value[key])) for key in sorted(value, key=str))
    if isinstance(value, np.random.RandomState):
        return state(value.get_state(legacy=False))
    if isinstance(value, np.random.Generator):
        return state(value.bit_generator.state)
    if hasattr(value, "__dict__") and not isinstance(value, type) and not callable(value):
        return type(value).__name__, state(vars(value))
    return repr(value)
