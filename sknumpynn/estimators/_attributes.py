"""Fitted attributes: what an estimator has learned, told by the names of its attributes."""

import copy

__all__ = ["fitted_attributes", "forget"]

CURVES = "loss_curve_", "validation_scores_", "validation_loss_curve_"
TO_PREDICT = "_fitted_", "_target_"  # prefixes of private attributes that predictions depend on


def fitted_attributes(est):
    """Copy an estimator's fitted attributes, and what else it takes to predict, into a dict."""
    names = [name for name in vars(est) if _is_fitted(name) or name.startswith(TO_PREDICT)]
    # Of curves, which grow with each epoch, a deep copy would look at each number.
    memo = {id(curve): curve.copy() for curve in _curves(est)}
    return copy.deepcopy({name: getattr(est, name) for name in names}, memo)


def forget(est):
    """Drop what an earlier fit learned, now that a new one has seen its X."""
    for name in [name for name in vars(est) if _is_fitted(name)]:
        if name not in ("n_features_in_", "feature_names_in_"):
            delattr(est, name)


def _curves(est):
    curves = [getattr(est, name, None) for name in CURVES]
    curves += getattr(est, "history_", {}).values()
    return [curve for curve in curves if curve is not None]


def _is_fitted(name):
    return name.endswith("_") and not name.startswith("_")
