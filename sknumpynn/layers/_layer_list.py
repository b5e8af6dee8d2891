"""Layers in positions: what is common to all composites that are made from `*layers`."""

from copy import copy

from sklearn.base import clone

from ..core import Composite
from ._checks import check_layers


class LayerList(Composite):
    """A composite of layers that are its parameters, as scikit-learn means it, by position."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = list(layers)

    @property
    def children(self):
        return check_layers(self, self.layers)

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
        self : Layer

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
                    f"Invalid parameter {name!r}: a {type(self).__name__} of {len(self)} layers "
                    f"has positions '0' to '{len(self) - 1}'."
                )
            if rest:
                self.layers[int(position)].set_params(**{rest: value})
            else:
                self.layers[int(position)] = value
        return self

    def _clone(self):
        return self._of(map(clone, self.layers))

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(map(repr, self.layers))})"

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        return self._of(self.layers[index]) if isinstance(index, slice) else self.layers[index]

    def _of(self, layers):
        """One like this of other layers; a subclass may have a constructor of its own."""
        other = copy(self)
        other.layers = list(layers)
        return other
