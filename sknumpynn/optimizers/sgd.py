"""Stochastic gradient descent, with momentum."""

import numpy as np

from ..blas import plan_vectors
from ..core import Optimizer

__all__ = ["SGDOptimizer"]


class SGDOptimizer(Optimizer):
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
        Step from where the momentum leads, rather than from where it starts.

    References
    ----------
    .. [1] Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum
       in deep learning", ICML 2013, equations 1-4.
    """

    def __init__(self, lr=0.1, momentum=0.0, nesterov=False):
        self.lr, self.momentum, self.nesterov = lr, momentum, nesterov

    def step(self, param, state):
        if self.momentum and not state:
            state["velocity"] = np.zeros_like(param.tensor)
        scal, axpy = plan_vectors(param.tensor)
        for lr_scale, place, theta, step in param.blocks:
            n = step.size  # gradients are zeroed after the step anyway, so one may serve as scratch
            scal(-self.lr * lr_scale, step)
            if self.momentum:
                velocity = state["velocity"][place]
                scal(self.momentum, velocity)
                axpy(step, velocity, n, 1.0)
                if self.nesterov:
                    axpy(velocity, step, n, self.momentum)
                else:
                    step = velocity
            axpy(step, theta, n, 1.0)
