"""Job: what one call of fit, or of partial_fit, has to do."""

from dataclasses import dataclass

import numpy as np

from ..core import Layer
from ..tasks import ClassificationTask, RegressionTask

__all__ = ["Job"]


@dataclass
class Job:
    """A network to train, and on what."""

    network: Layer
    task: RegressionTask | ClassificationTask
    X: np.ndarray  # or a sparse CSR matrix, of shape (n_samples, n_features)
    y: np.ndarray  # of shape (n_samples,) or (n_samples, n_targets)
    Y: np.ndarray  # of shape (n_samples, n_targets): the target, encoded
    sample_weight: np.ndarray | None  # of shape (n_samples,): the user's times those of classes
    validation: tuple | None  # X, y and weights to validate on, as the user gave them
    norm: float  # Euclidean norm of X, inf if that is not known
    rng: np.random.RandomState
    dtype: np.dtype  # of the fitted weights
    is_new: bool  # whether the network has just been built
    resumes: bool  # whether to go on as if there had been no pause
    incremental: bool  # whether one epoch is all that is asked for
