"""Branches: layers whose outputs are added or put side by side, or that see some columns only."""

import numpy as np

from ..core import Composite, PlannedLayer
from ._arrays import arrays_like
from ._checks import check_gradient, check_layers
from ._layer_list import LayerList

__all__ = ["Parallel", "Residual", "Select"]


class Residual(Composite):
    r"""Add what a layer makes of X to X [1]_.

    .. math:: Y = X + f(X), \quad
        \frac{\partial L}{\partial X} = D + D \frac{\partial f}{\partial X}

    Parameters
    ----------
    layer : Layer
        f, of as many output as input columns. Several layers in a row make one as a `Sequential`.

    Raises
    ------
    TypeError
        If it is no layer.
    ValueError
        If it changes the number of columns.

    References
    ----------
    .. [1] He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016,
       equation 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn import Linear, ReLu, Sequential
    >>> from sknumpynn.layers import Residual
    >>> block = Residual(Sequential(Linear(4, 8), ReLu(), Linear(8, 4)))
    >>> block.forward(np.ones((3, 4)))[0].shape
    (3, 4)
    """

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    @property
    def children(self):
        return check_layers(self, [self.layer])

    def __repr__(self):
        return f"Residual({self.layer!r})"

    def build(self, inputs, rng, dtype):
        self._check_width(inputs, self.children[0].build(inputs, rng, dtype))
        return inputs

    def adapt_children(self, X, rng):
        return X + self.layer.adapt(X, rng)

    def plan(self, like, training=False):
        return self._plan(self.children[0].plan(like, training), like, wants_dX=True)

    def plan_input(self, like, training=False):
        return self._plan(self.children[0].plan_input(like, training), like, wants_dX=False)

    def _plan(self, f, like, wants_dX):
        Y, dX = arrays_like(like, 2, *self.parameters)

        def forward(X):
            F, backward_f = f(X)
            self._check_width(X.shape[1], F.shape[1])
            np.add(X, F, out=Y)

            def backward(D):
                gradient = backward_f(D)
                if not wants_dX:
                    return None
                check_gradient(self.layer, gradient, dX)
                return np.add(D, gradient, out=dX)

            return Y, backward

        return forward

    def _check_width(self, inputs, outputs):
        if inputs != outputs:
            raise ValueError(
                f"{self!r} cannot add {outputs} columns to {inputs}. Let its layer end in a Linear "
                f"with outputs={inputs}."
            )


class Parallel(LayerList):
    r"""Give X to each layer, and put what they make of it side by side.

    .. math:: Y = [f_1(X), \ldots, f_k(X)], \quad
        \frac{\partial L}{\partial X} = \sum_{j=1}^k D_j \frac{\partial f_j}{\partial X}

    where :math:`D_j` are the columns of D that belong to :math:`f_j`.

    Parameters
    ----------
    *layers : Layer
        One at least.

    Attributes
    ----------
    layers : list of Layer

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn import Linear, Sequential, Tanh
    >>> from sknumpynn.layers import Identity, Parallel
    >>> wide_and_deep = Parallel(Identity(), Sequential(Linear(4, 8), Tanh()))
    >>> wide_and_deep.forward(np.ones((3, 4)))[0].shape
    (3, 12)
    """

    @property
    def children(self):
        if not self.layers:
            raise ValueError("A Parallel without layers has no columns: give it one at least.")
        return super().children

    def build(self, inputs, rng, dtype):
        return sum(layer.build(inputs, rng, dtype) for layer in self.children)

    def adapt_children(self, X, rng):
        return np.concatenate([layer.adapt(X, rng) for layer in self.layers], axis=1)

    def plan(self, like, training=False):
        (dX,) = arrays_like(like, 1, *self.parameters)
        return self._plan([layer.plan(like, training) for layer in self.children], dX)

    def plan_input(self, like, training=False):
        return self._plan([layer.plan_input(like, training) for layer in self.children], dX=None)

    def _plan(self, branches, dX):
        Y = None  # the first pass shows how wide the branches are

        def forward(X):
            nonlocal Y
            outputs, backwards = zip(*[branch(X) for branch in branches], strict=True)
            Y = np.concatenate(outputs, axis=1, out=Y)

            def backward(D):
                gradients, end = [], 0
                for F, backward_f in zip(outputs, backwards, strict=True):
                    start, end = end, end + F.shape[1]
                    gradients.append(backward_f(D[:, start:end]))
                if dX is None:
                    return None
                dX[...] = 0
                for layer, gradient in zip(self.layers, gradients, strict=True):
                    check_gradient(layer, gradient, dX)
                    np.add(dX, gradient, out=dX)
                return dX

            return Y, backward

        return forward


class Select(PlannedLayer):
    """Take some of the columns, in any order, and repeatedly if asked for.

    In a `Parallel` it lets a layer work on a part of the columns only. The gradient of a column
    that is not taken is zero.

    Parameters
    ----------
    columns : int, sequence of int, slice, or sequence of bool
        Numbers of columns, of which negative ones count from the end; or for each column whether
        to take it.

    Raises
    ------
    ValueError
        If they name columns that X does not have, or no column at all.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.layers import Select
    >>> X = np.arange(8.0).reshape(2, 4)
    >>> Select([3, 0]).forward(X)[0]
    array([[3., 0.],
           [7., 4.]])
    """

    def __init__(self, columns):
        super().__init__()
        self.columns = columns

    def build(self, inputs, rng, dtype):
        return len(self._numbers(inputs))

    def plan(self, like, training=False):
        (n_rows, inputs), columns = like.shape, self.columns
        numbers = self._numbers(inputs)
        Y = np.empty((n_rows, len(numbers)), like.dtype)
        (dX,) = arrays_like(like, 1)
        dX[...] = 0
        if isinstance(columns, slice):
            return _plan_slice(columns, Y, dX)
        places = (np.arange(n_rows)[:, np.newaxis] * inputs + numbers).ravel()

        def forward(X):
            np.take(X, numbers, axis=1, out=Y, mode="clip")  # by default it would be buffered
            return Y, backward

        def backward(D):
            dX[...] = 0
            np.add.at(dX.reshape(-1), places, D.ravel())  # NumPy is slow at indexing columns
            return dX

        return forward

    def _numbers(self, inputs):
        """The numbers of the columns, counted from 0."""
        columns = self.columns if isinstance(self.columns, slice) else np.asarray(self.columns)
        try:
            numbers = np.atleast_1d(np.arange(inputs)[columns])
        except IndexError as error:
            raise ValueError(f"{self!r} does not fit X of {inputs} columns: {error}.") from error
        if numbers.ndim > 1 or numbers.size == 0:
            raise ValueError(f"{self!r} does not name one column or several of {inputs}.")
        return numbers


def _plan_slice(columns, Y, dX):
    """Plan to copy what a view shows; dX is zero elsewhere."""

    def forward(X):
        Y[...] = X[:, columns]
        return Y, backward

    def backward(D):
        dX[:, columns] = D
        return dX

    return forward
