"""All losses: the rules, and scikit-learn's metrics."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from sknumpynn import losses
from sknumpynn.core import Loss
from sknumpynn.testing import check_loss
from tests.cases import LOSSES, named


def draw(case, rng, n_rows=20):
    return rng.standard_normal((n_rows, case.n_outputs)), case.draw_targets(rng, n_rows)


def test_every_public_loss_has_a_case():
    public = [getattr(losses, name) for name in losses.__all__]
    public = {part if isinstance(part, type) else type(part) for part in public}
    assert public == {type(case.make()) for case in LOSSES}
    assert all(issubclass(part, Loss) for part in public)


@named(LOSSES)
def test_rules(case, rng):
    check_loss(case.make(), case.n_outputs, case.make_targets, rng)


@named(LOSSES)
@pytest.mark.parametrize("weighted", [False, True])
def test_value_is_that_of_the_metric(case, weighted, rng):
    loss, (Yp, Yt) = case.make(), draw(case, rng)
    weights = rng.uniform(0, 3, len(Yp)) if weighted else None
    expected = case.reference(Yp, Yt, weights)
    assert_allclose(loss(Yp, Yt, weights)[0], expected, rtol=1e-12)
    assert_allclose(loss.value(Yp, Yt, weights), expected, rtol=1e-12)


@named(LOSSES)
def test_called_it_gives_value_and_gradient(case, rng):
    loss, (Yp, Yt), weights = case.make(), draw(case, rng), rng.uniform(0, 3, 20)
    for arguments in ((Yp, Yt), (Yp, Yt, weights)):
        value, D = loss(*arguments)
        assert isinstance(value, float)
        assert value == loss.value(*arguments)
        assert_array_equal(D, loss.gradient(*arguments))


@named(LOSSES)
def test_the_mean_of_batches_is_the_whole(case, rng):
    loss, (Yp, Yt) = case.make(), draw(case, rng)
    halves = [slice(0, 10), slice(10, 20)]
    values = [loss.value(Yp[half], Yt[half]) for half in halves]
    assert_allclose(np.mean(values), loss.value(Yp, Yt), rtol=1e-13)
    gradients = [loss.gradient(Yp[half], Yt[half]) for half in halves]
    assert_allclose(np.concatenate(gradients) / 2, loss.gradient(Yp, Yt), rtol=1e-13)


@named(LOSSES)
@pytest.mark.parametrize("wrong", [(1, 0), (-1, 0), (0, 1)])
def test_shapes_that_do_not_match_are_both_named(case, wrong, rng):
    Yp, _ = draw(case, rng)
    shape = (len(Yp) + wrong[0], case.n_outputs + wrong[1])
    with pytest.raises(ValueError) as error:
        case.make()(Yp, np.zeros(shape))
    assert str(Yp.shape) in str(error.value)
    assert str(shape) in str(error.value)


@named(LOSSES)
def test_lists_and_boolean_targets_will_do(case, rng):
    loss, (Yp, Yt) = case.make(), draw(case, rng)
    value, D = loss(Yp, Yt.astype(float))
    value_of_lists, D_of_lists = loss(Yp.tolist(), Yt.tolist())
    assert value_of_lists == value
    assert_array_equal(D_of_lists, D)


@named(LOSSES)
def test_predictions_may_be_whole_numbers(case, rng):
    loss, (Yp, Yt) = case.make(), draw(case, rng)
    Yp = np.round(3 * Yp)
    value, D = loss(Yp, Yt)
    value_of_integers, D_of_integers = loss(Yp.astype(int), Yt)
    assert value_of_integers == value
    assert_array_equal(D_of_integers, D)


@named(LOSSES)
def test_a_step_against_the_gradient_lowers_it(case, rng):
    loss, (Yp, Yt) = case.make(), draw(case, rng)
    value, D = loss(Yp, Yt)
    assert loss.value(Yp - 1e-3 * D, Yt) < value


@named(LOSSES)
def test_clone_repr_and_pickle(case, rng):
    loss, (Yp, Yt) = case.make(), draw(case, rng)
    for twin in (clone(loss), pickle.loads(pickle.dumps(loss))):
        assert repr(twin) == repr(loss)
        assert twin.value(Yp, Yt) == loss.value(Yp, Yt)


@named(LOSSES)
def test_float32_agrees_with_float64(case, rng):
    loss, (Yp, Yt) = case.make(), draw(case, rng)
    Yp32, Yt32 = Yp.astype(np.float32), Yt.astype(np.float32)
    value, D = loss(Yp32, Yt32)
    expected, D_expected = loss(Yp32.astype(float), Yt32.astype(float))
    assert_allclose(value, expected, rtol=1e-5)
    assert_allclose(D, D_expected, rtol=1e-4, atol=1e-6)
