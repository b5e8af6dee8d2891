"""Scores of the rows that RealMLP holds out, by which each member's epoch is chosen."""

import numpy as np

from ..core import run

__all__ = ["HeldOutRows", "minus_brier", "minus_loss", "task_score"]


class HeldOutRows:
    """Rows that training does not see, and their score with the weights of a member.

    Parameters
    ----------
    task : RegressionTask or ClassificationTask
    scorer : callable
        ``scorer(rows, Z)`` scores the outputs Z for these rows, as the functions below do.
    X : ndarray of shape (n_samples, inputs)
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
    Y : ndarray of shape (n_samples, n_targets)
        The target, encoded.
    sample_weight : ndarray of shape (n_samples,) or None
    """

    def __init__(self, task, scorer, X, y, Y, sample_weight):
        self.task, self.scorer = task, scorer
        self.X, self.y, self.Y, self.sample_weight = X, y, Y, sample_weight
        self.goal = task.goal(Y, smooth=False)

    def score(self, network, plans):
        """Score of a network's present weights: the higher, the better.

        Its plans are those of `run`, a dict to use again after the next epoch.
        """
        Z = run(network, self.X, plans=plans).astype(np.float64)  # for targets of any size
        score = self.scorer(self, Z) if np.isfinite(Z).all() else np.nan
        return -np.inf if np.isnan(score) else score


# The same as scikit-learn's scorers, in a fraction of the time.


def task_score(rows, Z):
    """Accuracy, or minus the root mean squared error."""
    return rows.task.score(Z, rows.Y, rows.sample_weight)


def minus_loss(rows, Z):
    """Minus the loss, which scikit-learn has no name for."""
    return -rows.task.loss.value(Z, rows.goal, rows.sample_weight)


def minus_brier(rows, Z):
    """Minus the squared distance of probabilities from truth; half of that for two classes."""
    distances = np.square(rows.task.probabilities(Z) - rows.Y).sum(axis=1)
    half = 0.5 if Z.shape[1] == 2 else 1.0
    return -half * float(np.average(distances, weights=rows.sample_weight))
