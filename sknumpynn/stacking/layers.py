"""Layers of a stack: some take a leading axis of networks, others are called one by one."""

import copy
from collections import Counter

import numpy as np

from ..core import PlannedLayer
from ..layers import ACTIVATIONS, Linear, Sequential

__all__ = ["STACKED_LAYERS", "FedLinear", "stack_layers"]

STACKED_LAYERS = {Linear, Sequential, *ACTIVATIONS.values()}  # but no subclasses of these


def stack_layers(models, parameters):
    """Make the layers of a stack from those of several networks.

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
    memo, uses = {}, Counter(models[0].parameters)
    for own, stacked in zip(parameters.packs[0].members, parameters.members, strict=True):
        stacked.adds_up = uses[own] > 1
        memo[id(own)] = stacked
    fed = next((layer for layer in models[0].walk() if type(layer) is not Sequential), None)
    if type(fed) is Linear and not any(memo[id(own)].adds_up for own in fed.parameters):
        memo[id(fed)] = FedLinear(*(memo[id(own)] for own in fed.parameters))
    for layers in zip(*(model.walk() for model in models), strict=True):
        if type(layers[0]) not in STACKED_LAYERS:
            memo[id(layers[0])], parameters.are_lent = OneByOne(layers), True
    return copy.deepcopy(models[0], memo)


class FedLinear(PlannedLayer):
    """The Linear that is fed with data, to which a column of ones has been appended.

    Y = (X 1) (W; b) is one product: in a stack, adding b would take as long again.

    Parameters
    ----------
    weights, bias : Parameter
        Of the stack.
    """

    def __init__(self, weights, bias):
        self.weights, self.bias, self.parameters = weights, bias, [weights, bias]

    def plan_input(self, like, training=False):
        W, b = self.weights, self.bias
        Y = np.empty((*like.shape[:-1], W.tensor.shape[-1]), W.tensor.dtype)

        def forward(X1):
            np.matmul(X1, np.concatenate([W.tensor, b.tensor], axis=1), out=Y)

            def backward(D):
                gradient = np.matmul(X1.mT, D)
                W.gradient[...], b.gradient[...] = gradient[:, :-1], gradient[:, -1:]

            return Y, backward

        return forward


class OneByOne(PlannedLayer):
    """A layer of a stack that calls each network's own layer on that network's part.

    Parameters
    ----------
    layers : sequence of Layer
        One for each network.
    """

    def __init__(self, layers):
        self.layers, self.parameters = layers, layers[0].parameters

    def plan(self, like, training=False):
        return _side_by_side([layer.plan for layer in self.layers], like, training)

    def plan_input(self, like, training=False):
        return _side_by_side([layer.plan_input for layer in self.layers], like, training)


def _side_by_side(plans, like, training):
    forwards = [plan(X_k, training) for plan, X_k in zip(plans, like, strict=True)]

    def forward(X):
        passes = [forward_k(X_k) for forward_k, X_k in zip(forwards, X, strict=True)]
        outputs, backwards = zip(*passes, strict=True)

        def backward(D):
            gradients = [back(D_k) for back, D_k in zip(backwards, D, strict=True)]
            return None if gradients[0] is None else np.stack(gradients)

        return np.stack(outputs), backward

    return forward
