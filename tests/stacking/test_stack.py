"""A stack of learners does what each would do alone, whatever the layers, losses and optimizers."""

from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynn import Learner, Linear, ReLu, Sequential
from sknumpynn.core import Batches, pack
from sknumpynn.layers import ACTIVATIONS, BatchNorm, Dropout, Residual, Tanh, Tied
from sknumpynn.losses import (
    BinaryCrossEntropy,
    GaussianNLL,
    HalfSquaredError,
    HuberLoss,
    QuantileLoss,
    SoftmaxCrossEntropy,
)
from sknumpynn.optimizers import AdamOptimizer, AdamWOptimizer, RMSpropOptimizer, SGDOptimizer
from sknumpynn.penalties import L2Penalty
from sknumpynn.stacking import Stack, stack_key
from sknumpynn.stacking.loss import StackedLoss

N_NETWORKS, N_ROWS, N_INPUTS, BATCH_SIZE = 4, 50, 3, 16  # so that the last batch has two rows


def small(n_outputs=1):
    return Sequential(Linear(outputs=5), ReLu(), Linear(outputs=n_outputs))


def deep(n_outputs=1):
    block = Residual(Sequential(Linear(outputs=4), Tanh()))
    layers = Linear(outputs=4), BatchNorm(), Tanh(), Dropout(0.3), block, ReLu()
    return Sequential(*layers, Linear(outputs=n_outputs))


def tied(n_outputs=1):
    same = Linear(outputs=4)
    same.house(np.eye(4), np.zeros(4))
    same.build = lambda inputs, rng, dtype: 4
    return Sequential(Linear(outputs=4), same, Tanh(), same, Linear(outputs=n_outputs))


def first_tied(n_outputs=1):
    same = Linear(outputs=N_INPUTS)
    return Sequential(same, Tanh(), same, Linear(outputs=n_outputs))


def autoencoder(n_outputs=1):
    code = Linear(outputs=4)
    return Sequential(code, Tanh(), Tied(code), Linear(outputs=n_outputs))


def first_shares_weights(n_outputs=1):
    first, second, last = Linear(N_INPUTS, 3, rng=0), Linear(3, 3, rng=1), Linear(3, 1, rng=2)
    second.weights, second.parameters = first.weights, [first.weights, second.bias]
    model = Sequential(first, Tanh(), second, last)
    model.build = lambda inputs, rng, dtype: n_outputs
    return model


def every_activation(n_outputs=1):
    layers = [Linear(outputs=4)]
    for Activation in dict.fromkeys(ACTIVATIONS.values()):
        layers += [Activation(), Linear(outputs=4)]
    return Sequential(*layers, Linear(outputs=n_outputs))


def learner(
    k,
    make=small,
    loss=None,
    optimizer=AdamOptimizer,
    n_outputs=1,
    weighted=False,
    dtype=np.float64,
    n_targets=None,
    penalized=True,
    **options,
):
    """The k-th of some learners that differ in all that those of a stack may differ in."""
    rng = np.random.RandomState(k)
    X = rng.normal(size=(N_ROWS, N_INPUTS))
    Y = np.eye(n_targets or n_outputs)[rng.randint(n_targets or n_outputs, size=N_ROWS)]
    Y = Y if Y.shape[1] > 1 else rng.randint(2, size=Y.shape)
    model = make(n_outputs)
    model.build(N_INPUTS, rng, dtype)
    penalty = L2Penalty(0.1 * k) if penalized else None
    loss = BinaryCrossEntropy() if loss is None else loss
    made = Learner(model, loss, optimizer(0.02 + 0.01 * k), penalty, **options)
    weights = rng.uniform(0.5, 2, N_ROWS) if weighted else None
    return made, Batches(X, Y, BATCH_SIZE, rng, sample_weight=weights, dtype=np.dtype(dtype))


def assert_as_alone(n_epochs=4, rtol=1e-10, atol=1e-10, n_networks=N_NETWORKS, **kind):
    alone = [learner(k, **kind) for k in range(n_networks)]
    stacked = [learner(k, **kind) for k in range(n_networks)]
    assert len({stack_key(*pair) for pair in stacked}) == 1
    stack = Stack([made for made, _ in stacked])
    for epoch in range(n_epochs):
        losses = stack.fit_epoch([batches for _, batches in stacked], anew=epoch % 3 == 0)
        assert_allclose(losses, [made.fit_epoch(batches) for made, batches in alone], rtol=rtol)
    for (one, _), (other, _) in zip(stacked, alone, strict=True):
        assert one.parameters.tensor.dtype == other.parameters.tensor.dtype
        assert_allclose(one.parameters.tensor, other.parameters.tensor, rtol=rtol, atol=atol)
        memory, expected = (a.optimizer.state_of(a.parameters) for a in (one, other))
        assert memory.keys() == expected.keys()
        for name, value in expected.items():
            assert_allclose(memory[name], value, rtol=rtol, atol=atol)
        assert not one.parameters.gradient.any()


OPTIMIZERS = {
    "sgd": SGDOptimizer,
    "momentum": partial(SGDOptimizer, momentum=0.9),
    "nesterov": partial(SGDOptimizer, momentum=0.9, nesterov=True),
    "adam": AdamOptimizer,
    "adamw": lambda lr: AdamWOptimizer(lr, weight_decay=10 * lr),
    "rmsprop": partial(RMSpropOptimizer, momentum=0.5),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name, weighted):
    assert_as_alone(optimizer=OPTIMIZERS[name], weighted=weighted)


def test_parameters_in_parts(monkeypatch):
    monkeypatch.setattr("sknumpynn.core.parameter.PART_SIZE", 7)
    for name in OPTIMIZERS:
        assert_as_alone(optimizer=OPTIMIZERS[name], clip_norm=0.1 if name == "adam" else None)


def test_several_learning_rates():
    def scaled(n_outputs):
        model = small(n_outputs)
        first, build = model[0], model.build

        def build_scaled(inputs, rng, dtype):
            outputs = build(inputs, rng, dtype)
            first.weights.treatment, first.bias.treatment = (0.3, 1.0), (0.0, 0.0)
            return outputs

        model.build = build_scaled
        return model

    for name in OPTIMIZERS:
        assert_as_alone(make=scaled, optimizer=OPTIMIZERS[name])


def test_without_a_penalty():
    assert_as_alone(penalized=False)


def test_data_that_a_layer_without_an_axis_more_is_fed_with():
    assert_as_alone(make=lambda n_outputs: Sequential(Dropout(0.3), small(n_outputs)))


def test_data_that_layers_one_by_one_are_fed_with_have_no_gradient():
    stack = Stack([learner(k, make=lambda n: Sequential(Residual(small(3))))[0] for k in range(2)])
    X = np.ones((2, 6, N_INPUTS))
    Y, backward = stack.model.plan_input(X)(X)
    assert backward(Y) is None


LOSSES = {
    "binary": (BinaryCrossEntropy(), 1, 1),
    "several labels": (BinaryCrossEntropy(), 3, 3),
    "softmax": (SoftmaxCrossEntropy(), 3, 3),
    "squared": (HalfSquaredError(), 2, 2),
    "huber": (HuberLoss(), 1, 1),
    "quantiles": (QuantileLoss((0.2, 0.7)), 2, 1),
    "gaussian": (GaussianNLL(), 4, 2),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, weighted):
    loss, n_outputs, n_targets = LOSSES[name]
    assert_as_alone(loss=loss, n_outputs=n_outputs, n_targets=n_targets, weighted=weighted)


def test_aligned_targets_have_the_axis_of_networks():
    """For losses of as many outputs as targets, and for those of several."""
    for loss, Yp in ((HalfSquaredError(), np.ones((2, 6, 1))), (GaussianNLL(), np.ones((2, 6, 2)))):
        Yt = np.arange(12.0).reshape(2, 6, 1)
        assert_array_equal(StackedLoss(loss, 2).align(Yp, Yt), Yt)


@pytest.mark.parametrize("valued", [1, 130, 2**14])
def test_losses_of_some_networks_at_a_time(valued, monkeypatch):
    monkeypatch.setattr("sknumpynn.stacking.loss.VALUED", valued)
    assert_as_alone(loss=SoftmaxCrossEntropy(), n_outputs=3, weighted=True)
    assert_as_alone()


def no_layer(n_outputs=1):
    return Sequential(Sequential())


def test_networks_without_layers():
    assert_as_alone(make=no_layer, loss=SoftmaxCrossEntropy(), n_outputs=N_INPUTS)


@pytest.mark.parametrize(
    "make", [small, tied, first_tied, first_shares_weights, autoencoder, every_activation]
)
def test_layers_that_take_an_axis_more(make):
    assert_as_alone(make=make)


def test_layers_that_go_one_by_one():
    """What a bias before a normalization does to the loss is rounding; Adam makes steps of that."""
    assert_as_alone(make=deep, optimizer=SGDOptimizer)


def test_a_stack_of_one():
    def residual(n_outputs):
        return Sequential(Residual(small(N_INPUTS)), Linear(outputs=n_outputs))

    for make in (small, residual):
        assert_as_alone(make=make, n_networks=1)


def test_clipped_gradients_each_by_its_own_norm():
    assert_as_alone(clip_norm=0.05, optimizer=SGDOptimizer)


def test_float32_stays_float32():
    assert_as_alone(dtype=np.float32, rtol=1e-4, atol=1e-5)
    stack = Stack([learner(k, dtype=np.float32, clip_norm=1.0)[0] for k in range(2)])
    columns = stack.optimizer.lr, stack.penalty.alpha, stack.clip_norm
    assert {column.dtype for column in columns} == {np.dtype(np.float32)}
    X = np.ones((2, 6, N_INPUTS + 1), np.float32)
    assert stack.model.plan_input(X)(X)[0].dtype == np.float32


def test_a_stack_s_parameters_are_treated_as_those_of_each_network():
    learners = [learner(k)[0] for k in range(2)]
    stacked = Stack(learners).parameters
    for k, made in enumerate(learners):
        own = made.parameters
        assert [p.treatment for p in stacked.members] == [p.treatment for p in own.members]
        assert stacked.segments.keys() == own.segments.keys()
        for treatment, place in own.segments.items():
            segment = stacked.tensor[stacked.segments[treatment]]
            assert_array_equal(segment[k], own.tensor[place])


def test_layers_one_by_one_are_lent_arrays_of_their_shapes_and_get_their_own_back():
    pairs = [learner(k, make=deep) for k in range(2)]
    shapes = [[p.tensor.shape for p in made.model.parameters] for made, _ in pairs]
    seen = []

    def look(k):
        for p, shape in zip(pairs[k][0].model.parameters, shapes[k], strict=True):
            seen.append(p.tensor.shape == p.gradient.shape == shape)

    for k, (made, _) in enumerate(pairs):
        made.before_step = partial(look, k)
    Stack([made for made, _ in pairs]).fit_epoch([batches for _, batches in pairs])
    assert seen and all(seen)
    for made, _ in pairs:
        for p in made.model.parameters:
            assert np.shares_memory(p.tensor, made.parameters.tensor)
            assert np.shares_memory(p.gradient, made.parameters.gradient)


def test_learning_rates_of_each_step():
    def with_schedule(k):
        made, batches = learner(k)

        def lower():
            made.optimizer.lr *= 0.9 - 0.1 * k

        made.before_step = lower
        return made, batches

    alone, stacked = ([with_schedule(k) for k in range(3)] for _ in range(2))
    Stack([made for made, _ in stacked]).fit_epoch([batches for _, batches in stacked])
    for (one, _), (other, batches) in zip(stacked, alone, strict=True):
        other.fit_epoch(batches)
        assert one.optimizer.lr == other.optimizer.lr
        assert_allclose(one.parameters.tensor, other.parameters.tensor, rtol=1e-10)


def test_learners_may_leave_a_stack_and_join_another():
    alone, stacked = ([learner(k) for k in range(N_NETWORKS)] for _ in range(2))
    for part in ([0, 1, 2, 3], [3, 1], [0, 2], [1, 0], [2]):
        Stack([stacked[k][0] for k in part]).fit_epoch([stacked[k][1] for k in part])
        for k in part:
            alone[k][0].fit_epoch(alone[k][1])
    for (one, _), (other, _) in zip(stacked, alone, strict=True):
        assert_allclose(one.parameters.tensor, other.parameters.tensor, rtol=1e-10)
    assert len({stack_key(*pair) for pair in stacked}) == 2  # by the steps that Adam has taken


@pytest.mark.parametrize("optimizer", [AdamOptimizer, partial(SGDOptimizer, momentum=0.9)])
def test_numbers_that_change_between_epochs(optimizer):
    alone, stacked = ([learner(k, optimizer=optimizer) for k in range(2)] for _ in range(2))
    stack = Stack([made for made, _ in stacked])
    for epoch in range(3):
        for made, _ in alone + stacked:
            made.parameters.tensor *= 0.9
            made.optimizer.lr *= 0.5
            for memory in made.optimizer.state_of(made.parameters).values():
                if isinstance(memory, np.ndarray):
                    memory *= 0.7
        stack.fit_epoch([batches for _, batches in stacked], anew=epoch == 0)
        for made, batches in alone:
            made.fit_epoch(batches)
    for (one, _), (other, _) in zip(stacked, alone, strict=True):
        assert_allclose(one.parameters.tensor, other.parameters.tensor, rtol=1e-10)


def test_networks_that_another_pack_houses_are_taken_in():
    alone, stacked = ([learner(k) for k in range(2)] for _ in range(2))
    stack = Stack([made for made, _ in stacked])
    for made, _ in alone + stacked:
        pack(made.model.parameters).tensor *= 0.5
    stack.fit_epoch([batches for _, batches in stacked])
    for (one, _), (other, batches) in zip(stacked, alone, strict=True):
        other.fit_epoch(batches)
        assert_allclose(one.parameters.tensor, other.parameters.tensor, rtol=1e-10)


def test_the_size_of_buffers_is_put_back():
    made, batches = learner(0)
    with np.errstate():
        np.setbufsize(4096)
        Stack([made]).fit_epoch([batches])
        assert np.getbufsize() == 4096


def test_after_an_interrupt_each_has_its_own_again():
    stacked = [learner(k) for k in range(2)]
    before = [(made.parameters.tensor, made.parameters.tensor.copy()) for made, _ in stacked]
    stack = Stack([made for made, _ in stacked])

    def interrupt():
        raise KeyboardInterrupt

    stack.after_step = interrupt
    with pytest.raises(KeyboardInterrupt):
        stack.fit_epoch([batches for _, batches in stacked])
    for (made, _), (home, values) in zip(stacked, before, strict=True):
        assert made.parameters.tensor is home and np.all(home != values)
        assert all(np.shares_memory(p.tensor, home) for p in made.model.parameters)


def test_gradients_of_a_stacked_linear_map():
    """Each network's gradient is that of its own map: by differences, of all at once."""
    stacked = [
        learner(k, make=lambda n: Sequential(Tanh(), Linear(outputs=n)), n_outputs=2)
        for k in (1, 2)
    ]
    stack = Stack([made for made, _ in stacked])
    stack.parameters.gather()
    X = np.random.default_rng(0).normal(size=(2, 6, N_INPUTS))
    C = np.random.default_rng(1).normal(size=(2, 6, 2))
    Y, backward = stack.model.plan(X)(X)
    for k, (made, _) in enumerate(stacked):
        assert_allclose(Y[k], made.model.forward(X[k])[0], rtol=1e-13)
    dX = backward(C).copy()
    dtheta = stack.parameters.gradient.copy()

    def loss():
        return float((C * stack.model.plan(X)(X)[0]).sum())

    for array, gradient in ((X, dX), (stack.parameters.tensor, dtheta)):
        for place in np.ndindex(array.shape):
            value, h = array[place], 1e-6
            array[place] = value + h
            above = loss()
            array[place] = value - h
            below = loss()
            array[place] = value
            assert_allclose((above - below) / (2 * h), gradient[place], rtol=1e-6, atol=1e-8)


def test_a_linear_map_of_data_and_ones_is_that_of_each_network_s_data():
    learners = [learner(k, make=lambda n: Sequential(Linear(outputs=n)))[0] for k in range(3)]
    stack = Stack(learners)
    stack.parameters.gather()
    X, D = np.random.default_rng(0).normal(size=(2, 3, 6, N_INPUTS))
    X_and_ones, D = np.concatenate([X, np.ones((3, 6, 1))], axis=2), D[..., :1]
    Y, backward = stack.model.plan_input(X_and_ones)(X_and_ones)
    backward(D)
    for k, made in enumerate(learners):
        expected, backward = made.model.forward(X[k])
        backward(D[k])
        assert_allclose(Y[k], expected, rtol=1e-12)
        assert_allclose(stack.parameters.gradient[k], made.parameters.gradient, rtol=1e-12)
