"""Rules of the parameters that say how a network is trained, whatever its layers."""

import numpy as np
from sklearn.metrics import get_scorer_names

from ..core import Optimizer
from ..schedules import Schedule
from ._params import AnyOf, Boolean, Float, Function, InstanceOf, Int, Is, OneOf, RandomState

__all__ = ["SOLVER_RULE", "TRAINING_RULES"]

SOLVER_RULE = AnyOf(OneOf("lbfgs", "sgd", "adam", "adamw", "rmsprop"), InstanceOf(Optimizer))

TRAINING_RULES = {
    "alpha": Float("[0, inf)"),
    "batch_size": AnyOf(OneOf("auto"), Int("[1, inf)")),
    "learning_rate": AnyOf(
        OneOf("constant", "invscaling", "adaptive", "cosine", "one_cycle"),
        InstanceOf(Schedule),
    ),
    "learning_rate_init": Float("(0, inf)"),
    "power_t": Float("[0, inf)"),
    "max_iter": Int("[1, inf)"),
    "shuffle": Boolean(),
    "random_state": RandomState(),
    "tol": Float("[0, inf)"),
    "verbose": AnyOf(Int("[0, inf)"), Boolean()),
    "warm_start": AnyOf(OneOf("exact"), Boolean()),
    "momentum": Float("[0, 1]"),
    "nesterovs_momentum": Boolean(),
    "early_stopping": Boolean(),
    "validation_fraction": Float("[0, 1)"),
    "beta_1": Float("[0, 1)"),
    "beta_2": Float("[0, 1)"),
    "epsilon": Float("(0, inf)"),
    "n_iter_no_change": AnyOf(Int("[1, inf)"), Is(np.inf)),
    "max_fun": Int("[1, inf)"),
    "dtype": AnyOf(OneOf("float32", "float64"), Is(None)),
    "clip_norm": AnyOf(Float("(0, inf)"), Is(None)),
    "n_members": Int("[1, inf)"),
    "average": AnyOf(Float("(0, 1)"), Is(None)),
    "scoring": AnyOf(
        OneOf("loss", *get_scorer_names()), Function("(estimator, X, y) -> score"), Is(None)
    ),
}
