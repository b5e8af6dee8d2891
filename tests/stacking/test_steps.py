"""Fits that take their steps together: those that can be stacked; others one after the other."""

import numpy as np
import pytest

from sknumpynn import MLPRegressor
from sknumpynn.estimators._steps import take_steps_together

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(40, 3))


@pytest.mark.parametrize("width, at_once", [(4, 5), (2000, 1)])
def test_a_network_too_large_for_a_stack_takes_memory_alone(width, at_once):
    running, most = set(), 0

    def watched(number):
        nonlocal most
        running.add(number)
        most = max(most, len(running))
        est = MLPRegressor(hidden_layer_sizes=(width,), max_iter=2, random_state=0)
        yield from est._fitting(X, X[:, 0], None)
        running.remove(number)

    fittings = take_steps_together(map(watched, range(5)))
    assert all(fitting.error is None for fitting in fittings)
    assert most == at_once
