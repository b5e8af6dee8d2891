"""Keys: which learners may be one stack, and how many should be."""

import pickle
from itertools import count

import numpy as np

from ..core import Learner, Loss
from ..layers import Linear, Sequential
from ..optimizers import AdamOptimizer, AdamWOptimizer, RMSpropOptimizer, SGDOptimizer
from ..penalties import L2Penalty
from .layers import STACKED_LAYERS

__all__ = ["COLUMNS", "stack_key", "stack_size"]

COLUMNS = {  # parameters of optimizers that may differ from network to network
    AdamOptimizer: ("lr",),
    AdamWOptimizer: ("lr", "weight_decay"),
    RMSpropOptimizer: ("lr",),
    SGDOptimizer: ("lr",),
}
CACHED = 2**16  # numbers in the parameters of a stack that fit in cache during a step
LARGE = 2**16  # multiply-adds in a network's forward pass from which on stacking gains nothing


def stack_size(learner, batches):
    """Tell how many such learners a stack should have at most.

    Parameters
    ----------
    learner : Learner
    batches : Batches

    Returns
    -------
    size : int
        0 if the networks are so large that nothing is gained.
    """
    n_parameters = max(learner.parameters.tensor.size, 1)
    return CACHED // n_parameters if n_parameters * batches.batch_size <= LARGE else 0


def stack_key(learner, batches):
    """What must be the same of learners, and of their batches, for them to be stacked.

    Parameters
    ----------
    learner : Learner
    batches : Batches

    Returns
    -------
    key : str or None
        None if they cannot be stacked, whatever the others are.
    """
    optimizer, loss, weights = learner.optimizer, _pickled(learner.loss), batches.sample_weight
    if (
        type(learner) is not Learner
        or learner.after_step is not None
        or type(optimizer) not in COLUMNS
        or not (learner.penalty is None or type(learner.penalty) is L2Penalty)
        or loss is None
        or not _is_mean_of_rows(learner.loss)
        or not isinstance(batches.X, np.ndarray)
        or batches.is_mapped
        or not (weights is None or (weights > 0).all())
    ):
        return None
    columns = COLUMNS[type(optimizer)]
    state = optimizer.state_of(learner.parameters)
    return repr(
        (
            *(len(batches), batches.batch_size, batches.X.shape[1], batches.dtype, weights is None),
            *(batches.drop_last, learner.parameters.tensor.dtype),
            *_architecture(learner.model, learner.parameters),
            *(loss, learner.penalty is None, learner.clip_norm is None),
            *(type(optimizer), sorted(state), state.get("t")),
            {name: v for name, v in optimizer.get_params().items() if name not in columns},
        )
    )


def _pickled(loss):
    """Say which class a loss is of, and all that it holds; None if pickle cannot say it."""
    try:
        return pickle.dumps(loss)
    except Exception:  # as of a class within a function, of whose name there may be others
        return None


def _is_mean_of_rows(loss):
    """Whether a loss is nothing but the mean of its row losses."""
    return all(getattr(type(loss), name) is getattr(Loss, name) for name in ("value", "gradient"))


def _architecture(model, packed):
    """Describe the layers of a model, where they stand, and where their parameters are housed."""
    numbers, layers = dict(zip(packed.members, count())), model.walk()
    yield [(member.tensor.shape, member.treatment) for member in packed.members]
    for layer in layers:
        yield type(layer)
        yield [layers.index(child) for child in layer.children]
        yield [numbers.get(parameter) for parameter in layer.parameters]
        if type(layer) in STACKED_LAYERS - {Linear, Sequential}:
            yield layer.get_params()
