"""Classification losses: extreme logits, and how the two relate."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special

from sknumpynn.losses import BinaryCrossEntropy, SoftmaxCrossEntropy
from sknumpynn.testing import check_loss


@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), SoftmaxCrossEntropy()])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e3, 1e30])
def test_extreme_logits_are_finite_and_silent(loss, dtype, size):
    Yp = np.array([[size, -size], [-size, size], [size, size], [0, 0]], dtype)
    Yt = np.array([[1, 0], [1, 0], [1, 0], [1, 0]], dtype)
    value, D = loss(Yp, Yt)
    assert np.isfinite(value)
    assert np.isfinite(D).all()
    assert_allclose(D[0], 0, atol=1e-30)
    assert_allclose(np.abs(D[1]) * len(D), 1)


def test_the_gradient_does_not_saturate_where_the_prediction_is_wrong():
    D = BinaryCrossEntropy().gradient(np.array([[-700.0]]), np.array([[1.0]]))
    assert_allclose(D, -1)


def test_two_classes_by_softmax_are_one_logit(rng):
    z, t = rng.standard_normal((9, 1)), (rng.random((9, 1)) < 0.5).astype(float)
    Z, T = np.hstack([0 * z, z]), np.hstack([1 - t, t])
    value, D = BinaryCrossEntropy()(z, t)
    value_softmax, D_softmax = SoftmaxCrossEntropy()(Z, T)
    assert_allclose(value_softmax, value, rtol=1e-13)
    assert_allclose(D_softmax, np.hstack([-D, D]), rtol=1e-12)


def test_softmax_ignores_what_is_added_to_all_logits(rng):
    Z, T = rng.standard_normal((9, 4)), np.eye(4)[rng.integers(4, size=9)]
    assert_allclose(SoftmaxCrossEntropy()(Z + 100, T)[0], SoftmaxCrossEntropy()(Z, T)[0])
    assert_allclose(SoftmaxCrossEntropy().gradient(Z, T).sum(axis=1), 0, atol=1e-16)


@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), SoftmaxCrossEntropy()])
def test_the_best_constant_is_the_frequency(loss, rng):
    T = np.eye(3)[rng.integers(3, size=60)]
    P = T.mean(axis=0)
    logits = np.log(P) if isinstance(loss, SoftmaxCrossEntropy) else np.log(P / (1 - P))
    assert_allclose(loss.gradient(np.tile(logits, (60, 1)), T).sum(axis=0), 0, atol=1e-15)


@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), SoftmaxCrossEntropy()])
def test_soft_targets_are_a_mixture_of_hard_ones(loss, rng):
    Z = rng.standard_normal((5, 3))
    soft = np.tile([0.5, 0.2, 0.3], (5, 1))
    hard = [loss(Z, np.tile(row, (5, 1))) for row in np.eye(3)]
    value, D = loss(Z, soft)
    assert_allclose(value, np.dot([0.5, 0.2, 0.3], [value for value, _ in hard]))
    assert_allclose(D, sum(p * D for p, (_, D) in zip(soft[0], hard, strict=True)))


@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), SoftmaxCrossEntropy()])
def test_the_gradient_is_right_for_fractions_too(loss):
    def fractions(rng, shape):
        T = rng.uniform(0, 1, shape)
        return T / T.sum(axis=1, keepdims=True)

    check_loss(loss, 3, fractions)


@pytest.mark.parametrize(
    "dtype, tol", [(np.float32, 2e-7), (np.float64, 1e-15), (np.longdouble, 1e-15)]
)
@pytest.mark.parametrize("size", [1, 35, 45, 290, 310, 1e4])
@pytest.mark.parametrize("n_classes", [2, 24, 25])
def test_softmax_is_scipy_s_whatever_the_size_of_the_logits(dtype, tol, size, n_classes, rng):
    Z = rng.uniform(-size, size, (7, n_classes)).astype(dtype)
    T = np.eye(n_classes, dtype=dtype)[rng.integers(n_classes, size=7)]
    D = SoftmaxCrossEntropy().gradient(Z, T)
    assert D.dtype == dtype
    assert_allclose(7 * D + T, special.softmax(Z.astype(float), axis=1), atol=tol * max(size, 1))


@pytest.mark.parametrize("size", [1, 1000])
def test_a_row_of_nan_is_no_other_row_s(size, rng):
    Z, T = size * rng.standard_normal((6, 4)), np.eye(4)[rng.integers(4, size=6)]
    expected = SoftmaxCrossEntropy().gradient(Z, T)
    for k in (0, 3):
        broken = Z.copy()
        broken[k, 1] = np.nan
        D = SoftmaxCrossEntropy().gradient(broken, T)
        assert np.isnan(D[k]).all()
        assert_allclose(np.delete(D, k, 0), np.delete(expected, k, 0), atol=1e-15)
