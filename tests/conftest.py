"""Fixtures of all tests."""

from itertools import count

import numpy as np
import pytest

from sknumpynn.estimators import _steps
from sknumpynn.stacking import Stack

default_rng = np.random.default_rng


@pytest.fixture(autouse=True)
def repeatable_generators(monkeypatch):
    """Let generators without a seed differ within a test, but not from run to run."""
    np.random.seed(0)  # noqa: NPY002, whose global state is that of random_state=None
    seeds = count(1000)

    def seeded(seed=None):
        return default_rng(next(seeds) if seed is None else seed)

    monkeypatch.setattr(np.random, "default_rng", seeded)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def stack_sizes(monkeypatch):
    """Learners in each stack that was made."""
    sizes = []

    class Spy(Stack):
        def __init__(self, learners):
            sizes.append(len(learners))
            super().__init__(learners)

    monkeypatch.setattr(_steps, "Stack", Spy)
    return sizes
