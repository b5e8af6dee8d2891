"""The oracle of the parity tests: both packages trained alike, and all that they show compared."""

import warnings
from types import SimpleNamespace

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import neural_network as sk

import sknumpynn

# The maths is the same and only the order of sums differs, which short runs do not blow up. A
# relative tolerance is of no use to a number that happens to be zero but for rounding, such as an
# R² of 1e-17; hence an absolute one, of some hundred roundings of numbers around one.
TOLERANCE = {
    "float64": {"rtol": 1e-9, "atol": 1e-13},
    "float32": {"rtol": 1e-4, "atol": 1e-5},
}


# The two packages, side by side


def fit_both(kind, train, **params):
    """Train one estimator of each package, by the same function; return ours, then theirs."""
    ours, our_warnings = train_one(getattr(sknumpynn, kind), train, params)
    theirs, their_warnings = train_one(getattr(sk, kind), train, params)
    # NumPy's warnings of overflow, which scikit-learn lets through, are not for users.
    assert our_warnings == [w for w in their_warnings if w is not RuntimeWarning]
    return ours, theirs


def train_one(Estimator, train, params):
    """Train one estimator; return it, and the kinds of warnings that came."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        est = train(Estimator(**params))
    return est, [w.category for w in caught]


def assert_same(ours, theirs, X, dtype="float64"):
    """Assert that two fitted estimators show the same, and predict the same for X."""
    shown, expected = public_attributes(ours), public_attributes(theirs)
    assert shown.keys() == expected.keys()
    for name in expected:
        assert_same_value(shown[name], expected[name], name, dtype)
    for method in ("predict", "predict_proba"):
        if hasattr(theirs, method):
            expected = getattr(theirs, method)(X)
            assert_same_value(getattr(ours, method)(X), expected, method, dtype)


def public_attributes(est):
    """All that scikit-learn shows, too."""
    names = [name for name in vars(est) if name[-1] == "_" and name[0] != "_"]
    return {name: vars(est)[name] for name in names if name not in ("best_iter_", "history_")}


def assert_same_value(actual, expected, name, dtype):
    if isinstance(expected, list):
        assert isinstance(actual, list) and len(actual) == len(expected), name
        for a, e in zip(actual, expected, strict=True):
            assert_same_value(a, e, name, dtype)
    elif isinstance(expected, str) or expected is None:
        assert actual == expected, name
    elif np.asarray(expected).dtype.kind == "f":
        assert np.shape(actual) == np.shape(expected), name
        if isinstance(expected, np.ndarray):
            assert actual.dtype == expected.dtype, name
        assert_allclose(actual, expected, **TOLERANCE[dtype], err_msg=name)
    else:
        assert_array_equal(actual, expected, err_msg=name)


# The data


def make_tasks():
    """Make small data of each kind of target, about a third of whose inputs are zero."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 6))
    X[np.abs(X) < 0.4] = 0
    Z = X @ rng.normal(size=(6, 3)) + 0.5 * rng.normal(size=(150, 3))
    counts = rng.poisson(np.exp(Z[:, 0] / 3)).astype(float)
    targets = {
        "binary": ("MLPClassifier", (Z[:, 0] > 0).astype(int), {}),
        "multiclass": ("MLPClassifier", Z.argmax(axis=1), {}),
        "multilabel": ("MLPClassifier", (Z > 0).astype(int), {}),
        "regression": ("MLPRegressor", Z[:, 0], {}),
        "multioutput": ("MLPRegressor", Z, {}),
        "poisson": ("MLPRegressor", counts, {"loss": "poisson"}),
    }
    return {
        name: SimpleNamespace(kind=kind, X=X, y=y, params=params)
        for name, (kind, y, params) in targets.items()
    }


TASKS = make_tasks()
WEIGHTS = np.random.default_rng(1).integers(0, 4, size=150) / 3

SOLVERS = {
    "adam": dict(solver="adam", learning_rate_init=0.02),
    "sgd-nesterov": dict(solver="sgd", learning_rate_init=0.05),
    "sgd-momentum": dict(solver="sgd", learning_rate_init=0.05, nesterovs_momentum=False),
    "sgd-invscaling": dict(solver="sgd", learning_rate_init=0.1, learning_rate="invscaling"),
    "sgd-adaptive": dict(solver="sgd", learning_rate_init=0.05, learning_rate="adaptive"),
    "lbfgs": dict(solver="lbfgs", max_iter=8),  # a line search is quick to blow roundings up
}

COMMON = dict(hidden_layer_sizes=(7, 5), batch_size=40, max_iter=12, alpha=0.01, random_state=3)
# Patience that runs out within a few epochs: early stopping stops, an adaptive rate falls.
IMPATIENT = dict(n_iter_no_change=1, tol=0.1)
NEVER_CONTENT = dict(n_iter_no_change=1, tol=10)
