"""Rectifiers: extremes, digits, kinks and what each was made for."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import log_ndtr

from sknumpynn.initializers import lecun_normal
from sknumpynn.layers import Elu, Gelu, LeakyRelu, Mish, Selu, Silu, Softplus

SCALE = 1.0507009873554805
AT_THE_LEFT = {Elu: -1, Gelu: 0, Mish: 0, Selu: -SCALE * 1.6732632423543772, Silu: 0, Softplus: 0}

rectifier = pytest.mark.parametrize("Rectifier", AT_THE_LEFT)
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def values(layer, X):
    """f and f' of numbers, with warnings made errors."""
    X = np.atleast_2d(X)
    with np.errstate(all="raise"):
        Y, backward = layer.forward(X)
        return Y[0], backward(np.ones_like(Y))[0]


@rectifier
@dtypes
def test_far_left_flat_far_right_a_line_and_silent(Rectifier, dtype):
    huge = np.finfo(dtype).max
    left = np.array([-np.inf, -huge, -1e30, -1000, -100], dtype)
    f, slope = values(Rectifier(), left)
    assert f.dtype == slope.dtype == dtype
    assert_allclose(f, dtype(AT_THE_LEFT[Rectifier]), rtol=0, atol=1e-30)
    assert_allclose(slope, 0, atol=1e-30)
    right = np.array([100, 1000, 1e30], dtype)
    f, slope = values(Rectifier(), right)
    steepness = SCALE if Rectifier is Selu else 1
    assert_allclose(f, steepness * right, rtol=np.finfo(dtype).eps)
    assert_allclose(slope, steepness, rtol=np.finfo(dtype).eps)
    f, slope = values(Rectifier(), np.array([np.inf], dtype))
    assert_array_equal(f, np.inf)
    assert_allclose(slope, steepness, rtol=np.finfo(dtype).eps)


@dtypes
@pytest.mark.parametrize("slope", [0.01, 1.0])
def test_leaky_relu_of_extremes(dtype, slope):
    X = np.array([-np.inf, -1000, -0.0, 0, 1000, np.inf], dtype)
    f, df = values(LeakyRelu(slope), X)
    assert_array_equal(f, [-np.inf, dtype(-1000) * dtype(slope), 0, 0, 1000, np.inf])
    assert_array_equal(df, np.array([slope] * 4 + [1, 1], dtype))


@pytest.mark.parametrize("alpha", [-0.1, np.inf, np.nan, "a", None])
def test_elu_does_not_turn_round(alpha):
    with pytest.raises(ValueError, match="alpha must be a number from 0 up, got "):
        Elu(alpha).forward(np.zeros((1, 2)))


@pytest.mark.parametrize("slope", [-0.1, 1.5, np.nan, "a", None])
def test_leaky_relu_is_the_larger_of_two_lines_for_some_slopes_only(slope):
    with pytest.raises(ValueError, match=r"slope must be in \[0, 1\]"):
        LeakyRelu(slope).forward(np.ones((2, 2)))


@pytest.mark.parametrize("layer, from_the_left", [(Elu(), 1), (Elu(0.5), 0.5), (Elu(3.0), 3)])
def test_the_gradient_of_elu_at_zero_is_that_from_the_left(layer, from_the_left):
    f, df = values(layer, np.array([0.0, -0.0, 1e-300, -1e-300]))
    assert_allclose(f, 0, atol=1e-299)
    assert_array_equal(df, [from_the_left, from_the_left, 1, from_the_left])


@pytest.mark.parametrize("Rectifier, at_zero", [(Gelu, 0.5), (Silu, 0.5), (Mish, 0.6)])
def test_gradients_at_zero(Rectifier, at_zero):
    f, df = values(Rectifier(), np.array([0.0]))
    assert_array_equal(f, 0)
    assert_allclose(df, at_zero, rtol=1e-15)


def test_small_numbers_keep_their_digits():
    x = np.array([-1e-9, -1e-12])
    assert_allclose(values(Elu(), x)[0], x + x**2 / 2, rtol=1e-15)
    left = np.array([-20.0, -35.0, -75.0])
    f, df = values(Softplus(), left)
    assert_allclose(f, np.exp(left), rtol=3e-9)
    assert_allclose(df, np.exp(left), rtol=3e-9)
    for layer in (Silu(), Mish()):
        f, df = values(layer, left)
        assert_allclose(f, left * np.exp(left), rtol=3e-9)
        assert_allclose(df, (left + 1) * np.exp(left), rtol=1e-7)
    left = np.array([-3.0, -8.0, -11.0])
    assert_allclose(values(Gelu(), left)[0], left * np.exp(log_ndtr(left)), rtol=1e-13)


@pytest.mark.parametrize(
    "layer, ends",
    [(Gelu(), (-12, 12)), (Silu(), (-80, 40)), (Mish(), (-80, 40)), (Softplus(), (-80, 80))],
)
def test_no_jump_where_the_interval_of_evaluation_ends(layer, ends):
    for end in ends:
        f, df = values(layer, end + np.array([-1e-3, 1e-3]))
        assert_allclose(f[1] - f[0], 2e-3 * df[0], atol=1e-13)
        assert_allclose(df[1], df[0], atol=1e-13)


@pytest.mark.parametrize("layer", [Gelu(), Silu(), Softplus()])
def test_the_odd_part_is_half_the_identity(layer, rng):
    x = rng.standard_normal(100) * 10
    (f, df), (f_mirrored, df_mirrored) = values(layer, x), values(layer, -x)
    assert_allclose(f - f_mirrored, x, rtol=1e-13)
    assert_allclose(df + df_mirrored, 1, rtol=1e-13)


def test_selu_keeps_mean_and_variance(rng):
    X = rng.standard_normal((2000, 256))
    for _ in range(8):
        weights, _ = lecun_normal(rng, 256, 256)
        X = Selu().forward(X @ weights)[0]
    assert abs(X.mean()) < 0.05
    assert abs(X.var() - 1) < 0.1
