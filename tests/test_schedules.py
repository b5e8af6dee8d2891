"""Schedules: each against its formula."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from sknumpynn import MLPRegressor, RealMLPRegressor, SGDOptimizer, schedules
from sknumpynn.schedules import (
    AdaptiveSchedule,
    ConstantSchedule,
    CosineLogSchedule,
    CosineSchedule,
    FlatCosineSchedule,
    InverseScalingSchedule,
    OneCycleSchedule,
    Schedule,
)

PER_EPOCH = [ConstantSchedule(), InverseScalingSchedule(0.3), AdaptiveSchedule(3.0, 1e-3)]
WITH_WARM_UP = [CosineSchedule(0.1, 0.2), OneCycleSchedule(0.4, 0.1, 0.01)]
PER_STEP = [*WITH_WARM_UP, CosineLogSchedule(3), FlatCosineSchedule(0.25)]
SCHEDULES = PER_EPOCH + PER_STEP


def test_every_schedule_is_tested():
    names = {type(schedule).__name__ for schedule in SCHEDULES}
    assert names | {"Schedule"} == set(schedules.__all__)
    assert all(isinstance(schedule, Schedule) for schedule in SCHEDULES)


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
    assert AdaptiveSchedule(divisor=2.0, lr_min=0.1).on_plateau(0.3) == 0.15
    assert AdaptiveSchedule(divisor=2.0, lr_min=0.1).on_plateau(0.1) is None


def factors(schedule, n_steps=1000):
    return np.array([schedule.factor(step / n_steps) for step in range(n_steps)])


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_who_is_asked_at_each_step(schedule):
    assert schedule.per_step == (schedule in PER_STEP)
    if schedule.per_step:
        assert schedule.after_epoch(0.2, 0.1, 1000) == 0.2


@pytest.mark.parametrize("schedule", PER_EPOCH)
def test_per_epoch_the_factor_is_one(schedule):
    assert (factors(schedule) == 1).all()


def test_cosine_by_hand():
    schedule = CosineSchedule()
    assert schedule.factor(0.0) == 1
    assert_allclose([schedule.factor(p) for p in (1 / 3, 0.5, 2 / 3, 1)], [3 / 4, 1 / 2, 1 / 4, 0])
    schedule = CosineSchedule(lr_min=0.2, warmup=0.1)
    assert_allclose([schedule.factor(p) for p in (0, 0.05, 0.1, 0.4, 0.55)], [0, 0.5, 1, 0.8, 0.6])


def test_one_cycle_by_hand():
    schedule = OneCycleSchedule(warmup=0.3, start=0.2, end=0.1)
    progress = [0, 0.1, 0.15, 0.2, 0.3, 0.65, 1]
    assert_allclose(
        [schedule.factor(p) for p in progress], [0.2, 0.4, 0.6, 0.8, 1, 0.55, 0.1], rtol=1e-14
    )


def test_one_cycle_by_default():
    factors = [OneCycleSchedule().factor(p) for p in (0, 0.15, 0.3, 0.65, 1)]
    assert_allclose(factors, [0.04, 0.52, 1, 0.50005, 1e-4], rtol=1e-12)


@pytest.mark.parametrize("schedule", WITH_WARM_UP)
def test_up_and_then_down_without_a_jump(schedule):
    f = factors(schedule)
    top = round(schedule.warmup * len(f))
    assert f.argmax() == top
    assert_allclose(f[top], 1, rtol=1e-14)
    assert (np.diff(f[: top + 1]) > 0).all()
    assert (np.diff(f[top:]) < 0).all()
    assert np.abs(np.diff(f)).max() < 0.01


@pytest.mark.parametrize("make", [CosineSchedule, OneCycleSchedule])
def test_no_warm_up(make):
    f = factors(make(warmup=0.0))
    assert f[0] == 1
    assert (np.diff(f) < 0).all()
    assert f[-1] < 1e-3


def test_cosine_is_half_the_rate_on_average():
    assert factors(CosineSchedule(), 10_000).mean() == pytest.approx(0.5, abs=1e-4)


def test_cosine_log_by_hand():
    schedule = CosineLogSchedule()
    ends = [0, 1 / 15, 3 / 15, 7 / 15, 1]
    assert_allclose([schedule.factor(p) for p in ends], 0, atol=1e-12)
    tops = [(2 ** (i + 0.5) - 1) / 15 for i in range(4)]
    assert_allclose([schedule.factor(p) for p in tops], 1, rtol=1e-12)
    assert CosineLogSchedule(1).factor(2**0.25 - 1) == pytest.approx(0.5, rel=1e-12)


def test_flat_cosine_by_hand():
    schedule = FlatCosineSchedule()
    assert [schedule.factor(p) for p in (0, 0.2, 0.5)] == [1, 1, 1]
    assert_allclose([schedule.factor(p) for p in (2 / 3, 0.75, 5 / 6, 1)], [0.75, 0.5, 0.25, 0])
    assert_allclose(FlatCosineSchedule(0.2).factor(0.6), 0.5)


def test_overriding_factor_is_enough():
    class Halving(Schedule):
        def factor(self, progress):
            return 1 - progress / 2

    X = np.random.default_rng(0).standard_normal((20, 2))
    solver = SGDOptimizer(lr=0.1)
    est = MLPRegressor(
        hidden_layer_sizes=(3,), solver=solver, learning_rate=Halving(), max_iter=4, random_state=0
    )
    est.fit(X, X[:, 0])
    assert_allclose(est.history_["lr"], 0.1 * (1 - np.arange(4) / 8))  # a step an epoch


class AfterEpoch(Schedule):
    """Not constant, as a user's own may be."""

    def __init__(self, number):
        self.number = number

    def after_epoch(self, lr, lr_init, n_seen):
        return self.number


class OnPlateau(AfterEpoch):
    after_epoch = Schedule.after_epoch

    def on_plateau(self, lr):
        return self.number


class Factor(AfterEpoch):
    after_epoch = Schedule.after_epoch

    def factor(self, progress):
        return self.number if progress else 1.0


@pytest.mark.parametrize("number", [-0.1, np.nan, np.inf, "0.1"])
@pytest.mark.parametrize(
    "Estimator, kind",
    [
        (MLPRegressor, AfterEpoch),
        (MLPRegressor, OnPlateau),
        (MLPRegressor, Factor),
        (RealMLPRegressor, Factor),
    ],
)
def test_what_is_no_rate_is_an_error_and_the_fitted_weights_stay(Estimator, kind, number):
    X = np.random.default_rng(0).standard_normal((20, 2))
    est = Estimator(hidden_layer_sizes=(3,), max_iter=3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        expected = est.fit(X, X[:, 0]).predict(X)
    est.set_params(learning_rate=kind(number))
    if Estimator is MLPRegressor:
        est.set_params(n_iter_no_change=1, tol=1e6)  # a plateau at once
    with pytest.raises(ValueError, match=rf"{kind.__name__}\(.*\) must give numbers from 0 up"):
        est.fit(X, X[:, 0])
    assert_array_equal(est.predict(X), expected)
