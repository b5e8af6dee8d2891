"""RMSprop: steps scaled by a running mean square of the gradient."""

import numpy as np

from ..blas import plan_vectors
from ..core import Optimizer

__all__ = ["RMSpropOptimizer"]


class RMSpropOptimizer(Optimizer):
    r"""RMSprop [1]_, with momentum if asked for.

    .. math::
        v &\leftarrow \rho v + (1 - \rho)\, g^2 \\
        u &\leftarrow \mu u + \frac{g}{\sqrt v + \epsilon} \\
        \theta &\leftarrow \theta - \eta u

    Parameters
    ----------
    lr : float, default=0.001
        Learning rate :math:`\eta`.
    rho : float, default=0.9
        Decay rate of the mean square, in [0, 1).
    epsilon : float, default=1e-8
        Keeps the quotient finite.
    momentum : float, default=0.0
        :math:`\mu`, in [0, 1).

    References
    ----------
    .. [1] Tieleman and Hinton, "Lecture 6.5: rmsprop", Neural Networks for Machine Learning,
       Coursera, 2012.
    """

    def __init__(self, lr=0.001, rho=0.9, epsilon=1e-8, momentum=0.0):
        self.lr, self.rho, self.epsilon, self.momentum = lr, rho, epsilon, momentum

    def step(self, param, state):
        if "v" not in state:
            state["v"] = np.zeros_like(param.tensor)
        if self.momentum and "u" not in state:
            state["u"] = np.zeros_like(param.tensor)
        scal, axpy = plan_vectors(param.tensor)
        for lr_scale, place, theta, g in param.blocks:
            v = state["v"][place]
            n, squares = g.size, np.square(g)
            scal(self.rho, v)
            axpy(squares, v, n, 1 - self.rho)
            root = np.sqrt(v, out=squares)
            root += self.epsilon
            g /= root  # gradients are zeroed after the step: from here it is scratch
            if self.momentum:
                u = state["u"][place]
                scal(self.momentum, u)
                axpy(g, u, n, 1.0)
                g = u
            axpy(g, theta, n, -self.lr * lr_scale)
