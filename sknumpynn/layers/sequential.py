"""Sequential: layers one after the other."""

from ..core import Composite

__all__ = ["Sequential"]


class Sequential(Composite):
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

    def __init__(self, *layers):
        super().__init__()
        self.layers = list(layers)

    @property
    def children(self):
        return self.layers

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        return Sequential(*self.layers[index]) if isinstance(index, slice) else self.layers[index]

    def build(self, inputs, rng, dtype):
        for layer in self.layers:
            inputs = layer.build(inputs, rng, dtype)
        return inputs

    def plan(self, like, training=False):
        return self._plan(training, "plan")

    def plan_input(self, like, training=False):
        return self._plan(training, "plan_input")

    def _plan(self, training, first):
        forwards = []  # planned during the first pass, which shows each layer its input

        def forward(X):
            backwards = []
            for i, layer in enumerate(self.layers):
                if i == len(forwards):
                    forwards.append(getattr(layer, "plan" if i else first)(X, training))
                X, backward_i = forwards[i](X)
                backwards.append(backward_i)

            def backward(D):
                for backward_i in reversed(backwards):
                    D = backward_i(D)
                return D

            return X, backward

        return forward
