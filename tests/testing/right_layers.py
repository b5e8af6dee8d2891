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
