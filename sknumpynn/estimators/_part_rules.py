"""Rules of the parameters of parts: of optimizers, schedules and losses that come as objects."""

from ..losses import HalfSquaredError, HuberLoss
from ..optimizers import AdamOptimizer, AdamWOptimizer, RMSpropOptimizer, SGDOptimizer
from ..schedules import (
    AdaptiveSchedule,
    CosineLogSchedule,
    CosineSchedule,
    FlatCosineSchedule,
    InverseScalingSchedule,
    OneCycleSchedule,
)
from ._params import Boolean, Float, Int, validate_params

__all__ = ["validate_with_parts"]

NOT_NEGATIVE, POSITIVE, PART = Float("[0, inf)"), Float("(0, inf)"), Float("[0, 1)")
ADAM = {"lr": NOT_NEGATIVE, "beta_1": PART, "beta_2": PART, "epsilon": POSITIVE}

PART_RULES = {  # those of classes of a user's own are not known here
    AdamOptimizer: ADAM,
    AdamWOptimizer: ADAM | {"weight_decay": NOT_NEGATIVE},
    RMSpropOptimizer: {"lr": NOT_NEGATIVE, "rho": PART, "epsilon": POSITIVE, "momentum": PART},
    SGDOptimizer: {"lr": NOT_NEGATIVE, "momentum": Float("[0, 1]"), "nesterov": Boolean()},
    AdaptiveSchedule: {"divisor": Float("(1, inf)"), "lr_min": NOT_NEGATIVE},
    CosineLogSchedule: {"cycles": Int("[1, inf)")},
    CosineSchedule: {"lr_min": NOT_NEGATIVE, "warmup": PART},
    FlatCosineSchedule: {"flat": PART},
    InverseScalingSchedule: {"power_t": NOT_NEGATIVE},
    OneCycleSchedule: {"warmup": PART, "start": NOT_NEGATIVE, "end": NOT_NEGATIVE},
    HalfSquaredError: {"summed_gradient": Boolean()},
    HuberLoss: {"delta": POSITIVE},
}


def validate_with_parts(estimator):
    """Check an estimator's parameters, and those of the parts that are among them.

    Parameters
    ----------
    estimator : BaseEstimator
        Its `_param_rules` are for its own.

    Raises
    ------
    InvalidParameterError
        For the first parameter that breaks its rule.
    """
    validate_params(estimator, estimator._param_rules)
    for name in estimator._param_rules:
        part = getattr(estimator, name)
        validate_params(part, PART_RULES.get(type(part), {}))
