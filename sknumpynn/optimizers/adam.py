"""Adam: steps scaled by running moments of the gradient."""

import math

import numpy as np

from ..blas import plan_vectors
from ..core import PlannedOptimizer

__all__ = ["AdamOptimizer"]


class AdamOptimizer(PlannedOptimizer):
    r"""Adam [1]_, in the form of the end of the paper's section 2.

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1)\, g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2)\, g^2 \\
        \theta &\leftarrow \theta - \eta \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}
        \frac{m}{\sqrt v + \epsilon}

    Parameters
    ----------
    lr : float, default=0.001
        Learning rate :math:`\eta`.
    beta_1, beta_2 : float, default=0.9 and 0.999
        Decay rates of the moments, in [0, 1).
    epsilon : float, default=1e-8
        Keeps the quotient finite.

    References
    ----------
    .. [1] Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    remembers = "m", "v"

    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
        self.lr, self.beta_1, self.beta_2, self.epsilon = lr, beta_1, beta_2, epsilon

    def plan_step(self, param, memory):
        b1, b2, epsilon = self.beta_1, self.beta_2, np.array(self.epsilon, param.tensor.dtype)
        scal, axpy = plan_vectors(param.tensor)
        theta, g, m, v = param.tensor, param.gradient, memory["m"], memory["v"]
        n, lr_scale = g.size, param.lr_scale

        def step(t):
            lr = lr_scale * self.lr * math.sqrt(1 - b2**t) / (1 - b1**t)
            scal(b1, m)  # m = b1 m + (1 - b1) g
            axpy(g, m, n, 1 - b1)
            scal(b2, v)  # v = b2 v + (1 - b2) g²; from here on g is scratch
            np.multiply(g, g, out=g)
            axpy(g, v, n, 1 - b2)
            np.sqrt(v, out=g)  # theta -= lr m / (sqrt(v) + epsilon)
            np.add(g, epsilon, out=g)
            np.divide(m, g, out=g)
            axpy(g, theta, n, -lr)

        return step
