"""The objective: loss and penalty over all rows, as a function of the packed parameters."""

import numpy as np

from .batches import Batches
from .inference import chunk_size
from .parameter import pack

__all__ = ["Objective"]


class Objective:
    """Value and gradient of a model's weighted mean loss plus penalty, over a whole data set.

    For optimizers that work on all rows at once, such as those of `scipy.optimize`.

    Parameters
    ----------
    model : Layer
        With its parameters built.
    loss : Loss
    penalty : L2Penalty
        Divided by the total weight of the rows.
    X : ndarray or sparse CSR of shape (n_samples, inputs)
    Y : ndarray of shape (n_samples, n_outputs)
    sample_weight : ndarray of shape (n_samples,), default=None

    Attributes
    ----------
    parameters : PackedParameter
    """

    def __init__(self, model, loss, penalty, X, Y, sample_weight=None):
        self.model, self.loss = model, loss
        self.parameters = pack(model.parameters)
        dtype = self.parameters.tensor.dtype
        self.batches = Batches(X, Y, chunk_size(X), sample_weight=sample_weight, dtype=dtype)
        self._blocks = list(self.batches.epoch())
        self.total = X.shape[0] if sample_weight is None else sample_weight.sum()
        self._add_penalty = penalty.plan(self.parameters)
        self._plans = {}
        self._was_called = False

    def __call__(self, theta):
        """Evaluate.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)
            The model's parameters become these.

        Returns
        -------
        value : float
        gradient : ndarray of shape (n_parameters,)
            Valid until the next call.
        """
        param = self.parameters
        param.gather()
        param.tensor[:] = theta
        param.gradient.fill(0)
        value = self._add_penalty(1 / self.total)
        for block in self._blocks:
            for _, X, Y, weights, weight in block:
                if len(Y) not in self._plans:
                    self._plans[len(Y)] = self.model.plan_input(X, training=True)
                Yp, backward = self._plans[len(Y)](X)
                share = weight / self.total
                loss, D = self.loss(Yp, Y, weights)
                value += share * loss
                backward(share * D)
        param.clear_unlearned()
        self._was_called = True
        return value, param.gradient

    def value(self, theta):
        """Evaluate the value. The gradient is computed as well, and kept for `gradient`.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)

        Returns
        -------
        value : float
        """
        return self(theta)[0]

    def gradient(self, theta):
        """Evaluate the gradient, or return the one computed with the value at the same theta.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)

        Returns
        -------
        gradient : ndarray of shape (n_parameters,)
            Valid until the next evaluation.
        """
        if not (self._was_called and np.array_equal(theta, self.parameters.tensor)):
            self(theta)
        return self.parameters.gradient
