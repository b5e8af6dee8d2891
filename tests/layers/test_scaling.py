"""Scaling: the start, the treatment, and what it may be fed."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError

from sknumpynn.layers import Scaling


def built(layer, dtype=np.float64):
    assert layer.build(3, np.random.default_rng(0), dtype) == 3
    return layer


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_factors_start_at_1_and_are_treated_as_asked(dtype, rng):
    layer = built(Scaling(lr_scale=6.0, decay_scale=0.5), dtype)
    assert layer.factors.tensor.dtype == dtype
    assert_array_equal(layer.factors.tensor, [1, 1, 1])
    assert [parameter.treatment for parameter in layer.parameters] == [(6.0, 0.5)]
    X = rng.standard_normal((4, 3)).astype(dtype)
    assert_array_equal(layer.forward(X)[0], X)


def test_what_cannot_be():
    with pytest.raises(NotFittedError, match="has no parameters yet: call build"):
        Scaling().forward(np.ones((2, 3)))
    for columns in (1, 4):
        with pytest.raises(ValueError, match=f"takes 3 columns, but is given {columns}"):
            built(Scaling()).forward(np.ones((2, columns)))
