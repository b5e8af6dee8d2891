"""One layer for each rule that a layer can break."""

import numpy as np

from sknumpynn import Layer
from sknumpynn.core import PlannedLayer
from tests.testing.right_layers import Scale, Stack


class NoSuper(Layer):
    def __init__(self):
        pass


class WrongX(Scale):
    def forward(self, X):
        Y, backward = super().forward(X)
        return Y, lambda D: backward(D) * 1.001


class WrongGain(Scale):
    def forward(self, X):
        def backward(D):
            self.gain.gradient += D.sum(axis=0)
            return D * self.gain.tensor

        return X * self.gain.tensor, backward


class Replaces(Scale):
    def forward(self, X):
        def backward(D):
            self.gain.gradient[:] = (D * X).sum(axis=0)
            return D * self.gain.tensor

        return X * self.gain.tensor, backward


class Rebinds(Scale):
    def forward(self, X):
        def backward(D):
            self.gain.gradient = self.gain.gradient + (D * X).sum(axis=0)
            return D * self.gain.tensor

        return X * self.gain.tensor, backward


class Trains(Scale):
    def forward(self, X):
        Y, backward = super().forward(X)

        def step(D):
            dX = backward(D)
            self.gain.tensor -= 1e-30 * self.gain.gradient + 1e-9
            return dX

        return Y, step


class WritesX(Layer):
    def forward(self, X):
        X *= 2
        return X, lambda D: 2 * D


class WritesD(Layer):
    def forward(self, X):
        def backward(D):
            D *= 2
            return D

        return 2 * X, backward


class Unlisted(Scale):
    def __init__(self):
        super().__init__()
        self.parameters = []


class UnlistedLayer(Stack):
    def __init__(self):
        super().__init__()
        self.layers = [Scale()]


class NoBackward(Layer):
    def forward(self, X):
        return X


class Squeezes(Layer):
    def forward(self, X):
        return X.squeeze(), lambda D: D.reshape(X.shape)


class Flattens(Layer):
    def forward(self, X):
        return X.mean(axis=1), lambda D: np.repeat(D[:, np.newaxis], 3, axis=1) / 3


class ReturnsNothing(Layer):
    def forward(self, X):
        return X, lambda D: None


class ForgetsWidth(Layer):
    def forward(self, X):
        return np.hstack([X, X]), lambda D: D[:, :3] + D[:, 3:]


class OneArray(Layer):
    def forward(self, X):
        if not hasattr(self, "Y") or len(self.Y) != len(X):
            self.Y = np.empty_like(X)
        np.multiply(X, 2, out=self.Y)
        return self.Y, lambda D: 2 * D


class LastX(Layer):
    def forward(self, X):
        self.X = X
        return X**2, lambda D: 2 * D * self.X


class LastXOfGain(Scale):
    def forward(self, X):
        self.X = X

        def backward(D):
            self.gain.gradient += (D * self.X).sum(axis=0)
            return D * self.gain.tensor

        return X * self.gain.tensor, backward


class TwoWays(PlannedLayer):
    def plan(self, like, training=False):
        return lambda X: (2 * X, lambda D: 2 * D)

    def forward(self, X):
        return X + X * (1 + 1e-15), lambda D: 2 * D


class Accumulates(PlannedLayer):
    def plan(self, like, training=False):
        Y = np.zeros_like(like)

        def forward(X):
            np.add(Y, X, out=Y)
            return Y, lambda D: D

        return forward


class WrongForData(Scale):
    def plan_input(self, like, training=False):
        def forward(X):
            return X * self.gain.tensor, lambda D: None  # saves a little too much

        return forward


class Captures(Scale, PlannedLayer):
    forward = PlannedLayer.forward

    def plan(self, like, training=False):
        gain, gradient = self.gain.tensor, self.gain.gradient

        def forward(X):
            def backward(D):
                gradient[:] += (D * X).sum(axis=0)
                return D * gain

            return X * gain, backward

        return forward


class NeedsOrder(Layer):
    def forward(self, X):
        Y = X.ravel(order="K").reshape(X.shape)
        return 2 * Y, lambda D: 2 * D


class NeedsOrderOfD(Layer):
    def forward(self, X):
        return 2 * X, lambda D: 2 * D.ravel(order="K").reshape(X.shape)


class Affine(Layer):
    """Right gradients for the one D that differences happen to try."""

    def forward(self, X):
        return X, lambda D: D + (not D.any())


class KeepsClosure(Scale):
    def forward(self, X):
        Y, self.backward = super().forward(X)
        return Y, self.backward


class RedrawnFromPickle(Scale):
    def __setstate__(self, state):
        super().__setstate__(state)
        self.gain.tensor = np.random.default_rng().standard_normal(3)


class AlwaysFloat64(Layer):
    def forward(self, X):
        return X * np.full(3, 2.0), lambda D: D * 2


class Float64Backward(Layer):
    def forward(self, X):
        return X * 2, lambda D: D * np.full(3, 2.0)
