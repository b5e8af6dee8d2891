"""Rules of parameters: of those that say how a network is trained, and of parts of it."""

import numpy as np
from sklearn.metrics import get_scorer_names

from ..core import Optimizer
from ..losses import HalfSquaredError, HuberLoss
from ..optimizers import AdamOptimizer, AdamWOptimizer, RMSpropOptimizer, SGDOptimizer
from ..schedules import (
    AdaptiveSchedule,
    CosineLogSchedule,
    CosineSchedule,
    FlatCosineSchedule,
    InverseScalingSchedule,
    OneCycleSchedule,
    Schedule,
)
from ._params import (
    AnyOf,
    Boolean,
    Float,
    Function,
    InstanceOf,
    Int,
    Is,
    OneOf,
    RandomState,
    validate_params,
)

__all__ = [
    "PART_RULES",
    "SOLVER_RULE",
    "TRAINING_RULES",
    "check_combinations",
    "validate_with_parts",
]

NOT_NEGATIVE, POSITIVE, FRACTION = Float("[0, inf)"), Float("(0, inf)"), Float("[0, 1)")

SOLVER_RULE = AnyOf(OneOf("lbfgs", "sgd", "adam", "adamw", "rmsprop"), InstanceOf(Optimizer))

TRAINING_RULES = {
    "alpha": NOT_NEGATIVE,
    "batch_size": AnyOf(OneOf("auto"), Int("[1, inf)")),
    "learning_rate": AnyOf(
        OneOf("constant", "invscaling", "adaptive", "cosine", "one_cycle"),
        InstanceOf(Schedule),
    ),
    "learning_rate_init": POSITIVE,
    "power_t": NOT_NEGATIVE,
    "max_iter": Int("[1, inf)"),
    "shuffle": Boolean(),
    "random_state": RandomState(),
    "tol": NOT_NEGATIVE,
    "verbose": AnyOf(Int("[0, inf)"), Boolean()),
    "warm_start": AnyOf(OneOf("exact"), Boolean()),
    "momentum": Float("[0, 1]"),
    "nesterovs_momentum": Boolean(),
    "early_stopping": Boolean(),
    "validation_fraction": FRACTION,
    "beta_1": FRACTION,
    "beta_2": FRACTION,
    "epsilon": POSITIVE,
    "n_iter_no_change": AnyOf(Int("[1, inf)"), Is(np.inf)),
    "max_fun": Int("[1, inf)"),
    "dtype": AnyOf(OneOf("float32", "float64"), Is(None)),
    "clip_norm": AnyOf(POSITIVE, Is(None)),
    "n_members": Int("[1, inf)"),
    "average": AnyOf(Float("(0, 1)"), Is(None)),
    "scoring": AnyOf(
        OneOf("loss", *get_scorer_names()), Function("(estimator, X, y) -> score"), Is(None)
    ),
}

ADAM = {"lr": NOT_NEGATIVE, "beta_1": FRACTION, "beta_2": FRACTION, "epsilon": POSITIVE}

PART_RULES = {  # those of classes of a user's own are not known here
    AdamOptimizer: ADAM,
    AdamWOptimizer: ADAM | {"weight_decay": NOT_NEGATIVE},
    RMSpropOptimizer: {
        "lr": NOT_NEGATIVE,
        "rho": FRACTION,
        "epsilon": POSITIVE,
        "momentum": FRACTION,
    },
    SGDOptimizer: {"lr": NOT_NEGATIVE, "momentum": Float("[0, 1]"), "nesterov": Boolean()},
    AdaptiveSchedule: {"divisor": Float("(1, inf)"), "lr_min": NOT_NEGATIVE},
    CosineLogSchedule: {"cycles": Int("[1, inf)")},
    CosineSchedule: {"lr_min": NOT_NEGATIVE, "warmup": FRACTION},
    FlatCosineSchedule: {"flat": FRACTION},
    InverseScalingSchedule: {"power_t": NOT_NEGATIVE},
    OneCycleSchedule: {"warmup": FRACTION, "start": NOT_NEGATIVE, "end": NOT_NEGATIVE},
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


def check_combinations(est, validation):
    """Raise an error if parameters rule each other out, or rule out rows to validate on."""
    if est.solver == "lbfgs":
        lbfgs = f"{est._solver_name}='lbfgs'"
        if validation is not None:
            raise ValueError(f"X_val does not go with {lbfgs}, which has no epochs.")
        if est.average is not None:
            raise ValueError(
                f"average={est.average!r} does not go with {lbfgs}, which has no steps that "
                f"scatter. Use another {est._solver_name}."
            )
        if np.any(np.asarray(getattr(est, "dropout", 0)) > 0):
            raise ValueError(
                f"dropout={est.dropout!r} does not go with {lbfgs}: its noise would mislead the "
                f"line search. Use another {est._solver_name}."
            )
    elif est.early_stopping and validation is None and est.validation_fraction == 0:
        raise ValueError(
            "early_stopping=True needs rows to validate on, and validation_fraction="
            f"{est.validation_fraction!r} holds none out. Set it above 0, or give fit X_val and "
            "y_val."
        )
