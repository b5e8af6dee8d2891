"""Tied: a layer that shares the weights of a Linear, transposed."""

import numpy as np
from sklearn.exceptions import NotFittedError

from ..core import Composite
from ._checks import check_layers
from .linear import plan_affine

__all__ = ["Tied"]


class Tied(Composite):
    r"""Affine map by the transposed weights of a Linear, with a bias of its own.

    .. math:: Y = X W^\top + \mathbf{1} c

    As the decoder of an autoencoder it shares the encoder's weights, which are then trained by the
    sum of both gradients.

    Parameters
    ----------
    linear : Linear
        The layer that has the weights W, at an earlier position of the same network. A clone of the
        network is tied to its own clone of the Linear.

    Attributes
    ----------
    bias : Parameter of shape (linear.inputs,)
        c, zero at first; penalties leave it alone. None until the Linear and then this layer are
        built, or from the start if the Linear is.

    Raises
    ------
    ValueError
        If the Linear is not built before, or if X has not as many columns as it has outputs.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn import Linear, Sequential, Tanh
    >>> from sknumpynn.layers import Tied
    >>> encoder = Linear(5, 2)
    >>> autoencoder = Sequential(encoder, Tanh(), Tied(encoder))
    >>> autoencoder.forward(np.ones((3, 5)))[0].shape
    (3, 5)
    >>> [parameter.tensor.shape for parameter in dict.fromkeys(autoencoder.parameters)]
    [(5, 2), (2,), (5,)]
    """

    def __init__(self, linear):
        super().__init__()
        self.linear = linear
        self.bias = None
        weights = getattr(linear, "weights", None)
        if weights is not None:
            self.build(weights.tensor.shape[1], None, weights.tensor.dtype)

    @property
    def children(self):
        return check_layers(self, [self.linear])

    def build(self, inputs, rng, dtype):
        (linear,) = self.children
        if getattr(linear, "weights", None) is None:
            raise ValueError(
                f"{self!r} has no weights to take: put the very Linear that it is tied to, and not "
                "a copy, in an earlier position of the network."
            )
        outputs, linear_outputs = linear.weights.tensor.shape
        if linear_outputs != inputs:
            raise ValueError(f"{self!r} takes {linear_outputs} columns, but is given {inputs}.")
        self.parameters = []
        self.bias = self.build_param(np.zeros(outputs, dtype), decay_scale=0.0)
        return outputs

    def adapt_children(self, X, rng):
        return self.forward(X)[0]  # the Linear adapts where it stands itself

    def plan(self, like, training=False):
        return self._plan(like, wants_dX=True)

    def plan_input(self, like, training=False):
        return self._plan(like, wants_dX=False)

    def _plan(self, like, wants_dX):
        if self.bias is None:
            raise NotFittedError(f"{self!r} has no bias yet: call build.")
        return plan_affine(self, self.linear.weights, self.bias, like, wants_dX, transposed=True)
