"""warm_start='exact': two fits are one, bit for bit."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknumpynn import Linear, MLPClassifier, MLPRegressor, NetworkRegressor, Sequential
from sknumpynn.layers import BatchNorm

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(70, 3))
Y = X[:, 0] * X[:, 1]

CONFIGURATIONS = {
    "adam": {},
    "dropout": {"dropout": (0.3, 0.0)},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling"},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 2},
    "adamw": {"solver": "adamw", "dtype": "float32", "dropout": 0.1},
    "in order": {"shuffle": False},
    "average": {"average": 0.95},
    "average and dropout": {"average": 0.99, "dropout": 0.2, "dtype": "float32"},
}


def make(max_iter, Estimator=MLPRegressor, **params):
    return Estimator(
        hidden_layer_sizes=(8, 5), batch_size=16, random_state=0, max_iter=max_iter,
        **{"tol": 0, "n_iter_no_change": 1000} | params,
    )  # fmt: skip


def same(a, b):
    for ours, theirs in zip(a.coefs_ + a.intercepts_, b.coefs_ + b.intercepts_, strict=True):
        assert_array_equal(ours, theirs)
    assert a.loss_curve_ == b.loss_curve_
    assert a.t_ == b.t_
    assert a.history_ == b.history_
    assert a.best_iter_ == b.best_iter_


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_two_fits_are_one(name):
    params = CONFIGURATIONS[name]
    halves = make(10, warm_start="exact", **params).fit(X, Y)
    assert len(halves.loss_curve_) == 10
    same(halves.fit(X, Y), make(20, **params).fit(X, Y))


def test_through_a_pickle_in_another_process(tmp_path):
    params = dict(dropout=0.2, average=0.95)
    est = make(10, MLPClassifier, warm_start="exact", **params).fit(X, Y > 0)
    (tmp_path / "model").write_bytes(pickle.dumps((est, X, Y > 0)))
    program = (
        "import pickle, sys, warnings; from pathlib import Path; warnings.simplefilter('ignore');"
        "path = Path(sys.argv[1]); est, X, y = pickle.loads(path.read_bytes());"
        "path.write_bytes(pickle.dumps(est.fit(X, y)))"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path / "model"], check=True)
    resumed = pickle.loads((tmp_path / "model").read_bytes())
    same(resumed, make(20, MLPClassifier, **params).fit(X, Y > 0))


def test_it_differs_from_scikit_learn_s_warm_start():
    plain = make(10, warm_start=True).fit(X, Y).fit(X, Y)
    exact = make(10, warm_start="exact").fit(X, Y).fit(X, Y)
    assert not np.array_equal(plain.coefs_[0], exact.coefs_[0])


def test_what_cannot_be_resumed_is_an_error_that_changes_nothing():
    est = make(3, warm_start=True).fit(X, Y)
    before = est.predict(X)
    with pytest.raises(ValueError, match="goes on from a fit that had it, too"):
        est.set_params(warm_start="exact").fit(X, Y)
    est = make(3, warm_start="exact").fit(X, Y)
    with pytest.raises(ValueError, match="does not go with early_stopping"):
        est.set_params(early_stopping=True).fit(X, Y)
    est.set_params(early_stopping=False)
    with pytest.raises(ValueError, match="the same rows: there were 70, now there are 69"):
        est.fit(X[1:], Y[1:])
    with pytest.raises(ValueError, match="behind 0 layers, now it is behind 2"):
        est.set_params(dropout=0.5).fit(X, Y)
    assert_array_equal(est.predict(X), before)


@pytest.mark.parametrize(
    "params, message",
    [
        ({"early_stopping": True}, "early_stopping=True, which goes back to the best epoch"),
        ({"learning_rate": "cosine"}, "learning_rate='cosine', which is planned from the first"),
    ],
)
def test_what_could_not_be_resumed_is_an_error_before_it_is_trained(params, message):
    est = make(3, warm_start="exact", **params)
    with pytest.raises(ValueError, match=message):
        est.fit(X, Y)
    assert vars(est).keys() == est.get_params().keys()


def test_what_goes_on_epoch_by_epoch_need_not_be_exact():
    planned = dict(learning_rate="cosine")
    exact, plain = (make(3, warm_start=kind, **planned) for kind in ("exact", False))
    assert_array_equal(exact.partial_fit(X, Y).predict(X), plain.partial_fit(X, Y).predict(X))


def test_rows_that_are_no_longer_shuffled_are_in_order():
    est = make(3, warm_start="exact").fit(X, Y).set_params(shuffle=False)
    epochs = copy.deepcopy(est)
    for _ in range(3):
        epochs.partial_fit(X, Y)
    same(est.fit(X, Y), epochs)


def test_rows_without_weight_must_be_the_same():
    sample_weight = np.repeat([0.0, 1.0], 35)
    network = Sequential(Linear(outputs=4), BatchNorm())
    est = NetworkRegressor(network, max_iter=2, warm_start="exact", random_state=0)
    est.fit(X, Y, sample_weight)
    before = est.predict(X)
    for weighted in ((X, Y, sample_weight[::-1]), (X[:35], Y[:35])):
        with pytest.raises(ValueError, match="the same rows: now others have"):
            est.fit(*weighted)
    assert_array_equal(est.predict(X), before)


def test_lbfgs_leaves_nothing_to_resume():
    est = make(3, warm_start="exact").fit(X, Y).set_params(solver="lbfgs").fit(X, Y)
    with pytest.raises(ValueError, match="a solver other than 'lbfgs'; this estimator was fitted"):
        est.set_params(solver="adam").fit(X, Y)
    anew = copy.deepcopy(est).set_params(warm_start=True, max_iter=1)  # which remembers nothing
    assert_array_equal(est.partial_fit(X, Y).predict(X), anew.fit(X, Y).predict(X))
