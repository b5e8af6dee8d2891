"""All layers, what a plan promises: arrays made once, in the right precision, nothing unasked."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynn.layers import (
    BatchNorm,
    Dropout,
    Embedding,
    LayerNorm,
    Linear,
    NTKLinear,
    Parallel,
    ParametricActivation,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    Residual,
    Scaling,
    Tied,
)
from tests.cases import LAYERS, named

# These never compute the gradient of data, which nobody would ask for.
SAVES_IT = Linear, PeriodicEmbedding, PiecewiseLinearEmbedding, Tied


def built(case, dtype=np.float64):
    """The case's layer, with parameters of a dtype and values that are not those of a new one."""
    layer = case.make()
    if not layer.parameters:
        layer.build(case.shape[1], np.random.default_rng(1), dtype)
    return layer


@named(LAYERS)
def test_a_plan_makes_its_arrays_once(case, rng):
    layer, X = built(case), case.draw(rng)
    for plan, training in product((layer.plan, layer.plan_input), (False, True)):
        forward = plan(X, training=training)
        Y, backward = forward(X)
        D = rng.standard_normal(Y.shape)
        dX = backward(D)
        Y_again, backward = forward(X)
        dX_again = backward(D)
        assert np.shares_memory(Y, Y_again) or np.shares_memory(Y, X)
        assert dX is None or np.shares_memory(dX, dX_again) or np.shares_memory(dX, D)


@named([case for case in LAYERS if not case.make().parameters])
def test_what_is_built_in_single_precision_stays_in_it(case, rng):
    layer, X = built(case, np.float32), case.draw(rng).astype(np.float32)
    Y, backward = layer.plan(X, training=True)(X)
    dX = backward(np.ones_like(Y))
    arrays = [parameter.tensor for parameter in layer.parameters]
    assert {array.dtype for array in [*arrays, Y, dX]} == {np.dtype(np.float32)}


@named([case for case in LAYERS if not case.noisy])
def test_behind_data_only_the_gradient_of_the_data_is_missing(case, rng):
    layer, X = built(case), case.draw(rng)
    gradients = []
    for plan in (layer.plan, layer.plan_input):
        Y, backward = plan(X, training=True)(X)
        for parameter in layer.parameters:
            parameter.gradient[...] = 0
        dX = backward(np.cos(Y))
        gradients.append([Y.copy(), *(parameter.gradient.copy() for parameter in layer.parameters)])
    for usual, as_input in zip(*gradients, strict=True):
        assert_allclose(as_input, usual, rtol=1e-12)
    if type(layer) in SAVES_IT:
        assert dX is None


@pytest.mark.parametrize(
    "layer",
    [
        *(Linear(5, 2), LayerNorm(), NTKLinear(2), ParametricActivation()),
        *(PeriodicEmbedding(), PiecewiseLinearEmbedding(), Scaling(), Tied(Linear(2, 5))),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_another_number_of_columns_is_an_error_that_names_the_layer(layer):
    if not layer.parameters:
        layer.build(5, np.random.default_rng(0), np.float64)
    for plan in (layer.plan, layer.plan_input):
        with pytest.raises(ValueError, match=f"{type(layer).__name__}.* 5.* 4"):
            plan(np.zeros((3, 4)))


@pytest.mark.parametrize(
    "make",
    [
        *(Scaling, ParametricActivation, PeriodicEmbedding, PiecewiseLinearEmbedding),
        lambda **scales: Embedding(4, **scales),
    ],
)
def test_parameters_are_treated_as_asked(make):
    for scales, treatment in (
        ({}, (1.0, 1.0)),
        ({"lr_scale": 6.0, "decay_scale": 0.0}, (6.0, 0.0)),
    ):
        layer = make(**scales)
        layer.build(3, np.random.default_rng(0), np.float64)
        edges = getattr(layer, "edges", None)  # which are not learned
        learned = [parameter for parameter in layer.parameters if parameter is not edges]
        assert {parameter.treatment for parameter in learned} == {treatment}


def test_defaults_of_the_paper():
    layer = NTKLinear()
    assert layer.build(4, np.random.default_rng(0), np.float64) == 1
    assert (layer.weights.treatment, layer.bias.treatment) == ((0.5, 2.0), (0.1, 0.0))
    assert Embedding(3).build(2, np.random.default_rng(0), np.float64) == 2 * 8
    layer = PiecewiseLinearEmbedding()
    layer.build(30, np.random.default_rng(0), np.float64)
    assert layer.weights.tensor.shape == (30, 16, 8)
    for tensor in (layer.weights.tensor, layer.bias.tensor):  # uniform
        assert_allclose([tensor.min(), tensor.max()], [-0.25, 0.25], rtol=0.05)


@pytest.mark.parametrize(
    "layer",
    [
        *(BatchNorm(), LayerNorm(), ParametricActivation(), Scaling()),
        *(PeriodicEmbedding(), PiecewiseLinearEmbedding()),
        *(Residual(Scaling()), Parallel(Scaling())),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_numbers_of_two_precisions_meet_in_the_better_one(layer):
    for of_layer, of_data in ((np.float32, np.float64), (np.float64, np.float32)):
        layer.build(3, np.random.default_rng(0), of_layer)
        X = np.ones((4, 3), of_data)
        Y, backward = layer.plan(X)(X)
        assert (Y.dtype, backward(np.ones_like(Y)).dtype) == (np.float64, np.float64)


def test_a_tied_map_has_the_precision_of_its_weights():
    assert Tied(Linear(2, 3, dtype=np.float32)).bias.tensor.dtype == np.float32


@pytest.mark.parametrize("composite", [Residual(NTKLinear(3)), Parallel(NTKLinear(3))])
def test_composites_hand_on_what_children_adapt_by(composite):
    X, (child,) = np.random.default_rng(1).normal(size=(40, 3)), composite.children
    composite.build(3, np.random.default_rng(0), np.float64)
    composite.adapt(X, np.random.default_rng(2))
    alone = NTKLinear(3)
    alone.build(3, np.random.default_rng(0), np.float64)
    alone.adapt(X, np.random.default_rng(2))
    assert_array_equal(child.bias.tensor, alone.bias.tensor)


def test_columns_that_hardly_vary_are_not_scaled_up():
    rng = np.random.default_rng(0)
    X = np.ones((50, 2))
    X[:, 1] += 1e-15 * rng.standard_normal(50)  # rounding
    layer = NTKLinear(2)
    layer.build(2, rng, np.float64)
    before = layer.weights.tensor.copy()
    layer.adapt(X, rng)
    assert_array_equal(layer.weights.tensor, before)


def test_noise_as_a_parametric_activation_is_there_in_training_alone():
    layer, X = ParametricActivation(Dropout(0.5)), np.ones((20, 3))
    layer.build(3, np.random.default_rng(0), np.float64)
    assert set(np.unique(layer.plan(X, training=True)(X)[0])) == {0, 2}
    assert_array_equal(layer.plan(X)(X)[0], X)


def test_other_defaults():
    layer = PeriodicEmbedding()
    assert (layer.frequencies, layer.outputs, layer.sigma, layer.densenet) == (16, 3, 0.1, True)
    assert ParametricActivation().alpha is None
    assert Linear().outputs == 1
