"""The article: each thing it teaches works here as it says there, and better where it was wrong.

In the order of the article: parameter, layer, optimizer, linear, activations, sequential, loss,
learner, and the two experiments.
"""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynn import (
    AdamOptimizer,
    Layer,
    Learner,
    Linear,
    Parameter,
    ReLU,
    ReLu,
    Sequential,
    SGDOptimizer,
    Sigmoid,
    mse_loss,
)
from sknumpynn.testing import check_gradients, check_layer, check_loss

# Layers in the article's style: nothing but a constructor and forward.


class ArticleLinear(Layer):
    def __init__(self, inputs, outputs, rng=None):
        super().__init__()
        rng = np.random.default_rng(rng)
        self.weights = self.build_param(rng.standard_normal((inputs, outputs)) / np.sqrt(inputs))
        self.bias = self.build_param(np.zeros(outputs))

    def forward(self, X):
        def backward(D):
            self.weights.gradient += X.T @ D
            self.bias.gradient += D.sum(axis=0)
            return D @ self.weights.tensor.T

        return X @ self.weights.tensor + self.bias.tensor, backward


class ArticleReLu(Layer):
    def forward(self, X):
        mask = X > 0
        return X * mask, lambda D: D * mask


class ArticleSequential(Layer):
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

        def backward(D):
            for step in reversed(backwards):
                D = step(D)
            return D

        return X, backward


def article_mse_loss(Yp, Yt):
    error = Yp - Yt
    return np.mean(error**2), 2 * error / error.size


def product_of_two(rng, n_rows=200):
    X = rng.standard_normal((n_rows, 2))
    return X, X[:, 0] * X[:, 1]


# Parameter


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_parameter_has_a_gradient_like_its_tensor(dtype):
    param = Parameter(np.ones((2, 3), dtype))
    assert param.tensor.dtype == param.gradient.dtype == dtype
    assert param.gradient.shape == (2, 3)
    assert not param.gradient.any()


def test_parameter_of_whole_numbers_can_be_trained():
    param = Parameter(np.array([1, 2]))
    param.gradient += 0.5
    SGDOptimizer(lr=0.1).update(param)
    assert_allclose(param.tensor, [0.95, 1.95])


# Layer


def test_a_layer_is_the_identity_by_default(rng):
    X, D = rng.standard_normal((2, 4, 3))
    Y, backward = Layer().forward(X)
    assert Y is X
    assert backward(D) is D


def test_a_model_pickles_after_forward(rng):
    X = rng.standard_normal((4, 3))
    for layer in (Linear, ArticleLinear):
        model = Sequential(layer(3, 4, rng=0), ReLu(), Sigmoid(), layer(4, 1, rng=1))
        Y, _ = model.forward(X)
        assert_array_equal(pickle.loads(pickle.dumps(model)).forward(X)[0], Y)


def test_a_pasted_layer_trains_as_ours(rng):
    X, Y = product_of_two(rng, 50)
    curves = []
    for model in (
        Sequential(Linear(2, 8, rng=0), ReLu(), Linear(8, 1, rng=1)),
        Sequential(ArticleLinear(2, 8, rng=0), ArticleReLu(), ArticleLinear(8, 1, rng=1)),
        ArticleSequential(ArticleLinear(2, 8, rng=0), ReLu(), Linear(8, 1, rng=1)),
    ):
        learner = Learner(model, mse_loss, SGDOptimizer(0.05), rng=np.random.default_rng(0))
        curves.append(learner.fit(X, Y, epochs=10, bs=10))
    assert curves[0][-1] < curves[0][0]
    assert_allclose(curves[1], curves[0], rtol=1e-10)
    assert_allclose(curves[2], curves[0], rtol=1e-10)


# build_param, update


def test_update_trains_each_parameter_of_a_layer(rng):
    layer = ArticleLinear(3, 2, rng=0)
    before = [param.tensor.copy() for param in layer.parameters]
    for param in layer.parameters:
        param.gradient += 1
    layer.update(SGDOptimizer(lr=0.1))
    for param, tensor in zip(layer.parameters, before, strict=True):
        assert_allclose(param.tensor, tensor - 0.1)
        assert_array_equal(param.gradient, 0)


@pytest.mark.parametrize("train", ["update", "learner"])
@pytest.mark.parametrize("sequential", [Sequential, ArticleSequential])
def test_a_shared_layer_takes_one_step_of_adam(train, sequential, rng):
    layer, X, Y = ArticleLinear(3, 3, rng=0), *rng.standard_normal((2, 20, 3))
    model, optimizer = sequential(layer, ReLu(), layer), AdamOptimizer(lr=0.01)
    learner = Learner(model, mse_loss, optimizer) if train == "learner" else None

    W, b = layer.weights.tensor.copy(), layer.bias.tensor.copy()
    moments = {name: [0.0, 0.0] for name in "Wb"}
    for t in range(1, 6):
        if learner:
            learner.fit_batch(X, Y)
        else:
            Yp, backward = model.forward(X)
            backward(mse_loss(Yp, Y)[1])
            model.update(optimizer)

        # The same by hand, with one W and one b in both places.
        Z = X @ W + b
        H = np.maximum(Z, 0)
        D = 2 * (H @ W + b - Y) / Y.size
        D_Z = D @ W.T * (Z > 0)
        gradients = {"W": H.T @ D + X.T @ D_Z, "b": D.sum(axis=0) + D_Z.sum(axis=0)}
        for name, tensor in (("W", W), ("b", b)):
            m, v = moments[name]
            m = 0.9 * m + 0.1 * gradients[name]
            v = 0.999 * v + 0.001 * gradients[name] ** 2
            moments[name] = [m, v]
            tensor -= 0.01 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-8)
    assert_allclose(layer.weights.tensor, W, rtol=1e-9)
    assert_allclose(layer.bias.tensor, b, rtol=1e-9)


# SGDOptimizer


def test_one_step_of_sgd_is_the_formula_and_leaves_no_gradient(rng):
    start, gradient = rng.standard_normal((2, 3, 2))
    param = Parameter(start.copy())
    param.gradient += gradient
    tensor = param.tensor
    SGDOptimizer().update(param)
    assert param.tensor is tensor
    assert_allclose(param.tensor, start - 0.1 * gradient, rtol=1e-15)
    assert_array_equal(param.gradient, 0)


# Linear


def test_linear_starts_with_small_weights_from_no_global_generator():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    layer = Linear(100, 200)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert layer.weights.tensor.dtype == np.float64
    assert np.std(layer.weights.tensor) == pytest.approx(0.1, rel=0.03)
    assert_array_equal(layer.bias.tensor, 0)


def test_linear_backward_accumulates(rng):
    layer, X, D = Linear(3, 2), rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    layer.weights.gradient += 1
    layer.bias.gradient += 1
    layer.forward(X)[1](D)
    assert_allclose(layer.weights.gradient, 1 + X.T @ D)
    assert_allclose(layer.bias.gradient, 1 + D.sum(axis=0))


# The backward closure


def test_backward_remembers_the_x_of_its_own_forward(rng):
    layer, twins = Linear(3, 2, rng=0), [Linear(3, 2, rng=0), Linear(3, 2, rng=0)]
    batches, D = rng.standard_normal((2, 4, 3)), rng.standard_normal((4, 2))
    passes = [layer.forward(X) for X in batches]
    for (Y, backward), X, twin in zip(passes, batches, twins, strict=True):
        Y_twin, backward_twin = twin.forward(X)
        assert_array_equal(Y, Y_twin)
        assert_array_equal(backward(D), backward_twin(D))
    total = twins[0].weights.gradient + twins[1].weights.gradient
    assert_allclose(layer.weights.gradient, total, rtol=1e-13)


# ReLu, Sigmoid


def test_relu_at_its_edges():
    X = np.array([[-np.inf, -1.0, 0.0, 2.0, np.nan]])
    with np.errstate(all="raise"):
        Y, backward = ReLu().forward(X)
        dX = backward(np.full_like(X, 3.0))
    assert_array_equal(Y, [[0, 0, 0, 2, np.nan]])
    assert_array_equal(dX[:, :4], [[0, 0, 0, 3]])
    assert ReLU is ReLu


def test_sigmoid_does_not_overflow():
    with np.errstate(all="raise"):
        Y, backward = Sigmoid().forward(np.array([[-1000.0, 0.0, 1000.0]]))
        dX = backward(np.ones((1, 3)))
    assert_array_equal(Y, [[0, 0.5, 1]])
    assert_array_equal(dX, [[0, 0.25, 0]])


# Sequential


def test_sequential_nests_and_finds_its_parameters(rng):
    a, b, c = Linear(3, 4, rng=0), ReLu(), Linear(4, 2, rng=1)
    flat, nested = Sequential(a, b, c), Sequential(a, Sequential(b, c))
    X = rng.standard_normal((5, 3))
    assert_array_equal(flat.forward(X)[0], nested.forward(X)[0])
    assert nested.parameters == flat.parameters == a.parameters + c.parameters
    assert nested[0] is a
    assert nested[1][1] is c


# mse_loss


@pytest.mark.parametrize("k", [1, 2, 3])
def test_value_and_gradient_of_mse_agree_for_every_number_of_outputs(k):
    check_loss(mse_loss, n_outputs=k)


def test_mse_aligns_flat_targets_and_rejects_all_else(rng):
    Yp, Yt = rng.standard_normal((2, 6, 1))
    assert mse_loss(Yp, Yt[:, 0])[0] == mse_loss(Yp, Yt)[0] == np.mean((Yp - Yt) ** 2)
    assert mse_loss(Yp, Yt[:, 0])[1].shape == (6, 1)
    for shape in [(6, 2), (5, 1), (5,), (1, 6)]:
        with pytest.raises(ValueError) as error:
            mse_loss(Yp, np.zeros(shape))
        assert "(6, 1)" in str(error.value)
        assert str(shape) in str(error.value)


# Learner


@pytest.mark.parametrize("loss", [mse_loss, article_mse_loss])
def test_without_a_learning_rate_the_loss_is_the_same_for_every_batch_size(loss, rng):
    X, Y = product_of_two(rng, 100)
    X_before, Y_before = X.copy(), Y.copy()
    model = Sequential(Linear(2, 5, rng=0), ReLu(), Linear(5, 1, rng=1))
    expected = np.mean((model.forward(X)[0].ravel() - Y) ** 2)
    for bs in (1, 7, 10, 100, 1000):
        losses = Learner(model, loss, SGDOptimizer(lr=0.0)).fit(X, Y, epochs=3, bs=bs)
        assert_allclose(losses, expected, rtol=1e-12)
    assert_array_equal(X, X_before)
    assert_array_equal(Y, Y_before)


@pytest.mark.parametrize("loss", [mse_loss, article_mse_loss])
def test_flat_targets_train_as_a_column_does(loss, rng):
    X, y = product_of_two(rng, 50)
    curves = []
    for Y in (y, y[:, np.newaxis], y.tolist()):
        learner = Learner(Linear(2, 1, rng=0), loss, SGDOptimizer(), rng=np.random.default_rng(0))
        curves.append(learner.fit(X, Y, 3, 10))
    assert curves[0] == curves[1] == curves[2]


def test_the_update_comes_last():
    events = []

    class Spy(ArticleLinear):
        def forward(self, X):
            events.append("forward")
            Y, backward = super().forward(X)
            return Y, lambda D: events.append("backward") or backward(D)

    def loss(Yp, Yt):
        events.append("loss")
        return article_mse_loss(Yp, Yt)

    class Optimizer(SGDOptimizer):
        def update(self, param):
            events.append("update")
            super().update(param)

    Learner(Sequential(Spy(2, 2), Spy(2, 1)), loss, Optimizer()).fit_batch(
        np.ones((3, 2)), np.ones(3)
    )
    assert events == ["forward", "forward", "loss", "backward", "backward", "update"]


# Experiment 1: a line is found by a line


@pytest.mark.parametrize("epochs, low, high", [(10, 1e-3, 1.5e-2), (20, 2e-6, 5e-5)])
def test_experiment_1(epochs, low, high):
    errors = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((100, 10))
        y = X @ rng.standard_normal(10)
        model = Linear(10, 1, rng=rng)
        Learner(model, mse_loss, SGDOptimizer(lr=0.05), rng=rng).fit(X, y, epochs, bs=10)
        errors.append(np.sqrt(mse_loss(model.forward(X)[0], y)[0]))
    assert low < np.median(errors) < high


# Experiment 2: a product is not found by a line, but by two layers


@pytest.mark.parametrize("seed", range(10))
def test_experiment_2(seed):
    rng = np.random.default_rng(seed)
    X, y = product_of_two(rng)
    one = Sequential(Linear(2, 1, rng=rng))
    two = Sequential(Linear(2, 50, rng=rng), ReLu(), Linear(50, 1, rng=rng))
    for model in (one, two):
        Learner(model, mse_loss, SGDOptimizer(lr=0.05), rng=rng).fit(X, y, epochs=100, bs=10)
    error_of_one, error_of_two = (mse_loss(model.forward(X)[0], y)[0] for model in (one, two))
    assert error_of_one > 0.9 * np.var(y)
    assert error_of_two < 0.05 * np.var(y)


# More complex networks


class Gate(Layer):
    """Half of the columns decide how much of the other half passes: a user's layer."""

    def forward(self, X):
        half = X.shape[1] // 2
        A, S = X[:, :half], 1 / (1 + np.exp(-X[:, half:]))
        return A * S, lambda D: np.hstack([D * S, D * A * S * (1 - S)])

    def build(self, inputs, rng, dtype):
        return inputs // 2


def test_a_layer_of_ten_lines_passes_the_checks_and_trains(rng):
    X, Y = product_of_two(rng)
    check_layer(Gate(), rng.standard_normal((5, 4)))
    model = Sequential(Linear(outputs=20), Gate(), Linear(outputs=1))
    model.build(2, rng, np.float64)
    losses = Learner(model, mse_loss, SGDOptimizer(0.05), rng=rng).fit(X, Y, epochs=60, bs=10)
    assert losses[-1] < 0.1 * np.var(Y)


def test_the_article_s_layers_have_right_gradients(rng):
    X = rng.standard_normal((5, 3))
    check_gradients(ArticleLinear(3, 2), X)
    check_gradients(ArticleReLu(), X)
    check_gradients(ArticleSequential(ArticleLinear(3, 4), ArticleReLu(), ArticleLinear(4, 1)), X)
