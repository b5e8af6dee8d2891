"""Dropout: noise that is for training only."""

import numpy as np

from ..core import PlannedLayer
from ._arrays import arrays_like
from ._checks import check_number

__all__ = ["Dropout"]

LEVELS = 65536  # a number is dropped by 16 random bits, of which there are four to a draw


class Dropout(PlannedLayer):
    r"""Set a random part of the numbers to zero while training, and scale up the others [1]_.

    .. math:: Y = \frac{M \odot X}{1 - r}, \quad
        \frac{\partial L}{\partial X} = \frac{M \odot D}{1 - r}, \quad
        P(M_{ij} = 0) = r

    so that the expectation of Y is X. Outside of training it is the identity. Once built it has a
    random stream of its own.

    Parameters
    ----------
    rate : float, default=0.5
        r, in [0, 1), rounded to a multiple of 1/65536. Read each time that a plan runs: it may
        change while training goes on. A rate of 0 draws no random numbers.

    Attributes
    ----------
    rng : numpy.random.Generator or None
        None before `build`; a layer that is trained without being built gets a fresh one.

    References
    ----------
    .. [1] Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a simple way to
       prevent neural networks from overfitting", JMLR 15, 2014, section 10 for the scaling.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.layers import Dropout
    >>> layer, X = Dropout(rate=0.2), np.ones((100, 10))
    >>> Y, backward = layer.plan(X, training=True)(X)
    >>> np.unique(Y.round(3)).tolist()
    [0.0, 1.25]
    >>> layer.forward(X)[0] is X
    True
    """

    def __init__(self, rate=0.5):
        super().__init__()
        self.rate = rate
        self.rng = None

    @property
    def depends_on_batch(self):
        """Whether there is noise in training."""
        return self.rate != 0

    def build(self, inputs, rng, dtype):
        self._check_rate()
        self.reseed(rng)
        return inputs

    def reseed(self, rng):
        """Begin a new random stream.

        `build` does so; it is also for a copy whose further training is to have noise of its own.

        Parameters
        ----------
        rng : numpy.random.Generator or numpy.random.RandomState
            Draws the seed.
        """
        self.rng = np.random.default_rng(int.from_bytes(rng.bytes(16), "little"))

    def plan(self, like, training=False):
        if not training:
            return _identity
        if self.rng is None:
            self.rng = np.random.default_rng()
        Y, dX, mask = arrays_like(like, 3)
        keeps = np.empty(Y.shape, bool)

        def forward(X):
            if self.rate == 0:
                return _identity(X)
            self._check_rate()
            n_dropped = min(round(self.rate * LEVELS), LEVELS - 1)
            levels = _random_levels(self.rng, Y.size).reshape(Y.shape)
            np.greater_equal(levels, n_dropped, out=keeps)
            np.copyto(mask, keeps.view(np.int8))
            np.multiply(mask, LEVELS / (LEVELS - n_dropped), out=mask)
            np.multiply(X, mask, out=Y)
            return Y, lambda D: np.multiply(D, mask, out=dX)

        return forward

    def _check_rate(self):
        check_number("rate", self.rate, lambda rate: 0 <= rate < 1, "in [0, 1)")


def _identity(X):
    return X, lambda D: D


def _random_levels(rng, size):
    """Random integers below LEVELS: in a third of the time of random floats."""
    words = rng.bit_generator.random_raw(-(-size // 4))
    return words.view(np.uint16)[:size]
