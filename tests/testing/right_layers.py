"""Layers as users write them."""

import numpy as np

from sknumpynn import Layer, Linear, Sequential
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
    """Its constructor only stores an argument, as that of any scikit-learn estimator."""

    def __init__(self, outputs=2, missing=np.nan):
        self.outputs, self.missing = outputs, missing

    def build(self, inputs, rng, dtype):
        self.parameters = []
        self.weights = self.build_param(rng.standard_normal((inputs, self.outputs)).astype(dtype))
        return self.outputs

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
        self.rng = np.random.default_rng(list(rng.bytes(16)))
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


class BuildsItsLayers(Composite):
    """A composite that has no layers before `build`."""

    def __init__(self, rank=1):
        self.rank = rank

    @property
    def children(self):
        return [self.narrow, self.wide]

    def build(self, inputs, rng, dtype):
        self.narrow, self.wide = Linear(outputs=self.rank), Linear(outputs=inputs)
        return self.wide.build(self.narrow.build(inputs, rng, dtype), rng, dtype)

    def plan(self, like, training=False):
        return Sequential(self.narrow, self.wide).plan(like, training)


class GroupNorm(Layer):
    """Where the numbers of a group are close, its derivatives are large."""

    def forward(self, X):
        groups = X.reshape(len(X), -1, 3)
        centered = groups - groups.mean(axis=2, keepdims=True)
        deviations = np.sqrt((centered**2).mean(axis=2, keepdims=True) + 1e-5)
        Z = centered / deviations

        def backward(D):
            D = D.reshape(Z.shape)
            along = Z * (D * Z).mean(axis=2, keepdims=True)
            return ((D - D.mean(axis=2, keepdims=True) - along) / deviations).reshape(X.shape)

        return Z.reshape(X.shape), backward
