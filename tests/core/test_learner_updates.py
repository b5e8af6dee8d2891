"""Learner: how it has parameters updated, by what optimizer, and in what parts."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from sknumpynn import AdamOptimizer, Learner, Linear, Sequential, SGDOptimizer, mse_loss
from sknumpynn.core import Batches, parameter
from sknumpynn.optimizers import AdamWOptimizer
from sknumpynn.penalties import L2Penalty
from tests.core.test_learner import draw, network, weights_of


def test_what_updates_a_parameter_is_an_optimizer(rng):
    class Descent:
        def update(self, param):
            param.tensor -= 0.1 * param.gradient
            param.gradient.fill(0)

    X, Y = draw(rng)
    results = []
    for optimizer in (Descent(), SGDOptimizer(0.1)):
        model = network()
        learner = Learner(model, mse_loss, optimizer)
        losses = [learner.fit_epoch(Batches(X, Y, 5)) for _ in range(3)]
        results.append([*losses, learner.fit_batch(X, Y), *weights_of(model)])
    assert_allclose(results[0], results[1], rtol=1e-13)


def test_an_epoch_that_is_as_the_last_one_goes_on(rng):
    X, Y = draw(rng)
    results = []
    for anew in (True, False):
        model = network()
        learner = Learner(model, mse_loss, AdamOptimizer(0.1), L2Penalty())
        losses = [learner.fit_epoch(Batches(X, Y, 5))]
        for lr in (0.1, 0.05):
            learner.optimizer.lr = lr
            losses.append(learner.fit_epoch(Batches(X, Y, 5), anew))
        results.append([*losses, *weights_of(model)])
    assert results[0] == results[1]


@pytest.mark.parametrize("clip_norm", [None, 0.5])
@pytest.mark.parametrize("optimizer", [SGDOptimizer(0.1, 0.9), AdamWOptimizer(0.1)], ids=repr)
def test_parameters_in_parts_are_penalized_clipped_and_updated_as_in_one(
    optimizer, clip_norm, rng, monkeypatch
):
    X, Y = draw(rng)
    results = []
    for part_size in (1000, 3):
        monkeypatch.setattr(parameter, "PART_SIZE", part_size)
        model = network()
        how = clone(optimizer), L2Penalty(0.3), np.random.default_rng(0), clip_norm
        learner = Learner(model, mse_loss, *how)
        assert len(learner.parameters.parts) == {1000: 1, 3: 7}[part_size]
        results.append([*learner.fit(X, Y, epochs=3, bs=5), *weights_of(model)])
    assert_allclose(results[1], results[0], rtol=1e-12)


def test_what_is_not_learned_stays_and_does_not_gather_gradients(rng):
    X, Y = draw(rng)
    model = network()
    model[0].weights.treatment = (0.0, 1.0)
    kept, before = model[0].weights.tensor.copy(), weights_of(model)
    learner = Learner(model, mse_loss, AdamOptimizer(0.1), L2Penalty(0.3))
    learner.fit(X, Y, epochs=2, bs=5)
    assert_array_equal(model[0].weights.tensor, kept)
    assert (weights_of(model) != before).sum() == before.size - kept.size
    assert not learner.parameters.gradient.any()


def test_what_is_not_learned_makes_no_gradient_too_long(rng):
    X, Y = draw(rng)
    frozen, last = network()[:2], [Linear(4, 1, rng=1) for _ in range(2)]
    for held in frozen.parameters:
        held.treatment = (0.0, 1.0)
    features = frozen.forward(X)[0]
    how = L2Penalty(3.0), None, 0.1
    behind = Learner(Sequential(*frozen, last[0]), mse_loss, SGDOptimizer(0.1), *how)
    alone = Learner(last[1], mse_loss, SGDOptimizer(0.1), *how)
    for _ in range(5):
        behind.fit_batch(X, Y)
        alone.fit_batch(features, Y)
    assert_allclose(weights_of(last[0]), weights_of(last[1]), rtol=1e-12)


def test_what_an_optimizer_is_told_between_epochs_counts(rng):
    X, Y = draw(rng)
    learner, batches = Learner(network(), mse_loss, SGDOptimizer(0.1)), Batches(X, Y, 23)
    learner.fit_epoch(batches)
    learner.optimizer.momentum = 0.9
    learner.fit_epoch(batches)
    before = learner.parameters.tensor.copy()
    velocity = learner.optimizer.state_of(learner.parameters)["velocity"].copy()
    learner.optimizer.lr = 0.0
    learner.fit_epoch(batches)
    assert_allclose(learner.parameters.tensor - before, 0.9 * velocity, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("clip_norm", [0, -1.0, np.nan])
def test_a_norm_to_clip_to_is_greater_than_0(clip_norm):
    with pytest.raises(ValueError, match=rf"clip_norm must be greater than 0, got {clip_norm}"):
        Learner(network(), mse_loss, SGDOptimizer(0.1), clip_norm=clip_norm)
