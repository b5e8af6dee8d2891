"""Linear: building, initial weights, sparse input, products of mixed dtypes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone

from sknumpynn import Linear, ReLu, Sequential
from sknumpynn.core import pack
from sknumpynn.initializers import INITIALIZERS


def test_with_inputs_it_builds_at_once():
    layer = Linear(4, 2)
    assert layer.weights.tensor.shape == (4, 2)
    assert_array_equal(layer.bias.tensor, [0, 0])
    assert layer.parameters == [layer.weights, layer.bias]


def test_without_inputs_it_waits_for_build():
    layer = Linear(outputs=2)
    assert layer.parameters == []
    assert layer.build(4, np.random.default_rng(0), np.float32) == 2
    assert [parameter.tensor.dtype for parameter in layer.parameters] == [np.float32] * 2


def test_building_again_replaces_the_parameters():
    layer = Linear(4, 2)
    before = layer.parameters
    layer.build(4, np.random.default_rng(0), np.float64)
    assert len(layer.parameters) == 2
    assert not set(before) & set(layer.parameters)


def test_build_rejects_another_number_of_inputs():
    with pytest.raises(ValueError, match="takes 4 columns, but is given 5"):
        Linear(4, 2).build(5, np.random.default_rng(0), np.float64)


@pytest.mark.parametrize("columns", [3, 5])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_a_batch_of_another_width_is_a_value_error(columns, container):
    X = container(np.ones((6, columns)))
    for plan in (Linear(4, 2).forward, Linear(4, 2).plan, Linear(4, 2).plan_input):
        with pytest.raises(ValueError, match=f"4 columns.*{columns}"):
            plan(X)


def test_as_many_outputs_as_inputs():
    layer = Linear(outputs=None)
    assert layer.build(4, np.random.default_rng(0), np.float64) == 4
    assert Linear(3, None).weights.tensor.shape == (3, 3)


@pytest.mark.parametrize("outputs", [0, -1, 2.5, "3"])
def test_outputs_are_a_positive_int(outputs):
    with pytest.raises(ValueError, match="outputs must be an int from 1 up"):
        Linear(3, outputs)


def test_only_the_bias_is_spared_from_decay():
    layer = Linear(4, 2)
    assert layer.weights.treatment == (1.0, 1.0)
    assert layer.bias.treatment == (1.0, 0.0)


@pytest.mark.parametrize(
    "rng, same",
    [
        (3, np.random.default_rng(3)),
        (np.random.default_rng(3), np.random.default_rng(3)),
        (np.random.RandomState(3), np.random.RandomState(3)),
    ],
)
def test_rng_decides_the_weights(rng, same):
    weights, _ = INITIALIZERS["lecun_normal"](same, 4, 2)
    assert_array_equal(Linear(4, 2, rng=rng).weights.tensor, weights)


def test_without_an_rng_weights_are_fresh_and_the_global_generator_is_left_alone():
    before = np.random.get_state()  # noqa: NPY002
    first, second = Linear(4, 2), Linear(4, 2)
    after = np.random.get_state()  # noqa: NPY002
    assert not np.array_equal(first.weights.tensor, second.weights.tensor)
    assert before[2:] == after[2:]
    assert_array_equal(before[1], after[1])


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_an_initializer_is_named_or_given(name):
    by_name = Linear(4, 2, initializer=name, rng=0)
    given = Linear(4, 2, initializer=INITIALIZERS[name], rng=0)
    assert_array_equal(by_name.weights.tensor, given.weights.tensor)
    assert_array_equal(by_name.bias.tensor, given.bias.tensor)


def test_the_default_initializer_is_the_articles_at_once_and_scikit_learns_later():
    at_once, waiting = Linear(4, 2, rng=0), Linear(outputs=2)
    waiting.build(4, np.random.default_rng(0), np.float64)
    for layer, name in [(at_once, "lecun_normal"), (waiting, "glorot_uniform")]:
        weights, bias = INITIALIZERS[name](np.random.default_rng(0), 4, 2)
        assert layer.initializer is None
        assert_array_equal(layer.weights.tensor, weights)
        assert_array_equal(layer.bias.tensor, bias)


def test_an_initializer_that_there_is_not():
    with pytest.raises(ValueError, match="initializer='glorot' is none of 'lecun_normal', "):
        Linear(4, 2, initializer="glorot")


def test_a_clone_carries_no_weights():
    waiting = Linear(outputs=2)
    waiting.build(4, np.random.default_rng(0), np.float64)
    assert clone(waiting).parameters == []


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csr_matrix])
@pytest.mark.parametrize("columns, density", [(6, 0.3), (60, 0.02), (6, 0.0)])
def test_sparse_input_is_the_dense_one_and_never_made_dense(
    columns, density, make, dtype, rng, monkeypatch
):
    X = rng.standard_normal((9, columns)) * (rng.random((9, columns)) < density)
    X = X.astype(dtype)
    dense, thin = Linear(columns, 3, rng=0, dtype=dtype), Linear(columns, 3, rng=0, dtype=dtype)

    def refuse(*args, **kwargs):
        raise AssertionError("A sparse matrix was made dense.")

    for name in ("toarray", "todense", "__array__"):
        monkeypatch.setattr(make, name, refuse, raising=False)
    D = rng.standard_normal((9, 3)).astype(dtype)
    for plan in ("plan", "plan_input"):
        X_sparse = make(X)
        Y, backward = getattr(thin, plan)(X_sparse, training=True)(X_sparse)
        Y_dense, backward_dense = getattr(dense, plan)(X, training=True)(X)
        backward(D), backward_dense(D)
        tol = 50 * np.finfo(dtype).eps
        assert Y.dtype == dtype
        assert_allclose(Y, Y_dense, rtol=tol, atol=tol)
        assert_allclose(thin.weights.gradient, dense.weights.gradient, rtol=tol, atol=tol)
        assert_allclose(thin.bias.gradient, dense.bias.gradient, rtol=tol, atol=tol)


def test_sparse_input_at_the_head_of_a_packed_network(rng):
    X = rng.standard_normal((9, 6)) * (rng.random((9, 6)) < 0.3)
    gradients = []
    for batch in (X, sparse.csr_array(X)):
        model = Sequential(Linear(6, 4, rng=0), ReLu(), Linear(4, 1, rng=1))
        packed = pack(model.parameters)
        Y, backward = model.plan_input(batch, training=True)(batch)
        backward(np.ones_like(Y))
        gradients.append(packed.gradient)
    assert_allclose(gradients[1], gradients[0], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("x_dtype", [np.float16, np.float32, np.float64, np.int64, bool])
@pytest.mark.parametrize("w_dtype", [np.float32, np.float64, np.longdouble])
def test_mixed_dtypes_give_the_promoted_one(x_dtype, w_dtype, rng):
    X = rng.integers(0, 2, (6, 4)).astype(x_dtype)
    layer = Linear(4, 3, rng=0, dtype=w_dtype)
    Y, backward = layer.forward(X)
    D = rng.integers(-2, 3, Y.shape).astype(Y.dtype)
    dX = backward(D)
    W = layer.weights.tensor.astype(float)
    assert Y.dtype == dX.dtype == np.result_type(x_dtype, w_dtype)
    assert layer.weights.gradient.dtype == w_dtype
    assert_allclose(Y, X.astype(float) @ W, rtol=1e-5, atol=1e-6)
    assert_allclose(dX, D.astype(float) @ W.T, rtol=1e-5, atol=1e-6)
    assert_array_equal(layer.weights.gradient, X.astype(float).T @ D.astype(float))
    assert_array_equal(layer.bias.gradient, D.sum(axis=0))


def test_the_gradient_of_the_data_is_not_computed_when_nobody_asks(rng):
    layer, X = Linear(4, 3), rng.standard_normal((6, 4))
    Y, backward = layer.plan_input(X)(X)
    assert backward(np.ones_like(Y)) is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_array_that_is_not_contiguous_may_house_the_gradient(dtype, rng):
    layer, X = Linear(4, 3, dtype=dtype), rng.standard_normal((6, 4)).astype(dtype)
    layer.weights.gradient = np.zeros((3, 4), dtype).T
    Y, backward = layer.forward(X)
    backward(np.ones_like(Y))
    assert_allclose(layer.weights.gradient, np.repeat(X.sum(axis=0)[:, None], 3, 1), rtol=1e-5)


@pytest.mark.parametrize(
    "made",
    [
        (np.ones((2, 3)), np.zeros(2)),
        (np.ones((3, 2)), np.zeros(1)),
        (np.ones((3, 2)), np.zeros((1, 2))),
        (np.ones((3, 2)), 0.0),
    ],
)
def test_weights_of_another_shape_are_refused(made):
    with pytest.raises(ValueError, match=r"where \(3, 2\) and \(2,\) are needed"):
        Linear(3, 2, initializer=lambda rng, inputs, outputs: made)


@pytest.mark.parametrize("made", [np.ones((3, 2)), [np.ones((3, 2))], None])
def test_an_initializer_makes_weights_and_a_bias(made):
    with pytest.raises(TypeError, match=r"must return \(weights, bias\), not .*"):
        Linear(3, 2, initializer=lambda rng, inputs, outputs: made)


def test_an_initializer_may_make_lists():
    layer = Linear(2, 1, initializer=lambda *_: ([[1], [2]], [3]), dtype=np.float32)
    assert_array_equal(layer.forward(np.ones((1, 2), np.float32))[0], [[6]])
    assert layer.weights.tensor.dtype == np.float32


@pytest.mark.parametrize("inputs", [0, -1, 3.0, True])
def test_inputs_are_counted(inputs):
    with pytest.raises(ValueError, match="inputs must be an int from 1 up"):
        Linear(inputs, 2)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_rows_give_no_rows_and_no_gradient(dtype, kind):
    layer, X = Linear(4, 3, dtype=dtype), kind(np.empty((0, 4), dtype))
    Y, backward = layer.forward(X)
    assert Y.shape == (0, 3) and Y.dtype == dtype
    assert backward(Y).shape == (0, 4)
    assert not any(parameter.gradient.any() for parameter in layer.parameters)
