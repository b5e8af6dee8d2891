"""Gaussian likelihood: densities, and that no output makes it run away."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from sknumpynn.losses import GaussianNLL


def test_mean_and_std_are_those_of_the_density(rng):
    Yp, Yt = rng.standard_normal((9, 4)), rng.standard_normal((9, 2))
    mean, std = GaussianNLL().mean_and_std(Yp)
    assert mean.shape == std.shape == (9, 2)
    log_density = stats.norm.logpdf(Yt, mean, std).sum(axis=1)
    assert_allclose(GaussianNLL().row_loss(Yp, Yt), -log_density, rtol=1e-13)


def test_z_is_the_logarithm_of_the_variance_where_it_is_small():
    z = np.array([[0.0, -3.0], [0.0, 0.0], [0.0, 3.0]])
    assert_allclose(GaussianNLL().mean_and_std(z)[1], np.exp(z[:, 1:] / 2), rtol=0.01)
    assert GaussianNLL().mean_and_std(z)[1][1] == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("z", [-1e30, -1000, -40, 40, 1000, 1e30])
def test_extreme_outputs_are_finite_and_silent(dtype, z):
    Yp = np.array([[0, z], [1e8, z]], dtype)
    with np.errstate(all="raise", under="ignore"):
        value, D = GaussianNLL()(Yp, np.zeros((2, 1), dtype))
        _, std = GaussianNLL().mean_and_std(Yp)
    assert np.isfinite(value)
    assert np.isfinite(D).all()
    assert (std > 0).all()
    assert np.isfinite(std).all()


def test_certainty_about_what_is_fitted_exactly_ends():
    z = -np.arange(0, 2000, 10.0)
    losses = [GaussianNLL().value(np.array([[3.0, z]]), np.array([[3.0]])) for z in z]
    assert (np.diff(losses) <= 0).all()
    assert losses[-1] == pytest.approx(-20 + np.log(2 * np.pi) / 2)


@pytest.mark.parametrize("shape", [(4, 2), (4, 3), (2, 1), (4, 1, 1)])
def test_other_targets_than_one_column_for_two_outputs(shape):
    with pytest.raises(ValueError) as error:
        GaussianNLL()(np.zeros((4, 2)), np.zeros(shape))
    assert f"shape {shape}" in str(error.value)
