"""Steps: whose processor time it is that they take."""

from sknumpynn.estimators import _steps


def test_the_time_of_steps_that_several_take_together_is_shared(monkeypatch):
    times = iter([10.0, 16.0, 20.0, 21.0])
    monkeypatch.setattr(_steps, "process_time", lambda: next(times))
    first, second, third = fittings = [_steps.Fitting(None) for _ in range(3)]
    for taking in (fittings, [second]):
        with _steps._timed(taking):
            pass
    assert [first.seconds, second.seconds, third.seconds] == [2.0, 3.0, 2.0]
