"""skops loads every estimator, where classes of this package alone are trusted."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynn import (
    AdamOptimizer,
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
from sknumpynn.layers import BatchNorm, Dropout, Residual
from sknumpynn.schedules import CosineSchedule

io = pytest.importorskip("skops.io")

X = np.random.default_rng(0).normal(size=(60, 3))
TRAINING = dict(learning_rate="cosine", max_iter=2, random_state=0)
NETWORK = Sequential(Linear(outputs=4), BatchNorm(), ReLu(), Dropout(0.1), Residual(ReLu()))
REALMLP = dict(n_members=1, max_iter=2, random_state=0)
ESTIMATORS = [
    MLPClassifier(**TRAINING),
    MLPRegressor(**TRAINING | {"solver": AdamOptimizer(), "learning_rate": CosineSchedule()}),
    NetworkClassifier(NETWORK, **TRAINING),
    NetworkRegressor(NETWORK, **TRAINING),
    RealMLPClassifier(**REALMLP),
    RealMLPRegressor(**REALMLP),
]


@pytest.mark.parametrize("est", ESTIMATORS, ids=lambda est: type(est).__name__)
def test_round_trip(est):
    model = make_pipeline(StandardScaler(), est).fit(X, X[:, 0] > 0)
    saved = io.dumps(model)
    unknown = io.get_untrusted_types(data=saved)
    assert unknown
    assert all(name.startswith("sknumpynn.") for name in unknown)
    again = io.loads(saved, trusted=unknown)
    assert_array_equal(again.predict(X), model.predict(X))
