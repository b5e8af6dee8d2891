"""Schedules: each against its formula."""

import pytest
from sklearn.base import clone

from sknumpynn import schedules
from sknumpynn.schedules import AdaptiveSchedule, ConstantSchedule, InverseScalingSchedule

SCHEDULES = [ConstantSchedule(), InverseScalingSchedule(0.3), AdaptiveSchedule(3.0, 1e-3)]


def test_every_schedule_is_tested():
    assert {type(schedule).__name__ for schedule in SCHEDULES} == set(schedules.__all__)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_clone_and_repr(schedule):
    assert repr(clone(schedule)) == repr(schedule)


@pytest.mark.parametrize("schedule", [ConstantSchedule(), AdaptiveSchedule()])
def test_constant_between_plateaus(schedule):
    assert schedule.after_epoch(0.2, 0.1, 1000) == 0.2


@pytest.mark.parametrize("power_t", [0.0, 0.5, 1.0])
def test_inverse_scaling_depends_on_the_rows_seen_alone(power_t):
    schedule, lr = InverseScalingSchedule(power_t), 0.1
    for n_seen in (100, 200, 300):
        lr = schedule.after_epoch(lr, 0.1, n_seen)
        assert lr == pytest.approx(0.1 / (n_seen + 1) ** power_t, rel=1e-14)


def test_a_plateau_ends_training():
    assert ConstantSchedule().on_plateau(0.1) is None
    assert InverseScalingSchedule().on_plateau(0.1) is None


def test_adaptive_divides_until_the_rate_is_too_small():
    schedule, lr, rates = AdaptiveSchedule(), 1e-3, []
    while lr is not None:
        rates.append(lr)
        lr = schedule.on_plateau(lr)
    assert rates == pytest.approx([1e-3 / 5**i for i in range(6)], rel=1e-12)
    assert rates[-2] > 1e-6 >= rates[-1]
    assert AdaptiveSchedule(factor=2.0, lr_min=0.1).on_plateau(0.3) == 0.15
    assert AdaptiveSchedule(factor=2.0, lr_min=0.1).on_plateau(0.1) is None
