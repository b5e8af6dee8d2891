"""Held-out rows: how well a network does on data that it is not trained on."""

import warnings
from inspect import signature

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

from ..core import run, take_rows
from ._continuation import check_targets
from ._validation import about_validation, validate_rows, warn_if_as_long

__all__ = ["apply_scorer", "hold_out"]


class HeldOut:
    """Rows that training does not see, and their score with the present weights.

    Parameters
    ----------
    est : estimator
        The one being fitted. Its `scoring` says which score; a scorer is given the estimator.
    job : Job
        What it is fitted to.
    X : ndarray or sparse CSR of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
    Y : ndarray of shape (n_samples, n_targets)
        The target, encoded.
    sample_weight : ndarray of shape (n_samples,) or None
    """

    def __init__(self, est, job, X, y, Y, sample_weight):
        self.est, self.job, self.plans, task = est, job, {}, job.task
        self.X, self.y, self.Y, self.sample_weight = X, y, Y, sample_weight
        with np.errstate(over="ignore"):  # training notices what is not finite
            self.goal = task.goal(Y, smooth=False).astype(job.dtype)
        self.scorer = None
        if est.scoring not in (None, "loss"):
            if isinstance(est.scoring, str) and getattr(task, "several_quantiles", False):
                raise ValueError(
                    f"scoring={est.scoring!r} takes one prediction for each target, and there are "
                    f"several: the quantiles {task.loss.quantiles!r}. Use scoring=None, which is "
                    "minus the mean pinball loss, 'loss', or a function (estimator, X, y) -> score."
                )
            self.scorer = check_scoring(est, scoring=est.scoring)

    def score(self, weights):
        """Score of the present weights, or of their average, and their loss."""
        task = self.job.task
        weights.swap()
        Z = run(self.job.network, self.X, self.job.dtype, self.plans)
        loss = task.loss.value(Z, self.goal, self.sample_weight)
        if self.scorer is not None:
            score = self._scorer_score()
        elif self.est.scoring == "loss":
            score = -loss
        else:
            score = task.score(Z, self.Y, self.sample_weight)
        weights.swap()
        return score, loss

    def _scorer_score(self):
        rows = self.X, self.y, self.sample_weight
        if not hasattr(self.est, "feature_names_in_"):
            return apply_scorer(self.scorer, self.est, *rows)
        with warnings.catch_warnings():  # which is of all threads
            # The names of the columns were checked once, when X became an array.
            warnings.filterwarnings("ignore", "X does not have valid feature names")
            return apply_scorer(self.scorer, self.est, *rows)


def apply_scorer(scorer, est, X, y, sample_weight):
    """Score an estimator, with weights of the rows where the scorer takes any.

    Parameters
    ----------
    scorer : callable
        As `sklearn.metrics.check_scoring` returns it for the estimator's `scoring`.
    est : estimator
        Fitted.
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
    sample_weight : ndarray of shape (n_samples,) or None

    Returns
    -------
    score : float

    Raises
    ------
    ValueError
        If the scorer does not return a number.
    """
    weights, function = {}, getattr(scorer, "_score_func", scorer)
    if sample_weight is not None and "sample_weight" in signature(function).parameters:
        weights["sample_weight"] = sample_weight
    score = scorer(est, X, y, **weights)
    try:
        return float(score)
    except (TypeError, ValueError) as error:
        raise ValueError(f"scoring={est.scoring!r} must return a number, got {score!r}.") from error


def hold_out(est, job):
    """Take the rows to validate on: those given to `fit`, or for early stopping some of the others.

    Parameters
    ----------
    est : estimator
        Being fitted.
    job : Job

    Returns
    -------
    rows : ndarray of int or None
        To train on; None if all of them.
    held_out : HeldOut or None

    Raises
    ------
    ValueError
        If the rows given do not go with the others, or too few can be held out.
    """
    if job.validation is not None:
        with about_validation():
            X, y, weight = validate_rows(est, *job.validation, reset=False, name="y_val")
            Y = job.task.encode(y)
            check_targets(est, job.task, Y, "y_val")
        warn_if_as_long(X.shape[0], job.X.shape[0])
        return None, HeldOut(est, job, X, y, Y, weight)
    if not est.early_stopping:
        return None, None
    rows, held_out = _split_rows(job.task, job.Y, est.validation_fraction, job.rng)
    weight = job.sample_weight
    if weight is not None and not (weight[rows].any() and weight[held_out].any()):
        raise ValueError(
            "Of the rows to train on, or of those held out for early stopping, all have a "
            "sample_weight of zero. Give X_val and y_val, or more rows a weight."
        )
    X, y, Y = take_rows(job.X, held_out), job.y[held_out], job.Y[held_out]
    return rows, HeldOut(est, job, X, y, Y, None if weight is None else weight[held_out])


def _split_rows(task, Y, fraction, rng):
    strata = task.strata(Y)
    Split = ShuffleSplit if strata is None else StratifiedShuffleSplit
    split = Split(n_splits=1, test_size=float(fraction), random_state=rng)
    rows, held_out = next(split.split(Y, strata))
    if len(held_out) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the size of "
            "your dataset."
        )
    return rows, held_out
