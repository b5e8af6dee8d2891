"""Plateau: epochs without improvement are counted as scikit-learn's MLP counts them."""

from types import SimpleNamespace

import numpy as np
import pytest

from sknumpynn import MLPRegressor
from sknumpynn.estimators._records import record_best

EARLY_STOPPING = pytest.mark.parametrize("early_stopping", [False, True])


def follow(values, early_stopping, tol=0.0, est=None):
    """Record values that are to be low: losses, or scores with their sign turned."""
    if est is None:
        est = SimpleNamespace(tol=tol, early_stopping=early_stopping, _no_improvement_count=0)
        est.best_loss_, est.best_validation_score_ = np.inf, -np.inf
    story = []
    for value in values:
        est.loss_, est.validation_scores_ = value, [-value] if early_stopping else None
        is_best = record_best(est)
        story.append((est._no_improvement_count, is_best))
    best = -est.best_validation_score_ if early_stopping else est.best_loss_
    return est, story, best


@EARLY_STOPPING
def test_without_a_tolerance_each_new_lowest_value_starts_the_count_again(early_stopping):
    _, story, best = follow([3, 4, 5, 2, 2, 2.5, 1], early_stopping)
    assert [count for count, _ in story] == [0, 1, 2, 0, 0, 1, 0]
    assert [is_best for _, is_best in story] == [True, False, False, True, False, False, True]
    assert best == 1


@EARLY_STOPPING
def test_less_than_the_tolerance_is_no_progress_but_the_best_moves(early_stopping):
    _, story, best = follow([10, 9.6, 9.2, 8.8, 7.8], early_stopping, tol=0.5)
    assert [count for count, _ in story] == [0, 1, 2, 3, 0]
    assert all(is_best for _, is_best in story)
    assert best == 7.8


@EARLY_STOPPING
def test_nan_is_no_better(early_stopping):
    _, story, best = follow([2, np.nan, 1, np.nan], early_stopping)
    assert story == [(0, True), (1, False), (0, True), (1, False)]
    assert best == 1


@EARLY_STOPPING
def test_it_goes_on_from_the_records_of_an_earlier_fit(early_stopping):
    _, story, best = follow([3, 4, 2.9, 5, 6], early_stopping, tol=0.2)
    est, _, _ = follow([3, 4], early_stopping, tol=0.2)
    _, rest, best_of_rest = follow([2.9, 5, 6], early_stopping, est=est)
    assert rest == story[2:]
    assert best_of_rest == best


def test_scores_of_rows_that_do_not_decide_are_recorded():
    est, _, _ = follow([3], early_stopping=False)
    est.loss_, est.validation_scores_ = 4, [0.5]
    assert not record_best(est)
    assert (est.best_loss_, est.best_validation_score_) == (3, 0.5)


@pytest.mark.parametrize("patience", [1, 3, np.inf])
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_training_ends_when_the_count_exceeds_the_patience(patience, rng):
    """The first epoch is better than none, and none after it by as much as `tol`."""
    X = rng.normal(size=(20, 2))
    est = MLPRegressor(hidden_layer_sizes=(2,), tol=1e9, n_iter_no_change=patience, max_iter=9)
    assert est.fit(X, X[:, 0]).n_iter_ == min(patience + 2, 9)
