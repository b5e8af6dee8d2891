"""Layers by position: what all composites that take `*layers` have in common."""

from copy import copy
from inspect import BoundArguments, signature

from sklearn.base import clone

from ..core import Composite, Layer
from ._checks import check_layers


class LayerList(Composite):
    """A composite whose layers are hyper-parameters, as in scikit-learn, named by position.

    Other arguments of a subclass's constructor are hyper-parameters under their own names. If it
    takes no ``*layers`` but makes layers from its arguments, these are its only ones.
    """

    layers = None  # until the constructor is called, which a subclass may forget

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
        params = self._layer_params()
        for name, layer in list(params.items()) if deep else ():
            if isinstance(layer, Layer):
                params.update((f"{name}__{k}", v) for k, v in layer.get_params().items())
        return params | super().get_params(deep)

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
        for name, value in sorted(params.items()):  # a layer before its parameters
            own, _, rest = name.partition("__")
            arguments = self.get_params(deep=False)
            if own not in arguments:
                raise ValueError(f"Invalid parameter {name!r}: {self._valid_names()}.")
            if rest:
                arguments[own].set_params(**{rest: value})
            elif own in self._layer_params():
                self.layers[int(own)] = value
            else:
                setattr(self, own, value)
        return self

    def _valid_names(self):
        positions = [f"positions '0' to '{len(self) - 1}'"] if self._layer_params() else []
        names = ", ".join([*positions, *map(repr, self._get_param_names())])
        return f"a {type(self).__name__} of {len(self)} layers has {names}"

    def _layer_params(self):
        layers = self.layers if self._layers_argument() else []
        return {str(i): layer for i, layer in enumerate(layers)}

    @classmethod
    def _layers_argument(cls):
        """Name of the constructor's ``*layers``, if it takes any."""
        parameters = signature(cls).parameters.values()
        return next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), None)

    @classmethod
    def _get_param_names(cls):  # scikit-learn's own would refuse *layers
        parameters = signature(cls).parameters.values()
        return [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]

    def _clone(self):
        layers = tuple(map(clone, check_layers(self, self.layers)))
        named = {k: clone(v, safe=False) for k, v in super().get_params(deep=False).items()}
        bound = BoundArguments(signature(type(self)), named | {self._layers_argument(): layers})
        return type(self)(*bound.args, **bound.kwargs)

    def __repr__(self):
        named = [f"{name}={getattr(self, name, ...)!r}" for name in self._get_param_names()]
        shown = ", ".join([*map(repr, self._layer_params().values()), *named])
        return f"{type(self).__name__}({shown})"

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        if not isinstance(index, slice):
            return self.layers[index]
        if not self._layers_argument():
            raise TypeError(f"A {type(self).__name__} has no parts of its kind: slice its layers.")
        other = copy(self)
        other.layers = self.layers[index]
        return other
