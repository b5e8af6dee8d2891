"""Stochastic gradient descent, with momentum."""

from ..blas import plan_vectors
from ..core import PlannedOptimizer

__all__ = ["SGDOptimizer"]


class SGDOptimizer(PlannedOptimizer):
    r"""Gradient descent, with classical or Nesterov's momentum [1]_.

    .. math::
        v &\leftarrow \mu v - \eta g \\
        \theta &\leftarrow \theta + v \quad\text{or, with Nesterov,}\quad
        \theta + \mu v - \eta g

    Parameters
    ----------
    lr : float, default=0.1
        Learning rate :math:`\eta`.
    momentum : float, default=0.0
        :math:`\mu`, in [0, 1].
    nesterov : bool, default=False
        Whether to take the gradient's step from where the momentum leads, not from where it starts.

    References
    ----------
    .. [1] Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum
       in deep learning", ICML 2013, equations 1-4.
    """

    def __init__(self, lr=0.1, momentum=0.0, nesterov=False):
        self.lr, self.momentum, self.nesterov = lr, momentum, nesterov

    @property
    def remembers(self):
        return ("velocity",) if self.momentum else ()

    def plan_step(self, param, memory):
        mu, nesterov = self.momentum, self.nesterov
        scal, axpy = plan_vectors(param.tensor)
        theta, g, v = param.tensor, param.gradient, memory.get("velocity")
        n, lr_scale = g.size, param.lr_scale

        def step(t):
            lr = lr_scale * self.lr
            if mu:
                scal(mu, v)  # v = mu v - lr g
                axpy(g, v, n, -lr)
            if not mu:  # theta -= lr g
                axpy(g, theta, n, -lr)
            elif nesterov:  # theta += mu v - lr g
                axpy(v, theta, n, mu)
                axpy(g, theta, n, -lr)
            else:  # theta += v
                axpy(v, theta, n, 1.0)

        return step
