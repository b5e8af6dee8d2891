"""scikit-learn's callbacks see every epoch of each member."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sknumpynn import RealMLPClassifier, RealMLPRegressor
from tests.watchers import Recorder

sklearn_callback = pytest.importorskip("sklearn.callback", reason="new in scikit-learn 1.9")

X = np.random.default_rng(0).normal(size=(60, 3))
PARAMS = dict(n_members=2, hidden_layer_sizes=(8,), max_iter=3, random_state=0)
MODELS = [RealMLPClassifier(**PARAMS), RealMLPRegressor(**PARAMS)]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)


def target(est):
    return X[:, 0] > 0 if hasattr(est, "predict_proba") else X[:, 0]


@every_model
def test_they_are_told_of_members_and_epochs(model):
    recorder = Recorder()
    est = clone(model).set_callbacks(recorder).fit(X, target(model))
    epochs = [("begin", "epoch"), ("end", "epoch")] * 3
    member = [("begin", "member"), *epochs, ("end", "member")]
    whole = [("setup", "fit"), ("begin", "fit"), *member * 2, ("end", "fit"), ("teardown", "fit")]
    assert recorder.calls == whole
    plain = clone(model).fit(X, target(model))
    assert_array_equal(est.predict(X), plain.predict(X))
    assert set(vars(est)) - set(vars(plain)) == {"_skl_callbacks"}


@every_model
def test_after_an_epoch_they_get_an_estimator_of_that_member(model):
    recorder = Recorder()
    est = clone(model).set_params(n_members=1).set_callbacks(recorder).fit(X, target(model))
    last = recorder.fitted[2]
    assert last.n_iter_ == 3
    assert last.predict(X).shape == (60,)
    assert not np.array_equal(recorder.fitted[0].weights_[0], last.weights_[0])
    if est.best_iters_ == [3]:
        assert_array_equal(last.weights_[0], est.weights_[0])


@every_model
def test_they_may_stop_a_member(model):
    est = clone(model).set_callbacks(Recorder(k=2)).fit(X, target(model))
    assert [len(curve) for curve in est.loss_curves_] == [2, 3]


@every_model
def test_an_error_leaves_the_estimator_as_it_was(model):
    est = clone(model).fit(X, target(model))
    before = est.predict(X)
    est.set_callbacks(Recorder(k=2, exception=RuntimeError("enough")))
    with pytest.raises(RuntimeError, match="enough"):
        est.fit(X[::-1], target(model)[::-1])
    assert_array_equal(est.predict(X), before)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_scoring_monitor_has_a_row_for_each_epoch_of_each_member(n_jobs):
    pytest.importorskip("pandas")
    monitor = sklearn_callback.ScoringMonitor(scoring="r2")
    clone(MODELS[1]).set_params(n_jobs=n_jobs).set_callbacks(monitor).fit(X, X[:, 0])
    log = monitor.get_logs().data_as_pandas
    epochs = log[log["task_name"] == "epoch"]
    assert len(epochs) == 2 * 3
    assert np.isfinite(epochs["r2"]).all()
