"""One layer for each rule that a pass can break."""

import numpy as np

from sknumpynn import Layer
from sknumpynn.core import PlannedLayer
from tests.testing.right_layers import Centering, Scale, Stack


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


class TakesDForX(Scale):
    def forward(self, X):
        def backward(D):
            self.gain.gradient += (D * D).sum(axis=0)
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
    build = Layer.build

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
    def build(self, inputs, rng, dtype):
        return inputs

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


class WrongSign(Scale):
    def forward(self, X):
        Y, backward = super().forward(X)
        return Y, lambda D: -backward(D)


class NaNForOneRow(Layer):
    def forward(self, X):
        scale = np.sqrt(len(X) - 1) / np.float64(len(X) - 1)
        return X * scale, lambda D: D * scale


class _WrongInTraining(Scale):
    """Right in prediction; what is wrong is in the plan for training."""

    def plan(self, like, training=False):
        return self.forward_in_training if training else self.forward


class ForgetsBatchMean(_WrongInTraining):
    """The batch norm that takes the mean and the deviation of the batch to be constants."""

    def forward_in_training(self, X):
        deviation = np.sqrt(X.var(axis=0) + 1e-5)
        Y, backward = self.forward((X - X.mean(axis=0)) / deviation)
        return Y, lambda D: backward(D) / deviation


class WrongSignInTraining(_WrongInTraining):
    def forward_in_training(self, X):
        Y, backward = self.forward(X)
        return Y, lambda D: -backward(D)


class ReplacesInTraining(_WrongInTraining):
    def forward_in_training(self, X):
        def backward(D):
            self.gain.gradient[:] = (D * X).sum(axis=0)
            return D * self.gain.tensor

        return X * self.gain.tensor, backward


class TrainsInTraining(_WrongInTraining):
    def forward_in_training(self, X):
        self.gain.tensor *= 1.01
        return self.forward(X)


class WritesXInTraining(_WrongInTraining):
    def forward_in_training(self, X):
        X -= X.mean(axis=0)
        return self.forward(X)


class LastXInTraining(_WrongInTraining):
    def forward_in_training(self, X):
        self.X = X
        return X**2, lambda D: 2 * D * self.X


class NaNForOneRowInTraining(_WrongInTraining):
    def forward_in_training(self, X):
        return NaNForOneRow().forward(X)


class Float64InTraining(_WrongInTraining):
    def forward_in_training(self, X):
        return self.forward(X * np.ones(3))


class CapturesInTraining(_WrongInTraining):
    def plan(self, like, training=False):
        return Captures.plan(self, like) if training else self.forward


class AccumulatesInTraining(_WrongInTraining):
    def plan(self, like, training=False):
        return Accumulates.plan(self, like) if training else self.forward


class _Noise(Layer):
    def build(self, inputs, rng, dtype):
        self.rng = np.random.default_rng(list(rng.bytes(16)))
        return inputs

    def plan(self, like, training=False):
        return self.forward_in_training if training else self.forward


class WrongNoise(_Noise):
    def forward_in_training(self, X):
        mask = self.rng.random(X.shape) < 0.5
        return 2 * mask * X, lambda D: mask * D


class NoiseWritesX(_Noise):
    def forward_in_training(self, X):
        X += np.random.default_rng().standard_normal(X.shape)
        return X, lambda D: D


class NoiseOfFloat64(_Noise):
    def forward_in_training(self, X):
        return X + np.random.default_rng().standard_normal(X.shape), lambda D: D


class TracksInPrediction(Centering):
    def forward(self, X):
        return super().forward_in_training(X)


class DrawsOnceAPlan(_Noise):
    """Its noise is the same in all batches."""

    def plan(self, like, training=False):
        if not training:
            return self.forward
        mask = 2.0 * (self.rng.random(like.shape) < 0.5)
        return lambda X: (X * mask, lambda D: D * mask)
