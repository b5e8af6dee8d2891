"""Fits of a search that fail are those that fail in GridSearchCV, and for the same reason."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from sknumpynn import Linear, NetworkClassifier, Sequential, StackedSearchCV
from sknumpynn.core import Layer
from tests.model_selection.test_stacked_search import (
    BINARY,
    CLASSIFIER,
    NUMBERS,
    PARAMS,
    REGRESSOR,
    X,
    assert_same,
    both,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore:One or more of the test scores"
)


@pytest.mark.parametrize("error_score", [np.nan, -7.0])
def test_a_candidate_that_diverges(error_score, sizes):
    est = clone(REGRESSOR).set_params(solver="sgd")
    grid = {"learning_rate_init": [0.01, 1e200, 0.02]}
    with pytest.warns(FitFailedWarning, match="3 fits failed out of a total of 9") as caught:
        ours, _ = assert_same(both(est, grid, cv=3, error_score=error_score), NUMBERS)
    assert sum(issubclass(w.category, FitFailedWarning) for w in caught) == 2
    assert ours.best_params_["learning_rate_init"] != 1e200
    assert sizes


def test_candidates_that_fail_alone():
    grid = {"solver": ["adam", "lbfgs"], "alpha": [0.1, 1, -1]}
    with pytest.warns(FitFailedWarning, match="4 fits failed out of a total of 12"):
        assert_same(both(CLASSIFIER, grid, cv=2), BINARY)


def fails(Yp, Y, sample_weight=None):
    raise ZeroDivisionError("a loss that fails")


def test_a_loss_that_fails():
    grid = {"loss": [fails, "squared_error"], "alpha": [0.1, 1, 3]}
    with pytest.warns(FitFailedWarning, match="a loss that fails"):
        assert_same(both(clone(REGRESSOR).set_params(scale_target=False), grid, cv=2), NUMBERS)


class Fails(Layer):
    """Fails in training, if it is to; says nothing of it before."""

    def __init__(self, fails):
        super().__init__()
        self.fails = fails

    def forward(self, X):
        if self.fails and len(X) > 2:
            raise ZeroDivisionError("a layer that fails")
        return super().forward(X)


def test_a_layer_that_fails_in_one_candidate(sizes):
    """Also with a random state and weights that the first attempt has changed."""
    params = PARAMS | {"random_state": np.random.RandomState(0), "warm_start": True}
    est = NetworkClassifier(Sequential(Linear(outputs=3), Fails(False)), **params)
    grid = {"network__1__fails": [False, True], "max_iter": [1, 3]}
    with pytest.warns(FitFailedWarning, match="6 fits failed out of a total of 12"):
        assert_same(both(est, grid, cv=3), BINARY)
    assert sizes


def test_errors_are_raised_if_asked():
    est = clone(REGRESSOR).set_params(solver="sgd")
    search = StackedSearchCV(est, {"learning_rate_init": [0.01, 1e200]}, error_score="raise", cv=3)
    with pytest.raises(ValueError, match="non-finite"):
        search.fit(X, NUMBERS)
    assert not hasattr(search, "cv_results_")


def test_preprocessing_that_fails_is_a_fit_that_fails():
    est = make_pipeline(MinMaxScaler(), CLASSIFIER)
    grid = {"minmaxscaler__feature_range": [(0, 1), (1, 0), (0, 2)]}
    with pytest.warns(FitFailedWarning, match="3 fits failed"):
        assert_same(both(est, grid, cv=3), BINARY)
