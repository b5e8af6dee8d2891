"""One layer for each rule that can be broken around the passes: built, adapted, cloned, left."""

import copy

import numpy as np

from sknumpynn import Layer
from sknumpynn.layers import BatchNorm, Linear
from tests.testing.right_layers import Centering, Scale, SeededNoise, Standardizing


class FloatingWidth(Layer):
    def build(self, inputs, rng, dtype):
        return inputs / 1


class BuildsUpon(Scale):
    def build(self, inputs, rng, dtype):
        self.gain = self.build_param(np.ones(inputs, dtype))
        return inputs


class _BuiltScale(Scale):
    def build(self, inputs, rng, dtype):
        self.parameters = []
        self.gain = self.build_param(self.draw(inputs, rng).astype(dtype))
        return inputs


class OtherNumbers(_BuiltScale):
    def draw(self, inputs, rng):
        return np.random.default_rng().standard_normal(inputs)


class GlobalNumbers(_BuiltScale):
    def draw(self, inputs, rng):
        return np.random.standard_normal(inputs)  # noqa: NPY002


class GlobalButTheSame(_BuiltScale):
    def draw(self, inputs, rng):
        np.random.seed(0)  # noqa: NPY002
        return np.random.standard_normal(inputs)  # noqa: NPY002


class GlobalNoise(SeededNoise):
    def forward_in_training(self, X):
        factors = np.random.uniform(0.5, 1.5, X.shape).astype(X.dtype)  # noqa: NPY002
        return X * factors, lambda D: D * factors


class NeedsAGenerator(_BuiltScale):
    def draw(self, inputs, rng):
        return rng.integers(1, 3, inputs)


class AdaptsByAGenerator(Standardizing):
    def adapt(self, X, rng):
        self.scale.tensor[...] = rng.integers(1, 3)
        return self.forward(X)[0]


class KeepsWhatItDraws(Layer):
    def build(self, inputs, rng, dtype):
        self.signs = rng.choice([-1, 1], inputs)
        return inputs

    def forward(self, X):
        signs = self.signs.astype(X.dtype)
        return X * signs, lambda D: D * signs


class KeepsWhatItAdaptsTo(Layer):
    def build(self, inputs, rng, dtype):
        self.size = 1.0
        return inputs

    def adapt(self, X, rng):
        self.size = float(np.abs(X).max())
        return self.forward(X)[0]

    def forward(self, X):
        return X / self.size, lambda D: D / self.size


class BindsStatistics(Centering):
    def forward_in_training(self, X):
        mean = X.mean(axis=0)
        self.mean.tensor = 0.9 * self.mean.tensor + 0.1 * mean
        return X - mean, lambda D: D - D.mean(axis=0)


class Forgets(Scale):
    def __init__(self, factor=2.0):
        super().__init__()
        self._factor = factor


class Converts(Scale):
    def __init__(self, factors=(2.0, 3.0)):
        super().__init__()
        self.factors = list(factors)


class CopiesItself(Scale):
    def __sklearn_clone__(self):
        return copy.copy(self)


class CentersRows(Layer):
    def forward(self, X):
        return X - X.mean(axis=0), lambda D: D - D.mean(axis=0)


class CentersInTraining(Layer):
    def plan(self, like, training=False):
        return CentersRows().forward if training else self.forward


class SaysNothingOfNoise(SeededNoise):
    depends_on_batch = False


class Remembers(Scale):
    def forward(self, X):
        self.last_shape = X.shape
        return super().forward(X)


class RemembersInPlan(Scale):
    def plan_input(self, like, training=False):
        self.like = like
        return self.forward


class ArrayOfStatistics(Layer):
    depends_on_batch = True

    def build(self, inputs, rng, dtype):
        self.mean = np.zeros(inputs, dtype)
        return inputs

    def forward(self, X):
        return X - self.mean.astype(X.dtype), lambda D: D

    def plan(self, like, training=False):
        return self.forward_in_training if training else self.forward

    def forward_in_training(self, X):
        mean = X.mean(axis=0)
        self.mean = 0.9 * self.mean + 0.1 * mean
        return X - mean, lambda D: D - D.mean(axis=0)


class AdaptsSilently(Standardizing):
    def adapt(self, X, rng):
        super().adapt(X, rng)


class AdaptsAndReturnsX(Standardizing):
    def adapt(self, X, rng):
        super().adapt(X, rng)
        return X


class AdaptsToOneRow(Standardizing):
    def adapt(self, X, rng):
        with np.errstate(divide="ignore"):
            self.scale.tensor[...] = 1 / X.std(axis=0)
        return self.forward(X)[0]


class AdaptsX(Standardizing):
    def adapt(self, X, rng):
        X -= X.mean(axis=0)
        return super().adapt(X, rng)


class AdaptsToFloat64(Standardizing):
    def adapt(self, X, rng):
        self.scale.tensor = np.full(X.shape[1], 2.0)
        return self.forward(X)[0]


class _Holds(Layer):
    def build(self, inputs, rng, dtype):
        self.parts = self.make()
        return self.parts["first"][0].build(inputs, rng, dtype)

    def plan(self, like, training=False):
        return self.parts["first"][0].plan(like, training)

    def forward(self, X):
        return self.parts["first"][0].forward(X)


class HidesInDict(_Holds):
    def make(self):
        return {"first": [Linear(outputs=2)]}


class HidesWhatAdapts(_Holds):
    def make(self):
        return {"first": (BatchNorm(),)}

    def build(self, inputs, rng, dtype):
        outputs = super().build(inputs, rng, dtype)
        self.parameters = list(self.parts["first"][0].parameters)
        return outputs
