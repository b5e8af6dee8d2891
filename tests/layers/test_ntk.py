"""NTKLinear: it starts as the paper says, and trains as a map that is divided by the root of d."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array

from sknumpynn import Learner, Linear, NetworkRegressor, Sequential, Tanh
from sknumpynn.layers import NTKLinear
from sknumpynn.losses import mse_loss
from sknumpynn.optimizers import AdamWOptimizer


def built(layer, X, adapt=True):
    rng = np.random.default_rng(0)
    layer.build(X.shape[1], rng, X.dtype)
    if adapt:
        layer.adapt(X, rng)
    return layer


def test_data_give_each_unit_a_deviation_of_one(rng):
    X = rng.gamma(1.0, size=(300, 6)) * 10.0 ** np.arange(-3, 3)
    layer = built(NTKLinear(20), X, adapt=False)
    layer.weights.tensor[:, 0] *= 1e-16  # however small a unit's numbers are beside the others'
    layer.adapt(X, rng)
    assert_allclose((X @ layer.weights.tensor).std(axis=0), 1)


def test_each_hyperplane_passes_through_the_cloud_of_rows(rng):
    X = 100 + rng.standard_normal((300, 1))
    layer = built(NTKLinear(500), X)
    crossings = -layer.bias.tensor / layer.weights.tensor[0]
    assert (crossings > X.min()).all() and (crossings < X.max()).all()
    # A mean of 5 rows with weights uniform on the simplex has a variance of a third.
    assert crossings.std() == pytest.approx(np.sqrt(1 / 3), rel=0.1)


@pytest.mark.parametrize("X", [np.ones((1, 3)), np.zeros((5, 3)), np.full((9, 3), 7.3)])
def test_data_without_variation_change_no_weights(X):
    layer, plain = built(NTKLinear(4), X), built(NTKLinear(4), X, adapt=False)
    assert_array_equal(layer.weights.tensor, plain.weights.tensor)
    assert_allclose(layer.forward(X)[0], 0, atol=1e-12)


def test_normal_and_zeros_do_not_depend_on_data(rng):
    X = rng.standard_normal((1, 400))
    layer = built(NTKLinear(500, init="normal"), X)
    assert layer.weights.tensor.std() == pytest.approx(1 / 20, rel=0.02)
    assert layer.bias.tensor.std() == pytest.approx(1, rel=0.1)
    assert (built(NTKLinear(5, init="zeros"), X).forward(X)[0] == 0).all()
    with pytest.raises(ValueError, match="init='x' is none of"):
        built(NTKLinear(5, init="x"), X)


def test_it_trains_as_a_map_divided_by_the_root_of_its_width(rng):
    """The same steps, taken by a Linear of U that is fed X / sqrt(d)."""
    X, Y = rng.standard_normal((30, 4)), rng.standard_normal((30, 2))
    ntk, linear = built(NTKLinear(2, bias_lr_scale=1.0), X), Linear(4, 2)
    linear.weights.tensor[:] = 2 * ntk.weights.tensor
    linear.bias.tensor[:] = ntk.bias.tensor
    for layer, rows in [(ntk, X), (linear, X / 2)]:
        optimizer = AdamWOptimizer(0.1, epsilon=1e-100, weight_decay=0.3)
        Learner(layer, mse_loss, optimizer, rng=np.random.default_rng(1)).fit(rows, Y, 3, 10)
    assert_allclose(2 * ntk.weights.tensor, linear.weights.tensor, rtol=1e-10)
    assert_allclose(ntk.bias.tensor, linear.bias.tensor, rtol=1e-10)


@pytest.mark.parametrize("params", [{"outputs": 0}, {"outputs": "a"}, {"init": "he"}])
def test_impossible_parameters_are_named(params, rng):
    with pytest.raises(ValueError, match=next(iter(params))):
        NTKLinear(**params).build(3, rng, np.float64)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_sparse_data_are_adapted_to_as_dense_ones(rng):
    X = rng.standard_normal((60, 5)) * (rng.random((60, 5)) < 0.3)
    network = Sequential(NTKLinear(4), Tanh())
    dense, thin = (
        NetworkRegressor(network, max_iter=3, random_state=0).fit(data, X[:, 0])
        for data in (X, csr_array(X))
    )
    assert_allclose(thin.predict(csr_array(X)), dense.predict(X), rtol=1e-9)
