"""Embeddings of categories: a vector for each."""

import numpy as np
from sklearn.exceptions import NotFittedError

from ..core import PlannedLayer
from ._checks import check_counts

__all__ = ["Embedding"]


class Embedding(PlannedLayer):
    r"""Look up a learned vector for each category, of each column by itself [1]_.

    .. math:: y_j = T_j[x_j], \quad
        \frac{\partial L}{\partial T_j[k]} = \sum_{i : x_{ij} = k} d_{ij}

    X has category codes 0, 1, 2, ... as integers or as floats, which are rounded. Y has the vectors
    of the first column, then those of the second.

    Parameters
    ----------
    categories : int or sequence of int
        Number of categories, for all columns or for each of them.
    outputs : int, default=8
        Length of the vectors.
    lr_scale, decay_scale : float, default=1.0
        Of the vectors, see `Parameter`.

    Attributes
    ----------
    vectors : Parameter of shape (n_categories, outputs)
        Those of the first column's categories, then those of the second's. Drawn from a standard
        normal. None before `build`.
    counts : list of int
        Number of categories of each column that it was built for. None before `build`.

    References
    ----------
    .. [1] Guo and Berkhahn, "Entity embeddings of categorical variables", 2016, arXiv:1604.06737.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.layers import Embedding
    >>> layer = Embedding(categories=[3, 7], outputs=4)
    >>> layer.build(2, np.random.default_rng(0), np.float64)
    8
    >>> layer.forward(np.array([[0, 6], [2, 6]]))[0].shape
    (2, 8)
    """

    def __init__(self, categories, outputs=8, *, lr_scale=1.0, decay_scale=1.0):
        super().__init__()
        self.categories, self.outputs = categories, outputs
        self.lr_scale, self.decay_scale = lr_scale, decay_scale
        self.vectors = self.counts = None

    def build(self, inputs, rng, dtype):
        check_counts(outputs=self.outputs)
        counts = self._counts(inputs)
        self.parameters = []
        vectors = rng.standard_normal((sum(counts), self.outputs)).astype(dtype)
        self.vectors = self.build_param(vectors, self.lr_scale, self.decay_scale)
        self.counts = counts
        return inputs * self.outputs

    def _counts(self, inputs):
        """How many categories each column is to have."""
        is_for_all = np.ndim(self.categories) == 0
        counts = [self.categories] * inputs if is_for_all else list(self.categories)
        for count in counts:
            check_counts(categories=count)
        if len(counts) != inputs:
            raise ValueError(
                f"{self!r} has categories for {len(counts)} columns, but is given {inputs}."
            )
        return counts

    def plan(self, like, training=False):
        vectors, n_rows, n_columns = self.vectors, *like.shape
        if vectors is None:
            raise NotFittedError(f"{self!r} has no vectors yet: call build.")
        if self._counts(n_columns) != self.counts:
            raise ValueError(
                f"{self!r} was built for columns of {self.counts} categories, not of "
                f"{self._counts(n_columns)}: build it again."
            )
        counts, o = np.asarray(self.counts), vectors.tensor.shape[1]
        first = np.cumsum(counts) - counts
        Y = np.empty((n_rows, n_columns * o), vectors.tensor.dtype)
        dX = np.zeros(like.shape, Y.dtype)  # Y is constant but for jumps in between

        def forward(X):
            codes = np.rint(X)
            is_code = (codes >= 0) & (codes < counts)
            if not is_code.all():
                raise ValueError(_complaint(codes, is_code, counts))
            rows = (codes.astype(np.intp) + first).ravel()
            vectors.tensor.take(rows, 0, Y.reshape(-1, o), "clip")

            def backward(D):
                places = rows[:, np.newaxis] * o + np.arange(o)
                np.add.at(vectors.gradient.reshape(-1), places.ravel(), D.ravel())
                return dX

            return Y, backward

        return forward


def _complaint(codes, is_code, counts):
    row, column = np.argwhere(~is_code)[0]
    return (
        f"{codes[row, column]} in column {column} is no category: it has {counts[column]} "
        f"categories, with codes from 0 to {counts[column] - 1}."
    )
