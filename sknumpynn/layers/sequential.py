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
        return self._plan(training, n_fed=0)

    def plan_input(self, like, training=False):
        # Up to the first layer with parameters, what passes is but data in another form.
        learned = (i for i, layer in enumerate(self.children) if layer.parameters)
        return self._plan(training, n_fed=next(learned, len(self)) + 1)

    def _plan(self, training, n_fed):
        forwards, first = [], max(n_fed - 1, 0)

        def first_pass(X):  # it shows each layer its input: plan for that, and check what is new
            layers, inputs, planned, backwards = self.children, [], [], []
            for i, layer in enumerate(layers):
                inputs.append(X)
                planned.append((layer.plan_input if i < n_fed else layer.plan)(X, training))
                X, backward_i = planned[i](X)
                backwards.append(backward_i)
            forwards.extend(planned)

            def backward(D):
                for i in reversed(range(first, len(layers))):
                    D = backwards[i](D)
                    if i >= n_fed:
                        check_gradient(layers[i], D, inputs[i])
                return D

            return X, backward

        def forward(X):
            if not forwards:
                return first_pass(X)
            backwards = []
            for forward_i in forwards:
                X, backward_i = forward_i(X)
                backwards.append(backward_i)

            def backward(D):
                for backward_i in reversed(backwards[first:]):
                    D = backward_i(D)
                return D

            return X, backward

        return forward
