"""Parts: the optimizer, penalty and schedule that an estimator's parameters ask for."""

import math

from sklearn.base import clone

from ..optimizers import AdamOptimizer, AdamWOptimizer, RMSpropOptimizer, SGDOptimizer
from ..penalties import L2Penalty
from ..schedules import (
    AdaptiveSchedule,
    ConstantSchedule,
    CosineSchedule,
    InverseScalingSchedule,
    OneCycleSchedule,
)

__all__ = ["make_optimizer", "make_penalty", "make_schedule"]


def make_optimizer(est):
    """Make the optimizer that an estimator's parameters ask for."""
    if not isinstance(est.solver, str):
        return _own_optimizer(est)
    lr = est.learning_rate_init
    if est.solver == "sgd":
        return SGDOptimizer(lr, est.momentum, est.nesterovs_momentum)
    if est.solver == "rmsprop":
        return RMSpropOptimizer(lr, epsilon=est.epsilon)
    if est.solver == "adamw":
        return AdamWOptimizer(lr, est.beta_1, est.beta_2, est.epsilon, weight_decay=est.alpha)
    return AdamOptimizer(lr, est.beta_1, est.beta_2, est.epsilon)


def make_penalty(est):
    """Make the penalty that an estimator's parameters ask for."""
    decays_apart = est.solver == "adamw"  # which uses alpha in its steps, not in the loss
    return L2Penalty(0.0 if decays_apart else est.alpha)


def make_schedule(est):
    """Make the schedule that an estimator's parameters ask for."""
    if not isinstance(est.learning_rate, str):
        return clone(est.learning_rate)
    if est.learning_rate == "cosine":
        return CosineSchedule()
    if est.learning_rate == "one_cycle":
        return OneCycleSchedule()
    if est.solver == "sgd" and est.learning_rate == "invscaling":
        return InverseScalingSchedule(est.power_t)
    if est.solver == "sgd" and est.learning_rate == "adaptive":
        return AdaptiveSchedule()
    return ConstantSchedule()


def _own_optimizer(est):
    optimizer = clone(est.solver)
    if not hasattr(optimizer, "lr"):
        if type(make_schedule(est)) is not ConstantSchedule:
            raise ValueError(
                f"learning_rate={est.learning_rate!r} sets the attribute lr of the optimizer, but "
                f"{est.solver!r} has none. Give it one, or use learning_rate='constant'."
            )
        optimizer.lr = math.nan  # for the records
    return optimizer
