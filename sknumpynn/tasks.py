"""Tasks: what a target asks of a network. Encode y, name the loss, decode the network's output."""

import numpy as np
from scipy.sparse import issparse
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import type_of_target, unique_labels

from .losses import BinaryCrossEntropy, HalfPoissonLoss, HalfSquaredError, SoftmaxCrossEntropy

__all__ = ["ClassificationTask", "RegressionTask", "raise_if_missing"]


class RegressionTask:
    """Predict numbers.

    Parameters
    ----------
    loss : {"squared_error", "poisson"}

    Attributes
    ----------
    loss : Loss
        Of the network's output Z.
    stochastic_loss : Loss
        The same, with the gradient that scikit-learn's stochastic solvers follow.
    out_activation : str
        scikit-learn's name of the function from Z to predictions.
    """

    LOSSES = {
        "squared_error": (HalfSquaredError, "identity"),
        "poisson": (HalfPoissonLoss, "exp"),
    }

    def __init__(self, loss):
        make_loss, self.out_activation = self.LOSSES[loss]
        self.loss = self.stochastic_loss = make_loss()
        if loss == "squared_error":
            self.stochastic_loss = make_loss(summed_gradient=True)

    def encode(self, y):
        """Make one column an output.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)

        Returns
        -------
        Y : ndarray of shape (n_samples, n_outputs)
        """
        y = y.toarray() if issparse(y) else y
        assert_all_finite(y, input_name="y")  # None has become NaN by now
        if self.out_activation == "exp" and np.min(y) < 0:
            raise ValueError(
                "loss='poisson' needs a non-negative y, but its smallest value is "
                f"{np.min(y)}. Use loss='squared_error', or correct the target."
            )
        return y.reshape(len(y), -1).astype(y.dtype if y.dtype.kind == "f" else float, copy=False)

    def strata(self, Y):
        """Groups to split in proportion: none.

        Parameters
        ----------
        Y : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        strata : None
        """

    def decode(self, Z):
        """Predictions from the network's output.

        Parameters
        ----------
        Z : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        """
        if self.out_activation == "exp":
            Z = np.exp(Z)
        return Z.ravel() if Z.shape[1] == 1 else Z

    def score(self, Z, Y, sample_weight=None):
        """R² of the network's output.

        Parameters
        ----------
        Z, Y : ndarray of shape (n_samples, n_outputs)
            Output and encoded target.
        sample_weight : ndarray of shape (n_samples,), default=None

        Returns
        -------
        score : float
            nan if the output is not finite.
        """
        predictions = self.decode(Z)
        if not np.isfinite(predictions).all():
            return float("nan")
        return float(r2_score(Y, predictions, sample_weight=sample_weight))


class ClassificationTask:
    """Predict one of two classes, one of several, or for each of several whether it applies.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted.
    target_type : {"binary", "multiclass", "multilabel-indicator"}

    Attributes
    ----------
    loss, stochastic_loss : Loss
        Of the network's output Z, the logits.
    out_activation : str
        scikit-learn's name of the function from Z to probabilities.
    """

    def __init__(self, classes, target_type):
        self.classes, self.target_type = classes, target_type
        self.is_multiclass = target_type == "multiclass"
        self.loss = SoftmaxCrossEntropy() if self.is_multiclass else BinaryCrossEntropy()
        self.stochastic_loss = self.loss
        self.out_activation = "softmax" if self.is_multiclass else "logistic"

    @classmethod
    def of(cls, y):
        """Make the task that a target asks for.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_classes)

        Returns
        -------
        task : ClassificationTask

        Raises
        ------
        ValueError
            If y is not a classification target.
        """
        raise_if_missing(y)
        target_type = type_of_target(y)
        if target_type not in ("binary", "multiclass", "multilabel-indicator"):
            raise ValueError(
                f"Unknown label type: {target_type}. A classifier takes one class a row, or an "
                "indicator matrix of several; for numbers use a regressor."
            )
        return cls(unique_labels(y), target_type)

    def encode(self, y):
        """Make one boolean column a class; a single one where there are two classes.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_classes)

        Returns
        -------
        Y : ndarray of bool of shape (n_samples, n_outputs)

        Raises
        ------
        ValueError
            If y has a class that is not among the task's.
        """
        raise_if_missing(y)
        if self.target_type == "multilabel-indicator":
            if type_of_target(y) != self.target_type or np.shape(y)[1] != len(self.classes):
                raise ValueError(
                    f"y must be an indicator matrix of {len(self.classes)} columns, as before; "
                    f"got {type_of_target(y)} of shape {np.shape(y)}."
                )
            return np.asarray(y.toarray() if issparse(y) else y).astype(bool)
        y = column_or_1d(y)
        strangers = np.setdiff1d(y, self.classes)
        if len(strangers):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes}. "
                f"'y' has {unique_labels(y)}."
            )
        y = y[:, np.newaxis]
        return y == self.classes if self.is_multiclass else y != self.classes[:1]

    def strata(self, Y):
        """Groups to split in proportion: two classes, but as in scikit-learn not several.

        Parameters
        ----------
        Y : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        strata : ndarray of shape (n_samples, 1) or None
        """
        return Y if Y.shape[1] == 1 else None

    def decode(self, Z):
        """Classes from the network's output.

        Parameters
        ----------
        Z : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        y : ndarray of shape (n_samples,), or of int of shape (n_samples, n_classes)
        """
        if self.is_multiclass:
            return self.classes[Z.argmax(axis=1)]
        if len(self.classes) == 1:
            return np.repeat(self.classes, len(Z))
        applies = (expit(Z) > 0.5).astype(int)
        return self.classes[applies.ravel()] if self.target_type == "binary" else applies

    def probabilities(self, Z):
        """Probability of each class from the network's output, never rounded to 0 or 1.

        Parameters
        ----------
        Z : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        P : ndarray of shape (n_samples, n_classes)
        """
        with np.errstate(over="ignore"):  # far apart, two outputs may differ by more than a float
            P = softmax(Z, axis=1) if self.is_multiclass else expit(Z)
        if self.target_type == "binary":
            P = np.hstack([1 - P, P])
        limits = np.finfo(P.dtype)
        small = P < limits.eps  # the rest has scikit-learn's digits
        if small.any():
            P[small] = _exp(self._stable_log(Z)[small], limits.tiny / limits.eps)
        return np.minimum(P, 1 - limits.epsneg, out=P)

    def log_probabilities(self, Z):
        """Logarithm of `probabilities`, finite for every finite output.

        Parameters
        ----------
        Z : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        log_P : ndarray of shape (n_samples, n_classes)
        """
        P = self.probabilities(Z)
        # Of small ones the output tells more digits; large ones are to tie where probabilities do.
        return np.where(P > 0.5, np.log(P), self._stable_log(Z))

    def _stable_log(self, Z):
        if self.is_multiclass:
            with np.errstate(over="ignore"):
                return np.maximum(log_softmax(Z, axis=1), np.finfo(Z.dtype).min)
        return log_expit(np.hstack([-Z, Z]) if self.target_type == "binary" else Z)

    def score(self, Z, Y, sample_weight=None):
        """Accuracy of the network's output; for several labels at once, all must be right.

        Parameters
        ----------
        Z : ndarray of shape (n_samples, n_outputs)
        Y : ndarray of bool of shape (n_samples, n_outputs)
            Encoded target.
        sample_weight : ndarray of shape (n_samples,), default=None

        Returns
        -------
        score : float
        """
        if self.is_multiclass:
            Y, predictions = Y.argmax(axis=1), Z.argmax(axis=1)
        elif len(self.classes) == 1:
            predictions = Y  # nothing else can be predicted
        else:
            predictions = expit(Z) > 0.5
        return float(accuracy_score(Y, predictions, sample_weight=sample_weight))


def raise_if_missing(y):
    """Check that each row has a label, or each of its columns.

    Parameters
    ----------
    y : array-like

    Raises
    ------
    ValueError
        If one is None or NaN.
    """
    y = np.empty(0) if issparse(y) else np.asarray(y)
    if y.dtype == object:
        rows = [i for i, label in enumerate(y.ravel()) if label is None or label != label]
        if rows:
            raise ValueError(
                f"y contains missing values (None or NaN), {len(rows)} of them, first in row "
                f"{rows[0]}. Remove these rows, or give them a class of their own."
            )


def _exp(log_P, least):
    """exp(log_P), but below `least` falling so slowly that order is kept and 0 not reached."""
    excess = np.log1p(np.maximum(np.log(least) - log_P, 0))
    return np.where(excess > 0, least / (1 + excess), np.exp(log_P)).astype(log_P.dtype)
