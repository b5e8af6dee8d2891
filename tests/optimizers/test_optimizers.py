"""All optimizers: 50 steps of a formula written out number by number."""

import copy
import gc
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from sknumpynn import AdamOptimizer, Parameter, SGDOptimizer, optimizers
from sknumpynn.core import Optimizer, pack, parameter
from sknumpynn.optimizers import AdamWOptimizer, RMSpropOptimizer
from tests.cases import OPTIMIZERS, named

N_STEPS = 50


def draw(rng, shape, dtype=np.float64):
    """A start, and gradients of sizes from 0.01 to 100, some of them zero."""
    gradients = rng.standard_normal((N_STEPS, *shape)) * 10 ** rng.uniform(-2, 2, shape)
    gradients[rng.random(gradients.shape) < 0.1] = 0
    return rng.standard_normal(shape).astype(dtype), gradients.astype(dtype)


def train(optimizer, param, gradients):
    for gradient in gradients:
        param.gradient += gradient
        optimizer.update(param)


def test_every_public_optimizer_has_a_case():
    public = {getattr(optimizers, name) for name in optimizers.__all__}
    assert public == {type(case.make()) for case in OPTIMIZERS}
    assert all(issubclass(part, Optimizer) for part in public)


@named(OPTIMIZERS)
@pytest.mark.parametrize("dtype, tol", [(np.float64, 1e-13), (np.float32, 2e-5)])
@pytest.mark.parametrize("shape", [(12,), (3, 4)])
@pytest.mark.parametrize("lr_scale", [1.0, 0.25])
def test_reference(case, dtype, tol, shape, lr_scale, rng):
    start, gradients = draw(rng, shape, dtype)
    param = Parameter(start.copy(), lr_scale=lr_scale)
    train(case.make(), param, gradients)
    expected = case.reference(start.astype(float), gradients.astype(float), lr_scale)
    assert param.tensor.dtype == dtype
    moved = np.abs(expected - start).max()
    assert_allclose(param.tensor, expected, rtol=tol, atol=tol * moved)


@named(OPTIMIZERS)
def test_a_plan_is_as_many_updates(case, rng):
    start, gradients = draw(rng, (3, 4))
    params = [Parameter(start.copy(), lr_scale=0.5) for _ in range(2)]
    planned, optimizer = case.make(), case.make()
    [(part, update)] = planned.plan(params[0])
    assert part is params[0]
    for gradient in gradients:
        for param in params:
            param.gradient += gradient
        update()
        optimizer.update(params[1])
        planned.lr = optimizer.lr = 0.99 * optimizer.lr
    assert_array_equal(params[0].gradient, 0)
    assert_array_equal(params[0].tensor, params[1].tensor)


@named(OPTIMIZERS)
@pytest.mark.parametrize(
    "bind",
    [lambda g: g.astype(np.float32), lambda g: np.repeat(g, 2)[::2], lambda g: g.tolist()],
    ids=["of another dtype", "not contiguous", "a list"],
)
def test_a_gradient_that_was_bound_counts_as_one_that_was_added(case, bind, rng):
    start, gradients = draw(rng, (3,))
    params = [Parameter(start.copy()) for _ in range(2)]
    optimizers = case.make(), case.make()
    for gradient in np.round(gradients, 1).astype(np.float32).astype(np.float64):
        params[0].gradient = bind(gradient)
        params[1].gradient += gradient
        for optimizer, param in zip(optimizers, params, strict=True):
            optimizer.update(param)
    assert_array_equal(params[0].tensor, params[1].tensor)


@named(OPTIMIZERS)
def test_what_is_remembered_in_another_dtype_is_gone_on_with(case, rng):
    start, gradients = draw(rng, (7,))
    double, optimizer = Parameter(start.copy()), case.make()
    train(optimizer, double, gradients[:25])
    single = Parameter(double.tensor.astype(np.float32))
    optimizer.state_of(single).update(copy.deepcopy(optimizer.state_of(double)))
    for param in (single, double):
        train(optimizer, param, gradients[25:].astype(np.float32))
    assert_allclose(single.tensor, double.tensor, rtol=1e-4, atol=1e-4)
    for name in optimizer.remembers:
        assert optimizer.state_of(single)[name].dtype == np.float32


class Halving(Optimizer):
    """One of a user's, that makes no plans."""

    def step(self, param, state):
        state["t"] = state.get("t", 0) + 1
        param.tensor *= 0.5


class StepCounting(SGDOptimizer):
    def step(self, param, state):
        state["n_steps"] = state.get("n_steps", 0) + 1
        super().step(param, state)


class UpdateCounting(SGDOptimizer):
    def update(self, param):
        state = self.state_of(param)
        state["n_steps"] = state.get("n_steps", 0) + 1
        super().update(param)


def test_an_optimizer_without_plans_of_its_own_is_asked_at_each_update():
    optimizer, param = Halving(), Parameter([8.0])
    param.gradient[:] = 1
    [(part, update)] = optimizer.plan(param)
    assert part is param
    for _ in range(3):
        update()
    assert param.tensor == 1
    assert param.gradient == 0
    assert optimizer.state_of(param) == {"t": 3}


@pytest.mark.parametrize("kind", [StepCounting, UpdateCounting])
def test_what_a_subclass_overrides_is_part_of_its_plan(kind, rng):
    start, gradients = draw(rng, (4,))
    counting, plain = kind(0.1), SGDOptimizer(0.1)
    params = [Parameter(start.copy()) for _ in range(2)]
    plans = *counting.plan(params[0]), *plain.plan(params[1])
    for gradient in gradients:
        for param, (_, update) in zip(params, plans, strict=True):
            param.gradient += gradient
            update()
    assert counting.state_of(params[0]) == {"n_steps": N_STEPS, "t": N_STEPS}
    assert_array_equal(params[0].tensor, params[1].tensor)


@named(OPTIMIZERS)
@pytest.mark.parametrize("part_size", [1, 4, 16384])
def test_packed_parameters_with_two_learning_rates(case, part_size, rng, monkeypatch):
    monkeypatch.setattr(parameter, "PART_SIZE", part_size)
    scales, draws = [0.1, 1.0, 0.1], [draw(rng, shape) for shape in [(2, 3), (4,), (3, 1)]]
    params = [Parameter(draws[i][0].copy(), lr_scale=scales[i]) for i in range(3)]
    packed, optimizer = pack(params), case.make()
    assert len(packed.segments) == 2
    for step in range(N_STEPS):
        for param, (_, gradients) in zip(params, draws, strict=True):
            param.gradient += gradients[step]
        optimizer.update(packed)
    for param, (start, gradients), lr_scale in zip(params, draws, scales, strict=True):
        assert_allclose(param.tensor, case.reference(start, gradients, lr_scale), rtol=1e-12)


@named(OPTIMIZERS)
@pytest.mark.parametrize("part_size", [3, 16384])
def test_the_parts_of_a_plan_are_one_update(case, part_size, rng, monkeypatch):
    monkeypatch.setattr(parameter, "PART_SIZE", part_size)
    scales, draws = [0.1, 0.0, 1.0], [draw(rng, shape) for shape in [(2, 3), (4,), (3, 1)]]
    tensors, memories = [], []
    for asks_each_time in (False, True):
        params = [Parameter(draws[i][0].copy(), lr_scale=scales[i]) for i in range(3)]
        packed, optimizer = pack(params), case.make()
        plans = optimizer.plan(packed)
        assert [part.tensor.size for part, _ in plans] == (
            [3, 1, 3, 3, 3] if part_size == 3 else [4, 6, 3]
        )
        for step in range(N_STEPS):
            for param, (_, gradients) in zip(params, draws, strict=True):
                param.gradient += gradients[step]
            if asks_each_time:
                optimizer.update(packed)
            for part, update in () if asks_each_time else plans:
                update()
                assert not part.gradient.any()
            assert not packed.gradient.any()
        assert_array_equal(params[1].tensor, draws[1][0])
        tensors.append(packed.tensor)
        memories.append(optimizer.state_of(packed))
    assert_array_equal(*tensors)
    assert memories[0]["t"] == N_STEPS
    assert memories[0].keys() == {"t", *optimizer.remembers}
    for name, remembered in memories[0].items():
        assert_array_equal(remembered, memories[1][name])


@named(OPTIMIZERS)
def test_what_is_not_learned_stays_whatever_its_gradient(case, rng):
    frozen, other = Parameter(rng.standard_normal(3), lr_scale=0.0), Parameter([1.0])
    packed, before, optimizer = pack([frozen, other]), frozen.tensor.copy(), case.make()
    for value in (1.0, np.inf, np.nan):
        packed.gradient[:] = 1
        frozen.gradient[:] = value
        optimizer.update(packed)
    assert_array_equal(frozen.tensor, before)
    assert_array_equal(packed.gradient, 0)
    assert 0 < other.tensor < 1


@named(OPTIMIZERS)
def test_of_no_parameters_there_is_nothing_to_update(case):
    optimizer, empty = case.make(), pack([])
    assert optimizer.plan(empty) == []
    optimizer.update(empty)


@named(OPTIMIZERS)
def test_parameters_one_by_one_are_the_packed_ones(case, rng):
    (start_a, gradients_a), (start_b, gradients_b) = draw(rng, (3, 2)), draw(rng, (4,))
    apart, together = ([Parameter(start_a.copy()), Parameter(start_b.copy())] for _ in range(2))
    packed, one_by_one, at_once = pack(together), case.make(), case.make()
    for a, b in zip(gradients_a, gradients_b, strict=True):
        for first, second in (apart, together):
            first.gradient += a
            second.gradient += b
        for param in apart:
            one_by_one.update(param)
        at_once.update(packed)
    for param, twin in zip(apart, together, strict=True):
        assert_allclose(param.tensor, twin.tensor, rtol=1e-13)


@named(OPTIMIZERS)
def test_update_is_in_place_and_zeroes_the_gradient(case, rng):
    param = Parameter(rng.standard_normal(5))
    tensor, gradient = param.tensor, param.gradient
    optimizer, before = case.make(), tensor.copy()
    for _ in range(3):
        gradient += 1.0
        optimizer.update(param)
        assert param.tensor is tensor
        assert param.gradient is gradient
        assert_array_equal(gradient, 0)
    assert (tensor < before).all()


@named(OPTIMIZERS)
def test_no_learning_rate_no_change(case, rng):
    param = Parameter(rng.standard_normal(5))
    before = param.tensor.copy()
    train(case.make().set_params(lr=0.0), param, rng.standard_normal((5, 5)))
    assert_array_equal(param.tensor, before)


@pytest.mark.parametrize(
    "optimizer",
    [SGDOptimizer(), AdamOptimizer(), AdamWOptimizer(), RMSpropOptimizer(momentum=0.5)],
)
def test_the_learning_rate_is_read_at_each_step(optimizer, rng):
    optimizer, param = clone(optimizer), Parameter(rng.standard_normal(5))
    train(optimizer, param, rng.standard_normal((2, 5)))
    before = param.tensor.copy()
    optimizer.lr = 0.0
    train(optimizer, param, rng.standard_normal((2, 5)))
    assert_array_equal(param.tensor, before)


@named(OPTIMIZERS)
def test_what_is_remembered_of_one_parameter_is_no_other_s(case, rng):
    start, gradients = draw(rng, (4,))
    optimizer, one, other = case.make(), Parameter(start.copy()), Parameter(start.copy())
    train(optimizer, one, gradients)
    train(optimizer, other, gradients)
    assert_array_equal(one.tensor, other.tensor)


@named(OPTIMIZERS)
def test_it_remembers_no_parameter_that_is_gone(case, rng):
    optimizer = case.make()
    for _ in range(3):
        train(optimizer, Parameter(np.zeros(4)), rng.standard_normal((2, 4)))
    gc.collect()
    assert len(optimizer._states) == 0


@named(OPTIMIZERS)
@pytest.mark.parametrize(
    "duplicate", [clone, copy.deepcopy, lambda optimizer: pickle.loads(pickle.dumps(optimizer))]
)
def test_a_duplicate_has_the_settings_and_no_memory(case, duplicate, rng):
    optimizer, (start, gradients) = case.make(), draw(rng, (4,))
    train(optimizer, Parameter(start.copy()), gradients)
    twin, param = duplicate(optimizer), Parameter(start.copy())
    assert twin.get_params() == optimizer.get_params()
    assert repr(twin) == repr(optimizer)
    train(twin, param, gradients)
    assert_allclose(param.tensor, case.reference(start, gradients, 1.0), rtol=1e-12)


@named(OPTIMIZERS)
def test_training_resumes_from_a_saved_state(case, rng):
    start, gradients = draw(rng, (4,))
    whole, first, second = case.make(), case.make(), case.make()
    straight, broken = Parameter(start.copy()), Parameter(start.copy())
    train(whole, straight, gradients)
    train(first, broken, gradients[:20])
    resumed = Parameter(broken.tensor.copy())
    second.state_of(resumed).update(pickle.loads(pickle.dumps(first.state_of(broken))))
    train(second, resumed, gradients[20:])
    assert_array_equal(resumed.tensor, straight.tensor)


@named(OPTIMIZERS)
def test_what_is_remembered_may_be_strided(case, rng):
    (start, gradients), results = draw(rng, (4,)), []
    for stride in (1, 2):
        optimizer, param = case.make(), Parameter(start.copy())
        train(optimizer, param, gradients[:20])
        state = optimizer.state_of(param)
        for name in optimizer.remembers:
            state[name] = np.repeat(state[name], stride)[::stride]
        train(optimizer, param, gradients[20:])
        results.append(param.tensor)
    assert_array_equal(*results)


def test_one_step_of_sgd_is_the_formula():
    param = Parameter(np.array([[1.0, 2.0]]))
    param.gradient[:] = [[8.0, -8.0]]
    SGDOptimizer(lr=0.125).update(param)  # exactly so, whether products are rounded or not
    assert_array_equal(param.tensor, [[0.0, 3.0]])
    assert_array_equal(param.gradient, [[0.0, 0.0]])


def test_the_first_step_of_adam_is_the_learning_rate_against_the_sign(rng):
    param = Parameter(np.zeros(6))
    param.gradient[:] = gradient = rng.standard_normal(6) * 10.0 ** np.arange(-3, 3)
    AdamOptimizer(lr=0.01, epsilon=0.0).update(param)
    assert_allclose(param.tensor, -0.01 * np.sign(gradient), rtol=1e-12)


def test_without_gradients_adamw_shrinks_each_parameter_by_its_scales():
    scales = [(1.0, 1.0), (1.0, 0.0), (0.5, 1.0), (0.5, 3.0)]
    params = [Parameter(np.full(3, 2.0), *scale) for scale in scales]
    packed, optimizer = pack(params), AdamWOptimizer(lr=0.1, weight_decay=0.2)
    for _ in range(10):
        optimizer.update(packed)
    for param, (lr_scale, decay_scale) in zip(params, scales, strict=True):
        assert_allclose(param.tensor, 2 * (1 - 0.1 * lr_scale * 0.2 * decay_scale) ** 10)


def test_the_decay_of_adamw_does_not_reach_its_moments(rng):
    start, gradients = draw(rng, (4,))
    states = []
    for optimizer in (AdamOptimizer(0.1), AdamWOptimizer(0.1, weight_decay=0.5)):
        param = Parameter(start.copy())
        train(optimizer, param, gradients)
        states.append(optimizer.state_of(param))
    assert_array_equal(states[0]["m"], states[1]["m"])
    assert_array_equal(states[0]["v"], states[1]["v"])


def test_the_first_step_of_rmsprop_is_as_large_for_every_gradient(rng):
    param = Parameter(np.zeros(6))
    param.gradient[:] = gradient = rng.standard_normal(6) * 10.0 ** np.arange(-3, 3)
    RMSpropOptimizer(lr=0.01, rho=0.75, epsilon=0.0).update(param)
    assert_allclose(param.tensor, -0.01 * np.sign(gradient) / np.sqrt(0.25), rtol=1e-12)


@pytest.mark.parametrize("optimizer", [SGDOptimizer(0.01), RMSpropOptimizer(0.01)])
def test_momentum_may_begin_later(optimizer, rng):
    param = Parameter(rng.standard_normal(4))
    train(optimizer, param, rng.standard_normal((5, 4)))
    before = param.tensor.copy()
    optimizer.momentum = 0.5
    train(optimizer, param, np.ones((1, 4)))
    assert (param.tensor < before).all()
