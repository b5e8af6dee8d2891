"""What the tests of searches have in common."""

import pytest

from sknumpynn.estimators import _steps


@pytest.fixture
def sizes(stack_sizes, monkeypatch):
    """Learners in each stack that was made, of which two are enough."""
    monkeypatch.setattr(_steps, "WORTHWHILE", 2)
    return stack_sizes
