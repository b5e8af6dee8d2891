"""Optimizers of a user's own: what they forget is named."""

import re

import pytest

from sknumpynn import Parameter
from sknumpynn.core import Optimizer, PlannedOptimizer


@pytest.mark.parametrize(
    "kind, method",
    [(Optimizer, "step(param, state)"), (PlannedOptimizer, "plan_step(param, memory)")],
    ids=["step", "plan"],
)
def test_an_optimizer_without_a_step_says_so(kind, method):
    message = f"{kind.__name__} must override {method}."
    with pytest.raises(NotImplementedError, match=re.escape(message)):
        kind().update(Parameter([1.0]))


class Plans(PlannedOptimizer):
    """Plans what it is told."""

    def __init__(self, remembers=(), plan_step=None):
        self.remembers, self._plan_step = remembers, plan_step

    def plan_step(self, param, memory):
        return self._plan_step(param, memory)


def test_a_plan_is_a_function():
    with pytest.raises(TypeError, match=r"plan_step of Plans must return .* step\(t\), not None"):
        Plans(plan_step=lambda param, memory: None).update(Parameter([1.0]))


def test_a_name_alone_is_no_tuple_of_names():
    with pytest.raises(TypeError, match=r"remembers = \('velocity',\), not 'velocity'"):
        Plans("velocity").update(Parameter([1.0]))


def test_memory_cannot_be_replaced():
    def plan_step(param, memory):
        def step(t):
            memory["m"] = param.gradient

        return step

    with pytest.raises(TypeError, match="does not support item assignment"):
        Plans(("m",), plan_step).update(Parameter([1.0]))
