"""Linear: Y = X W + b."""

import numpy as np
from sklearn.exceptions import NotFittedError

from ..blas import ones, plan_gemm
from ..core import PlannedLayer
from ..initializers import INITIALIZERS
from ._checks import check_counts

__all__ = ["Linear"]


class Linear(PlannedLayer):
    r"""Affine map of the rows.

    .. math:: Y = X W + \mathbf{1} b, \quad
        \frac{\partial L}{\partial W} = X^\top D, \quad
        \frac{\partial L}{\partial b} = \mathbf{1}^\top D, \quad
        \frac{\partial L}{\partial X} = D W^\top

    X may be a sparse matrix; it is not made dense.

    Parameters
    ----------
    inputs : int, default=None
        Columns of X. With None, `build` sets them.
    outputs : int or None, default=1
        Columns of Y. None takes as many as X has.
    initializer : str or callable, default=None
        A name of `sknumpynn.initializers.INITIALIZERS`, or a function
        ``(rng, inputs, outputs) -> (weights, bias)``. None is "lecun_normal" where `inputs` is
        given, and "glorot_uniform", scikit-learn's choice for its networks, where it is not.
    rng : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
        Source of the initial weights of a layer that is built at once; by default a fresh
        generator.
    dtype : numpy dtype, default=numpy.float64
        Of the weights of a layer that is built at once.

    Attributes
    ----------
    weights : Parameter of shape (inputs, outputs)
    bias : Parameter of shape (outputs,)
        Its ``decay_scale`` is 0: penalties leave biases alone.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn import Linear
    >>> Y, backward = Linear(3, 2).forward(np.ones((5, 3)))
    >>> Y.shape, backward(np.ones((5, 2))).shape
    ((5, 2), (5, 3))
    """

    def __init__(self, inputs=None, outputs=1, *, initializer=None, rng=None, dtype=np.float64):
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        self.initializer, self.rng, self.dtype = initializer, rng, dtype
        self.weights = self.bias = None
        if inputs is not None:
            is_source = isinstance(rng, np.random.Generator | np.random.RandomState)
            self.build(inputs, rng if is_source else np.random.default_rng(rng), dtype)

    def build(self, inputs, rng, dtype):
        if self.inputs not in (None, inputs):
            raise ValueError(f"{self!r} takes {self.inputs} columns, but is given {inputs}.")
        initializer = self.initializer
        if initializer is None:
            initializer = "glorot_uniform" if self.inputs is None else "lecun_normal"
        if not callable(initializer) and initializer not in list(INITIALIZERS):
            names = ", ".join(map(repr, INITIALIZERS))
            raise ValueError(
                f"initializer={initializer!r} is none of {names}, nor a function "
                "(rng, inputs, outputs) -> (weights, bias)."
            )
        outputs = inputs if self.outputs is None else self.outputs
        check_counts(inputs=inputs, outputs=outputs)
        initialize = INITIALIZERS.get(initializer, initializer)
        made = initialize(rng, inputs, outputs)
        if not (isinstance(made, tuple) and len(made) == 2):
            raise TypeError(
                f"The initializer of {self!r} must return (weights, bias), not {made!r:.50}."
            )
        weights, bias = (np.asarray(array, dtype) for array in made)
        if (weights.shape, bias.shape) != ((inputs, outputs), (outputs,)):
            raise ValueError(
                f"The initializer of {self!r} makes weights of shape {weights.shape} and a bias of "
                f"shape {bias.shape}, where {(inputs, outputs)} and {(outputs,)} are needed."
            )
        self.house(weights, bias)
        return outputs

    def house(self, weights, bias):
        """Make these arrays the weights and the bias.

        Parameters
        ----------
        weights : ndarray of shape (inputs, outputs)
        bias : ndarray of shape (outputs,)
        """
        self.parameters = []
        self.weights = self.build_param(weights)
        self.bias = self.build_param(bias, decay_scale=0.0)

    def plan(self, like, training=False):
        return self._plan(like, wants_dX=True)

    def plan_input(self, like, training=False):
        return self._plan(like, wants_dX=False)

    def _plan(self, like, wants_dX):
        if self.weights is None:
            raise NotFittedError(
                f"{self!r} has no weights yet: name the number of inputs, or call build."
            )
        return plan_affine(self, self.weights, self.bias, like, wants_dX)


def plan_affine(layer, W, b, like, wants_dX, transposed=False):
    """Plan Y = X W + b, or X W' + b; W and b are Parameters, not arrays: packing rebinds those.

    In a stack of networks X, W and b have a leading axis of networks, and each b is a row.
    """
    inputs, outputs = W.tensor.shape[:-3:-1] if transposed else W.tensor.shape[-2:]
    if like.shape[-1] != inputs:
        raise ValueError(f"{layer!r} takes {inputs} columns, but is given {like.shape[-1]}.")
    dtype = W.tensor.dtype
    if like.dtype != dtype:
        dtype = np.result_type(like.dtype, dtype)
    rows = like.shape[:-1]
    Y = np.empty((*rows, outputs), dtype)
    dX = np.empty(like.shape, dtype) if wants_dX else None
    onesT = ones((*rows, 1), dtype).T
    gemm_X = plan_gemm(dtype, like, columns=None if transposed else outputs)
    gemm, gemm_to_row = plan_gemm(dtype, Y), plan_gemm(dtype, Y, rows=1)
    YT, dXT = Y.T, dX.T if wants_dX else None
    beta_W, beta_b = float(W.adds_up), float(b.adds_up)
    is_dense = isinstance(like, np.ndarray)

    def forward(X):  # BLAS takes the transposes of what NumPy has, see plan_gemm
        XT, WT = X.T if is_dense else X, W.tensor.T
        Y[...] = b.tensor
        gemm_X(1.0, WT, XT, 1.0, YT, transposed, 0, 1)  # Y' += W' X'

        def backward(D):
            DT, dWT, dbT = D.T, W.gradient.T, b.gradient.T
            first, second = (XT, DT) if transposed else (DT, XT)
            if (added := gemm_X(1.0, first, second, beta_W, dWT, 0, 1, 1)) is not dWT:  # += D' X
                dWT[...] = added  # the gradient was bound in another memory order: BLAS copied it
            if (added := gemm_to_row(1.0, DT, onesT, beta_b, dbT, 0, 1, 1)) is not dbT:  # += D' 1
                dbT[...] = added
            if wants_dX:
                gemm(1.0, WT, DT, 0.0, dXT, not transposed, 0, 1)  # dX' = W D'
            return dX

        return Y, backward

    return forward
