"""Job: what one call of fit, or of partial_fit, has to do."""

from dataclasses import dataclass

import numpy as np

from ..core import Layer
from ..tasks import ClassificationTask, RegressionTask

__all__ = ["Job"]


@dataclass
class Job:
    """A network to train, and on what.

    Attributes
    ----------
    network : Layer
    task : RegressionTask or ClassificationTask
    X : ndarray or sparse CSR of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
    Y : ndarray of shape (n_samples, n_targets)
        The target, encoded.
    sample_weight : ndarray of shape (n_samples,) or None
        With the weights of the classes multiplied in.
    validation : tuple or None
        X, y and weights to validate on, as the user gave them.
    norm : float
        Euclidean norm of X, inf if that is not known.
    rng : numpy.random.RandomState
    dtype : numpy dtype
        Of the fitted weights.
    is_new : bool
        Whether the network has just been built.
    resumes : bool
        Whether to go on as if there had been no pause.
    one_epoch : bool
        Whether one epoch is all that is asked for.
    """

    network: Layer
    task: RegressionTask | ClassificationTask
    X: np.ndarray
    y: np.ndarray
    Y: np.ndarray
    sample_weight: np.ndarray | None
    validation: tuple | None
    norm: float
    rng: np.random.RandomState
    dtype: np.dtype
    is_new: bool
    resumes: bool
    one_epoch: bool
