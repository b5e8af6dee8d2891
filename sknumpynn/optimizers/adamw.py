"""AdamW: Adam, with a weight decay that its moments do not see."""

from ..blas import plan_vectors
from .adam import AdamOptimizer

__all__ = ["AdamWOptimizer"]


class AdamWOptimizer(AdamOptimizer):
    r"""Adam with decoupled weight decay [1]_.

    .. math:: \theta \leftarrow (1 - \eta \lambda)\, \theta

    and then Adam's step. A penalty's gradient, in contrast, would be scaled by Adam's moments, so
    that weights with large gradients would decay less.

    Parameters
    ----------
    lr : float, default=0.001
        Learning rate :math:`\eta`.
    beta_1, beta_2 : float, default=0.9 and 0.999
        Decay rates of the moments, in [0, 1).
    epsilon : float, default=1e-8
        Keeps the quotient finite.
    weight_decay : float, default=0.01
        :math:`\lambda`, times the ``decay_scale`` of each parameter: that of biases is 0.

    References
    ----------
    .. [1] Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.
    """

    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8, weight_decay=0.01):
        super().__init__(lr, beta_1, beta_2, epsilon)
        self.weight_decay = weight_decay

    def plan_step(self, param, memory):
        step_of_adam = super().plan_step(param, memory)
        scal, _ = plan_vectors(param.tensor)
        groups = [
            (param.lr_scale * decay_scale, param.tensor[segment])
            for (_, decay_scale), segment in param.segments.items()
        ]

        def step(t):
            for scale, theta in groups:
                scal(1 - self.lr * self.weight_decay * scale, theta)
            step_of_adam(t)

        return step
