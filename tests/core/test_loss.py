"""Loss, align and FunctionLoss."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynn.core import FunctionLoss, Loss, align
from sknumpynn.testing import check_loss

MATCHES = [
    ((4,), (4,)),
    ((4, 1), (4, 1)),
    ((4, 3), (4, 3)),
    ((4,), (4, 1)),
    ((4, 1), (4,)),
    ((1,), (1, 1)),
    ((1, 1), (1,)),
]


class Absolute(Loss):
    def row_loss(self, Yp, Yt):
        return np.abs(Yp - Yt).sum(axis=1)

    def row_gradient(self, Yp, Yt):
        return np.sign(Yp - Yt)


@pytest.mark.parametrize(
    "predictions, targets",
    [
        ((4,), (4,)),
        ((4, 1), (4, 1)),
        ((4, 3), (4, 3)),
        ((4,), (4, 1)),
        ((4, 1), (4,)),
        ((1,), (1, 1)),
    ],
)
def test_align_gives_targets_the_shape_of_predictions(predictions, targets):
    Yt = np.arange(np.prod(targets)).reshape(targets)
    aligned = align(np.zeros(predictions), Yt.tolist())
    assert aligned.shape == predictions
    assert_array_equal(aligned.ravel(), Yt.ravel())


def test_align_does_not_copy():
    Yt = np.zeros((4, 1))
    assert align(np.zeros((4, 1)), Yt) is Yt
    assert np.shares_memory(align(np.zeros(4), Yt), Yt)


@pytest.mark.parametrize(
    "predictions, targets",
    [
        ((4, 1), (3, 1)),
        ((4, 1), (3,)),
        ((4,), (3, 1)),
        ((4, 1), (1, 4)),
        ((4,), (1, 4)),
        ((4, 2), (4,)),
        ((4, 2), (4, 1)),
        ((4, 1), (4, 2)),
        ((2, 2), (4,)),
        ((4, 1), ()),
        ((4, 1), (4, 1, 1)),
    ],
)
def test_align_names_both_shapes_where_they_do_not_match(predictions, targets):
    with pytest.raises(ValueError) as error:
        align(np.zeros(predictions), np.zeros(targets))
    for shape in (predictions, targets):
        assert f"shape {shape}" in str(error.value)


@pytest.mark.parametrize(
    "predictions, targets, columns",
    [((4, 3), (4,), (4, 1)), ((4, 3), (4, 1), (4, 1)), ((4, 6), (4, 2), (4, 2))],
)
def test_align_with_three_outputs_for_a_target(predictions, targets, columns):
    Yt = np.arange(np.prod(targets)).reshape(targets)
    aligned = align(np.zeros(predictions), Yt.tolist(), 3)
    assert aligned.shape == columns
    assert_array_equal(aligned.ravel(), Yt.ravel())


@pytest.mark.parametrize(
    "predictions, targets",
    [((4, 3), (4, 3)), ((4, 3), (3,)), ((4, 3), (1, 4)), ((4, 6), (4, 1)), ((4,), (4,))]
    + [((4, 3), ()), ((4, 3), (4, 1, 1))],
)
def test_align_with_three_outputs_names_both_shapes_where_they_do_not_match(predictions, targets):
    with pytest.raises(ValueError) as error:
        align(np.zeros(predictions), np.zeros(targets), 3)
    for shape in (predictions, targets):
        assert f"shape {shape}" in str(error.value)


@pytest.mark.parametrize("k", [1, 2])
def test_a_user_s_loss_is_two_methods(k):
    check_loss(Absolute(), n_outputs=k)


class Two(Loss):
    """Two predictions of the same number."""

    outputs_per_target = 2

    def row_loss(self, Yp, Yt):
        return np.square(Yp - Yt).sum(axis=1)

    def row_gradient(self, Yp, Yt):
        return 2 * (Yp - Yt)


class Careless(Two):
    def align(self, Yp, Yt):
        return np.reshape(Yt, (len(Yp), -1))


def test_a_loss_with_two_outputs_for_a_target():
    check_loss(Two(), n_outputs=2)
    with pytest.raises(AssertionError, match="do not match, but no ValueError"):
        check_loss(Careless(), n_outputs=2)


def test_a_loss_must_have_both_methods():
    for method in (Loss().row_loss, Loss().row_gradient):
        with pytest.raises(NotImplementedError, match="Loss must override row_"):
            method(np.zeros((2, 1)), np.zeros((2, 1)))


def test_rows_without_weight_have_no_influence(rng):
    Yp, Yt = rng.standard_normal((2, 6, 2))
    weights = np.array([1.0, 0, 2, 0, 1, 0])
    value, D = Absolute()(Yp, Yt, weights)
    Yt[1::2] = 1e10
    value_again, D_again = Absolute()(Yp, Yt, weights)
    assert value_again == value
    assert_array_equal(D_again, D)
    assert_array_equal(D[1::2], 0)


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_weights_of_any_size(scale, rng):
    Yp, Yt = rng.standard_normal((2, 6, 2))
    weights = rng.uniform(0.5, 1, 6)
    value, D = Absolute()(Yp, Yt, weights)
    value_scaled, D_scaled = Absolute()(Yp, Yt, scale * weights)
    assert_allclose(value_scaled, value, rtol=1e-14)
    assert_allclose(D_scaled, D, rtol=1e-14)


def test_a_function_gets_weights_only_where_there_are_some(rng):
    calls = []

    def function(Yp, Yt, *weights):
        calls.append(weights)
        return np.float32(1.5), Yp - Yt

    loss, (Yp, Yt), weights = FunctionLoss(function), rng.standard_normal((2, 4, 1)), np.ones(4)
    assert loss.value(Yp, Yt) == 1.5
    assert isinstance(loss.value(Yp, Yt), float)
    assert_array_equal(loss.gradient(Yp, Yt, weights), Yp - Yt)
    assert loss(Yp, Yt)[0] == 1.5
    assert loss.value(Yp, Yt, weights) == 1.5
    assert calls == [(), (), (weights,), (), (weights,)]


@pytest.mark.parametrize(
    "result, what",
    [
        (1.0, "no tuple"),
        (None, "no tuple"),
        ((1.0, np.zeros(4)), "shapes [(), (4,)]"),
        ((1.0, np.zeros((1, 1))), "shapes [(), (1, 1)]"),
        ((np.zeros(4), np.zeros((4, 1))), "shapes [(4,), (4, 1)]"),
        ((1.0, np.zeros((4, 1)), 0), "shapes [(), (4, 1), ()]"),
    ],
)
def test_a_function_must_return_a_value_and_its_gradient(result, what):
    loss, Y = FunctionLoss(lambda Yp, Yt: result), np.ones((4, 1))
    for call in (loss, loss.value, loss.gradient):
        with pytest.raises(ValueError, match="of shapes .*4, 1.*lambda.* returns ") as caught:
            call(Y, Y)
        assert str(caught.value).endswith(f"{what}.")
