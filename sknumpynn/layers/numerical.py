"""Embeddings of numbers: several features made from each column on its own."""

import math

import numpy as np
from scipy.special import ndtri

from ..core import PlannedLayer
from ._checks import check_columns, check_counts, check_number

__all__ = ["PeriodicEmbedding", "PiecewiseLinearEmbedding"]


class PeriodicEmbedding(PlannedLayer):
    r"""Make some mixtures of cosine waves from each column [1]_, with phases [2]_.

    .. math:: y_j = \cos(2 \pi\, x_j w_j + \beta_j)\, V_j + c_j

    for column j of X, with :math:`w_j, \beta_j \in \mathbb{R}^f`,
    :math:`V_j \in \mathbb{R}^{f \times o}` and :math:`c_j \in \mathbb{R}^o`. Y has the o outputs of
    the first column, then those of the second, and at last the columns of X themselves.

    A network of smooth units is slow to learn what changes fast along a column; from waves it
    learns that sooner.

    Parameters
    ----------
    frequencies : int, default=16
        f.
    outputs : int, default=3
        o, for each column of X.
    sigma : float, default=0.1
        Standard deviation of the initial frequencies w, in waves per unit of X.
    densenet : bool, default=True
        Whether Y has the columns of X, too.
    lr_scale, decay_scale : float, default=1.0
        Of all parameters, see `Parameter`.

    Attributes
    ----------
    frequency_weights, phases : Parameter of shape (inputs, frequencies)
        w and beta. None before `build`.
    weights : Parameter of shape (inputs, frequencies, outputs)
        V.
    bias : Parameter of shape (inputs, outputs)
        c.

    References
    ----------
    .. [1] Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep
       learning", NeurIPS 2022, section 3.3.
    .. [2] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data", NeurIPS 2024, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.layers import PeriodicEmbedding
    >>> layer = PeriodicEmbedding(outputs=3)
    >>> layer.build(5, np.random.default_rng(0), np.float64)
    20
    >>> layer.forward(np.ones((7, 5)))[0].shape
    (7, 20)
    """

    def __init__(
        self,
        frequencies=16,
        outputs=3,
        sigma=0.1,
        densenet=True,
        *,
        lr_scale=1.0,
        decay_scale=1.0,
    ):
        super().__init__()
        self.frequencies, self.outputs = frequencies, outputs
        self.sigma, self.densenet = sigma, densenet
        self.lr_scale, self.decay_scale = lr_scale, decay_scale
        self.frequency_weights = self.phases = self.weights = self.bias = None

    def build(self, inputs, rng, dtype):
        check_counts(frequencies=self.frequencies, outputs=self.outputs)
        check_number("sigma", self.sigma, lambda sigma: sigma >= 0, "at least 0")
        f, o, treatment = self.frequencies, self.outputs, (self.lr_scale, self.decay_scale)
        bound = 1 / math.sqrt(f)
        self.parameters = []
        self.frequency_weights, self.phases, self.weights, self.bias = (
            self.build_param(tensor.astype(dtype), *treatment)
            for tensor in (
                self.sigma * rng.standard_normal((inputs, f)),
                rng.uniform(-math.pi, math.pi, (inputs, f)),
                rng.uniform(-bound, bound, (inputs, f, o)),
                rng.uniform(-bound, bound, (inputs, o)),
            )
        )
        return inputs * (o + bool(self.densenet))

    def plan(self, like, training=False):
        return self._plan(like, wants_dX=True)

    def plan_input(self, like, training=False):
        return self._plan(like, wants_dX=False)

    def _plan(self, like, wants_dX):
        w, phases, V, c = self.frequency_weights, self.phases, self.weights, self.bias
        check_columns(self, w, like)
        (n, f, o), rows, dense = V.tensor.shape, like.shape[0], self.densenet
        dtype = np.result_type(like.dtype, w.tensor.dtype)
        # Columns first and rows last: then each column is a matrix, and rows lie side by side.
        x, M, dM = (np.empty((n, k, rows), dtype) for k in (2, o, o))
        Z, C, S, dZ = (np.empty((n, f, rows), dtype) for _ in range(4))
        x[:, 1] = 1  # so that one product multiplies with frequencies and adds phases
        Y = np.empty((rows, n * o + (n if dense else 0)), dtype)
        dX = np.empty((rows, n), dtype) if wants_dX else None

        def forward(X):
            x[:, 0] = X.T
            np.matmul(np.stack([2 * np.pi * w.tensor, phases.tensor], axis=2), x, out=Z)
            np.cos(Z, out=C)
            _mix(V.tensor, c.tensor, C, M, Y)
            if dense:
                Y[:, n * o :] = X

            def backward(D):
                _unmix(V, c, C, D, dM, dZ)
                np.sin(Z, out=S)
                np.multiply(dZ, S, out=dZ)  # but for the sign: cos' = -sin
                gradient = np.matmul(dZ, x.transpose(0, 2, 1))
                w.gradient -= 2 * np.pi * gradient[:, :, 0]
                phases.gradient -= gradient[:, :, 1]
                if not wants_dX:
                    return None
                dX[...] = np.matmul(-2 * np.pi * w.tensor[:, np.newaxis], dZ)[:, 0].T
                return np.add(dX, D[:, n * o :], out=dX) if dense else dX

            return Y, backward

        return forward


class PiecewiseLinearEmbedding(PlannedLayer):
    r"""Make some piecewise linear functions of each column, with kinks at quantiles [1]_.

    .. math:: e_{jt} = \frac{x_j - b_{j,t-1}}{b_{jt} - b_{j,t-1}}, \quad y_j = e_j V_j + c_j

    for column j of X and its bins t, where e is limited to [0, 1], but goes on below the first bin
    and above the last one. Y has the outputs of the first column, then those of the second.

    Parameters
    ----------
    bins : int, default=16
        Bins of each column. `adapt` makes all of them hold equally many rows; before that, they
        are those of a standard normal distribution. A column with few distinct values has fewer
        bins; one with a single value in the rows that are adapted to keeps the initial ones.
    outputs : int, default=8
        For each column of X.
    lr_scale, decay_scale : float, default=1.0
        Of weights and bias, see `Parameter`.

    Attributes
    ----------
    edges : Parameter of shape (inputs, bins + 1)
        b, which is not learned. None before `build`.
    weights : Parameter of shape (inputs, bins, outputs)
        V.
    bias : Parameter of shape (inputs, outputs)
        c.

    References
    ----------
    .. [1] Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep
       learning", NeurIPS 2022, sections 3.1 and 3.2.1.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.layers import PiecewiseLinearEmbedding
    >>> rng = np.random.default_rng(0)
    >>> layer, X = PiecewiseLinearEmbedding(bins=2), rng.uniform(size=(1000, 5))
    >>> layer.build(5, rng, np.float64)
    40
    >>> layer.adapt(X, rng).shape
    (1000, 40)
    >>> layer.edges.tensor[0].round(1).tolist()
    [0.0, 0.5, 1.0]
    """

    def __init__(self, bins=16, outputs=8, *, lr_scale=1.0, decay_scale=1.0):
        super().__init__()
        self.bins, self.outputs = bins, outputs
        self.lr_scale, self.decay_scale = lr_scale, decay_scale
        self.edges = self.weights = self.bias = None

    def build(self, inputs, rng, dtype):
        check_counts(bins=self.bins, outputs=self.outputs)
        treatment, bound = (self.lr_scale, self.decay_scale), 1 / math.sqrt(self.bins)
        quantiles = _normal_quantiles(self.bins + 1)
        self.parameters = []
        self.edges = self.build_param(np.tile(quantiles, (inputs, 1)).astype(dtype), 0.0, 0.0)
        self.weights, self.bias = (
            self.build_param(rng.uniform(-bound, bound, (inputs, *shape)).astype(dtype), *treatment)
            for shape in ((self.bins, self.outputs), (self.outputs,))
        )
        return inputs * self.outputs

    def adapt(self, X, rng):
        edges = self.edges.tensor
        edges[...] = np.stack([self._edges_of(column, edges.dtype) for column in X.T])
        return self.forward(X)[0]

    def _edges_of(self, column, dtype):
        parts = np.linspace(0, 1, self.bins + 1)
        with np.errstate(over="ignore", invalid="ignore"):
            quantiles = np.quantile(column, parts).astype(dtype)
            span = quantiles[-1] - quantiles[0]
        if not np.isfinite(span):
            raise ValueError(
                f"{self!r} is given a column from {column.min():.3g} to {column.max():.3g}: its "
                f"width is not finite in {dtype}. Scale the data."
            )
        distinct = quantiles[np.r_[True, np.diff(quantiles) >= np.finfo(dtype).tiny]]
        if len(distinct) < 2:
            return _normal_quantiles(self.bins + 1)
        # Bins in excess are empty ones at the end.
        return np.pad(distinct, (0, self.bins + 1 - len(distinct)), mode="edge")

    def plan(self, like, training=False):
        return self._plan(like, wants_dX=True)

    def plan_input(self, like, training=False):
        return self._plan(like, wants_dX=False)

    def _plan(self, like, wants_dX):
        edges, V, c = self.edges, self.weights, self.bias
        check_columns(self, edges, like)
        (n, bins, o), rows = V.tensor.shape, like.shape[0]
        dtype = np.result_type(like.dtype, V.tensor.dtype)
        E, dE = (np.empty((n, bins, rows), dtype) for _ in range(2))
        M, dM = (np.empty((n, o, rows), dtype) for _ in range(2))
        inside = np.empty((n, bins, rows), bool)
        Y, dX = np.empty((rows, n * o), dtype), np.empty((rows, n), dtype)

        def forward(X):
            low, slope, least, most = _bins(edges.tensor)
            np.subtract(X.T[:, np.newaxis], low, out=E)
            np.multiply(E, slope, out=E)
            np.clip(E, least, most, out=E)
            _mix(V.tensor, c.tensor, E, M, Y)

            def backward(D):
                _unmix(V, c, E, D, dM, dE)
                if not wants_dX:
                    return None
                np.logical_and(E > least, E < most, out=inside)
                np.multiply(dE, slope, out=dE)
                np.multiply(dE, inside, out=dE)
                dX[...] = dE.sum(axis=1).T
                return dX

            return Y, backward

        return forward


def _normal_quantiles(count):
    """Quantiles of a standard normal, with equal parts between them, half a part at each end."""
    return ndtri((np.arange(count) + 0.5) / count)


def _bins(edges):
    """Lower ends of bins, one over their widths (0 where empty), and the limits of e in each."""
    widths = np.diff(edges, axis=1)
    is_bin = widths >= np.finfo(widths.dtype).tiny  # one over less than that is infinite
    slope = np.divide(1, widths, out=np.zeros_like(widths), where=is_bin)
    least, most = np.zeros_like(widths), np.ones_like(widths)
    least[:, 0] = -np.inf
    last = np.maximum(np.count_nonzero(is_bin, axis=1) - 1, 0)
    most[np.arange(len(edges)), last] = np.inf
    return [part[:, :, np.newaxis] for part in (edges[:, :-1], slope, least, most)]


def _mix(V, c, E, M, Y):
    """Map the features of each column by its own weights, into the first columns of Y."""
    np.matmul(V.transpose(0, 2, 1), E, out=M)
    np.add(M, c[:, :, np.newaxis], out=M)
    Y[:, : c.size] = M.reshape(c.size, -1).T


def _unmix(V, c, E, D, dM, dE):
    """Add to the gradients of weights and bias, and compute that of the features."""
    dM[...] = D[:, : c.tensor.size].T.reshape(dM.shape)
    V.gradient += np.matmul(E, dM.transpose(0, 2, 1))
    c.gradient += dM.sum(axis=2)
    np.matmul(V.tensor, dM, out=dE)
