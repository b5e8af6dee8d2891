"""Sequential: layers one after the other."""

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
        n_fed = next((i for i, layer in enumerate(self.layers) if layer.parameters), len(self)) + 1
        return self._plan(training, n_fed)

    def _plan(self, training, n_fed):
        forwards = []  # planned during the first pass, which shows each layer its input
        first = max(n_fed - 1, 0)

        def forward(X):
            backwards = []
            for i, layer in enumerate(self.layers):
                if i == len(forwards):
                    plan = layer.plan_input if i < n_fed else layer.plan
                    forwards.append(plan(X, training))
                X, backward_i = forwards[i](X)
                backwards.append(backward_i)

            def backward(D):
                for backward_i in reversed(backwards[first:]):
                    D = backward_i(D)
                return D

            return X, backward

        return forward
