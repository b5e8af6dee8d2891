"""Scaling: a factor for each column."""

import numpy as np

from ..core import PlannedLayer
from ._arrays import arrays_like
from ._checks import check_columns

__all__ = ["Scaling"]


class Scaling(PlannedLayer):
    r"""Multiply each column by a factor that is learned, and starts at 1.

    .. math:: Y_{ij} = X_{ij}\, s_j, \quad
        \frac{\partial L}{\partial s_j} = \sum_i X_{ij} D_{ij}, \quad
        \frac{\partial L}{\partial X_{ij}} = D_{ij}\, s_j

    At the front of a network it lets training weigh the columns, at a learning rate of their own
    [1]_.

    Parameters
    ----------
    lr_scale : float, default=1.0
        Of the factors, see `Parameter`.
    decay_scale : float, default=1.0
        Of the factors, see `Parameter`.

    Attributes
    ----------
    factors : Parameter of shape (inputs,)
        None before `build`.

    References
    ----------
    .. [1] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data", NeurIPS 2024, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.layers import Scaling
    >>> layer = Scaling(lr_scale=6.0)
    >>> layer.build(3, np.random.default_rng(0), np.float64)
    3
    >>> layer.factors.tensor[1] = 10
    >>> layer.forward(np.ones((1, 3)))[0]
    array([[ 1., 10.,  1.]])
    """

    def __init__(self, lr_scale=1.0, decay_scale=1.0):
        super().__init__()
        self.lr_scale, self.decay_scale = lr_scale, decay_scale
        self.factors = None

    def build(self, inputs, rng, dtype):
        self.parameters = []
        self.factors = self.build_param(np.ones(inputs, dtype), self.lr_scale, self.decay_scale)
        return inputs

    def plan(self, like, training=False):
        factors = self.factors
        check_columns(self, factors, like)
        Y, dX = arrays_like(like, 2, factors)

        def forward(X):
            np.multiply(X, factors.tensor, out=Y)

            def backward(D):
                factors.gradient += np.einsum("ij,ij->j", X, D)
                return np.multiply(D, factors.tensor, out=dX)

            return Y, backward

        return forward
