"""Keys: which learners may be one stack."""

from functools import partial

import numpy as np
import pytest
from scipy import sparse

from sknumpynn import Learner, Linear, ReLu, Sequential, Tanh
from sknumpynn.core import Batches
from sknumpynn.layers import Dropout, LeakyRelu
from sknumpynn.losses import HalfSquaredError
from sknumpynn.optimizers import AdamOptimizer, AdamWOptimizer, SGDOptimizer
from sknumpynn.penalties import L2Penalty
from sknumpynn.stacking import stack_key, stack_size
from sknumpynn.stacking.keys import CACHED
from tests.stacking.test_stack import learner


class OwnReLu(ReLu):
    """One of a user's, which may do anything."""


def key(**kind):
    return stack_key(*learner(0, **kind))


def test_keys_tell_apart_what_cannot_be_one_stack():
    wider = Sequential(Linear(outputs=6), ReLu(), Linear(outputs=1))
    kinds = [
        {},
        {"make": lambda n: wider},
        {"make": lambda n: Sequential(Linear(outputs=5), Tanh(), Linear(outputs=n))},
        {"make": lambda n: Sequential(Linear(outputs=5), OwnReLu(), Linear(outputs=n))},
        {"make": lambda n: Sequential(Linear(outputs=5), LeakyRelu(0.1), Linear(outputs=n))},
        {"make": lambda n: Sequential(Linear(outputs=5), LeakyRelu(0.2), Linear(outputs=n))},
        {"optimizer": AdamWOptimizer},
        {"optimizer": SGDOptimizer},
        {"optimizer": partial(SGDOptimizer, momentum=0.9)},
        {"optimizer": partial(AdamOptimizer, beta_1=0.8)},
        {"loss": HalfSquaredError()},
        {"loss": HalfSquaredError(summed_gradient=True)},
        {"weighted": True},
        {"clip_norm": 1.0},
        {"dtype": np.float32},
    ]
    keys = [key(**kind) for kind in kinds]
    assert None not in keys and len(set(keys)) == len(kinds)
    assert key() == key(optimizer=partial(AdamOptimizer))


def test_keys_tell_where_a_layer_stands_twice():
    def first_twice(n_outputs):
        return twice(0)

    def second_twice(n_outputs):
        return twice(1)

    def twice(i):
        pair = [Linear(3, 3, rng=0), Linear(3, 3, rng=1)]
        model = Sequential(*pair[: i + 1], *pair[i:], Linear(3, 1, rng=2))
        model.build = lambda inputs, rng, dtype: 1
        return model

    assert key(make=first_twice) != key(make=second_twice)


def test_keys_tell_whose_weights_a_layer_shares():
    def third_shares(i):
        layers = [Linear(3, 3, rng=k) for k in range(3)]
        for name in ("weights", "bias", "parameters"):
            setattr(layers[2], name, getattr(layers[i], name))
        model = Sequential(*layers, Linear(3, 1, rng=3))
        model.build = lambda inputs, rng, dtype: 1
        return model

    assert key(make=lambda n: third_shares(0)) != key(make=lambda n: third_shares(1))


def test_keys_do_not_tell_what_layers_keep_to_themselves():
    def inputs_named_and_rate(inputs, rate):
        return Sequential(Linear(inputs, 5, rng=0), Dropout(rate), Linear(outputs=1))

    first, second = (partial(inputs_named_and_rate, *how) for how in ((3, 0.1), (None, 0.2)))
    assert key(make=lambda n: first()) == key(make=lambda n: second())


def function_loss(Yp, Yt):
    return np.square(Yp - Yt).mean(), 2 * (Yp - Yt) / Yp.size


class LargestSquare(HalfSquaredError):
    """The loss of one row, not the mean of all."""

    def value(self, Yp, Yt, sample_weight=None):
        return float(self.row_loss(Yp, Yt).max())


class Weighted(HalfSquaredError):
    """A loss of a user's, which holds an array."""

    def __init__(self, weights):
        self.weights = weights

    def row_loss(self, Yp, Yt):
        return super().row_loss(Yp, Yt) * self.weights[0]

    def row_gradient(self, Yp, Yt):
        return super().row_gradient(Yp, Yt) * self.weights[0]


def test_losses_that_hold_arrays_are_told_apart_to_the_last_bit():
    """Also long ones, which NumPy abbreviates where it prints them."""
    ones = np.ones(2000)
    lasts = 1, 1, np.nextafter(1, 2)
    one, same, other = (key(loss=Weighted(np.append(ones, last))) for last in lasts)
    assert one is not None and one == same != other


def test_a_loss_of_a_class_that_another_may_be_called_like_is_not_stacked():
    class Local(HalfSquaredError):
        """Of a class that is made anew with each call."""

    assert key(loss=Local()) is None


class OwnOptimizer(SGDOptimizer):
    """One of a user's, which may do anything."""


@pytest.mark.parametrize(
    "kind", [{"loss": function_loss}, {"loss": LargestSquare()}, {"optimizer": OwnOptimizer}]
)
def test_what_may_do_anything_is_not_stacked(kind):
    assert key(**kind) is None


def test_rows_that_count_for_nothing_are_not_stacked():
    made, batches = learner(0, weighted=True)
    batches.sample_weight[3] = 0
    assert stack_key(made, batches) is None


class OwnPenalty(L2Penalty):
    """One of a user's, which may do anything."""


class OwnLearner(Learner):
    """One of a user's, which may do anything."""


def test_a_learner_that_may_do_anything_is_not_stacked():
    made, batches = learner(0)
    made.after_step = lambda: None
    assert stack_key(made, batches) is None
    made, batches = learner(0)
    made.penalty = OwnPenalty()
    assert stack_key(made, batches) is None
    assert stack_key(OwnLearner(made.model, made.loss, made.optimizer), batches) is None


def test_data_that_are_no_array_in_memory_are_not_stacked():
    made, batches = learner(0)
    X = sparse.csr_array(batches.X)
    assert stack_key(made, Batches(X, batches.Y, batches.batch_size)) is None
    batches.is_mapped = True
    assert stack_key(made, batches) is None


def test_a_stack_is_as_large_as_the_cache_and_made_of_small_networks(monkeypatch):
    made, batches = learner(0)
    n_parameters = 3 * 5 + 5 + 5 + 1
    for large, size in ((0, CACHED // n_parameters), (-1, 0)):
        monkeypatch.setattr(
            "sknumpynn.stacking.keys.LARGE", n_parameters * batches.batch_size + large
        )
        assert stack_size(made, batches) == size
    assert stack_size(Learner(Tanh(), made.loss, made.optimizer), batches) == CACHED
