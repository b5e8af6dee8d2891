"""scikit-learn's callbacks see every epoch of each member of an ensemble in lock-step."""

from collections import Counter

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sknumpynn import MLPClassifier, NetworkRegressor
from tests.watchers import Recorder

pytest.importorskip("sklearn.callback", reason="new in scikit-learn 1.9")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(60, 3))
PARAMS = dict(max_iter=3, tol=0, batch_size=20, random_state=0, n_members=5)
MODELS = [MLPClassifier((4,), **PARAMS), NetworkRegressor(**PARAMS, scale_target=True)]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)


def target(est):
    return X[:, 0] > 0 if hasattr(est, "predict_proba") else 100 + 10 * X[:, 0]


@every_model
def test_they_are_told_of_members_and_epochs(model):
    recorder = Recorder()
    est = clone(model).set_callbacks(recorder).fit(X, target(model))
    tasks = {"fit": 1, "member": 5, "epoch": 15}
    expected = {(when, task): n for task, n in tasks.items() for when in ("begin", "end")}
    assert Counter(recorder.calls) == expected | {("setup", "fit"): 1, ("teardown", "fit"): 1}
    assert_array_equal(est.predict(X), clone(model).fit(X, target(model)).predict(X))
    assert not any(hasattr(member, "_skl_callbacks") for member in est.estimators_)


@every_model
def test_after_an_epoch_they_get_an_estimator_of_that_member(model):
    recorder = Recorder()
    est = clone(model).set_callbacks(recorder).fit(X, target(model))
    after_last = [one for one in recorder.fitted if one is not None and one.n_iter_ == 3][:5]
    for one, member in zip(after_last, est.estimators_, strict=True):
        assert_array_equal(one.predict(X), member.predict(X))


@every_model
def test_they_may_stop_a_member(model):
    est = clone(model).set_callbacks(Recorder(k=2)).fit(X, target(model))
    assert [member.n_iter_ for member in est.estimators_] == [3, 1, 3, 3, 3]


@every_model
def test_an_error_leaves_the_estimator_as_it_was(model):
    est = clone(model).fit(X, target(model))
    before = est.predict(X)
    est.set_callbacks(Recorder(k=7, exception=RuntimeError("enough")))
    with pytest.raises(RuntimeError, match="enough"):
        est.fit(X[::-1], target(model)[::-1])
    assert_array_equal(est.predict(X), before)
