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

    def plan_step(self, param, state):
        rho, mu, epsilon = self.rho, self.momentum, np.array(self.epsilon, param.tensor.dtype)
        for name in ("v", "u") if mu else ("v",):
            if name not in state:
                state[name] = np.zeros_like(param.tensor)
        scal, axpy = plan_vectors(param.tensor)
        v, u = state["v"], state["u"] if mu else param.gradient
        blocks = [
            (lr_scale, theta, g, np.empty_like(g), v[place], u[place])
            for lr_scale, place, theta, g in param.blocks
        ]

        def step():
            for lr_scale, theta, g, root, v, u in blocks:
                n = g.size
                np.multiply(g, g, out=root)
                scal(rho, v)
                axpy(root, v, n, 1 - rho)
                np.sqrt(v, out=root)
                np.add(root, epsilon, out=root)
                np.divide(g, root, out=g)
                if mu:
                    scal(mu, u)
                    axpy(g, u, n, 1.0)
                axpy(u, theta, n, -self.lr * lr_scale)

        return step
