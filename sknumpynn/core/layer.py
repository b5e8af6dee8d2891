"""Layers: `forward` returns `(Y, backward)`; `plan` does the same with arrays made once."""

from contextvars import ContextVar, copy_context

import numpy as np
from sklearn.base import BaseEstimator

from .parameter import Parameter

__all__ = ["Composite", "Layer", "PlannedLayer"]

_clones = ContextVar("clones", default=None)  # by layer, while a network is being cloned


class Layer(BaseEstimator):
    """A differentiable function of a batch, with parameters.

    Override `forward`, and that is a layer. It is a scikit-learn object: if the constructor stores
    its arguments untouched, `get_params`, `set_params`, `clone` and `repr` work too.

    Attributes
    ----------
    parameters : list of Parameter
        What an optimizer should train.
    depends_on_batch : bool
        Whether in training the output for a row depends on more than that row: on the other rows
        of the batch, as in batch normalization, or on noise, as in dropout. False, unless a class
        says otherwise by an attribute or a property. The solver "lbfgs", which minimises one fixed
        function of the parameters, cannot train such a layer. A composite answers for itself
        alone: `walk` finds the layers within.

    Examples
    --------
    >>> from sknumpynn import Layer
    >>> class Double(Layer):
    ...     def forward(self, X):
    ...         return 2 * X, lambda D: 2 * D
    """

    depends_on_batch = False
    parameters = ()  # so that a constructor need not call this one

    def __init__(self):
        self.parameters = []

    def build_param(self, tensor, lr_scale=1.0, decay_scale=1.0):
        """Make a Parameter of this layer.

        Parameters
        ----------
        tensor : array-like
        lr_scale, decay_scale : float, default=1.0
            How an optimizer should treat it, see `Parameter`.

        Returns
        -------
        parameter : Parameter
        """
        parameter = Parameter(tensor, lr_scale, decay_scale)
        self.parameters = [*self.parameters, parameter]
        return parameter

    def build(self, inputs, rng, dtype):
        """Make the parameters, now that the number of input columns is known.

        Parameters
        ----------
        inputs : int
        rng : numpy.random.Generator or numpy.random.RandomState
            The only source of randomness. Draw by methods that both have.
        dtype : numpy dtype
            Of the parameters.

        Returns
        -------
        outputs : int
            The number of output columns; by default those that `forward` makes of a row of ones.
        """
        with np.errstate(all="ignore"):  # only the shape matters
            returned = self.forward(np.ones((1, inputs), dtype))
        shape = np.shape(returned[0]) if isinstance(returned, tuple) and returned else ()
        return shape[1] if len(shape) == 2 else inputs

    def adapt(self, X, rng):
        """Set initial values that depend on the data, after `build` and before training.

        Override it where the number of columns alone does not determine them. An estimator's fit
        calls it once, a Learner does not.

        Parameters
        ----------
        X : ndarray of shape (n_samples, inputs)
            Rows to train on, or some of them, as the layers before this one pass them on.
        rng : numpy.random.Generator or numpy.random.RandomState
            The only source of randomness.

        Returns
        -------
        Y : ndarray of shape (n_samples, outputs)
            The output of the adapted layer, which the next layer adapts to.
        """
        return self.forward(X)[0]

    @property
    def adapts(self):
        """Whether there is anything to `adapt`, here or in a layer within."""
        return type(self).adapt is not Layer.adapt

    def forward(self, X):
        """Apply the layer to a batch.

        Parameters
        ----------
        X : ndarray of shape (n_samples, inputs)
            Not changed.

        Returns
        -------
        Y : ndarray of shape (n_samples, outputs)
        backward : callable
            ``backward(D)`` takes D = dLoss/dY, of the shape of Y, adds dLoss/dparameter into each
            parameter's gradient, and returns dLoss/dX.
        """
        return X, lambda D: D

    def plan(self, like, training=False):
        """Make all arrays that batches of one shape and dtype need.

        Parameters
        ----------
        like : ndarray or sparse matrix
            A batch such as will come.
        training : bool, default=False
            Whether the plan is used for training; noise such as dropout is for training only.

        Returns
        -------
        forward : callable
            As `Layer.forward`, except that the arrays it returns may be used again the next time
            that the plan runs: copy what you want to keep.
        """
        return self.forward

    def plan_input(self, like, training=False):
        """Make a plan as `plan` does, for a layer that is fed with data.

        Nobody needs the gradient with respect to the data, so its backward may return anything:
        a layer may save the work.

        Parameters
        ----------
        like : ndarray or sparse matrix
            A batch such as will come.
        training : bool, default=False
            Whether the plan is used for training.

        Returns
        -------
        forward : callable
        """
        return self.plan(like, training)

    @property
    def children(self):
        """List of the layers that this one is made of."""
        return []

    def walk(self):
        """List this layer and all those within, each once.

        Returns
        -------
        layers : list of Layer
        """
        within = (layer for child in self.children for layer in child.walk())
        return list(dict.fromkeys([self, *within]))

    def get_params(self, deep=True):
        """Get the constructor's arguments.

        Parameters
        ----------
        deep : bool, default=True
            Whether to look into arguments that have parameters themselves.

        Returns
        -------
        params : dict
        """
        try:
            return super().get_params(deep)
        except AttributeError as error:
            raise AttributeError(
                f"{error}. A layer that is to be cloned or searched must store its constructor's "
                "arguments under their names."
            ) from None

    def __sklearn_clone__(self):
        clones = _clones.get()
        if clones is None:  # the outermost layer; in a context that ends however this does
            return copy_context().run(_clone_outermost, self)
        if self not in clones:  # a layer used in several places is to be one layer in the clone
            clones[self] = self._clone()
        return clones[self]

    def _clone(self):
        return super().__sklearn_clone__()

    def __repr__(self):
        try:
            return super().__repr__()
        except AttributeError:
            return f"{type(self).__name__}(...)"

    def update(self, optimizer):
        """Let an optimizer update each parameter, one that is shared only once.

        Parameters
        ----------
        optimizer : Optimizer
        """
        for parameter in dict.fromkeys(self.parameters):
            optimizer.update(parameter)


def _clone_outermost(layer):
    _clones.set({})
    return layer.__sklearn_clone__()


class PlannedLayer(Layer):
    """A layer that overrides `plan`; `forward` follows from it, so that the two cannot differ.

    Unless it overrides `build`, it makes as many columns as it gets.
    """

    def build(self, inputs, rng, dtype):
        return inputs

    def plan(self, like, training=False):
        if type(self).forward is PlannedLayer.forward:  # which would call this again
            raise NotImplementedError(
                f"{type(self).__name__} must override plan(like, training=False), or forward(X)."
            )
        return self.forward

    def forward(self, X):
        if not hasattr(X, "dtype"):
            X = np.asarray(X, dtype=np.float64)
        Y, backward = self.plan(X)(X)  # a fresh plan has arrays of its own: nothing overwrites Y

        def checked_backward(D):
            if np.shape(D) != Y.shape:
                raise ValueError(
                    f"The backward of {self!r} takes dLoss/dY, of the shape of Y, {Y.shape}, but "
                    f"is given shape {np.shape(D)}."
                )
            return backward(D)

        return Y, checked_backward


class Composite(PlannedLayer):
    """A layer made of other layers, named by `children`.

    Attributes
    ----------
    parameters : list of Parameter
        The children's, as they are now, then those that `build_param` made for the composite
        itself. Assigning a list replaces the latter only.
    """

    _own = ()  # parameters of its own

    def __init__(self):
        """Parameters are found by walking, not kept: children may be built later."""

    @property
    def children(self):
        raise NotImplementedError(f"{type(self).__name__} must override the property children.")

    @property
    def parameters(self):
        of_children = (parameter for child in self.children for parameter in child.parameters)
        return [*of_children, *self._own]

    @parameters.setter
    def parameters(self, own):
        self._own = tuple(own)

    def build_param(self, tensor, lr_scale=1.0, decay_scale=1.0):
        parameter = Parameter(tensor, lr_scale, decay_scale)
        self._own = (*self._own, parameter)
        return parameter

    def adapt(self, X, rng):
        return self.adapt_children(X, rng) if self.adapts else self.forward(X)[0]

    @property
    def adapts(self):
        overrides = type(self).adapt is not Composite.adapt
        return overrides or any(child.adapts for child in self.children)

    def adapt_children(self, X, rng):
        """Let each child adapt to the rows that reach it; called only if a child adapts.

        Parameters
        ----------
        X : ndarray of shape (n_samples, inputs)
        rng : numpy.random.Generator or numpy.random.RandomState
            As `adapt` takes them.

        Returns
        -------
        Y : ndarray of shape (n_samples, outputs)

        Raises
        ------
        NotImplementedError
            If it is not overridden: only the composite knows what reaches a child.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has a layer that adapts to the data. Override "
            "adapt_children(X, rng): call child.adapt with what reaches the child, and return what "
            "the composite makes of X."
        )
