"""Parameter and pack: dtypes, views, treatments, sharing and pickles."""

import copy
import pickle
from decimal import Decimal

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynn import Parameter, SGDOptimizer
from sknumpynn.core import pack, parameter
from sknumpynn.optimizers import AdamWOptimizer
from sknumpynn.penalties import L2Penalty


def is_view(array, of):
    return np.shares_memory(array, of)


# Parameter


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_a_floating_array_is_kept(dtype):
    tensor = np.ones((2, 3), dtype)
    param = Parameter(tensor)
    assert param.tensor is tensor
    assert param.gradient.shape == (2, 3)
    assert param.gradient.dtype == dtype
    assert_array_equal(param.gradient, 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_of_another_byte_order_are_learned_as_well(dtype):
    swapped = np.ones((2, 3), np.dtype(dtype).newbyteorder())
    param = Parameter(swapped)
    param.gradient += 2
    SGDOptimizer(0.25).update(param)
    assert param.tensor.dtype == dtype
    assert_array_equal(param.tensor, 0.5)
    assert_array_equal(swapped, 1)


@pytest.mark.parametrize("tensor", [[1, 2], np.array([1, 2], np.uint8), [True, False], 3])
def test_whole_numbers_become_float64(tensor):
    param = Parameter(tensor)
    assert param.tensor.dtype == param.gradient.dtype == np.float64
    assert_array_equal(param.tensor, tensor)


@pytest.mark.parametrize("tensor", [[1j], ["1"], [None], [Decimal(1)], np.array(["2020"], "M8[D]")])
def test_all_else_is_a_type_error(tensor):
    with pytest.raises(TypeError, match="holds real numbers, got an array of dtype"):
        Parameter(tensor)


def test_the_gradient_is_one_array_from_the_first_time_it_is_asked_for():
    param = Parameter([1.0, 2.0])
    gradient = param.gradient
    gradient += 1
    assert param.gradient is gradient
    with pytest.raises(AttributeError, match="'Parameter' object has no attribute 'grad'"):
        _ = param.grad


def test_of_its_own_it_is_one_segment():
    param = Parameter([1.0, 2.0], lr_scale=0.5, decay_scale=0.0)
    assert param.treatment == (0.5, 0.0)
    assert list(param.segments) == [(0.5, 0.0)]
    assert_array_equal(param.tensor[param.segments[0.5, 0.0]], param.tensor)


@pytest.mark.parametrize("scale", [-0.1, np.nan, np.inf, "a", None, [1.0]])
@pytest.mark.parametrize("name", ["lr_scale", "decay_scale"])
def test_a_scale_is_a_number_from_0_up(name, scale):
    with pytest.raises(ValueError, match=f"{name} must be a number from 0 up, got "):
        Parameter([1.0], **{name: scale})
    Parameter([1.0], **{name: 0})


def test_repr_tells_shape_and_dtype():
    assert repr(Parameter(np.ones((2, 3)))) == "Parameter(shape=(2, 3), dtype=float64)"


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_a_copy_is_apart_and_has_no_gradient(duplicate):
    param = Parameter(np.array([1.0, 2.0], np.float32), 0.5, 0.0)
    param.gradient += 1
    twin = duplicate(param)
    assert_array_equal(twin.tensor, param.tensor)
    assert twin.tensor.dtype == twin.gradient.dtype == np.float32
    assert twin.treatment == param.treatment
    assert_array_equal(twin.gradient, 0)
    assert not is_view(twin.tensor, param.tensor)


# pack


def test_members_become_views_at_their_present_values():
    a, b = Parameter(np.arange(6.0).reshape(2, 3)), Parameter(np.array([7.0, 8.0]))
    a.gradient += 1
    b.gradient += 2
    packed = pack([a, b])
    assert_array_equal(packed.tensor, [0, 1, 2, 3, 4, 5, 7, 8])
    assert_array_equal(packed.gradient, [1, 1, 1, 1, 1, 1, 2, 2])
    assert a.tensor.shape == a.gradient.shape == (2, 3)
    for param in (a, b):
        assert is_view(param.tensor, packed.tensor)
        assert is_view(param.gradient, packed.gradient)
    packed.tensor[:] = 1
    packed.gradient[:] = 3
    assert_array_equal(a.tensor, np.ones((2, 3)))
    assert_array_equal(b.gradient, [3, 3])


def test_members_are_ordered_by_treatment_and_otherwise_as_given():
    treatments = [(1.0, 0.0), (0.1, 1.0), (1.0, 0.0), (1.0, 1.0), (0.1, 1.0)]
    params = [Parameter([float(i), float(i)], *each) for i, each in enumerate(treatments)]
    packed = pack(params)
    assert packed.members == [params[i] for i in (1, 4, 0, 2, 3)]
    assert_array_equal(packed.tensor[::2], [1, 4, 0, 2, 3])
    assert packed.segments == {
        (0.1, 1.0): slice(0, 4),
        (1.0, 0.0): slice(4, 8),
        (1.0, 1.0): slice(8, 10),
    }


@pytest.mark.parametrize("part_size", [1, 3, 4, 1000])
def test_parts_are_all_of_the_tensor_and_each_has_one_learning_rate(part_size, monkeypatch):
    monkeypatch.setattr(parameter, "PART_SIZE", part_size)
    treatments = [(1.0, 0.5), (0.1, 1.0), (1.0, 1.0)]
    packed = pack([Parameter(np.zeros(5), *treatment) for treatment in treatments])
    scales, decays = np.zeros(15), np.zeros(15)
    for part in packed.parts:
        assert 0 < part.tensor.size <= part_size
        assert is_view(part.tensor, packed.tensor[part.place])
        assert is_view(part.gradient, packed.gradient[part.place])
        scales[part.place] += part.lr_scale
        for (lr_scale, decay_scale), segment in part.segments.items():
            assert lr_scale == part.lr_scale
            assert part.tensor[segment].size > 0
            decays[part.place][segment] += decay_scale
    assert_array_equal(scales, [0.1] * 5 + [1.0] * 10)
    assert_array_equal(decays, [1.0] * 5 + [0.5] * 5 + [1.0] * 5)
    assert len(packed.parts) == {1: 15, 3: 6, 4: 5, 1000: 2}[part_size]


def test_a_parameter_of_its_own_is_one_part():
    alone = Parameter(np.zeros((2, 3)), lr_scale=0.5)
    [part] = alone.parts
    assert part is alone
    assert part.lr_scale == 0.5
    assert part.tensor[part.place].shape == (2, 3)


def test_a_single_number_is_penalized_and_updated():
    param = Parameter(2.0)
    assert L2Penalty(0.5).plan(param)(1.0) == 1.0
    AdamWOptimizer(0.1).update(param)
    assert_allclose(param.tensor, 0.999 * 2 - 0.1, rtol=1e-7)


def test_several_learning_rates_are_not_taken_for_one():
    scaled = [Parameter([1.0, 2.0], lr_scale=0.5, decay_scale=decay) for decay in (0.0, 1.0)]
    assert pack(scaled).lr_scale == 0.5
    assert pack([]).lr_scale == 1.0
    packed = pack([*scaled, Parameter([3.0], lr_scale=0.0)])
    with pytest.raises(ValueError, match=r"no single lr_scale, but \[0\.0, 0\.5\]"):
        _ = packed.lr_scale


def test_what_is_not_learned_can_be_left_without_a_gradient():
    scales = [(lr_scale, decay) for lr_scale in (0.5, 0.0) for decay in (0.0, 1.0)]
    members = [Parameter([1.0, 2.0], *both) for both in scales]
    packed = pack(members)
    packed.gradient[:] = 3.0
    packed.clear_unlearned()
    assert [member.gradient.tolist() for member in members] == [[3.0, 3.0]] * 2 + [[0.0, 0.0]] * 2


def test_a_shared_parameter_is_housed_once():
    a, b = Parameter([1.0]), Parameter([1.0])
    packed = pack([a, b, a, a])
    assert packed.members == [a, b]
    assert packed.tensor.size == 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    packed = pack([Parameter(np.ones(2, dtype)), Parameter(np.ones((1, 2), dtype))])
    assert packed.tensor.dtype == packed.gradient.dtype == dtype


@pytest.mark.parametrize("tensor", [np.array(3.0), np.empty((0, 2)), np.ones((4, 3)).T])
def test_scalars_empty_and_transposed_tensors(tensor):
    param, other = Parameter(tensor.copy(order="K")), Parameter([1.0])
    packed = pack([param, other])
    assert_array_equal(param.tensor, tensor)
    assert packed.tensor.size == tensor.size + 1
    packed.tensor += 1
    assert_array_equal(param.tensor, tensor + 1)


def test_of_nothing_it_is_empty():
    packed = pack([])
    assert packed.tensor.size == packed.gradient.size == 0
    assert packed.segments == {}


def test_a_pack_may_be_packed():
    a, b = Parameter([1.0]), Parameter([2.0])
    inner = pack([a, b])
    outer = pack(inner.members)
    inner.gather()
    outer.gather()
    outer.tensor += 1
    assert_array_equal([a.tensor[0], b.tensor[0]], [2, 3])


def test_gather_takes_back_members_that_were_bound_to_other_arrays():
    a, b = Parameter([1.0, 2.0]), Parameter([3.0])
    packed = pack([a, b])
    tensor, gradient = packed.tensor, packed.gradient
    a.tensor, a.gradient = np.array([5.0, 6.0]), np.array([7.0, 8.0])
    packed.gather()
    assert packed.tensor is tensor
    assert packed.gradient is gradient
    assert is_view(a.tensor, tensor)
    assert is_view(a.gradient, gradient)
    assert_array_equal(tensor, [5, 6, 3])
    assert_array_equal(gradient, [7, 8, 0])


def test_gather_takes_back_members_housed_elsewhere():
    a, b, c = Parameter([1.0]), Parameter([2.0]), Parameter([3.0])
    first, second = pack([a, b]), pack([b, c])
    assert is_view(b.tensor, second.tensor)
    second.tensor += 10
    first.gather()
    assert_array_equal(first.tensor, [1, 12])
    assert is_view(b.tensor, first.tensor)
    first.tensor += 100
    second.gather()
    assert_array_equal(second.tensor, [112, 13])


def test_gather_does_nothing_when_all_are_at_home():
    a = Parameter([1.0, 2.0])
    packed = pack([a])
    tensor, gradient = a.tensor, a.gradient
    packed.gather()
    assert a.tensor is tensor
    assert a.gradient is gradient


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_a_copy_of_a_pack_houses_copies_of_its_members(duplicate):
    a, b = Parameter(np.array([[1.0, 2.0]], np.float32), 0.5), Parameter(np.ones(3, np.float32))
    packed = pack([a, b])
    a_twin, packed_twin = duplicate((a, packed))
    assert packed_twin.members[0] is a_twin
    assert is_view(a_twin.tensor, packed_twin.tensor)
    assert not is_view(a_twin.tensor, packed.tensor)
    assert_array_equal(packed_twin.tensor, packed.tensor)
    assert packed_twin.tensor.dtype == np.float32
    assert packed_twin.segments == packed.segments
