"""Pickles say which version made them."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sknumpynn import MLPClassifier, NetworkRegressor, RealMLPRegressor, _version
from sknumpynn.preprocessing import RobustSmoothClip, TabularEncoder

X = np.random.default_rng(0).normal(size=(40, 3))
ESTIMATORS = [
    MLPClassifier(learning_rate="cosine", max_iter=2),
    NetworkRegressor(learning_rate="cosine", max_iter=2),
    RealMLPRegressor(max_iter=2, n_members=1),
    TabularEncoder(),
    RobustSmoothClip(),
]
estimators = pytest.mark.parametrize("est", ESTIMATORS, ids=lambda est: type(est).__name__)


def output(est):
    return est.predict(X) if hasattr(est, "predict") else est.transform(X)


@estimators
def test_of_this_version_they_load_without_a_word(est):
    est = clone(est).fit(X, X[:, 0] > 0)
    before = set(vars(est))
    for twin in (pickle.loads(pickle.dumps(est)), copy.deepcopy(est), copy.copy(est)):
        assert_array_equal(output(twin), output(est))
        assert set(vars(twin)) == before


@estimators
def test_of_another_version_they_load_with_a_warning(est, monkeypatch):
    est = clone(est).fit(X, X[:, 0] > 0)
    with monkeypatch.context() as patch:
        patch.setattr(_version, "__version__", "0.0.7")
        saved = pickle.dumps(est)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        twin = pickle.loads(saved)
    expected = f"{type(est).__name__} was saved by sknumpynn 0.0.7"
    assert expected in str(caught[-1].message)  # before it, perhaps, of what is within
    assert_array_equal(output(twin), output(est))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pickle.loads(pickle.dumps(twin))  # which this version has made
