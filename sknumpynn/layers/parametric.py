"""Parametric activation: training decides how nonlinear each unit is."""

import numpy as np
from sklearn.base import clone

from ..core import Layer, PlannedLayer
from ._arrays import arrays_like
from ._checks import check_columns
from .activations import ACTIVATIONS

__all__ = ["ParametricActivation"]


class ParametricActivation(PlannedLayer):
    r"""Mix an activation and the identity, in parts that are learned for each unit [1]_.

    .. math:: Y = X + \alpha\, (f(X) - X), \quad
        \frac{\partial L}{\partial \alpha_j} = \sum_i D_{ij} (f(X_{ij}) - X_{ij}), \quad
        \frac{\partial L}{\partial X} = (1 - \alpha)\, D + \alpha\, f'(X)\, D

    Alpha starts at 1, where this is the activation itself.

    Parameters
    ----------
    activation : str or Layer, default="selu"
        f: a name of `ACTIVATIONS`, or a layer without parameters to take a copy of.
    lr_scale, decay_scale : float, default=1.0
        Of alpha, see `Parameter`.

    Attributes
    ----------
    alpha : Parameter of shape (inputs,)
        None before `build`.
    f : Layer or None
        The activation, or the copy of it. None before `build`.

    References
    ----------
    .. [1] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data", NeurIPS 2024, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.layers import ParametricActivation
    >>> layer = ParametricActivation("relu")
    >>> layer.build(3, np.random.default_rng(0), np.float64)
    3
    >>> layer.alpha.tensor[:] = 0, 0.5, 1
    >>> layer.forward(np.full((1, 3), -2.0))[0]
    array([[-2., -1.,  0.]])
    """

    def __init__(self, activation="selu", *, lr_scale=1.0, decay_scale=1.0):
        super().__init__()
        self.activation = activation
        self.lr_scale, self.decay_scale = lr_scale, decay_scale
        self.alpha = self.f = None

    @property
    def children(self):
        return [] if self.f is None else [self.f]

    def build(self, inputs, rng, dtype):
        f = self._make_f()
        outputs = f.build(inputs, rng, dtype)
        if f.parameters or outputs != inputs:
            raise ValueError(
                f"{f!r} has parameters of its own, or changes the number of columns: it is no "
                "activation to mix."
            )
        self.parameters, self.f = [], f
        self.alpha = self.build_param(np.ones(inputs, dtype), self.lr_scale, self.decay_scale)
        return inputs

    def plan(self, like, training=False):
        alpha = self.alpha
        check_columns(self, alpha, like)
        activate = self.f.plan(like, training)
        Y, bend, dF, dX = arrays_like(like, 4, alpha)

        def forward(X):
            F, backward_f = activate(X)
            np.subtract(F, X, out=bend)
            np.multiply(bend, alpha.tensor, out=Y)
            np.add(Y, X, out=Y)

            def backward(D):
                alpha.gradient += np.einsum("ij,ij->j", D, bend)
                np.multiply(D, alpha.tensor, out=dF)
                np.subtract(D, dF, out=dX)
                return np.add(dX, backward_f(dF), out=dX)

            return Y, backward

        return forward

    def _make_f(self):
        f = self.activation
        if isinstance(f, Layer):
            return clone(f)
        if not (isinstance(f, str) and f in ACTIVATIONS):
            raise ValueError(f"activation={f!r} is none of {sorted(ACTIVATIONS)}, nor a layer.")
        return ACTIVATIONS[f]()
