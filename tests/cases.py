"""The table of cases: a row for each layer, loss and optimizer, with a reference of its own.

A public part without a row fails the suite. To add one: its class in its file, its row here.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats
from scipy.special import erf, expit, huber
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)

from sknumpynn.initializers import glorot_uniform
from sknumpynn.layers import (
    BatchNorm,
    Dropout,
    Elu,
    Embedding,
    Gelu,
    Identity,
    LayerNorm,
    LeakyRelu,
    Linear,
    Mish,
    NTKLinear,
    Parallel,
    ParametricActivation,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    ReLu,
    Residual,
    Scaling,
    Select,
    Selu,
    Sequential,
    Sigmoid,
    Silu,
    Softplus,
    Tanh,
    Tied,
)
from sknumpynn.losses import (
    BinaryCrossEntropy,
    GaussianNLL,
    HalfGammaLoss,
    HalfPoissonLoss,
    HalfSquaredError,
    HuberLoss,
    MeanAbsoluteError,
    MeanSquaredError,
    QuantileLoss,
    SoftmaxCrossEntropy,
)
from sknumpynn.optimizers import AdamOptimizer, AdamWOptimizer, RMSpropOptimizer, SGDOptimizer
from tests import composites as nets
from tests.composites import moved
from tests.references import (
    batch_norm,
    embedding,
    layer_norm,
    linear,
    parametric_tanh,
    periodic,
    piecewise_linear,
    waves_alone,
)


@dataclass(frozen=True)
class LayerCase:
    name: str
    make: Callable  # () -> layer, built or not
    reference: Callable | None = None  # (X, *tensors of the parameters) -> Y
    shape: tuple = (7, 5)
    noisy: bool = False  # does something else while training
    n_categories: int | None = None  # X has codes of so many

    def draw(self, rng):
        if self.n_categories is None:
            return rng.standard_normal(self.shape)
        return self.draw_integers(rng) + rng.uniform(-0.4, 0.4, self.shape)

    def draw_integers(self, rng):
        low, high = (-3, 4) if self.n_categories is None else (0, self.n_categories)
        return rng.integers(low, high, self.shape)


@dataclass(frozen=True)
class LossCase:
    name: str
    make: Callable  # () -> loss
    n_outputs: int  # of the network: a loss may want several for each target
    make_targets: Callable  # (rng, shape) -> Yt
    reference: Callable  # (Yp, Yt, sample_weight) -> value

    def draw_targets(self, rng, n_rows):
        n_targets = self.n_outputs // self.make().outputs_per_target
        return self.make_targets(rng, (n_rows, n_targets))


@dataclass(frozen=True)
class OptimizerCase:
    name: str
    make: Callable  # () -> optimizer
    reference: Callable  # (theta, gradients, lr_scale) -> theta after all steps


# Layers


LAYERS = [
    LayerCase("identity", Identity, lambda X: X),
    LayerCase("relu", ReLu, lambda X: np.where(X > 0, X, 0)),
    LayerCase("sigmoid", Sigmoid, expit),
    LayerCase("tanh", Tanh, lambda X: 1 - 2 / (np.exp(2 * X) + 1)),
    LayerCase("leaky relu", LeakyRelu, lambda X: np.where(X > 0, X, 0.01 * X)),
    LayerCase("leaky relu, steep", lambda: LeakyRelu(0.75), lambda X: np.where(X > 0, X, 0.75 * X)),
    LayerCase("leaky relu, flat", lambda: LeakyRelu(0), lambda X: np.where(X > 0, X, 0)),
    LayerCase("elu", Elu, lambda X: np.where(X > 0, X, np.exp(X) - 1)),
    LayerCase("elu, alpha", lambda: Elu(2.5), lambda X: np.where(X > 0, X, 2.5 * (np.exp(X) - 1))),
    LayerCase(
        "selu",
        Selu,
        lambda X: 1.0507009873554805 * np.where(X > 0, X, 1.6732632423543772 * (np.exp(X) - 1)),
    ),
    LayerCase("softplus", Softplus, lambda X: np.logaddexp(0, X)),
    LayerCase("silu", Silu, lambda X: X * expit(X)),
    LayerCase("mish", Mish, lambda X: X * np.tanh(np.logaddexp(0, X))),
    LayerCase("gelu", Gelu, lambda X: X * (1 + erf(X / np.sqrt(2))) / 2),
    LayerCase("dropout", Dropout, lambda X: X, noisy=True),
    LayerCase("dropout, none", lambda: Dropout(0.0), lambda X: X),
    LayerCase("linear, built", lambda: Linear(5, 3, rng=0), linear),
    LayerCase("linear, unbuilt", lambda: Linear(outputs=3), linear),
    LayerCase("linear, one output", lambda: Linear(outputs=1), linear),
    LayerCase("linear, one input", lambda: Linear(outputs=3), linear, (7, 1)),
    LayerCase("linear, random bias", lambda: Linear(outputs=4, initializer=glorot_uniform), linear),
    LayerCase("scaling", lambda: moved(Scaling()), lambda X, s: X @ np.diag(s)),
    LayerCase("scaling, unbuilt", Scaling, lambda X, s: X),
    LayerCase("ntk linear", lambda: NTKLinear(outputs=3), linear),
    LayerCase("ntk linear, zeros", lambda: NTKLinear(outputs=3, init="zeros"), linear),
    LayerCase("parametric selu", ParametricActivation, lambda X, alpha: Selu().forward(X)[0]),
    LayerCase("parametric tanh", lambda: moved(ParametricActivation(Tanh())), parametric_tanh),
    LayerCase(
        "parametric identity", lambda: moved(ParametricActivation("identity")), lambda X, alpha: X
    ),
    LayerCase("periodic", PeriodicEmbedding, periodic),
    LayerCase(
        "periodic, no dense", lambda: PeriodicEmbedding(4, 2, 0.5, densenet=False), waves_alone
    ),
    LayerCase("piecewise linear", lambda: PiecewiseLinearEmbedding(4, 3), piecewise_linear),
    LayerCase("piecewise linear, a bin", lambda: PiecewiseLinearEmbedding(1), piecewise_linear),
    LayerCase(
        "embedding", lambda: Embedding([3, 4, 3, 9, 5], 2), embedding(3, 4, 3, 9, 5), n_categories=3
    ),
    LayerCase("embedding, as many", lambda: Embedding(4), embedding(4, 4), (7, 2), n_categories=4),
    LayerCase("sequential, empty", Sequential, lambda X: X),
    LayerCase(
        "sequential",
        lambda: Sequential(Linear(outputs=4), Tanh(), Linear(outputs=2), Sigmoid()),
        lambda X, W, b, V, c: expit(linear(np.tanh(linear(X, W, b)), V, c)),
    ),
    LayerCase(
        "sequential, nested",
        lambda: Sequential(
            Sequential(Linear(outputs=4), ReLu()), Sequential(Sequential(Linear(outputs=2)))
        ),
        lambda X, W, b, V, c: linear(np.maximum(linear(X, W, b), 0), V, c),
    ),
    LayerCase(
        "sequential, same layer twice",
        nets.same_layer_twice,
        lambda X, W, b: linear(np.tanh(linear(X, W, b)), W, b),
    ),
    LayerCase("residual", nets.block, nets.block_of),
    LayerCase("residual, nested", nets.nested_blocks, nets.blocks_of),
    LayerCase("residual, identity", lambda: Residual(Dropout(0.0)), lambda X: 2 * X),
    LayerCase("residual, same layer", nets.same_layer_inside_and_outside, nets.inside_and_outside),
    LayerCase("parallel", nets.branches, nets.branches_of),
    LayerCase("parallel, one", lambda: Parallel(Linear(outputs=2)), linear),
    LayerCase("parallel, same layer", nets.same_layer_in_branches, nets.in_branches),
    LayerCase("select", lambda: Select([3, -5]), lambda X: np.stack([X[:, 3], X[:, 0]], axis=1)),
    LayerCase("select, repeated", lambda: Select((1, 1, 0)), lambda X: X[:, [1, 1, 0]]),
    LayerCase("select, one", lambda: Select(2), lambda X: X[:, 2:3]),
    LayerCase("select, mask", lambda: Select(np.arange(5) > 1), lambda X: X[:, 2:]),
    LayerCase("tied", nets.autoencoder, nets.autoencoder_of),
    LayerCase("tied, built", lambda: nets.autoencoder(inputs=5, rng=0), nets.autoencoder_of),
    LayerCase("tied, alone", lambda: Tied(Linear(3, 5)), lambda X, W, b, c: X @ W.T + c),
    LayerCase("batch norm", BatchNorm, batch_norm, noisy=True),
    LayerCase("batch norm, moved", lambda: moved(BatchNorm(0.7)), batch_norm, noisy=True),
    LayerCase("layer norm", LayerNorm, layer_norm),
    LayerCase("layer norm, moved", lambda: moved(LayerNorm()), layer_norm),
    LayerCase("norms, nested", nets.normalized, nets.normalized_of, noisy=True),
]


# Losses


def normal(rng, shape):
    return rng.standard_normal(shape)


def yes_or_no(rng, shape):
    return rng.random(shape) < 0.4


def one_hot(rng, shape):
    return np.eye(shape[1])[rng.integers(shape[1], size=shape[0])]


def half_poisson(Yp, Yt, weights):
    columns = zip(Yt.T, np.exp(Yp).T, strict=True)
    return sum(mean_poisson_deviance(t, p, sample_weight=weights) / 2 for t, p in columns)


def binary_cross_entropy(Yp, Yt, weights):
    columns = zip(Yt.T, expit(Yp).T, strict=True)
    return sum(log_loss(t, p, sample_weight=weights, labels=[0, 1]) for t, p in columns)


def softmax_cross_entropy(Yp, Yt, weights):
    P = np.exp(Yp) / np.exp(Yp).sum(axis=1, keepdims=True)
    return log_loss(Yt.argmax(axis=1), P, sample_weight=weights, labels=range(Yt.shape[1]))


def squared_error(Yp, Yt, weights):
    return mean_squared_error(Yt, Yp, sample_weight=weights)


def half_squared_error(Yp, Yt, weights):
    return squared_error(Yp, Yt, weights) / 2


def poisson(rng, shape):
    return rng.poisson(1.5, shape)


def positive(rng, shape):
    return rng.gamma(2.0, size=shape)


def half_gamma(Yp, Yt, weights):
    columns = zip(Yt.T, np.exp(Yp).T, strict=True)
    return sum(mean_gamma_deviance(t, p, sample_weight=weights) / 2 for t, p in columns)


def absolute_error(Yp, Yt, weights):
    return mean_absolute_error(Yt, Yp, sample_weight=weights)


def huber_of(delta):
    def reference(Yp, Yt, weights):
        return np.average(huber(delta, Yp - Yt).mean(axis=1), weights=weights)

    return reference


def pinball(*quantiles):
    def reference(Yp, Yt, weights):
        value = 0.0
        for j, p in enumerate(Yp.T):
            target, q = Yt[:, j // len(quantiles)], quantiles[j % len(quantiles)]
            value += mean_pinball_loss(target, p, sample_weight=weights, alpha=q)
        return value

    return reference


def gaussian(Yp, Yt, weights):
    mean, log_variance = Yp[:, ::2], 40 * np.tanh(Yp[:, 1::2] / 40)
    log_density = stats.norm.logpdf(Yt, mean, np.sqrt(np.exp(log_variance)))
    return np.average(-log_density.sum(axis=1), weights=weights)


LOSSES = [
    *(LossCase(f"mse, {k}", MeanSquaredError, k, normal, squared_error) for k in (1, 2, 3)),
    *(LossCase(f"half mse, {k}", HalfSquaredError, k, normal, half_squared_error) for k in (1, 3)),
    *(LossCase(f"poisson, {k}", HalfPoissonLoss, k, poisson, half_poisson) for k in (1, 2)),
    *(LossCase(f"gamma, {k}", HalfGammaLoss, k, positive, half_gamma) for k in (1, 2)),
    *(LossCase(f"absolute, {k}", MeanAbsoluteError, k, normal, absolute_error) for k in (1, 3)),
    *(LossCase(f"huber, {k}", HuberLoss, k, normal, huber_of(1.0)) for k in (1, 3)),
    LossCase("huber, delta", lambda: HuberLoss(0.2), 2, normal, huber_of(0.2)),
    LossCase("median", QuantileLoss, 1, normal, pinball(0.5)),
    LossCase("quantile", lambda: QuantileLoss(0.2), 1, normal, pinball(0.2)),
    LossCase("quantile, 2 targets", lambda: QuantileLoss(0.2), 2, normal, pinball(0.2)),
    LossCase("quantiles", lambda: QuantileLoss((0.1, 0.5, 0.9)), 3, normal, pinball(0.1, 0.5, 0.9)),
    LossCase(
        "quantiles, 2 targets", lambda: QuantileLoss((0.3, 0.9)), 4, normal, pinball(0.3, 0.9)
    ),
    *(LossCase(f"gaussian, {k}", GaussianNLL, k, normal, gaussian) for k in (2, 6)),
    *(
        LossCase(f"binary, {k}", BinaryCrossEntropy, k, yes_or_no, binary_cross_entropy)
        for k in (1, 3)
    ),
    *(
        LossCase(f"softmax, {k}", SoftmaxCrossEntropy, k, one_hot, softmax_cross_entropy)
        for k in (2, 4)
    ),
]


# Optimizers, number by number


def sgd(lr, momentum=0.0, nesterov=False):
    def train(theta, gradients, lr_scale):
        velocity = 0.0
        for g in gradients:
            velocity = momentum * velocity - lr * lr_scale * g
            theta = theta + (momentum * velocity - lr * lr_scale * g if nesterov else velocity)
        return theta

    return train


def adam(lr, b1=0.9, b2=0.999, epsilon=1e-8, weight_decay=0.0):
    def train(theta, gradients, lr_scale):
        m = v = 0.0
        for t, g in enumerate(gradients, start=1):
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g**2
            # The paper's epsilon is added to the corrected root, this one to the root itself.
            root, corrected_m = np.sqrt(v / (1 - b2**t)), m / (1 - b1**t)
            step = corrected_m / (root + epsilon / np.sqrt(1 - b2**t))
            theta = theta - lr * lr_scale * (step + weight_decay * theta)
        return theta

    return train


def rmsprop(lr, rho=0.9, epsilon=1e-8, momentum=0.0):
    def train(theta, gradients, lr_scale):
        v = u = 0.0
        for g in gradients:
            v = rho * v + (1 - rho) * g**2
            u = momentum * u + g / (np.sqrt(v) + epsilon)
            theta = theta - lr * lr_scale * u
        return theta

    return train


OPTIMIZERS = [
    OptimizerCase("sgd", SGDOptimizer, sgd(0.1)),
    OptimizerCase("sgd, momentum", lambda: SGDOptimizer(0.02, 0.8), sgd(0.02, 0.8)),
    OptimizerCase(
        "sgd, nesterov", lambda: SGDOptimizer(0.02, 0.8, nesterov=True), sgd(0.02, 0.8, True)
    ),
    OptimizerCase(
        "sgd, nesterov without momentum", lambda: SGDOptimizer(nesterov=True), sgd(0.1, 0.0, True)
    ),
    OptimizerCase("adam", AdamOptimizer, adam(0.001)),
    OptimizerCase(
        "adam, large epsilon",
        lambda: AdamOptimizer(0.05, beta_1=0.8, beta_2=0.9, epsilon=0.1),
        adam(0.05, 0.8, 0.9, 0.1),
    ),
    OptimizerCase("adam, no beta_1", lambda: AdamOptimizer(beta_1=0.0), adam(0.001, b1=0.0)),
    OptimizerCase("adamw", AdamWOptimizer, adam(0.001, weight_decay=0.01)),
    OptimizerCase(
        "adamw, all other",
        lambda: AdamWOptimizer(0.05, beta_1=0.8, beta_2=0.9, epsilon=0.1, weight_decay=0.3),
        adam(0.05, 0.8, 0.9, 0.1, weight_decay=0.3),
    ),
    OptimizerCase("adamw, no decay", lambda: AdamWOptimizer(weight_decay=0.0), adam(0.001)),
    OptimizerCase("rmsprop", RMSpropOptimizer, rmsprop(0.001)),
    OptimizerCase(
        "rmsprop, all other",
        lambda: RMSpropOptimizer(0.02, rho=0.7, epsilon=0.1, momentum=0.8),
        rmsprop(0.02, 0.7, 0.1, 0.8),
    ),
]


def named(cases):
    """Parameters for `pytest.mark.parametrize`, each called by its case's name."""
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)
