"""Stacking: several learners of one architecture train in lock-step, on arrays with one more axis.

Calls of NumPy cost more than the sums of a small network. A stack makes them once for K networks:
row k of its packed parameters, of shape (K, P), is the packed tensor of network k, so that layers,
losses and optimizers do for a stack what they do for one network, and nothing is written twice.
"""

import copy
from itertools import count

import numpy as np
from sklearn.base import clone

from .core import FunctionLoss, Learner, Loss, Parameter, PlannedLayer, row_slices
from .layers import ACTIVATIONS, Linear, Sequential
from .optimizers import AdamOptimizer, AdamWOptimizer, RMSpropOptimizer, SGDOptimizer
from .penalties import L2Penalty

__all__ = ["Stack", "stack_key", "stack_size"]

STACKED_LAYERS = {Linear, Sequential, *ACTIVATIONS.values()}  # those of other types go one by one
COLUMNS = {  # parameters of optimizers that may differ from network to network
    AdamOptimizer: ("lr",),
    AdamWOptimizer: ("lr", "weight_decay"),
    RMSpropOptimizer: ("lr",),
    SGDOptimizer: ("lr",),
}
CACHED = 2**15  # numbers in the parameters of a stack, for a step to find all in cache
GATHERED = 2**18  # numbers of X that are gathered at once
LARGE = 2**16  # multiply-adds in a network's forward pass, which is then worth calls of its own


class Stack(Learner):
    """Train several learners in lock-step: each ends up as after an epoch of its own.

    Between epochs all is where it is without a stack: weights in each learner's parameters, what an
    optimizer remembers in its state. So learners may join and leave a stack after any epoch.

    Parameters
    ----------
    learners : list of Learner
        Of one `stack_key`.
    """

    def __init__(self, learners):
        self.learners, first = learners, learners[0]
        self._packed = StackedParameters([learner.parameters for learner in learners])
        columns = COLUMNS[type(first.optimizer)]
        optimizers = [learner.optimizer for learner in learners]
        optimizer = clone(first.optimizer).set_params(
            **{name: self._column(optimizers, name) for name in columns}
        )
        penalty = None
        if first.penalty is not None:
            penalty = L2Penalty(self._column([learner.penalty for learner in learners], "alpha"))
        clips = first.clip_norm is not None
        super().__init__(
            stack_layers([learner.model for learner in learners], self._packed),
            StackedLoss(first.loss, len(learners)),
            optimizer,
            penalty,
            clip_norm=self._column(learners, "clip_norm") if clips else None,
        )
        if any(learner.before_step is not None for learner in learners):
            self.before_step = self._before_step

    def fit_epoch(self, batches):
        """Take one step of each learner on each of its batches of an epoch.

        Parameters
        ----------
        batches : list of Batches
            One for each learner.

        Returns
        -------
        losses : list of float
        """
        self._set_rates()
        states = [learner.optimizer.state_of(learner.parameters) for learner in self.learners]
        state = self.optimizer.state_of(self.parameters)
        state.update((name, _join([s[name] for s in states])) for name in states[0])
        try:
            losses = super().fit_epoch(StackedBatches(batches))
        finally:
            self.parameters.release()
            for k, own in enumerate(states):
                own.update((name, _part(value, k)) for name, value in state.items())
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


def _join(values):
    """What optimizers remember, as their stack's does: a row of each; numbers are the same."""
    return np.stack(values) if isinstance(values[0], np.ndarray) else values[0]


def _part(value, k):
    return value[k].copy() if isinstance(value, np.ndarray) else value


class StackedParameters(Parameter):
    """The packed parameters of several networks, a row each.

    Parameters
    ----------
    packs : list of PackedParameter

    Attributes
    ----------
    members : list of Parameter
        What is a member in each pack, with a leading axis; vectors as matrices of one row.
    """

    def __init__(self, packs):
        self.packs = packs
        super().__init__(np.stack([pack.tensor for pack in packs]))
        self.members, self._rows = [], []
        places = _places(packs[0].members)
        for member, place in zip(packs[0].members, places, strict=True):
            shape = (len(packs), *(1,) * (2 - member.tensor.ndim), *member.tensor.shape)
            stacked = Parameter(self.tensor[:, place].reshape(shape), *member.treatment)
            stacked.gradient = self.gradient[:, place].reshape(shape)
            self.members.append(stacked)
        segments = packs[0].segments.items()
        self._segments = {treatment: (slice(None), place) for treatment, place in segments}
        ends = {lr_scale: place.stop for (lr_scale, _), place in segments}
        starts = {lr_scale: place.start for (lr_scale, _), place in reversed(segments)}
        self._blocks = [
            (lr_scale, (slice(None), slice(starts[lr_scale], end)))
            for lr_scale, end in ends.items()
            if lr_scale
        ]

    @property
    def segments(self):
        return self._segments

    @property
    def blocks(self):
        return self._blocks

    def gather(self):
        """Take in the networks as they are: until `release` their parameters are views of rows."""
        for k, pack in enumerate(self.packs):
            pack.gather()
            self.tensor[k], self.gradient[k] = pack.tensor, pack.gradient
            for own, stacked in zip(pack.members, self.members, strict=True):
                shape = own.tensor.shape
                own.tensor = stacked.tensor[k].reshape(shape)
                own.gradient = stacked.gradient[k].reshape(shape)

    def release(self):
        """Give back to each network what is in its row."""
        for pack in self.packs:
            pack.gather()


def _places(members):
    ends = np.cumsum([member.tensor.size for member in members], dtype=int)
    return [slice(int(end - m.tensor.size), int(end)) for end, m in zip(ends, members, strict=True)]


def stack_layers(models, parameters):
    """Make of several networks' layers those of their stack.

    Parameters
    ----------
    models : list of Layer
        Of one architecture.
    parameters : StackedParameters
        Of the models.

    Returns
    -------
    model : Layer
        Like the first, with the stack's parameters in place of its own.
    """
    first = parameters.packs[0].members
    memo = {id(own): stacked for own, stacked in zip(first, parameters.members, strict=True)}
    for layers in zip(*(model.walk() for model in models), strict=True):
        if type(layers[0]) not in STACKED_LAYERS:
            memo[id(layers[0])] = OneByOne(layers)
    return copy.deepcopy(models[0], memo)


class OneByOne(PlannedLayer):
    """A layer of a stack that applies to each network's part the layer of that network.

    Parameters
    ----------
    layers : sequence of Layer
        One for each network.
    """

    def __init__(self, layers):
        self.layers, self.parameters = layers, layers[0].parameters

    def plan(self, like, training=False):
        return _side_by_side([m.plan(X, training) for m, X in zip(self.layers, like, strict=True)])

    def plan_input(self, like, training=False):
        pairs = zip(self.layers, like, strict=True)
        return _side_by_side([layer.plan_input(X, training) for layer, X in pairs])


def _side_by_side(forwards):
    def forward(X):
        outputs, backwards = zip(
            *(forward_k(X_k) for forward_k, X_k in zip(forwards, X, strict=True)), strict=True
        )

        def backward(D):
            gradients = [back(D_k) for back, D_k in zip(backwards, D, strict=True)]
            return None if gradients[0] is None else np.stack(gradients)

        return np.stack(outputs), backward

    return forward


class StackedLoss(Loss):
    """The mean over the rows of each network of a stack, of which all have as many.

    Parameters
    ----------
    loss : Loss
        That of every network.
    n_networks : int
    """

    def __init__(self, loss, n_networks):
        self.loss, self.n_networks = loss, n_networks
        self.outputs_per_target = loss.outputs_per_target

    def align(self, Yp, Yt):
        return self.loss.align(_rows(Yp), _rows(Yt)).reshape(Yt.shape)

    def value(self, Yp, Yt, sample_weight=None):
        weights = [None] * self.n_networks if sample_weight is None else sample_weight
        values = [self.loss.value(*parts) for parts in zip(Yp, Yt, weights, strict=True)]
        return np.array(values)[:, np.newaxis]

    def gradient(self, Yp, Yt, sample_weight=None):
        weights = None if sample_weight is None else sample_weight.ravel()
        D = self.loss.gradient(_rows(Yp), _rows(Yt), weights)
        D *= self.n_networks  # for it was the gradient of the mean over the rows of all
        return D.reshape(Yp.shape)


def _rows(array):
    return array.reshape(-1, array.shape[-1])


class StackedBatches:
    """The batches of several networks, dealt out side by side.

    Parameters
    ----------
    batches : list of Batches
    """

    def __init__(self, batches):
        self.batches = batches

    def epoch(self):
        """Yield the blocks of an epoch."""
        for blocks in zip(*(own.epoch() for own in self.batches), strict=True):
            yield StackedBlock(blocks)


class StackedBlock:
    """Blocks of several networks side by side; each array has a leading axis of networks.

    Parameters
    ----------
    blocks : sequence of Block
    """

    def __init__(self, blocks):
        self.blocks, self.weights = blocks, None
        self.Y = np.stack([block.Y for block in blocks])
        if blocks[0].weights is not None:
            self.weights = np.stack([block.weights for block in blocks])

    def __iter__(self):
        """Yield (place in the block, X, Y, weights, totals of the weights) of each batch."""
        first = self.blocks[0]
        batch_size, n_inputs = first.batches.batch_size, first.batches.X.shape[1]
        n_batches = max(1, GATHERED // (len(self.blocks) * batch_size * n_inputs))
        X = np.empty((len(self.blocks), n_batches * batch_size, n_inputs), first.batches.dtype)
        for i, place in enumerate(first.places):
            if i % n_batches == 0:
                start = place.start
                for block, X_k in zip(self.blocks, X, strict=True):
                    rows = block.rows[start : start + X.shape[1]]
                    X_k[: len(rows)] = block.batches.X.take(rows, 0)
            here = slice(None), place
            weights, totals = None, first.totals[i]
            if self.weights is not None:
                weights = self.weights[here]
                totals = np.array([[block.totals[i]] for block in self.blocks])
            yield here, X[:, place.start - start : place.stop - start], self.Y[here], weights, totals


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
    optimizer, loss, weights = learner.optimizer, learner.loss, batches.sample_weight
    if (
        type(learner) is not Learner
        or learner.after_step is not None
        or type(optimizer) not in COLUMNS
        or not (learner.penalty is None or type(learner.penalty) is L2Penalty)
        or isinstance(loss, FunctionLoss)
        or not isinstance(batches.X, np.ndarray)
        or not (weights is None or (weights > 0).all())
    ):
        return None
    columns = COLUMNS[type(optimizer)]
    state = optimizer.state_of(learner.parameters)
    return repr(
        (
            *(len(batches), batches.batch_size, batches.X.shape[1], batches.dtype, weights is None),
            *_architecture(learner.model, learner.parameters),
            *(type(loss), loss.get_params(), learner.penalty is None, learner.clip_norm is None),
            *(type(optimizer), sorted(state), state.get("t")),
            {name: v for name, v in optimizer.get_params().items() if name not in columns},
        )
    )


def _architecture(model, packed):
    """Describe the layers of a model, where they stand, and where their parameters are housed."""
    numbers, layers = dict(zip(packed.members, count())), model.walk()
    yield [(member.tensor.shape, member.treatment) for member in packed.members]
    for layer in layers:
        yield type(layer)
        yield [layers.index(child) for child in layer.children]
        yield [numbers[parameter] for parameter in layer.parameters]
        if type(layer) in STACKED_LAYERS - {Linear, Sequential}:
            yield layer.get_params()
