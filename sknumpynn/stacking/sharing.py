"""Sharing: equal batches, such as those of a search's candidates, are dealt out once for all."""

import copy
from collections import defaultdict

import numpy as np

from .layers import STACKED_LAYERS

__all__ = ["part_batches", "share_batches"]


def share_batches(learners, batches):
    """Let equal batches share their arrays and shuffles.

    All candidates of a search with one ``random_state`` deal out the same rows of a fold in the
    same order, each by a random state of its own. Once shared, they must take their epochs in
    lock-step, as in a stack, or first go through `part_batches`.

    Parameters
    ----------
    learners : list of Learner
        Those trained on the batches. One with layers that are not `STACKED_LAYERS` shares nothing,
        since these may draw from the same random state.
    batches : list of Batches
        One for each learner, of one `stack_key`.
    """
    leads = defaultdict(list)
    for learner, own in zip(learners, batches, strict=True):
        if not all(type(layer) in STACKED_LAYERS for layer in learner.model.walk()):
            continue
        alike = leads[_all_but_X(own)]
        same = (lead for lead in alike if lead.X is own.X or np.array_equal(lead.X, own.X))
        lead = next(same, own)
        if lead is own:
            alike.append(own)
            if own.rng is not None:
                own.rng = SharedState(Shuffles(own.rng))
        else:
            own.X, own.Y, own.sample_weight = lead.X, lead.Y, lead.sample_weight
            own.order, own.rng = lead.order, copy.copy(lead.rng)


def part_batches(batches):
    """Give batches their own order and random state again.

    Parameters
    ----------
    batches : Batches
    """
    if isinstance(batches.rng, SharedState):
        batches.order, batches.rng = batches.order.copy(), copy.deepcopy(batches.rng.shuffles.rng)


def _all_but_X(batches):
    """What tells batches apart, X aside."""
    state = () if batches.rng is None else batches.rng.get_state()
    parts = batches.order, batches.Y, batches.sample_weight, *state
    return tuple(p.tobytes() if isinstance(p, np.ndarray) else p for p in parts)


class Shuffles:
    """How often an order that several batches share has been shuffled.

    Parameters
    ----------
    rng : numpy.random.RandomState
    """

    def __init__(self, rng):
        self.rng, self.number = rng, 0

    def reach(self, number, order):
        """Shuffle for the epoch of that number, unless others that share the order did."""
        if number > self.number:
            self.rng.shuffle(order)
            self.number = number


class SharedState:
    """Stand in for the random state of one of several batches that share an order.

    Parameters
    ----------
    shuffles : Shuffles
    """

    def __init__(self, shuffles):
        self.shuffles, self.n_epochs = shuffles, 0

    def shuffle(self, order):
        self.n_epochs += 1
        self.shuffles.reach(self.n_epochs, order)

    def get_state(self, legacy=True):
        return self.shuffles.rng.get_state(legacy)
