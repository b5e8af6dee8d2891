"""What the tests of searches have in common."""

import pytest

from sknumpynn.estimators import _steps
from sknumpynn.stacking import Stack


@pytest.fixture
def sizes(monkeypatch):
    """Learners in each stack that was made."""
    sizes = []

    class Spy(Stack):
        def __init__(self, learners):
            sizes.append(len(learners))
            super().__init__(learners)

    monkeypatch.setattr(_steps, "Stack", Spy)
    monkeypatch.setattr(_steps, "WORTHWHILE", 2)
    return sizes
