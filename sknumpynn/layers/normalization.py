"""Normalization: to mean 0 and variance 1, then scaled and shifted by learned parameters."""

import numpy as np

from ..core import PlannedLayer
from ._arrays import arrays_like
from ._checks import check_columns, check_number

__all__ = ["BatchNorm", "LayerNorm"]


class BatchNorm(PlannedLayer):
    r"""Normalize each column over the rows of the batch [1]_.

    .. math::
        Z = (X - \mu) / \sigma, \quad Y = Z \gamma + \beta, \quad
        \mu = \tfrac1n \sum_i X_i, \quad
        \sigma^2 = \tfrac1n \sum_i (X_i - \mu)^2 + \epsilon

    .. math::
        \frac{\partial L}{\partial \gamma} = \sum_i D_i Z_i, \quad
        \frac{\partial L}{\partial \beta} = \sum_i D_i, \quad
        \frac{\partial L}{\partial X} = \frac{\gamma}{\sigma}
        \Bigl(D - \tfrac1n \sum_i D_i - \tfrac1n Z \sum_i D_i Z_i\Bigr)

    That is while training. For prediction, when a row must not depend on those beside it,
    :math:`\mu` and :math:`\sigma` are running statistics: after each training batch they move
    towards those of the batch,

    .. math:: m \leftarrow m + \lambda (\mu - m), \quad
        v \leftarrow v + \lambda \bigl(\tfrac{1}{n - 1} \sum_i (X_i - \mu)^2 - v\bigr)

    A batch of one row has no variance. While training, too, it is normalized by the running
    statistics, and leaves them as they are.

    Parameters
    ----------
    momentum : float, default=0.1
        :math:`\lambda`, in [0, 1].
    epsilon : float, default=1e-5
        Added to the variance, so that a column may be constant.

    Attributes
    ----------
    gamma, beta : Parameter of shape (inputs,)
        1 and 0 at first; penalties leave them alone.
    mean, variance : Parameter of shape (inputs,)
        m and v, which are kept and averaged with other parameters, but not learned. 0 and 1 at
        first; an estimator's fit starts them at the mean and variance of the data.

    References
    ----------
    .. [1] Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
       internal covariate shift", ICML 2015, algorithms 1 and 2.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.layers import BatchNorm
    >>> layer, X = BatchNorm(), np.array([[1.0, 5.0], [3.0, 5.0]])
    >>> layer.build(2, np.random.default_rng(0), np.float64)
    2
    >>> layer.plan(X, training=True)(X)[0].round(3)
    array([[-1.,  0.],
           [ 1.,  0.]])
    >>> layer.mean.tensor
    array([0.2, 0.5])
    """

    depends_on_batch = True

    def __init__(self, momentum=0.1, epsilon=1e-5):
        super().__init__()
        self.momentum, self.epsilon = momentum, epsilon
        self.gamma = self.beta = self.mean = self.variance = None

    def build(self, inputs, rng, dtype):
        check_number("momentum", self.momentum, lambda momentum: 0 <= momentum <= 1, "in [0, 1]")
        _check_epsilon(self.epsilon)
        self.parameters = []
        self.gamma = self.build_param(np.ones(inputs, dtype), decay_scale=0.0)
        self.beta = self.build_param(np.zeros(inputs, dtype), decay_scale=0.0)
        self.mean = self.build_param(np.zeros(inputs, dtype), lr_scale=0.0, decay_scale=0.0)
        self.variance = self.build_param(np.ones(inputs, dtype), lr_scale=0.0, decay_scale=0.0)
        return inputs

    def adapt(self, X, rng):
        n = len(X)
        if n > 1:
            with np.errstate(over="ignore", invalid="ignore"):
                mean, variance = _center(X, *arrays_like(X, 1, self.mean))
            if not np.isfinite(variance).all():
                raise ValueError(
                    f"{self!r} is given columns whose variance is not finite in {variance.dtype}: "
                    f"column {np.isfinite(variance).argmin()} is one. Scale the data."
                )
            self.mean.tensor[...], self.variance.tensor[...] = mean, variance * (n / (n - 1))
        return self.forward(X)[0]

    def plan(self, like, training=False):
        gamma, beta = self.gamma, self.beta
        check_columns(self, gamma, like)
        n = like.shape[0]
        from_batch = training and n > 1
        Y, dX, Z = arrays_like(like, 3, gamma)

        def forward(X):
            if from_batch:
                mean, variance = _center(X, Z)
                self._move_towards(mean, variance * (n / (n - 1)))
            else:
                variance = self.variance.tensor
                np.subtract(X, self.mean.tensor, out=Z)
            scale = 1 / np.sqrt(variance + self.epsilon)
            slope = gamma.tensor * scale  # so that Z need not be scaled by itself
            np.multiply(Z, slope, out=Y)
            np.add(Y, beta.tensor, out=Y)

            def backward(D):
                dgamma, dbeta = scale * np.einsum("ij,ij->j", D, Z), np.einsum("ij->j", D)
                gamma.gradient += dgamma
                beta.gradient += dbeta
                if not from_batch:
                    return np.multiply(D, slope, out=dX)
                # slope (D - mean(D) - Z scale² mean(D Z))
                np.multiply(Z, scale * dgamma / n, out=dX)
                np.add(dX, dbeta / n, out=dX)
                np.subtract(D, dX, out=dX)
                return np.multiply(dX, slope, out=dX)

            return Y, backward

        return forward

    def _move_towards(self, mean, variance):
        self.mean.tensor += self.momentum * (mean - self.mean.tensor)
        self.variance.tensor += self.momentum * (variance - self.variance.tensor)


class LayerNorm(PlannedLayer):
    r"""Normalize each row over its columns [1]_.

    .. math::
        Z = (X - \mu) / \sigma, \quad Y = Z \gamma + \beta, \quad
        \mu_i = \tfrac1k \sum_j X_{ij}, \quad
        \sigma_i^2 = \tfrac1k \sum_j (X_{ij} - \mu_i)^2 + \epsilon

    .. math::
        \frac{\partial L}{\partial \gamma} = \sum_i D_i Z_i, \quad
        \frac{\partial L}{\partial \beta} = \sum_i D_i, \quad
        \frac{\partial L}{\partial X} = \frac1\sigma
        \Bigl(G - \tfrac1k \sum_j G_j - \tfrac1k Z \sum_j G_j Z_j\Bigr), \quad G = D \gamma

    for k columns. No row depends on another: it does the same in training and in prediction.

    Parameters
    ----------
    epsilon : float, default=1e-5
        Added to the variance, so that a row may be constant.

    Attributes
    ----------
    gamma, beta : Parameter of shape (inputs,)
        1 and 0 at first; penalties leave them alone.

    References
    ----------
    .. [1] Ba, Kiros and Hinton, "Layer normalization", 2016, arXiv:1607.06450, equation 4.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.layers import LayerNorm
    >>> layer = LayerNorm()
    >>> layer.build(3, np.random.default_rng(0), np.float64)
    3
    >>> layer.forward(np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]))[0].round(2)
    array([[-1.22,  0.  ,  1.22],
           [-1.22,  0.  ,  1.22]])
    """

    def __init__(self, epsilon=1e-5):
        super().__init__()
        self.epsilon = epsilon
        self.gamma = self.beta = None

    def build(self, inputs, rng, dtype):
        _check_epsilon(self.epsilon)
        self.parameters = []
        self.gamma = self.build_param(np.ones(inputs, dtype), decay_scale=0.0)
        self.beta = self.build_param(np.zeros(inputs, dtype), decay_scale=0.0)
        return inputs

    def plan(self, like, training=False):
        gamma, beta = self.gamma, self.beta
        check_columns(self, gamma, like)
        k = like.shape[1]
        Y, dX, Z, G = arrays_like(like, 4, gamma)

        def forward(X):  # rows are the columns of the transpose
            _, variance = _center(X.T, Z.T)
            scale = 1 / np.sqrt(variance + self.epsilon)
            np.multiply(Z.T, scale, out=Z.T)
            np.multiply(Z, gamma.tensor, out=Y)
            np.add(Y, beta.tensor, out=Y)

            def backward(D):
                gamma.gradient += np.einsum("ij,ij->j", D, Z)
                beta.gradient += np.einsum("ij->j", D)
                np.multiply(D, gamma.tensor, out=G)
                # scale (G - mean(G) - Z mean(G Z)), where means are those of a row
                np.multiply(Z.T, np.vecdot(G, Z) / k, out=dX.T)
                np.add(dX.T, np.vecdot(D, gamma.tensor) / k, out=dX.T)
                np.subtract(G, dX, out=dX)
                return np.multiply(dX.T, scale, out=dX.T).T

            return Y, backward

        return forward


def _center(X, Z):
    """Let Z be X - mean, by column; return mean and variance, the latter from Z, not from X."""
    first = X[0].astype(Z.dtype, copy=False)
    np.subtract(X, first, out=Z)  # of small differences the mean is exact, that of X rounded
    mean = np.einsum("ij->j", Z) / len(Z)
    np.subtract(Z, mean, out=Z)
    return first + mean, np.einsum("ij,ij->j", Z, Z) / len(Z)


def _check_epsilon(epsilon):
    check_number("epsilon", epsilon, lambda epsilon: epsilon > 0, "greater than 0")
