"""Penalties: value, gradient, and whom they spare."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynn import Linear, Parameter, Sequential
from sknumpynn.core import pack
from sknumpynn.penalties import L2Penalty


@pytest.mark.parametrize("dtype, tol", [(np.float64, 1e-14), (np.float32, 1e-6)])
@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_value_and_gradient_of_scaled_groups(dtype, tol, scale, rng):
    tensors = [rng.standard_normal(shape).astype(dtype) for shape in [(3, 2), (4,), (5,)]]
    decays = [1.0, 0.0, 2.5]
    params = [
        Parameter(tensor.copy(), decay_scale=decay)
        for tensor, decay in zip(tensors, decays, strict=True)
    ]
    packed = pack(params)
    packed.gradient += 1
    value = L2Penalty(0.2).plan(packed)(scale)
    squares = [np.sum(tensor.astype(float) ** 2) for tensor in tensors]
    assert_allclose(value, scale * 0.1 * np.dot(decays, squares), rtol=10 * tol)
    for param, tensor, decay in zip(params, tensors, decays, strict=True):
        assert_allclose(param.gradient, 1 + scale * 0.2 * decay * tensor, rtol=tol, atol=tol)
        assert_array_equal(param.tensor, tensor)
    assert packed.gradient.dtype == dtype


def test_it_sees_the_present_tensor(rng):
    packed = pack([Parameter(np.ones(3))])
    add = L2Penalty(2.0).plan(packed)
    packed.tensor[:] = [1, 2, 3]
    assert add(1.0) == 14
    assert_array_equal(packed.gradient, [2, 4, 6])


def test_a_parameter_of_its_own_may_have_any_shape(rng):
    param = Parameter(rng.standard_normal((3, 2)))
    assert_allclose(L2Penalty(1.0).plan(param)(1.0), 0.5 * np.sum(param.tensor**2))
    assert_allclose(param.gradient, param.tensor)


def test_biases_are_left_alone():
    model = Sequential(Linear(3, 2), Linear(2, 1))
    packed = pack(model.parameters)
    packed.tensor[:] = 1
    L2Penalty(1.0).plan(packed)(1.0)
    for layer in model:
        assert_array_equal(layer.weights.gradient, 1)
        assert_array_equal(layer.bias.gradient, 0)


def test_no_strength_no_penalty():
    packed = pack([Parameter(np.full(3, np.inf))])
    assert L2Penalty(0.0).plan(packed)(1.0) == 0
    assert_array_equal(packed.gradient, 0)
