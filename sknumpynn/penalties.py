"""Weight penalties: what an objective adds to the loss for large parameters."""

import numpy as np
from sklearn.base import BaseEstimator

from .blas import dot, plan_vectors

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
        """Make ready for a parameter.

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
            (self.alpha * decay_scale, param.tensor[segment], param.gradient[segment])
            for (_, decay_scale), segment in param.segments.items()
            if np.any(self.alpha * decay_scale)
        ]
        _, axpy = plan_vectors(param.tensor)
        square = _square_rows if isinstance(self.alpha, np.ndarray) else _square

        def add(scale):
            value = 0.0
            for alpha, W, gradient in groups:
                axpy(W, gradient, W.size, alpha * scale)
                value += 0.5 * alpha * scale * square(W)
            return value

        return add


def _square(W):
    return dot(W, W)


def _square_rows(W):
    return np.einsum("ij,ij->i", W, W)[:, np.newaxis]
