"""Stochastic gradient descent, with momentum."""

import numpy as np

from ..blas import add_scaled, scale
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
        step = param.gradient  # zeroed after the step anyway, so it may serve as scratch
        for (lr_scale, _), segment in param.segments.items():
            scale(step[segment], -self.lr * lr_scale)
        if self.momentum:
            if not state:
                state["velocity"] = np.zeros_like(param.tensor)
            velocity = state["velocity"]
            scale(velocity, self.momentum)
            velocity += step
            if self.nesterov:
                add_scaled(step, self.momentum, velocity)
            else:
                step = velocity
        param.tensor += step
