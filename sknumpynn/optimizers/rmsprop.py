"""RMSprop: steps scaled by a running mean square of the gradient."""

import numpy as np

from ..blas import plan_vectors
from ..core import PlannedOptimizer

__all__ = ["RMSpropOptimizer"]


class RMSpropOptimizer(PlannedOptimizer):
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

    @property
    def remembers(self):
        return ("v", "u") if self.momentum else ("v",)

    def plan_step(self, param, memory):
        rho, mu, epsilon = self.rho, self.momentum, np.array(self.epsilon, param.tensor.dtype)
        scal, axpy = plan_vectors(param.tensor)
        theta, g, root = param.tensor, param.gradient, np.empty_like(param.tensor)
        v, u, n, lr_scale = memory["v"], memory.get("u", g), g.size, param.lr_scale

        def step(t):
            scal(rho, v)  # v = rho v + (1 - rho) g²
            np.multiply(g, g, out=root)
            axpy(root, v, n, 1 - rho)
            np.sqrt(v, out=root)  # g = g / (sqrt(v) + epsilon)
            np.add(root, epsilon, out=root)
            np.divide(g, root, out=g)
            if mu:  # u = mu u + g; without momentum u is g itself
                scal(mu, u)
                axpy(g, u, n, 1.0)
            axpy(u, theta, n, -lr_scale * self.lr)  # theta -= lr u

        return step
