"""Rectifiers: the relatives of relu, which go on to the left of 0 or turn there smoothly.

Where f has a limit or an asymptote, X is clipped to an interval outside of which f equals that to
the last digit, so that nothing overflows or underflows, not even in float32.
"""

import math

import numpy as np
from scipy.special import ndtr

from ..core import PlannedLayer
from ._arrays import arrays_like
from ._checks import check_number

__all__ = ["Elu", "Gelu", "LeakyRelu", "Mish", "Selu", "Silu", "Softplus"]

LEFT, RIGHT = -80.0, 40.0  # exp is tiny at the left, but a normal number, and drowns 1 at the right
FAR = 12.0  # standard deviations: a normal distribution has 1e-33 beyond


class LeakyRelu(PlannedLayer):
    """f(x) = max(x, a x): the small slope lets units that are off go on learning [1]_.

    Parameters
    ----------
    slope : float, default=0.01
        a, in [0, 1].

    References
    ----------
    .. [1] Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models",
       ICML workshop on deep learning for audio, speech and language processing, 2013.
    """

    def __init__(self, slope=0.01):
        super().__init__()
        self.slope = slope

    def plan(self, like, training=False):
        slope = self.slope
        check_number("slope", slope, lambda slope: 0 <= slope <= 1, "in [0, 1]")
        Y, dX = arrays_like(like, 2)
        positive = np.empty(Y.shape, bool)

        def forward(X):
            np.multiply(X, slope, out=Y)
            np.maximum(X, Y, out=Y)

            def backward(D):
                np.greater(X, 0, out=positive)
                np.copyto(dX, positive.view(np.int8))
                np.clip(dX, slope, 1, out=dX)
                return np.multiply(dX, D, out=dX)

            return Y, backward

        return forward


class Elu(PlannedLayer):
    r"""Exponential linear unit [1]_.

    .. math:: f(x) = \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}

    Parameters
    ----------
    alpha : float, default=1.0
        The limit at the left is :math:`-\alpha`; not negative.

    References
    ----------
    .. [1] Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by
       exponential linear units (ELUs)", ICLR 2016.
    """

    def __init__(self, alpha=1.0):
        super().__init__()
        self.alpha = alpha

    def plan(self, like, training=False):
        check_number("alpha", self.alpha, lambda alpha: 0 <= alpha < np.inf, "a number from 0 up")
        return _plan_elu(like, 1.0, self.alpha)


class Selu(PlannedLayer):
    r"""Scaled exponential linear unit [1]_.

    .. math:: f(x) = \lambda \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}

    With :math:`\alpha = 1.67326\ldots` and :math:`\lambda = 1.05070\ldots`, by which numbers of
    mean 0 and variance 1 keep both through a layer of weights that are drawn by ``"lecun_normal"``.

    References
    ----------
    .. [1] Klambauer, Unterthiner, Mayr and Hochreiter, "Self-normalizing neural networks",
       NeurIPS 2017, equations 2 and 14.
    """

    ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805

    def plan(self, like, training=False):
        return _plan_elu(like, self.SCALE, self.SCALE * self.ALPHA)


def _plan_elu(like, right, left):
    """Plan f(x) = right x above 0, left (exp(x) - 1) below."""
    Y, dX, negative_part = arrays_like(like, 3)
    zeros = np.zeros(Y.shape, Y.dtype)  # as in ReLu
    positive = np.empty(Y.shape, bool)

    def forward(X):
        np.minimum(X, zeros, out=negative_part)
        np.expm1(negative_part, out=negative_part)
        np.multiply(negative_part, left, out=negative_part)
        np.maximum(X, zeros, out=Y)
        np.multiply(Y, right, out=Y)
        np.add(Y, negative_part, out=Y)

        def backward(D):
            np.greater(X, 0, out=positive)  # f' = right above 0, left exp(x) = left + f below
            np.copyto(dX, positive.view(np.int8))
            np.multiply(dX, right - left, out=dX)
            np.add(dX, left, out=dX)
            np.add(dX, negative_part, out=dX)
            return np.multiply(dX, D, out=dX)

        return Y, backward

    return forward


class Softplus(PlannedLayer):
    """f(x) = log(1 + exp(x)), a smooth relu [1]_; f' = 1 - exp(-f).

    References
    ----------
    .. [1] Dugas, Bengio, Bélisle, Nadeau and Garcia, "Incorporating second-order functional
       knowledge for better option pricing", NeurIPS 2000.
    """

    def plan(self, like, training=False):
        Y, dX, tail = arrays_like(like, 3)
        zeros = np.zeros(Y.shape, Y.dtype)

        def forward(X):
            np.abs(X, out=tail)  # max(x, 0) + log(1 + exp(-|x|)), which cannot overflow
            np.clip(tail, 0, -LEFT, out=tail)
            np.negative(tail, out=tail)
            np.exp(tail, out=tail)
            np.log1p(tail, out=tail)
            np.maximum(X, zeros, out=Y)
            np.add(Y, tail, out=Y)

            def backward(D):
                np.negative(Y, out=dX)
                np.expm1(dX, out=dX)
                np.negative(dX, out=dX)
                return np.multiply(dX, D, out=dX)

            return Y, backward

        return forward


class Silu(PlannedLayer):
    r"""Sigmoid linear unit [1]_, also called swish [2]_.

    .. math:: f(x) = x s, \quad s = \frac{e^x}{1 + e^x}, \quad f'(x) = s\, (1 + x (1 - s))

    References
    ----------
    .. [1] Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units for neural network function
       approximation in reinforcement learning", Neural Networks 107, 2018.
    .. [2] Ramachandran, Zoph and Le, "Searching for activation functions", 2017, arXiv:1710.05941.
    """

    def plan(self, like, training=False):
        Y, dX, near, S = arrays_like(like, 4)

        def forward(X):
            np.clip(X, LEFT, RIGHT, out=near)
            np.exp(near, out=S)
            np.add(S, 1, out=Y)
            np.divide(S, Y, out=S)
            np.maximum(X, near, out=Y)
            np.multiply(Y, S, out=Y)

            def backward(D):
                np.subtract(1, S, out=dX)
                np.multiply(dX, near, out=dX)
                np.add(dX, 1, out=dX)
                np.multiply(dX, S, out=dX)
                return np.multiply(dX, D, out=dX)

            return Y, backward

        return forward


class Mish(PlannedLayer):
    r"""f(x) = x tanh(softplus(x)) [1]_, with a single exponential.

    .. math::
        u = e^x, \quad n = u (u + 2), \quad w = \frac1{n + 2}, \quad
        f(x) = x\, n w, \quad f'(x) = n w + 4 x\, u (u + 1)\, w^2

    References
    ----------
    .. [1] Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.
    """

    def plan(self, like, training=False):
        Y, dX, near, U, W, T = arrays_like(like, 6)

        def forward(X):
            np.clip(X, LEFT, RIGHT, out=near)
            np.exp(near, out=U)
            np.add(U, 2, out=T)
            np.multiply(T, U, out=T)
            np.add(T, 2, out=W)
            np.divide(1, W, out=W)
            np.multiply(T, W, out=T)
            np.maximum(X, near, out=Y)
            np.multiply(Y, T, out=Y)

            def backward(D):
                np.multiply(U, W, out=dX)
                np.subtract(T, dX, out=dX)  # n w - u w = u (u + 1) w
                np.multiply(dX, W, out=dX)
                np.multiply(dX, near, out=dX)
                np.multiply(dX, 4, out=dX)
                np.add(dX, T, out=dX)
                return np.multiply(dX, D, out=dX)

            return Y, backward

        return forward


class Gelu(PlannedLayer):
    r"""Gaussian error linear unit [1]_, in its exact form.

    .. math::
        f(x) = x\, \Phi(x), \quad f'(x) = \Phi(x) + x\, \phi(x), \quad
        \phi(x) = \frac{e^{-x^2/2}}{\sqrt{2\pi}}

    References
    ----------
    .. [1] Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016, arXiv:1606.08415.
    """

    def plan(self, like, training=False):
        Y, dX, near, Phi, tail = arrays_like(like, 5)
        positive = np.empty(Y.shape, bool)

        def forward(X):
            np.clip(X, -FAR, FAR, out=near)
            np.abs(near, out=tail)
            np.negative(tail, out=tail)
            ndtr(tail, out=tail)  # where signs are mixed it would take twice as long
            np.greater(X, 0, out=positive)
            np.copyto(Phi, positive.view(np.int8))
            np.subtract(Phi, tail, out=Phi)
            np.abs(Phi, out=Phi)  # 1 - tail above 0, tail below
            np.maximum(X, near, out=Y)
            np.multiply(Y, Phi, out=Y)

            def backward(D):
                np.multiply(near, near, out=dX)
                np.multiply(dX, -0.5, out=dX)
                np.exp(dX, out=dX)
                np.multiply(dX, near, out=dX)
                np.multiply(dX, 1 / math.sqrt(2 * math.pi), out=dX)
                np.add(dX, Phi, out=dX)
                return np.multiply(dX, D, out=dX)

            return Y, backward

        return forward
