"""All layers: the rules, and a reference written out in another way."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from sknumpynn import Layer, layers
from sknumpynn.core import run
from sknumpynn.testing import check_layer
from tests.cases import LAYERS, named


def built(case, dtype=np.float64):
    layer = case.make()
    if not layer.parameters:
        layer.build(case.shape[1], np.random.default_rng(1), dtype)
    return layer


def test_every_public_layer_has_a_case():
    public = [getattr(layers, name) for name in layers.__all__]
    public = {part for part in public if isinstance(part, type) and issubclass(part, Layer)}
    assert public == {type(case.make()) for case in LAYERS}
    assert set(layers.ACTIVATIONS.values()) <= public


@named(LAYERS)
def test_rules(case, rng):
    check_layer(case.make(), case.draw(rng), rng)


@named(LAYERS)
def test_reference(case, rng):
    layer, X = built(case), case.draw(rng)
    tensors = [parameter.tensor for parameter in dict.fromkeys(layer.parameters)]
    expected = case.reference(X, *tensors)
    assert_allclose(layer.forward(X)[0], expected, rtol=1e-12, atol=1e-14)
    assert_allclose(run(layer, X), expected, rtol=1e-12, atol=1e-14)


@named(LAYERS)
def test_a_row_does_not_depend_on_the_rows_beside_it(case, rng):
    layer, X = built(case), case.draw(rng)
    rows = [layer.forward(X[i : i + 1])[0] for i in range(len(X))]
    assert_allclose(layer.forward(X)[0], np.concatenate(rows), rtol=1e-12)


@named(LAYERS)
def test_integers_give_the_numbers_of_floats(case, rng):
    layer = built(case)
    X = case.draw_integers(rng)
    (Y, backward), (Y_float, backward_float) = layer.forward(X), layer.forward(X.astype(float))
    assert_array_equal(Y, Y_float)
    D = rng.standard_normal(Y.shape)
    assert_array_equal(backward(D), backward_float(D))


@named(LAYERS)
def test_a_plan_for_training_and_one_for_prediction_agree_but_for_noise(case, rng):
    layer, X = built(case), case.draw(rng)
    Y, backward = layer.plan(X, training=True)(X)
    assert np.array_equal(Y, layer.plan(X)(X)[0]) != case.noisy


@named(LAYERS)
def test_get_params_clone_and_repr(case):
    layer = case.make()
    twin = clone(layer)
    assert type(twin) is type(layer)
    assert repr(twin.get_params()) == repr(layer.get_params())
    assert repr(twin) == repr(layer)
