"""Recipes of RealMLP: the value of each setting, for classification and for regression."""

from types import SimpleNamespace

import numpy as np

from ..schedules import (
    ConstantSchedule,
    CosineLogSchedule,
    CosineSchedule,
    FlatCosineSchedule,
    OneCycleSchedule,
)

__all__ = ["RECIPES", "SCHEDULES", "settle"]

SCHEDULES = {
    "constant": ConstantSchedule(),
    "cosine": CosineSchedule(),
    "coslog4": CosineLogSchedule(4),
    "flat_cos": FlatCosineSchedule(),
    "one_cycle": OneCycleSchedule(),
}

# Holzmüller, Grinsztajn and Steinwart, "Better by default", NeurIPS 2024, appendix A.
TD = {
    "n_members": 1,
    "hidden_layer_sizes": (256, 256, 256),
    "spread": "range",
    "numeric_embedding": "pbld",
    "max_one_hot_categories": 8,
    "embedding_size": 8,
    "init": "data",
    "front_lr_scale": 6.0,
    "embedding_lr_scale": 0.1,
    "activation_lr_scale": 0.1,
    "bias_lr_scale": 0.1,
    "batch_size": 256,
    "max_iter": 256,
    "learning_rate": "coslog4",
    "beta_1": 0.9,
    "beta_2": 0.95,
    "epsilon": 1e-8,
    "weight_decay": 0.02,
    "weight_decay_schedule": "flat_cos",
    "dropout": 0.15,
    "dropout_schedule": "flat_cos",
}
TD_CLASSIFIER = {
    **TD,
    "activation": "selu",
    "learning_rate_init": 0.04,
    "label_smoothing": 0.1,
    "calibrate": False,
    "scoring": "accuracy",
}
TD_REGRESSOR = {
    **TD,
    "activation": "mish",
    "learning_rate_init": 0.2,
    "clip_predictions": True,
    "scoring": "neg_root_mean_squared_error",
}
SIMPLER = {
    "numeric_embedding": "none",
    "max_one_hot_categories": float("inf"),
    "init": "normal",
    "activation_lr_scale": 0.0,
    "dropout": 0.0,
    "weight_decay": 0.0,
}
OURS = {"spread": "others", "batch_size": 128, "max_iter": "auto"}
ENSEMBLE = {**OURS, "n_members": 4, "hidden_layer_sizes": (128, 128, 128)}
FAST = {**OURS, "n_members": 2, "hidden_layer_sizes": (64, 64)}
# Of few rows the accuracy is much noise, and the log loss is mostly that of a handful.
PROBABILITIES = {"scoring": "neg_brier_score", "calibrate": True}

RECIPES = {
    "classification": {
        "default": {**TD_CLASSIFIER, **ENSEMBLE, **PROBABILITIES},
        "fast": {**TD_CLASSIFIER, **FAST, **PROBABILITIES},
        "td": TD_CLASSIFIER,
        "td-s": {**TD_CLASSIFIER, **SIMPLER},
    },
    "regression": {
        "default": {**TD_REGRESSOR, **ENSEMBLE},
        "fast": {**TD_REGRESSOR, **FAST},
        "td": TD_REGRESSOR,
        "td-s": {
            **TD_REGRESSOR,
            **SIMPLER,
            "learning_rate_init": 0.07,
            "clip_predictions": False,
        },
    },
}


def settle(est):
    """Settle what an estimator's parameters leave to its recipe.

    Parameters
    ----------
    est : estimator
        Its `_recipes` are those of its kind.

    Returns
    -------
    settings : SimpleNamespace
        A value for each setting of the recipes, schedules as objects.

    Raises
    ------
    ValueError
        If a schedule is not one that goes by steps.
    """
    recipe = est._recipes[est.recipe]
    asked = {name: getattr(est, name) for name in recipe}
    settings = {k: recipe[k] if asked[k] is None else asked[k] for k in recipe}
    settings["hidden_layer_sizes"] = np.atleast_1d(settings["hidden_layer_sizes"]).tolist()
    for name in ("learning_rate", "weight_decay_schedule", "dropout_schedule"):
        if isinstance(settings[name], str):
            settings[name] = SCHEDULES[settings[name]]
        elif not settings[name].per_step and type(settings[name]) is not ConstantSchedule:
            raise ValueError(
                f"{name}={settings[name]!r} goes by epochs or plateaus. Here a schedule is "
                "asked at each step: use CosineSchedule, for instance."
            )
    return SimpleNamespace(**settings)
