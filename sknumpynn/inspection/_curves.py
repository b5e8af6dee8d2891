"""Curves: read the records of epochs off fitted estimators, ours and scikit-learn's."""

from typing import NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

__all__ = ["METRICS", "Curve", "read_curves", "unwrap"]

METRICS = ("loss", "score")


class Curve(NamedTuple):
    """The curves of one network.

    Attributes
    ----------
    name : str
        Of the estimator; the members of an ensemble share it.
    train, validation : ndarray of shape (n_epochs,) or None
        The metric on the training rows, and on the rows that were held out.
    best_iter : int or None
        The epoch, counted from 1, whose weights the network has; None if not known.
    """

    name: str
    train: np.ndarray | None
    validation: np.ndarray | None
    best_iter: int | None


def read_curves(estimator, name, metric):
    """List a `Curve` of the metric for each network of a fitted estimator.

    That may be one of ours, scikit-learn's MLP, or a pipeline or search that ends in one of those.
    If it has no such curve, a ValueError says why.
    """
    est = unwrap(estimator)
    if hasattr(est, "out_activation_") and hasattr(est, "estimators_"):
        return [curve for member in est.estimators_ for curve in read_curves(member, name, metric)]
    if hasattr(est, "loss_curves_"):
        columns = est.loss_curves_, est.score_curves_, est.best_iters_
        records = [(train, None, *rest) for train, *rest in zip(*columns, strict=True)]
    elif getattr(est, "loss_curve_", None):
        validation = getattr(est, "history_", {}).get("validation_loss")
        records = [(est.loss_curve_, validation, est.validation_scores_, _best_iter(est))]
    else:
        raise ValueError(_why_no_curve(est))
    if metric == "loss":
        return [Curve(name, _known(train), _known(held), best) for train, held, _, best in records]
    curves = [Curve(name, None, _known(scores), best) for _, _, scores, best in records]
    if any(curve.validation is None for curve in curves):
        raise ValueError(
            f"This {type(est).__name__} has no validation scores: no rows were held out while it "
            "was fitted. Give fit X_val and y_val, or draw its loss; or hold some out, by "
            "early_stopping=True or RealMLP's validation_fraction."
        )
    return curves


def unwrap(est):
    """Find the network at the end of a fitted pipeline, or in a search."""
    check_is_fitted(est)
    if hasattr(est, "best_estimator_"):
        return unwrap(est.best_estimator_)
    if hasattr(est, "best_params_"):
        raise ValueError(
            f"This {type(est).__name__} has refit=False, hence no best_estimator_ to draw."
        )
    if isinstance(est, Pipeline):
        return unwrap(est[-1])
    if hasattr(est, "regressor_"):
        return unwrap(est.regressor_)
    return est


def _known(values):
    """A curve as an array; None if no value is known."""
    values = np.asarray([] if values is None else values, dtype=float)
    return values if np.isfinite(values).any() else None


def _best_iter(est):
    """Epoch whose weights are kept; scikit-learn has only scores, from which to find it."""
    if hasattr(est, "history_"):
        return getattr(est, "best_iter_", None)
    scores = _known(est.validation_scores_)
    return len(est.loss_curve_) if scores is None else 1 + int(np.nanargmax(scores))


def _why_no_curve(est):
    if hasattr(est, "out_activation_") and est.solver == "lbfgs":
        return (
            f"This {type(est).__name__} was fitted with 'lbfgs', which has no epochs and so no "
            "loss curve. Use another solver."
        )
    return (
        f"This {type(est).__name__} has no loss_curve_. LossCurveDisplay draws networks of "
        "sknumpynn and of scikit-learn, also at the end of a pipeline or in a search."
    )
