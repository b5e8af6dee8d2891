"""Pipelines that end in a network are searched as the network is."""

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.model_selection.test_stacked_search import (
    BINARY,
    CLASSIFIER,
    NUMBERS,
    RATES,
    WEIGHTS,
    X,
    assert_same,
    both,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_a_pipeline_of_a_network_alone(sizes):
    grid = {f"mlpclassifier__{name}": values for name, values in RATES.items()}
    assert_same(both(make_pipeline(CLASSIFIER), grid, cv=2), BINARY)
    assert sizes


def test_rows_that_are_no_table_yet():
    words = [["a", "b"] if number > 0 else ["b"] for number in NUMBERS]
    est = make_pipeline(CountVectorizer(analyzer=list), CLASSIFIER)
    assert_same(both(est, {"mlpclassifier__alpha": [0.1, 1]}, cv=2), BINARY, data=words)


def test_a_pipeline_takes_no_weights(sizes):
    for search in both(make_pipeline(CLASSIFIER), {"mlpclassifier__alpha": [0, 1, 2]}, refit=False):
        with pytest.raises(ValueError, match="does not accept the sample_weight"):
            search.fit(X, BINARY, sample_weight=WEIGHTS)
    assert not sizes


def test_a_pipeline_that_is_to_transform_parameters_of_fit_is_refused():
    est = make_pipeline(StandardScaler(), CLASSIFIER).set_params(transform_input=["X_val"])
    for search in both(est, {"mlpclassifier__alpha": [0, 1, 2]}, refit=False):
        with pytest.raises(ValueError, match="metadata routing"):
            search.fit(X, BINARY)
