"""Searches that derive from StackedSearchCV."""

import pytest
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV, ParameterGrid

from sknumpynn import StackedSearchCV
from tests.model_selection.test_stacked_search import BINARY, CLASSIFIER, RATES, X, assert_same

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


class OwnSearch(StackedSearchCV):
    """With a constructor of its own."""

    def __init__(self, alphas=(0.1, 1, 3)):
        super().__init__(CLASSIFIER, {"alpha": list(alphas)}, cv=2)
        self.alphas = alphas


def test_a_subclass_may_have_parameters_of_its_own(sizes):
    found = OwnSearch().fit(X, BINARY).cv_results_
    expected = GridSearchCV(CLASSIFIER, {"alpha": [0.1, 1, 3]}, cv=2).fit(X, BINARY).cv_results_
    assert_array_equal(found["mean_test_score"], expected["mean_test_score"])
    assert sizes


def test_a_subclass_may_choose_its_candidates(sizes):
    class Backwards:
        def _run_search(self, evaluate_candidates):
            evaluate_candidates(list(ParameterGrid(self.param_grid))[::-1])

    searches = [type("Own", (Backwards, kind), {}) for kind in (StackedSearchCV, GridSearchCV)]
    assert_same([Own(CLASSIFIER, RATES, cv=2) for Own in searches], BINARY)
    assert not sizes
