"""Layers as users write them."""

import numpy as np

from sknumpynn import Layer
from sknumpynn.core import Composite


class Scale(Layer):
    """Right in all respects: Y = X * gain, as one would write it by hand."""

    def __init__(self, inputs=3):
        super().__init__()
        self.inputs = inputs
        self.gain = self.build_param(np.linspace(0.5, 1.5, inputs))

    def forward(self, X):
        def backward(D):
            self.gain.gradient += (D * X).sum(axis=0)
            return D * self.gain.tensor

        return X * self.gain.tensor, backward


class Stack(Layer):
    """A composite in the article's style: it lists its layers' parameters itself."""

    def __init__(self, layers=()):
        super().__init__()
        self.layers = layers
        for layer in layers:
            self.parameters.extend(layer.parameters)

    def build(self, inputs, rng, dtype):
        self.parameters = []
        for layer in self.layers:
            inputs = layer.build(inputs, rng, dtype)
            self.parameters.extend(layer.parameters)
        return inputs

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
        self.parameters = []
        self.weights = self.build_param(rng.standard_normal((inputs, 2)).astype(dtype))
        return 2

    def forward(self, X):
        def backward(D):
            self.weights.gradient += X.T @ D
            return D @ self.weights.tensor.T

        return X @ self.weights.tensor, backward


class Noise(Layer):
    """Noise that nobody can repeat: its gradients in training cannot be checked, all else can."""

    depends_on_batch = True

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

    depends_on_batch = True

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


class Standardizing(Layer):
    """Adapts to the data."""

    def build(self, inputs, rng, dtype):
        self.parameters = []
        self.scale = self.build_param(np.ones(inputs, dtype), lr_scale=0.0)
        return inputs

    def adapt(self, X, rng):
        if len(X) > 1:
            self.scale.tensor[...] = 1 / X.std(axis=0)
        return self.forward(X)[0]

    def forward(self, X):
        return X * self.scale.tensor, lambda D: D * self.scale.tensor


class Gated(Composite):
    """A composite with a parameter of its own, of which the one layer adapts."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    @property
    def children(self):
        return [self.layer]

    def build(self, inputs, rng, dtype):
        self.parameters = []
        self.gate = self.build_param(np.ones(1, dtype))
        return self.layer.build(inputs, rng, dtype)

    def adapt_children(self, X, rng):
        return self.layer.adapt(X, rng) * self.gate.tensor

    def plan(self, like, training=False):
        forward_layer, gate = self.layer.plan(like, training), self.gate

        def forward(X):
            Y, backward_layer = forward_layer(X)

            def backward(D):
                gate.gradient += np.vdot(Y, D)
                return backward_layer(D * gate.tensor)

            return Y * gate.tensor, backward

        return forward


class ArticleLinear(Layer):
    """The article's Linear, without a bias: `build` is not overridden, for `forward` tells."""

    def __init__(self, inputs=3, outputs=2):
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        self.weights = self.build_param(np.linspace(-1, 1, inputs * outputs).reshape(inputs, -1))

    def forward(self, X):
        def backward(D):
            self.weights.gradient += X.T @ D
            return D @ self.weights.tensor.T

        return X @ self.weights.tensor, backward
