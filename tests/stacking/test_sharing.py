"""Batches that are alike share shuffles and arrays; each deals out what it would by itself."""

import copy

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal, assert_equal

from sknumpynn import Learner, Linear, MLPClassifier, Sequential, SGDOptimizer, mse_loss
from sknumpynn.core import Batches, Layer
from sknumpynn.estimators._steps import take_steps_together
from sknumpynn.stacking import part_batches, share_batches
from sknumpynn.stacking.batches import StackedBatches

N_ROWS, BATCH_SIZE = 23, 8
X = np.random.default_rng(0).normal(size=(N_ROWS, 3))
Y = X.sum(axis=1, keepdims=True)
WEIGHTS = np.linspace(0.5, 2, N_ROWS)


class OwnLayer(Layer):
    """Might draw from the random state that it was built with."""


def batches_of(X=X, Y=Y, seed=0, weights=WEIGHTS, shuffle=True, n_drawn=0):
    rng = np.random.RandomState(seed)
    rng.uniform(size=n_drawn)
    return Batches(X, Y, BATCH_SIZE, rng if shuffle else None, sample_weight=weights)


def shared(batches, *layers):
    model = Sequential(Linear(3, 1, rng=0), *layers)
    share_batches([Learner(model, mse_loss, SGDOptimizer())] * len(batches), batches)
    return batches


def dealt(batches):
    """List what an epoch deals out: X, Y, weights and their totals of each step, copied."""
    return [
        [np.array(part) for part in (X, Y, weights, total)]
        for block in batches.epoch()
        for _, X, Y, weights, total in block
    ]


def assert_dealt_as_alone(batches, alone):
    steps = zip(dealt(StackedBatches(batches)), *map(dealt, alone), strict=True)
    for together, *each in steps:
        for stacked, *parts in zip(together, *each, strict=True):
            for part, expected in zip(stacked, parts, strict=True):
                assert_array_equal(part.ravel(), expected.ravel())


def make_some():
    """Two that are alike, by X of two arrays, and others that differ from them in one thing."""
    others = {"X": 2 * X}, {"Y": 2 * Y}, {"weights": WEIGHTS[::-1]}, {"seed": 1}, {"n_drawn": 1}
    return [batches_of(X=X.copy()) for _ in range(2)] + [batches_of(**one) for one in others]


def test_only_what_is_alike_is_shared():
    first, second, *others = shared(make_some())
    assert first.order is second.order and first.X is second.X and first.Y is second.Y
    assert len({id(own.order) for own in (first, *others)}) == 6
    assert len(StackedBatches([first, second, *others]).distinct) == 6


def test_each_is_dealt_what_it_would_be_alone():
    batches, alone = shared(make_some()), make_some()
    for _ in range(3):
        assert_dealt_as_alone(batches, alone)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_rows_that_are_not_shuffled(weights):
    batches = shared([batches_of(shuffle=False, weights=weights) for _ in range(3)])
    assert len(StackedBatches(batches).distinct) == 1
    for k in range(3):
        steps = dealt(StackedBatches(batches))
        assert_array_equal(np.concatenate([step[0][k] for step in steps]), X)


def test_two_stacks_that_share_are_shuffled_once_an_epoch():
    batches, alone = shared([batches_of() for _ in range(4)]), [batches_of() for _ in range(4)]
    for cut in (2, 1, 3):
        assert_dealt_as_alone(batches[:cut], alone[:cut])
        assert_dealt_as_alone(batches[cut:], alone[cut:])


def test_who_parts_goes_on_alone():
    batches, alone = shared([batches_of() for _ in range(3)]), [batches_of() for _ in range(3)]
    assert_dealt_as_alone(batches, alone)
    for own in batches[:2]:
        part_batches(own)
    for own, other in zip(batches, alone, strict=True):
        for _ in range(2):
            assert_dealt_as_alone([own], [other])
        state, expected = own.rng.get_state(legacy=False), other.rng.get_state(legacy=False)
        assert_array_equal(state["state"]["key"], expected["state"]["key"])
        assert state["state"]["pos"] == expected["state"]["pos"]


def test_a_layer_that_may_draw_has_its_batches_to_itself():
    batches = shared([batches_of() for _ in range(2)], OwnLayer())
    assert batches[0].order is not batches[1].order
    rng = batches[0].rng
    part_batches(batches[0])
    assert batches[0].rng is rng


def test_others_share_whoever_does_not():
    models = [Sequential(Linear(3, 1, rng=0), *layers) for layers in ((OwnLayer(),), (), ())]
    batches = [batches_of() for _ in models]
    share_batches([Learner(model, mse_loss, SGDOptimizer()) for model in models], batches)
    assert [own.order is batches[1].order for own in batches] == [False, True, True]


@pytest.mark.parametrize("how", [{}, {"legacy": False}])
def test_a_shared_random_state_tells_its_state_as_its_own(how):
    (first, _), alone = shared([batches_of() for _ in range(2)]), batches_of()
    for own in (first, alone):
        own.shuffle()
    assert_equal(first.rng.get_state(**how), alone.rng.get_state(**how))


@pytest.mark.parametrize("gathered", [1, 2**18])
def test_rows_that_several_networks_have_are_gathered_once(gathered, monkeypatch):
    """As of a search's folds: each has several candidates, in the same order of rows or not."""
    monkeypatch.setattr("sknumpynn.stacking.batches.GATHERED", gathered)
    rng = np.random.default_rng(0)
    folds = [rng.normal(size=(50, 3)).astype(dtype) for dtype in ("f8", "f8", "f4")]
    numbers = rng.normal(size=(50, 1))

    def deal():
        return [
            Batches(folds[k % 3], numbers, 8, np.random.RandomState(k // 6), dtype=np.dtype(float))
            for k in range(12)
        ]

    for block in StackedBatches(shared(deal())).epoch():
        assert len(block.blocks) == 6
        singles = [next(batches.epoch()) for batches in deal()]
        for (_, stacked, *_), *parts in zip(block, *singles, strict=True):
            for X_k, (_, own, *_) in zip(stacked, parts, strict=True):
                assert_array_equal(X_k, own)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("shuffle", [True, False])
def test_fits_in_lock_step_are_resumed_as_those_alone(shuffle):
    """What a fit remembers of its random state is what that would be without sharing."""
    y = Y.ravel() > 0
    params = dict(max_iter=4, batch_size=BATCH_SIZE, tol=0.0, n_iter_no_change=100, shuffle=shuffle)
    est = MLPClassifier((3,), warm_start="exact", random_state=0, **params)
    alone = [copy.deepcopy(est).set_params(alpha=0.1 * k, max_iter=3 + k) for k in range(6)]
    together = copy.deepcopy(alone)
    fittings = take_steps_together(one._fitting(X, y, None) for one in together)
    assert [fitting.error for fitting in fittings] == [None] * 6
    for one, other in zip(together, alone, strict=True):
        other.fit(X, y)
        for fitted in (one, other):
            fitted.fit(X, y)
        assert_allclose(one.loss_curve_, other.loss_curve_, rtol=1e-10)
