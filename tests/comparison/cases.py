"""What the tests of comparisons compare on, and with."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
LABELS = np.where(X[:, 0] + 0.3 * RNG.normal(size=60) > 0, "yes", "no")
NUMBERS = X @ [1.0, 2.0, 3.0] + RNG.normal(size=60)
DUMMY = DummyClassifier()


class Failing(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        raise RuntimeError("no luck\nat all")
