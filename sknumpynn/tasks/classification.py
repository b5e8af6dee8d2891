"""Classification: encode classes, decode probabilities."""

import numpy as np
from scipy.sparse import issparse
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import type_of_target, unique_labels

from ..losses import BinaryCrossEntropy, SoftmaxCrossEntropy
from ..preprocessing.columns import is_missing

__all__ = ["ClassificationTask", "raise_if_missing"]

# Outputs may differ by more than a float, and exp of a difference may be less than one.
FAR_APART = {"over": "ignore", "under": "ignore"}


class ClassificationTask:
    """Predict one of two classes, one of several, or for each of several whether it applies.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted.
    target_type : {"binary", "multiclass", "multilabel-indicator"}
    label_smoothing : float, default=0.0
        Which part of a label's probability is spread over all classes in training.

    Attributes
    ----------
    loss, stochastic_loss : Loss
        Of the network's output Z, the logits.
    out_activation : str
        scikit-learn's name of the function from Z to probabilities.
    """

    def __init__(self, classes, target_type, label_smoothing=0.0):
        self.classes, self.target_type = classes, target_type
        self.label_smoothing = label_smoothing
        self.is_multiclass = target_type == "multiclass"
        self.loss = SoftmaxCrossEntropy() if self.is_multiclass else BinaryCrossEntropy()
        self.stochastic_loss = self.loss
        self.out_activation = "softmax" if self.is_multiclass else "logistic"

    @classmethod
    def of(cls, y, label_smoothing=0.0):
        """Make the task that a target asks for.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
        label_smoothing : float, default=0.0

        Returns
        -------
        task : ClassificationTask

        Raises
        ------
        ValueError
            If y is not a classification target.
        """
        classes = _distinct(y) if isinstance(y, np.ndarray) and y.ndim == 1 else None
        if classes is not None:
            return cls(classes, "binary" if len(classes) <= 2 else "multiclass", label_smoothing)
        raise_if_missing(y)
        target_type = type_of_target(y)
        if target_type not in ("binary", "multiclass", "multilabel-indicator"):
            cure = (
                "Objects are no classes, unless they are strings: use astype(int) or astype(str)."
                if target_type == "unknown" and np.ndim(y) == 1
                else "A classifier takes one class a row, or an indicator matrix of several; for "
                "numbers use a regressor."
            )
            raise ValueError(f"Unknown label type: {target_type}. {cure}")
        return cls(unique_labels(y), target_type, label_smoothing)

    def encode(self, y):
        """Make a boolean column for each class; a single one if there are two classes.

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
        y = np.asarray(y)
        y = y if y.ndim == 1 else column_or_1d(y)
        is_class = np.ascontiguousarray((y == self.classes[:, np.newaxis]).T)
        if np.count_nonzero(is_class) < len(y):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes}. "
                f"'y' has {unique_labels(y)}."
            )
        return is_class if self.is_multiclass else ~is_class[:, :1]

    def n_outputs(self, Y):
        """Outputs that the network needs.

        Parameters
        ----------
        Y : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        n_outputs : int
        """
        return Y.shape[1]

    def goal(self, Y, smooth=True):
        """What the loss compares the network's output with: in training, smoothed labels [1]_.

        Parameters
        ----------
        Y : ndarray of bool of shape (n_samples, n_outputs)
        smooth : bool, default=True
            Whether to smooth them.

        Returns
        -------
        goal : ndarray of shape (n_samples, n_outputs)

        References
        ----------
        .. [1] Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the inception architecture
           for computer vision", CVPR 2016, section 7.
        """
        if self.label_smoothing == 0 or not smooth:
            return Y
        n_choices = Y.shape[1] if self.is_multiclass else 2
        return Y * (1 - self.label_smoothing) + self.label_smoothing / n_choices

    def strata(self, Y):
        """Groups whose proportions a split keeps: two classes but, as in scikit-learn, not several.

        Parameters
        ----------
        Y : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        strata : ndarray of str of shape (n_samples,) or None
            The strings that scikit-learn's splitter would make of the rows.
        """
        return Y[:, 0].astype(str) if Y.shape[1] == 1 else None

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

    @np.errstate(**FAR_APART)
    def probabilities(self, Z):
        """Probability of each class from the network's output, never rounded to 0 or 1.

        Parameters
        ----------
        Z : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        P : ndarray of shape (n_samples, n_classes)
        """
        P = softmax(Z, axis=1) if self.is_multiclass else expit(Z)
        if self.target_type == "binary":
            P = np.hstack([1 - P, P])
        limits = np.finfo(P.dtype)
        small = P < limits.eps  # the rest has scikit-learn's digits
        if small.any():
            P[small] = _exp(self._stable_log(Z)[small], limits.tiny / limits.eps)
        return np.minimum(P, 1 - limits.epsneg, out=P)

    def output(self, P):
        """Output of a network that would have probabilities, such as the mean of several networks'.

        Parameters
        ----------
        P : ndarray of shape (n_samples, n_classes)
            As `probabilities` returns them: neither 0 nor 1.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_outputs)
        """
        if self.is_multiclass:
            return np.log(P)
        if self.target_type == "binary":
            return np.log(P[:, 1:]) - np.log(P[:, :1])
        return np.log(P) - np.log1p(-P)

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
        # For small P the output has more digits; large ones are to be equal where P is equal.
        return np.where(P > 0.5, np.log(P), self._stable_log(Z))

    @np.errstate(**FAR_APART)
    def _stable_log(self, Z):
        if self.is_multiclass:
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
        is_right = Y == predictions
        if is_right.ndim == 2:
            is_right = is_right.all(axis=1)
        return float(np.average(is_right, weights=sample_weight))


def raise_if_missing(y):
    """Check that each row has a label, or each of its columns.

    Parameters
    ----------
    y : array-like

    Raises
    ------
    ValueError
        If one is None, NaN or pandas' NA.
    """
    y = np.empty(0) if issparse(y) else np.asarray(y)
    rows = []
    if y.dtype == object and not _holds_strings(y):
        rows = [i for i, label in enumerate(y.ravel()) if is_missing(label)]
    elif y.dtype.kind == "f":
        rows = np.flatnonzero(np.isnan(y))
    if len(rows):
        raise ValueError(
            f"y contains missing values (None or NaN), {len(rows)} of them, first in row "
            f"{rows[0]}. Remove these rows, or give them a class of their own."
        )


def _distinct(y):
    """Distinct labels in order, if all are integers or strings; otherwise None.

    They are what scikit-learn's functions for all kinds of targets find, but sooner.
    """
    if y.dtype.kind in "biuU":
        # Asked for counts, NumPy sorts, which is quicker than the hash table it takes otherwise.
        return np.unique(y, return_counts=True)[0]
    return np.array(sorted(set(y))) if _holds_strings(y) else None


def _holds_strings(y):
    """Whether an array of objects, as tables hold them, has strings and nothing else."""
    return y.dtype == object and set(map(type, y.ravel())) == {str}


def _exp(log_P, least):
    """exp(log_P), but below `least` it falls so slowly that it keeps the order and is never 0."""
    excess = np.log1p(np.maximum(np.log(least) - log_P, 0))
    return np.where(excess > 0, least / (1 + excess), np.exp(log_P)).astype(log_P.dtype)
