"""Arrays that begin at a cache line."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknumpynn import AdamOptimizer, Linear
from sknumpynn.core import aligned_empty, aligned_zeros, pack


@pytest.mark.parametrize("make", [aligned_empty, aligned_zeros])
@pytest.mark.parametrize("dtype", ["f4", np.float64, np.dtype(np.longdouble)])
@pytest.mark.parametrize("shape", [(), (0, 3), (1,), (7,), (3, 5), (2, 3, 1000)])
def test_it_is_an_array_of_its_own_at_a_whole_cache_line(make, dtype, shape):
    arrays = [make(shape, dtype) for _ in range(20)]
    for array in arrays:
        assert array.shape == shape
        assert array.dtype == dtype
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert array.size == 0 or array.ctypes.data % 64 == 0
        assert array.base.nbytes <= array.nbytes + 64
    for i, array in enumerate(arrays):
        array.fill(i)
    for i, array in enumerate(arrays):
        assert_array_equal(array, np.full(shape, i, dtype))


def test_zeros_are_zero():
    for n in range(1, 300):
        used = aligned_empty((n,), np.float64)
        used.fill(np.nan)
        del used  # its memory may be that of the next
        assert_array_equal(aligned_zeros((n,), np.float64), np.zeros(n))


def test_parameters_gradients_and_what_is_remembered_are_such_arrays():
    packed, optimizer = pack(Linear(3, 5).parameters), AdamOptimizer()
    optimizer.update(packed)
    remembered = optimizer.state_of(packed)
    arrays = packed.tensor, packed.gradient, remembered["m"], remembered["v"]
    assert [array.ctypes.data % 64 for array in arrays] == [0] * 4
