"""Held-out rows: how well a network does on data that it is not trained on."""

import warnings
from inspect import signature

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

from ..core import run

__all__ = ["HeldOut", "apply_scorer", "split_rows"]


class HeldOut:
    """Rows that training does not see, and their score with the present weights.

    Parameters
    ----------
    est : estimator
        The one being fitted. Its `scoring` says which score; a scorer is given the estimator.
    task : RegressionTask or ClassificationTask
    network : Layer
    X : ndarray or sparse CSR of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
    Y : ndarray of shape (n_samples, n_targets)
        The target, encoded.
    sample_weight : ndarray of shape (n_samples,) or None
    dtype : numpy dtype
        To compute in.
    """

    def __init__(self, est, task, network, X, y, Y, sample_weight, dtype):
        self.est, self.task, self.network, self.dtype, self.plans = est, task, network, dtype, {}
        self.X, self.y, self.Y, self.sample_weight = X, y, Y, sample_weight
        with np.errstate(over="ignore"):  # training notices what is not finite
            self.goal = task.goal(Y, smooth=False).astype(dtype)
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
        """Score of the present weights, or of their average, and their loss.

        Parameters
        ----------
        weights : Weights
            Of the network.

        Returns
        -------
        score, loss : float
        """
        weights.swap()
        Z = run(self.network, self.X, self.dtype, self.plans)
        loss = self.task.loss.value(Z, self.goal, self.sample_weight)
        if self.scorer is not None:
            score = self._scorer_score()
        elif self.est.scoring == "loss":
            score = -loss
        else:
            score = self.task.score(Z, self.Y, self.sample_weight)
        weights.swap()
        return score, loss

    def _scorer_score(self):
        rows = self.X, self.y, self.sample_weight
        if not hasattr(self.est, "feature_names_in_"):
            return apply_scorer(self.scorer, self.est.scoring, self.est, *rows)
        with warnings.catch_warnings():  # which is of all threads
            # The names of the columns were checked once, when X became an array.
            warnings.filterwarnings("ignore", "X does not have valid feature names")
            return apply_scorer(self.scorer, self.est.scoring, self.est, *rows)


def apply_scorer(scorer, scoring, est, X, y, sample_weight):
    """Score an estimator, with weights of the rows where the scorer takes any.

    Parameters
    ----------
    scorer : callable
        As `sklearn.metrics.check_scoring` returns it.
    scoring : str or callable
        The parameter that names it, for the message.
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
        raise ValueError(f"scoring={scoring!r} must return a number, got {score!r}.") from error


def split_rows(task, Y, fraction, rng):
    """Split the rows into those to train on and those to validate on.

    Parameters
    ----------
    task : RegressionTask or ClassificationTask
    Y : ndarray of shape (n_samples, n_targets)
        The target, encoded.
    fraction : float
        Of the rows, for validation.
    rng : numpy.random.RandomState

    Returns
    -------
    rows, held_out : ndarray of int

    Raises
    ------
    ValueError
        If there is not more than one row to validate on.
    """
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
