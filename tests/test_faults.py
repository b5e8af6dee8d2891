"""Whatever interrupts a fit, at whatever line: the estimator is as before, or as it should be.

A few lines of each scenario, drawn at random but the same each time. ``python -m tests.faults``
takes thousands of each.
"""

import zlib
from pathlib import Path

import numpy as np
import pytest

from sknumpynn.estimators._base import BaseNetwork
from sknumpynn.estimators._steps import take_steps
from tests.faults import BLAS, CASES, EXCEPTIONS, Fault, Outcome, Trial, places
from tests.models import X, make, target

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module", autouse=True)
def two_threads():
    with BLAS.limit(limits=2):  # so that a limit to one, if it stayed, would be seen
        yield


@pytest.mark.parametrize("scenario, name", CASES)
def test_after_a_fault_the_estimator_is_as_before(scenario, name):
    trial = Trial(scenario, name)
    rng = np.random.default_rng(zlib.crc32(f"{scenario} {name}".encode()))
    for exception in EXCEPTIONS:
        for k in [1, *rng.integers(1, trial.n_lines + 1, size=3)]:
            ended = trial.inject(exception, k)
            assert ended != "interrupted" or exception is KeyboardInterrupt
    assert scenario == "predict" or trial.inject(MemoryError, trial.n_lines) == "complete"


@pytest.mark.parametrize(
    "name, scenario, file, step",
    [
        # Records and the best weights: at the end of an epoch much is half done.
        ("MLPRegressor", "refit, early stopping", "_records.py", 6),
        ("MLPRegressor", "warm start", "_records.py", 6),
        # What is not the estimator's alone: the number of BLAS threads, and the memo of clones.
        ("MLPClassifier", "refit", "_threads.py", 1),
        ("NetworkRegressor", "fit", "layer.py", 6),
    ],
)
def test_lines_where_a_fault_would_be_worst(name, scenario, file, step):
    trial = Trial(scenario, name)
    est = trial.new()
    with Fault() as fault:
        trial.repeat(est)
    lines = [k for k, (path, _) in enumerate(fault.lines, 1) if Path(path).name == file]
    assert len(lines) >= 10
    ends = {trial.inject(KeyboardInterrupt, k) for k in lines[::step]}
    assert "rolled back" in ends


def test_damage_would_be_seen(monkeypatch):
    """An estimator that trained itself, and not a draft, would be left in between."""

    def fit(est, *data, **how):
        take_steps(est._train(*data, **how))
        return est

    monkeypatch.setattr(BaseNetwork, "_fit", fit)
    trial = Trial("refit", "MLPRegressor")
    damage = 0
    for k in places(trial.n_lines, 10):
        try:
            trial.inject(MemoryError, k)
        except Outcome as outcome:
            assert "neither as before nor complete" in str(outcome)
            damage += 1
    assert damage >= 8


def test_a_fault_is_raised_where_it_is_asked_for():
    est = make("MLPRegressor")
    with Fault() as fault:
        est.fit(X, target(est))
    assert len(fault.lines) > 1000
    with pytest.raises(MemoryError), Fault(MemoryError, 700) as fault:
        est.fit(X, target(est))
    assert len(fault.lines) == 700 and ".py:" in fault.place
