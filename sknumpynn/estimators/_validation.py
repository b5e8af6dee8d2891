"""Validation of what is given to fit, beyond what scikit-learn's public functions check."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.class_weight import compute_sample_weight

from ..preprocessing.weights import check_sample_weight

__all__ = ["check_sample_weight", "raise_if_overflown", "raise_if_text", "weigh_classes"]


def weigh_classes(class_weight, y, sample_weight):
    """Multiply sample weights with those of the classes.

    Parameters
    ----------
    class_weight : "balanced", dict, list of dict or None
        "balanced" gives all classes the same total weight; what a row counts as, its sample weight
        says, so that a row of weight 2 is as good as two.
    y : ndarray or sparse matrix of shape (n_samples,) or (n_samples, n_columns)
        Classes; of several columns the weights are multiplied.
    sample_weight : ndarray of shape (n_samples,) or None

    Returns
    -------
    sample_weight : ndarray of shape (n_samples,) or None
    """
    if class_weight is None:
        return sample_weight
    y = y.toarray() if issparse(y) else y
    if class_weight == "balanced":
        factors = np.ones(len(y))
        for column in y.reshape(len(y), -1).T:
            _, codes = np.unique(column, return_inverse=True)
            totals = np.bincount(codes, weights=sample_weight).astype(float)
            n_present = np.count_nonzero(totals)
            with np.errstate(divide="ignore"):  # a class of zero weight does not count, nor do rows
                balance = np.where(totals > 0, totals.sum() / (n_present * totals), 1)
            factors *= balance[codes]
    else:
        factors = compute_sample_weight(class_weight, y)
    if not (np.isfinite(factors).all() and factors.min() >= 0 and factors.any()):
        raise ValueError(
            "class_weight must give the classes of y finite weights that are not negative, and not "
            f"all zero; got {class_weight!r}."
        )
    return factors if sample_weight is None else factors * sample_weight


def raise_if_text(y, name="y"):
    """Check that a target of numbers holds no words.

    Parameters
    ----------
    y : array-like
    name : str, default="y"
        Of the target, for the message.

    Raises
    ------
    ValueError
        If there is a string in it.
    """
    if y is None or issparse(y):
        return
    y = np.asarray(y)
    words = y.ravel().tolist() if y.dtype.kind in "USTO" else ()
    # As in scikit-learn, digits among objects are numbers.
    word = next((word for word in words if not (y.dtype == object and _is_number(word))), None)
    if word is not None:
        raise ValueError(
            f"{name} holds the string {word!r}, and a regressor needs numbers: convert {name} with "
            "astype(float), or if it names classes use a classifier."
        )


def _is_number(value):
    try:
        return not isinstance(value, str | bytes) or float(value) is not None
    except ValueError:
        return False


def raise_if_overflown(Y, X):
    """Check that what a network makes of data has not left the range of numbers.

    Parameters
    ----------
    Y : ndarray
    X : ndarray or sparse matrix of shape (n_samples, n_features)

    Raises
    ------
    ValueError
        If not all of Y is finite.
    """
    if not np.isfinite(Y).all():
        largest = abs(X).max()
        raise ValueError(
            f"The network's output is not finite. X holds values as large as {largest:.3g}: scale "
            "it as the X of fit was. Or the weights are not finite."
        )
