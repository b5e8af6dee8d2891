"""Layers as users write them."""

import numpy as np

from sknumpynn import Layer


class Scale(Layer):
    """Right in all respects: Y = X * gain, as one would write it by hand."""

    def __init__(self, inputs=3):
        super().__init__()
        self.gain = self.build_param(np.linspace(0.5, 1.5, inputs))

    def forward(self, X):
        def backward(D):
            self.gain.gradient += (D * X).sum(axis=0)
            return D * self.gain.tensor

        return X * self.gain.tensor, backward


class Stack(Layer):
    """A composite in the article's style: it lists its layers' parameters at once."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = layers
        for layer in layers:
            self.parameters.extend(layer.parameters)

    def forward(self, X):
        backwards = []
        for layer in self.layers:
            X, backward = layer.forward(X)
            backwards.append(backward)

        def back(D):
            for backward in reversed(backwards):
                D = backward(D)
            return D

        return X, back


class Unbuilt(Layer):
    def build(self, inputs, rng, dtype):
        self.weights = self.build_param(rng.standard_normal((inputs, 2)).astype(dtype))
        return 2

    def forward(self, X):
        def backward(D):
            self.weights.gradient += X.T @ D
            return D @ self.weights.tensor.T

        return X @ self.weights.tensor, backward


class Remembering(Scale):
    """Keeps what it saw, as some layers do for good reason; it can still be pickled."""

    def forward(self, X):
        self.last_shape = X.shape
        return super().forward(X)


class Noise(Layer):
    """Noise that nobody can repeat: its gradients in training cannot be checked, all else can."""

    def plan(self, like, training=False):
        return self.forward_in_training if training else self.forward

    def forward_in_training(self, X):
        factors = np.random.default_rng().uniform(0.5, 1.5, X.shape).astype(X.dtype)
        return X * factors, lambda D: D * factors


class SeededNoise(Noise):
    """Noise from a generator that is made in build."""

    def build(self, inputs, rng, dtype):
        self.rng = np.random.default_rng(rng.integers(1000))
        return inputs

    def forward_in_training(self, X):
        factors = self.rng.uniform(0.5, 1.5, X.shape).astype(X.dtype)
        return X * factors, lambda D: D * factors


class Centering(Layer):
    """Statistics of the batch in training, of all batches in prediction."""

    def build(self, inputs, rng, dtype):
        self.parameters = []
        self.mean = self.build_param(np.zeros(inputs, dtype), lr_scale=0.0)
        return inputs

    def forward(self, X):
        return X - self.mean.tensor, lambda D: D

    def plan(self, like, training=False):
        return self.forward_in_training if training else self.forward

    def forward_in_training(self, X):
        mean = X.mean(axis=0)
        self.mean.tensor += 0.1 * (mean - self.mean.tensor)
        return X - mean, lambda D: D - D.mean(axis=0)
