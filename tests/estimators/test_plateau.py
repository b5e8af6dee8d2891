"""Plateau: counts as scikit-learn's MLP does."""

import numpy as np
import pytest

from sknumpynn.estimators._plateau import Plateau


def follow(values, tol=0.0, patience=np.inf, best=np.inf, count=0):
    plateau, story = Plateau(best, count, tol, patience), []
    for value in values:
        plateau.update(value)
        story.append((plateau.count, plateau.improved, plateau.reached))
    return plateau, story


def test_without_a_tolerance_each_new_lowest_value_starts_the_count_again():
    plateau, story = follow([3, 4, 5, 2, 2, 2.5, 1])
    assert [count for count, _, _ in story] == [0, 1, 2, 0, 0, 1, 0]
    assert [improved for _, improved, _ in story] == [True, False, False, True, False, False, True]
    assert plateau.best == 1


def test_less_than_the_tolerance_is_no_progress_but_the_best_moves():
    plateau, story = follow([10, 9.6, 9.2, 8.8, 7.8], tol=0.5)
    assert [count for count, _, _ in story] == [0, 1, 2, 3, 0]
    assert all(improved for _, improved, _ in story)
    assert plateau.best == 7.8


@pytest.mark.parametrize("patience", [0, 1, 3])
def test_it_is_reached_when_the_count_exceeds_the_patience(patience):
    _, story = follow([1] + [2] * 5, patience=patience)
    assert [reached for _, _, reached in story].index(True) == patience + 1


def test_infinite_patience_is_never_at_an_end():
    assert not any(reached for _, _, reached in follow([1] + [2] * 100)[1])


def test_it_takes_up_where_an_earlier_one_left():
    whole, story = follow([3, 4, 2.9, 5, 6], tol=0.2)
    first, _ = follow([3, 4], tol=0.2)
    second, rest = follow([2.9, 5, 6], 0.2, np.inf, first.best, first.count)
    assert rest == story[2:]
    assert second.best == whole.best
