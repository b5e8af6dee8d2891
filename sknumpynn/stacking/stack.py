"""The stack: a learner of several networks that belong to other learners between epochs."""

import numpy as np
from sklearn.base import clone

from ..core import Learner, aligned_empty
from ..penalties import L2Penalty
from .batches import StackedBatches
from .keys import COLUMNS
from .layers import FedLinear, stack_layers
from .loss import StackedLoss
from .parameters import StackedParameters

__all__ = ["Stack"]

BUFFER_SIZE = 256  # numbers: NumPy copies shorter rows to scale them by a column, longer ones not


class Stack(Learner):
    """Train several learners in lock-step: each ends up as after an epoch of its own.

    Between epochs all is where it would be without a stack: weights in each learner's parameters,
    and what an optimizer remembers in its state. So learners may join and leave a stack after any
    epoch.

    Parameters
    ----------
    learners : list of Learner
        Of one `stack_key`.
    """

    def __init__(self, learners):
        self.learners, first = learners, learners[0]
        self._packed = StackedParameters([learner.parameters for learner in learners])
        optimizers = [learner.optimizer for learner in learners]
        columns = {name: self._column(optimizers, name) for name in COLUMNS[type(first.optimizer)]}
        penalties = [learner.penalty for learner in learners]
        super().__init__(
            stack_layers([learner.model for learner in learners], self._packed),
            StackedLoss(first.loss, len(learners)),
            clone(first.optimizer).set_params(**columns),
            None if first.penalty is None else L2Penalty(self._column(penalties, "alpha")),
            clip_norm=None if first.clip_norm is None else self._column(learners, "clip_norm"),
        )
        self._adds_ones = any(type(layer) is FedLinear for layer in self.model.walk())
        if any(learner.before_step is not None for learner in learners):
            self.before_step = self._before_step

    def fit_epoch(self, batches, anew=True):
        """Take one step of each learner on each of its batches of an epoch.

        Parameters
        ----------
        batches : list of Batches
            One for each learner.
        anew : bool, default=True
            Whether anything of the learners may have changed since the last epoch of this stack,
            other than numbers in arrays and learning rates.

        Returns
        -------
        losses : list of float
        """
        self._set_rates()
        states = [learner.optimizer.state_of(learner.parameters) for learner in self.learners]
        state = self.optimizer.state_of(self.parameters)
        for name in states[0]:
            state[name] = _join([own[name] for own in states], None if anew else state[name])
        if not anew:
            self.parameters.take_in()
        try:
            with np.errstate():  # restores the size of buffers, too
                np.setbufsize(BUFFER_SIZE)
                losses = super().fit_epoch(StackedBatches(batches, self._adds_ones), anew)
        finally:
            self.parameters.release()
            for name, value in state.items():
                for own, part in zip(states, _parts(value, len(states)), strict=True):
                    own[name] = part
        return losses.ravel().tolist()

    def _pack(self, model):
        return self._packed

    def _column(self, owners, name):
        values = [[getattr(owner, name)] for owner in owners]
        return np.array(values, self._packed.tensor.dtype)

    def _set_rates(self):
        self.optimizer.lr[:, 0] = [learner.optimizer.lr for learner in self.learners]

    def _before_step(self):
        for learner in self.learners:
            if learner.before_step is not None:
                learner.before_step()
        self._set_rates()

    def _clip(self):
        gradient = self.parameters.gradient
        norms = np.sqrt(np.square(gradient).sum(axis=1, keepdims=True))
        gradient *= self.clip_norm / np.maximum(norms, self.clip_norm)


def _join(values, out):
    """Stack what several optimizers remember: arrays become rows, numbers are equal anyway."""
    first = values[0]
    if not isinstance(first, np.ndarray):
        return first
    if out is None:
        out = aligned_empty((len(values), *first.shape), first.dtype)
    return np.stack(values, out=out)


def _parts(value, n_networks):
    return list(value.copy()) if isinstance(value, np.ndarray) else [value] * n_networks
