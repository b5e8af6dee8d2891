"""Weight penalties: what an objective adds to the loss for large parameters."""

import numpy as np
from sklearn.base import BaseEstimator

from .blas import plan_dot, plan_vectors

__all__ = ["L2Penalty"]


class L2Penalty(BaseEstimator):
    r"""Half the squared norm of the parameters, each group scaled by its ``decay_scale``.

    .. math:: R = \frac{\alpha}{2} \sum_g c_g \lVert \theta_g \rVert^2

    Parameters
    ----------
    alpha : float, default=1e-4
        Strength. For a stack of networks a column, an ndarray of shape (n_networks, 1).

    Examples
    --------
    >>> from sknumpynn import Parameter
    >>> from sknumpynn.penalties import L2Penalty
    >>> parameter = Parameter([3.0, 4.0])
    >>> L2Penalty(alpha=0.1).plan(parameter)(1.0)
    1.25
    >>> parameter.gradient
    array([0.3, 0.4])
    """

    def __init__(self, alpha=1e-4):
        self.alpha = alpha

    def plan(self, param):
        """Look up all that penalizing a parameter many times needs.

        Parameters
        ----------
        param : Parameter

        Returns
        -------
        add : callable
            ``add(scale)`` adds the gradient of the penalty, times the scale, into the parameter's,
            and returns the value of the penalty, times the scale.
        """
        groups = [
            (self.alpha * decay_scale, segment)
            for (_, decay_scale), segment in param.segments.items()
            if np.any(self.alpha * decay_scale)
        ]
        plan = _plan_rows if isinstance(self.alpha, np.ndarray) else _plan
        return plan(param, groups)


def _plan(param, groups):
    groups = [(alpha, param.tensor[place], param.gradient[place]) for alpha, place in groups]
    groups = [(alpha, W, gradient, W.size, plan_dot(W)) for alpha, W, gradient in groups]
    _, axpy = plan_vectors(param.tensor)

    def add(scale):
        value = 0.0
        for alpha, W, gradient, size, dot in groups:
            axpy(W, gradient, size, alpha * scale)
            value += 0.5 * alpha * scale * dot(W, W)
        return value

    return add


def _plan_rows(param, groups):
    """For a stack: one strength for each number, since scaling short rows by a column is slow."""
    W, gradient = param.tensor, param.gradient
    strengths, shares = np.zeros_like(W), np.empty_like(W)
    for alpha, place in groups:
        strengths[place] = alpha
    _, axpy = plan_vectors(W)

    def add(scale):
        np.multiply(strengths, W, out=shares)
        axpy(shares, gradient, W.size, scale)
        return 0.5 * scale * np.vecdot(shares, W)[:, np.newaxis]

    return add
