"""Sequential: layers one after the other."""

from ._checks import check_gradient
from ._layer_list import LayerList

__all__ = ["Sequential"]


class Sequential(LayerList):
    """Apply layers in order; backward goes through them in reverse.

    Each position has a plan of its own, so a layer may stand in several: its parameters are then
    shared, and get the sum of the gradients.

    Parameters
    ----------
    *layers : Layer

    Attributes
    ----------
    layers : list of Layer

    Examples
    --------
    >>> from sknumpynn import Linear, ReLu, Sequential
    >>> model = Sequential(Linear(2, 8), ReLu(), Linear(8, 1))
    >>> len(model), model[1]
    (3, ReLu())
    """

    def build(self, inputs, rng, dtype):
        for layer in self.children:
            inputs = layer.build(inputs, rng, dtype)
        return inputs

    def adapt_children(self, X, rng):
        for layer in self.layers:
            X = layer.adapt(X, rng)
        return X

    def plan(self, like, training=False):
        return _plan(self.children, training, n_fed=0)

    def plan_input(self, like, training=False):
        # Up to the first layer with parameters, what passes is but data in another form.
        layers, n_fed = self.children, 1
        for layer in layers:
            if layer.parameters:
                break
            n_fed += 1
        return _plan(layers, training, n_fed)


def _plan(layers, training, n_fed):
    """Plan layers, of which the first `n_fed` are fed with data."""
    forwards = []  # planned during the first pass, which shows each layer its input
    first = max(n_fed - 1, 0)

    def forward(X):
        backwards = []
        for i, layer in enumerate(layers):
            if i < len(forwards):
                X, backward_i = forwards[i](X)
            elif i < n_fed:
                forwards.append(layer.plan_input(X, training))
                X, backward_i = forwards[i](X)
            else:
                forwards.append(layer.plan(X, training))
                X, backward_i = _checked(layer, X, *forwards[i](X))
            backwards.append(backward_i)

        def backward(D):
            for backward_i in reversed(backwards[first:]):
                D = backward_i(D)
            return D

        return X, backward

    return forward


def _checked(layer, X, Y, backward):
    """A layer's output for X, and its backward with a check of what it returns."""

    def checked_backward(D):
        dX = backward(D)
        check_gradient(layer, dX, X)
        return dX

    return Y, checked_backward
