"""NTKLinear: a linear map whose learning rate and initial weights do not depend on its width."""

import math

import numpy as np

from ._checks import check_counts
from .linear import Linear

__all__ = ["NTKLinear"]

N_POINTS = 5  # rows: each initial hyperplane passes through a random mean of so many


class NTKLinear(Linear):
    r"""Affine map in the neural tangent parametrisation [1]_, initialised by the data [2]_.

    .. math:: Y = \frac{1}{\sqrt d} X U + \mathbf{1} b

    with d inputs. The layer keeps :math:`W = U / \sqrt d`, so that it computes as `Linear` does;
    its ``lr_scale`` and ``decay_scale`` make steps of Adam, and weight decay, those of U.

    Parameters
    ----------
    outputs : int, default=1
        Columns of Y.
    init : {"data", "normal", "zeros"}, default="data"
        Where training starts. With "data", `adapt` gives each column of X W a standard deviation
        of 1, and lets each unit's hyperplane pass through a random mean of 5 rows. Before that,
        and with "normal", U and b are standard normal. With "zeros" they are zero.
    bias_lr_scale : float, default=0.1
        Of the bias, see `Parameter`.

    Attributes
    ----------
    weights : Parameter of shape (inputs, outputs)
        W.
    bias : Parameter of shape (outputs,)

    References
    ----------
    .. [1] Jacot, Gabriel and Hongler, "Neural tangent kernel: convergence and generalization in
       neural networks", NeurIPS 2018.
    .. [2] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data", NeurIPS 2024, appendix A.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.layers import NTKLinear
    >>> rng = np.random.default_rng(0)
    >>> layer, X = NTKLinear(outputs=4), rng.normal(size=(100, 3))
    >>> layer.build(3, rng, np.float64)
    4
    >>> layer.adapt(X, rng).std(axis=0)
    array([1., 1., 1., 1.])
    """

    def __init__(self, outputs=1, *, init="data", bias_lr_scale=0.1):
        super().__init__(outputs=outputs)
        self.init, self.bias_lr_scale = init, bias_lr_scale

    def build(self, inputs, rng, dtype):
        check_counts(outputs=self.outputs)
        if self.init not in ("data", "normal", "zeros"):
            raise ValueError(f"init={self.init!r} is none of 'data', 'normal', 'zeros'.")
        weights = rng.standard_normal((inputs, self.outputs)) / math.sqrt(inputs)
        bias = rng.standard_normal(self.outputs)
        if self.init == "zeros":
            weights, bias = np.zeros_like(weights), np.zeros_like(bias)
        self.house(weights.astype(dtype), bias.astype(dtype))
        return self.outputs

    def house(self, weights, bias):  # W, not U
        root = math.sqrt(len(weights))
        self.parameters = []
        self.weights = self.build_param(weights, lr_scale=1 / root, decay_scale=root)
        self.bias = self.build_param(bias, lr_scale=self.bias_lr_scale, decay_scale=0.0)

    def adapt(self, X, rng):
        if self.init == "data":
            W, b = self.weights.tensor, self.bias.tensor
            P = X @ W
            deviations = P.std(axis=0)
            rounding = 100 * np.finfo(P.dtype).eps * np.abs(P).max(axis=0)
            scale = np.where(deviations > rounding, deviations, 1)
            W /= scale
            P /= scale
            rows = rng.choice(X.shape[0], (N_POINTS, len(b)))  # X may be sparse
            parts = rng.standard_exponential(rows.shape)
            b[...] = -(parts / parts.sum(axis=0) * P[rows, np.arange(len(b))]).sum(axis=0)
        return self.forward(X)[0]
