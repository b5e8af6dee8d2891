"""Availability: a method that is there only if an estimator's parameters allow it."""

from functools import update_wrapper
from types import MethodType

__all__ = ["trains_by_epochs"]


class NotAvailableError(AttributeError, ValueError):
    """A method is not there, for a reason that lies in the values of parameters."""


class trains_by_epochs:
    """Decorate a method that is there only if the estimator's parameters let it train by epochs.

    As with `sklearn.utils.metaestimators.available_if`, `hasattr` tells whether it is. The error is
    a ValueError as well, which is what scikit-learn's MLP raises with early stopping.
    """

    def __init__(self, method):
        self.method = method
        update_wrapper(self, method)

    def __get__(self, est, owner=None):
        if est is None:
            return self.method
        if est.solver == "lbfgs":
            raise NotAvailableError(
                "partial_fit is only available for stochastic optimizers. lbfgs is not stochastic."
            )
        if est.early_stopping:
            raise NotAvailableError("partial_fit does not support early_stopping=True")
        if isinstance(getattr(est, "class_weight", None), str):
            raise NotAvailableError(
                "partial_fit sees only some rows at a time, and class_weight='balanced' needs all. "
                "Give the weights of the classes as a dict."
            )
        return MethodType(self.method, est)
