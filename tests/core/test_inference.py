"""run: chunks give what one pass gives."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from sknumpynn import Layer, Linear, Sequential, Tanh
from sknumpynn.core import inference, run


@pytest.fixture
def model():
    return Sequential(Linear(3, 4, rng=0), Tanh(), Linear(4, 2, rng=1))


@pytest.mark.parametrize("n_rows", [0, 1, 1023, 1024, 1025, 2048, 2500])
def test_chunks_are_one_pass(model, n_rows, rng):
    X = rng.standard_normal((n_rows, 3))
    X.setflags(write=False)
    assert_allclose(run(model, X), model.forward(X)[0], rtol=1e-13, atol=1e-15)


def test_sparse_chunks(model, rng, monkeypatch):
    monkeypatch.setattr(inference, "SPARSE_CHUNK", 7)
    X = rng.standard_normal((30, 3)) * (rng.random((30, 3)) < 0.5)
    assert_allclose(run(model, sparse.csr_array(X)), run(model, X), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("n_rows", [1, 3])
@pytest.mark.parametrize("stored", [np.int64, np.float32])
@pytest.mark.parametrize("dtype", [None, np.float32, np.float64])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_chunks_are_cast_if_asked_and_keep_their_dtype(
    container, dtype, stored, n_rows, rng, monkeypatch
):
    monkeypatch.setattr(inference, "CHUNK", 2)
    monkeypatch.setattr(inference, "SPARSE_CHUNK", 2)
    seen = set()

    class Spy(Layer):
        def forward(self, X):
            seen.add(X.dtype)
            return X, None

    X = container(rng.integers(0, 3, (n_rows, 3)).astype(stored))
    Y = run(Sequential(Spy(), Linear(3, 2, dtype=np.float32)), X, dtype)
    assert seen == {np.dtype(dtype or stored)}
    assert Y.dtype == np.result_type(dtype or stored, np.float32)


def test_the_result_is_no_array_of_a_plan(model, rng):
    X = rng.standard_normal((5, 3))
    first = run(model, X)
    kept = first.copy()
    run(model, -X)
    assert_array_equal(first, kept)


def test_it_plans_for_prediction_at_most_twice(rng, monkeypatch):
    plans = []

    class Spy(Layer):
        def plan(self, like, training=False):
            plans.append((len(like), training))
            return self.forward

    monkeypatch.setattr(inference, "CHUNK", 4)
    X = rng.standard_normal((10, 3))
    assert_array_equal(run(Spy(), X), X)
    assert plans == [(4, False), (2, False)]


def test_plans_are_kept_for_who_asks(model, rng):
    X, plans = rng.standard_normal((600, 3)), {}
    first = run(model, X, plans=plans).copy()
    kept = dict(plans)
    assert len(kept) == 2  # of a whole chunk, and of the last
    model[0].weights.tensor += 1
    assert_array_equal(run(model, X, plans=plans), run(model, X))
    assert (run(model, X, plans=plans) != first).any()
    assert plans == kept
