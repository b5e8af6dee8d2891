"""Weight penalties: what an objective adds to the loss for large parameters."""

import numpy as np
from sklearn.base import BaseEstimator

__all__ = ["L2Penalty"]


class L2Penalty(BaseEstimator):
    r"""Half the squared norm of the parameters, each group scaled by its ``decay_scale``.

    .. math:: R = \frac{\alpha}{2} \sum_g c_g \lVert \theta_g \rVert^2

    Parameters
    ----------
    alpha : float, default=1e-4
        Strength.
    """

    def __init__(self, alpha=1e-4):
        self.alpha = alpha

    def value(self, param):
        """Penalty at a parameter's present tensor.

        Parameters
        ----------
        param : Parameter

        Returns
        -------
        value : float
        """
        return 0.5 * self.alpha * sum(scale * np.vdot(W, W) for scale, W, _ in _decayed(param))

    def add_gradient(self, param, scale=1.0):
        """Add the penalty's gradient, times a scale, into a parameter's gradient.

        Parameters
        ----------
        param : Parameter
        scale : float, default=1.0
        """
        for decay, W, gradient in _decayed(param):
            gradient += (self.alpha * decay * scale) * W


def _decayed(param):
    for (_, decay_scale), segment in param.segments.items():
        if decay_scale:
            yield decay_scale, param.tensor[segment], param.gradient[segment]
