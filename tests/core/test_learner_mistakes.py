"""Learner: what is wrong with a model, an optimizer or a loss is said, and does no harm."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknumpynn import (
    Layer,
    Learner,
    Linear,
    MLPRegressor,
    NetworkRegressor,
    Sequential,
    SGDOptimizer,
    mse_loss,
)
from sknumpynn.core import Loss, Optimizer, PlannedOptimizer


def draw(rng):
    X = rng.standard_normal((5, 3))
    return X, X.sum(axis=1, keepdims=True)


class MadeLate(Layer):
    """A layer that makes its parameter when it is first used."""

    def forward(self, X):
        if not self.parameters:
            self.build_param(np.ones(X.shape[1]))
        return X * self.parameters[0].tensor, lambda D: D


def test_parameters_made_after_the_learner_are_not_left_untrained(rng):
    X, Y = draw(rng)
    unbuilt = Sequential(Linear(outputs=1))
    learner = Learner(unbuilt, mse_loss, SGDOptimizer(0.1))
    unbuilt.build(3, rng, np.float64)
    late = Learner(Sequential(MadeLate(), Linear(3, 1)), mse_loss, SGDOptimizer(0.1))
    rebuilt = Linear(3, 1)
    again = Learner(rebuilt, mse_loss, SGDOptimizer(0.1))
    rebuilt.build(3, rng, np.float64)
    for one in (learner, late, again):
        with pytest.raises(ValueError, match="other parameters than when its Learner was made"):
            one.fit(X, Y, epochs=1, bs=5)
        with pytest.raises(ValueError, match="other parameters than when its Learner was made"):
            one.fit_batch(X, Y)


class BindsTensor:
    def update(self, param):
        param.tensor = param.tensor - 0.1 * param.gradient
        param.gradient.fill(0)


class BindsGradient(Optimizer):
    def step(self, param, state):
        param.gradient = np.clip(param.gradient, -1, 1)
        param.tensor -= 0.1 * param.gradient


class BindsTensorOfPart(PlannedOptimizer):
    def plan_step(self, param, memory):
        def step(t):
            param.tensor = param.tensor - 0.1 * param.gradient

        return step


@pytest.mark.parametrize(
    "optimizer",
    [BindsTensor(), BindsGradient(), BindsTensorOfPart()],
    ids=lambda o: type(o).__name__,
)
def test_an_optimizer_that_binds_new_arrays_is_told(optimizer, rng):
    X, Y = draw(rng)
    with pytest.raises(ValueError, match=r"bound to .* in place: param.tensor -= "):
        Learner(Linear(3, 1), mse_loss, optimizer).fit(X, Y, epochs=1, bs=5)
    learner = Learner(Linear(3, 1), mse_loss, optimizer)
    learner.fit_batch(X, Y)
    with pytest.raises(ValueError, match=r"bound to .* in place: param.tensor -= "):
        learner.fit_batch(X, Y)
    if isinstance(optimizer, Optimizer):
        with pytest.raises(ValueError, match=r"bound to .* in place: param.tensor -= "):
            MLPRegressor(solver=optimizer).fit(X, Y.ravel())


class BindsGradientOfItsParameter(Layer):
    """A layer with ``=`` where ``+=`` is meant."""

    def build(self, inputs, rng, dtype):
        self.parameters = []
        self.factor = self.build_param(np.ones(inputs, dtype))
        return inputs

    def forward(self, X):
        def backward(D):
            self.factor.gradient = (X * D).sum(axis=0)
            return D * self.factor.tensor

        return X * self.factor.tensor, backward


def test_a_layer_that_binds_a_new_gradient_is_told(rng):
    X, Y = draw(rng)
    layer = BindsGradientOfItsParameter()
    layer.build(3, rng, np.float64)
    learner = Learner(Sequential(layer, Linear(3, 1)), mse_loss, SGDOptimizer(0.1))
    network = Sequential(Linear(outputs=3), BindsGradientOfItsParameter())
    for train in (
        lambda: learner.fit(X, Y, epochs=1, bs=2),
        lambda: learner.fit_batch(X, Y),
        lambda: NetworkRegressor(network, max_iter=1).fit(X, Y[:, 0]),
        lambda: NetworkRegressor(network, max_iter=1, n_members=4).fit(X, Y[:, 0]),
    ):
        with pytest.raises(ValueError, match=r"gradient of Parameter.*in place: .*gradient \+= "):
            train()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (([Linear(3, 1)], mse_loss, SGDOptimizer()), r"model of a Learner must be a Layer; got \["),
        ((Linear, mse_loss, SGDOptimizer()), "model of a Learner must be a Layer; got <class"),
        ((mse_loss, Linear(3, 1), SGDOptimizer()), "must be a Layer; got MeanSquaredError"),
        ((Linear(3, 1), "mse", SGDOptimizer()), "loss of a Learner must be .*; got 'mse'"),
        ((Linear(3, 1), type(mse_loss), SGDOptimizer()), "loss of a Learner .*; got <class"),
        ((Linear(3, 1), mse_loss, "sgd"), "optimizer of a Learner must be .*; got 'sgd'"),
        ((Linear(3, 1), mse_loss, SGDOptimizer), "optimizer of a Learner .*; got <class"),
    ],
)
def test_what_a_learner_is_made_of(arguments, message):
    with pytest.raises(TypeError, match=message):
        Learner(*arguments)


def test_a_step_that_fails_leaves_no_gradient_to_the_next(rng):
    class FailsOnce(Layer):
        fails = False

        def forward(self, X):
            def backward(D):
                if self.fails:
                    raise RuntimeError("once")
                return D

            return X, backward

    X, Y = draw(rng)
    weights = []
    for fails in (False, True):
        model = Sequential(Linear(3, 3, rng=0), FailsOnce(), Linear(3, 1, rng=1))
        learner = Learner(model, mse_loss, SGDOptimizer(0.1))
        learner.fit_batch(X, Y)
        if fails:
            model[1].fails = True
            with pytest.raises(RuntimeError, match="once"):
                learner.fit_batch(X, Y)
            model[1].fails = False
        learner.fit_batch(X, Y)
        weights.append(learner.parameters.tensor)
    assert_array_equal(*weights)


class Flat(Loss):
    def row_loss(self, Yp, Yt):
        return np.square(Yp - Yt).sum(axis=1)

    def row_gradient(self, Yp, Yt):
        return 2 * (Yp - Yt).sum(axis=1)


class Turned(Flat):
    def row_gradient(self, Yp, Yt):
        return 2 * (Yp - Yt).T


class NumberOfEach(Flat):
    def row_loss(self, Yp, Yt):
        return np.square(Yp - Yt)

    def row_gradient(self, Yp, Yt):
        return 2 * (Yp - Yt)


@pytest.mark.parametrize(
    "loss, message",
    [
        (Flat(), r"gradient of Flat\(\) has shape \(5,\) for predictions of shape \(5, 2\)"),
        (Turned(), r"gradient of Turned\(\) has shape \(2, 5\)"),
        (NumberOfEach(), r"row_loss of NumberOfEach\(\) gives shape \(5, 2\)"),
    ],
)
def test_a_loss_of_the_wrong_shape_is_named(loss, message, rng):
    X, Y = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    with pytest.raises(ValueError, match=message):
        Learner(Linear(3, 2), loss, SGDOptimizer()).fit(X, Y, epochs=1, bs=5)
    with pytest.raises(ValueError, match=message):
        loss(Y, Y + 1)
