"""Sequential: layers one after the other."""

from sklearn.base import clone

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

    def get_params(self, deep=True):
        """Get the layers under their positions, and their parameters.

        Parameters
        ----------
        deep : bool, default=True
            Whether to look into the layers.

        Returns
        -------
        params : dict
            For example ``{"0": Linear(outputs=8), "0__outputs": 8, ...}``.
        """
        params = {str(i): layer for i, layer in enumerate(self.layers)}
        if deep:
            for i, layer in enumerate(self.layers):
                params.update((f"{i}__{k}", v) for k, v in layer.get_params().items())
        return params

    def set_params(self, **params):
        """Put other layers in positions, or set parameters of those that are there.

        Parameters
        ----------
        **params : dict
            Names such as `get_params` gives.

        Returns
        -------
        self : Sequential

        Raises
        ------
        ValueError
            If there is no such position or parameter.
        """
        # Whole layers first: their parameters may be among those to set.
        for name, value in sorted(params.items(), key=lambda item: "__" in item[0]):
            position, _, rest = name.partition("__")
            if position not in self.get_params(deep=False):
                raise ValueError(
                    f"Invalid parameter {name!r}: a Sequential of {len(self)} layers has positions "
                    f"'0' to '{len(self) - 1}'."
                )
            if rest:
                self.layers[int(position)].set_params(**{rest: value})
            else:
                self.layers[int(position)] = value
        return self

    def __sklearn_clone__(self):
        clones = {}  # a layer that stands in several places is to do so in the clone
        for layer in self.layers:
            if layer not in clones:
                clones[layer] = clone(layer)
        return Sequential(*(clones[layer] for layer in self.layers))

    def __repr__(self):
        return f"Sequential({', '.join(map(repr, self.layers))})"

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        return Sequential(*self.layers[index]) if isinstance(index, slice) else self.layers[index]

    def build(self, inputs, rng, dtype):
        for layer in self.layers:
            inputs = layer.build(inputs, rng, dtype)
        return inputs

    def adapt(self, X, rng):
        for layer in self.layers:
            X = layer.adapt(X, rng)
        return X

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
