"""The learner: forward, loss, backward, and last the update."""

import math
from functools import partial

import numpy as np

from .batches import Batches
from .loss import FunctionLoss, Loss
from .parameter import pack

__all__ = ["Learner"]


class Learner:
    """Train a model by gradient descent.

    Parameters
    ----------
    model : Layer
        With its parameters built.
    loss : Loss or callable
        ``loss(Yp, Yt)`` returns the value and its gradient with respect to Yp.
    optimizer : Optimizer
        Its ``update(parameter)`` is applied once a batch, to one Parameter that packs them all. Any
        object with that method will do.
    penalty : L2Penalty, default=None
        Added to the loss; per batch it is divided by the batch's total weight.
    rng : numpy.random.Generator or numpy.random.RandomState, default=None
        Shuffles the rows in `fit`; by default a fresh generator.
    clip_norm : float, default=None
        Largest norm of the gradient, taken over all learned parameters together; a longer gradient
        is scaled down to it.

    Attributes
    ----------
    parameters : PackedParameter
        All parameters of the model in one.
    before_step, after_step : callable or None
        Called without arguments before and after each step, for instance to set the learning rate
        or to average the weights.

    Raises
    ------
    TypeError
        If the model is no layer, the loss cannot be called, or the optimizer has no ``update``.
    ValueError
        If `clip_norm` is not greater than 0.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn import Learner, Linear, SGDOptimizer, mse_loss
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> learner = Learner(Linear(3, 1), mse_loss, SGDOptimizer(lr=0.05))
    >>> losses = learner.fit(X, X.sum(axis=1), epochs=20, bs=10)
    >>> losses[-1] < 0.01
    True
    """

    def __init__(self, model, loss, optimizer, penalty=None, rng=None, clip_norm=None):
        _check_has("model", model, "plan_input", "a Layer")
        _check_has("loss", loss, "__call__", "a Loss, or a function (Yp, Yt) -> (value, gradient)")
        _check_has("optimizer", optimizer, "update", "an Optimizer, or have update(parameter)")
        if clip_norm is not None and not np.greater(clip_norm, 0).all():
            raise ValueError(f"clip_norm must be greater than 0, got {clip_norm!r}.")
        self.model, self.optimizer, self.clip_norm = model, optimizer, clip_norm
        self.before_step = self.after_step = None
        self.loss = loss if isinstance(loss, Loss) else FunctionLoss(loss)
        self.rng = np.random.default_rng() if rng is None else rng
        self.parameters, self.penalty = self._pack(model), penalty
        # The value of a Loss is computed for many batches at once; a plain function returns it
        # with the gradient.
        self._values_wait = not isinstance(self.loss, FunctionLoss)
        self._plans = {}
        self._planned = self._plan_of_planned = None

    def fit(self, X, Y, epochs, bs):
        """Train for some epochs, over rows in random order.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, inputs)
        Y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        epochs : int
        bs : int
            Rows in a batch.

        Returns
        -------
        losses : list of float
            Mean loss of each epoch's rows, each row's taken just before the update by its batch.

        Raises
        ------
        ValueError
            If X, Y and the model's output do not match, or `epochs` or `bs` is too small; if the
            model has got other parameters since the learner was made, which it would not train; or
            if a layer or the optimizer binds new arrays to parameters, where it should change them
            in place.
        """
        X = X.tocsr() if hasattr(X, "tocsr") else _as_matrix(X, "X")
        Y, n_rows = _as_matrix(Y, "Y"), X.shape[0]
        if n_rows != len(Y) or n_rows == 0:
            raise ValueError(
                f"X has {n_rows} rows and Y has {len(Y)}; they need as many, and some."
            )
        for name, number, least in (("epochs", epochs, 0), ("bs", bs, 1)):
            if number < least:
                raise ValueError(f"{name} must be at least {least}, got {number}.")
        batches, losses = Batches(X, Y, bs, self.rng), []
        for _ in range(epochs):
            self._check_parameters()
            losses.append(self.fit_epoch(batches))
        self._check_parameters()  # which the first forward may have made
        self.parameters.gather()
        return losses

    def fit_batch(self, X, Y):
        """Take one step on one batch.

        Parameters
        ----------
        X : ndarray of shape (n_samples, inputs)
        Y : ndarray of shape (n_samples,) or (n_samples, n_outputs)

        Returns
        -------
        loss : float
            Before the step.

        Raises
        ------
        ValueError
            As `fit` does.
        """
        self._check_parameters()
        if not hasattr(X, "dtype"):
            X = np.asarray(X, dtype=np.float64)
        Y = np.asarray(Y)
        self._make_ready()
        Yp, loss = self._step(X, Y, None, X.shape[0])
        self.parameters.check_members()
        return loss + (self.loss.value(Yp, self.loss.align(Yp, Y)) if self._values_wait else 0.0)

    def fit_epoch(self, batches, anew=True):
        """Take one step on each batch of an epoch.

        Parameters
        ----------
        batches : Batches
        anew : bool, default=True
            Whether to check, in a few microseconds, what may have changed since the last epoch.
            Pass False if only numbers in arrays or the learning rate can have changed.

        Returns
        -------
        loss : float
            Mean over the epoch's rows, except batches in which all weights are zero.
        """
        if anew:
            self._make_ready()
        loss_sum, n_rows = 0.0, 0
        for block in batches.epoch():
            n_outputs = block.Y.shape[-1] * self.loss.outputs_per_target
            outputs = np.zeros((*block.Y.shape[:-1], n_outputs), block.Y.dtype)
            n_block = 0
            for place, X, Y, weights, total in block:
                outputs[place], loss = self._step(X, Y, weights, total)
                loss_sum += loss * Y.shape[-2]
                n_block += Y.shape[-2]
            if self._values_wait and n_block:
                loss_sum += self.loss.value(outputs, block.Y, block.weights) * n_block
            n_rows += n_block
        self.parameters.check_arrays()
        if anew:  # a layer that rebinds its gradients does so at every step
            self.parameters.check_members()
        return loss_sum / n_rows

    def _pack(self, model):
        return pack(model.parameters)

    def _check_parameters(self):
        if set(self.model.parameters) != set(self.parameters.members):
            raise ValueError(
                f"{self.model!r} has other parameters than when its Learner was made, which does "
                "not train them. Build the model before."
            )

    def _make_ready(self):
        """Take in parameters that another learner has housed meanwhile, and plan their update."""
        self.parameters.gather()
        if hasattr(self.optimizer, "plan"):
            plans = self.optimizer.plan(self.parameters)
        else:  # it is no Optimizer, and need not be
            plans = [(self.parameters, partial(self.optimizer.update, self.parameters))]
        self._updates = [(self._plan_penalty(part), update) for part, update in plans]

    def _plan_penalty(self, part):
        return _add_nothing if self.penalty is None else self.penalty.plan(part)

    def _step(self, X, Y, weights, total):
        """Forward, loss, backward, and last the update; return the output and the loss so far."""
        if self.before_step is not None:
            self.before_step()
        Yp, backward = self._plan(X)(X)
        if Yp.shape != Y.shape:
            Y = self.loss.align(Yp, Y)
        if self._values_wait:
            loss, D = 0.0, self.loss.gradient(Yp, Y, weights)
        else:
            loss, D = self.loss(Yp, Y, weights)
        try:
            backward(D)
            loss += self._update(1 / total)
        except BaseException:  # an interrupt, too: the next step begins without half a gradient
            self.parameters.gradient.fill(0)
            self.loss.check_gradient(D, Yp)
            raise
        if self.after_step is not None:
            self.after_step()
        return Yp, loss

    def _update(self, scale):
        """Add the penalty, times a scale, and update; return its value."""
        value = 0.0
        if self.clip_norm is None:
            for add_penalty, update in self._updates:  # one part after the other, while in cache
                value += add_penalty(scale)
                update()
        else:
            for add_penalty, _ in self._updates:
                value += add_penalty(scale)
            self.parameters.clear_unlearned()
            self._clip()
            for _, update in self._updates:
                update()
        return value

    def _clip(self):
        gradient = self.parameters.gradient
        norm = math.sqrt(np.square(gradient).sum())
        if norm > self.clip_norm:
            gradient *= self.clip_norm / norm

    def _plan(self, X):
        if X is self._planned:  # full batches come in one array
            return self._plan_of_planned
        kind = type(X), X.shape, X.dtype
        if kind not in self._plans:
            if len(self._plans) > 2:  # a fit needs two, for the last batch may be smaller
                self._plans.clear()
            self._plans[kind] = self.model.plan_input(X, training=True)
        self._planned, self._plan_of_planned = X, self._plans[kind]
        return self._plans[kind]


def _check_has(name, thing, method, what):
    if isinstance(thing, type) or not hasattr(thing, method):
        raise TypeError(f"The {name} of a Learner must be {what}; got {thing!r}.")


def _add_nothing(scale):
    """Stand for no penalty."""
    return 0.0


def _as_matrix(array, name):
    array = np.asarray(array)
    if array.size == 0:
        return np.empty((len(array), 0))
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}.")
    if array.ndim not in (1, 2):
        raise ValueError(f"{name} must have one or two dimensions, got shape {array.shape}.")
    return array.reshape(len(array), -1)
