"""The short ways to BLAS: what NumPy gives, whatever the layout, and in place."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.sparse import csr_array

from sknumpynn.blas import largest, ones, plan_gemm, plan_vectors

LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "strided": lambda A: np.repeat(np.repeat(A, 2, axis=0), 2, axis=1)[::2, ::2],
    "reversed": lambda A: A[::-1, ::-1].copy()[::-1, ::-1],
}
TOLERANCE = {np.float16: 1e-2, np.float32: 1e-5, np.float64: 1e-13, np.longdouble: 1e-13}
dtypes = pytest.mark.parametrize("dtype", TOLERANCE)


@dtypes
@pytest.mark.parametrize("beta", [0.0, 1.0])
@pytest.mark.parametrize(
    "shape", [(4, 3, 2), (1, 3, 2), (4, 1, 2), (4, 3, 1), (1, 1, 1), (4, 0, 2)]
)
@pytest.mark.parametrize("trans", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_gemm_of_every_layout(dtype, beta, shape, trans, rng):
    n, k, m = shape
    A, B, start = (rng.standard_normal(s).astype(dtype) for s in [(n, k), (k, m), (n, m)])
    expected, tol = A @ B + beta * start, TOLERANCE[dtype]
    if not beta:
        start = np.full_like(start, np.nan)  # what c holds is of no account
    for a, b, c in itertools.product(LAYOUTS, LAYOUTS, ["C", "F"]):
        factors = LAYOUTS[a](A.T if trans[0] else A), LAYOUTS[b](B.T if trans[1] else B)
        for factor in factors:
            factor.setflags(write=False)
        for size in ({}, {"rows": m, "columns": n}):  # of what is passed, the transposes
            out = start.copy(order=c)
            gemm = plan_gemm(out.dtype, factors[0], **size)
            returned = gemm(1.0, *factors, beta, out, *trans, 1)
            assert_allclose(returned, expected, rtol=tol, atol=tol)
            assert c == "C" or returned is out


@dtypes
@pytest.mark.parametrize("n", [0, 1, 4])
@pytest.mark.parametrize("step", [1, 2])
def test_rows_are_summed_into_a_vector(dtype, n, step, rng):
    D, start = (rng.standard_normal(s).astype(dtype) for s in [(n, 3), (3 * step,)])
    expected = D.sum(axis=0) + start[::step]
    out, gemm = start[::step], plan_gemm(start.dtype, D, rows=1)
    added = gemm(1.0, D.T, ones((n, 1), start.dtype).T, 1.0, out, 0, 1, 1)
    assert_allclose(added, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    assert step > 1 or added is out


@dtypes
@pytest.mark.parametrize("shape", [(5,), (1,), (0,), (2, 3)])
def test_scal_and_axpy(dtype, shape, rng):
    x, start = (rng.standard_normal(shape).astype(dtype) for _ in range(2))
    x.setflags(write=False)
    y, tol = start.copy(), TOLERANCE[dtype]
    scal, axpy = plan_vectors(y)
    axpy(x, y, y.size, -0.3)
    assert_allclose(y, start - dtype(0.3) * x, rtol=tol, atol=tol)
    y = start.copy()
    scal(-0.3, y)
    assert_allclose(y, dtype(-0.3) * start, rtol=tol, atol=tol)


@dtypes
def test_a_part_of_a_vector_is_changed_alone(dtype, rng):
    start = rng.standard_normal(9).astype(dtype)
    for part in (slice(2, 5), slice(1, None, 3), slice(None, None, -1)):
        expected = start.copy()
        expected[part] = expected[part] * 2
        y = start.copy()
        scal, axpy = plan_vectors(y[part])
        scal(2.0, y[part])
        assert_allclose(y, expected, rtol=TOLERANCE[dtype])
        y = start.copy()
        axpy(y[part].copy(), y[part], y[part].size, 1.0)
        assert_allclose(y, expected, rtol=TOLERANCE[dtype])


@dtypes
@pytest.mark.parametrize("part", [np.s_[:, :], np.s_[:, 1:3], np.s_[::2, :]])
@pytest.mark.parametrize("a", [-0.3, np.array([[0.5], [-2.0], [3.0]])])
def test_rows_are_changed_by_a_number_or_one_of_each(dtype, part, a, rng):
    x, start = (rng.standard_normal((3, 4)).astype(dtype) for _ in range(2))
    a, tol = (a.astype(dtype)[part[:1]] if isinstance(a, np.ndarray) else a), TOLERANCE[dtype]
    scaled, added = start.copy(), start.copy()
    scaled[part] = start[part] * a
    added[part] = start[part] + a * x[part]
    y = start.copy()
    scal, axpy = plan_vectors(y)
    scal(a, y[part])
    assert_allclose(y, scaled, rtol=tol, atol=tol)
    for source in (x[part], x[part].copy()):
        y = start.copy()
        axpy(source, y[part], source.size, a)
        assert_allclose(y, added, rtol=tol, atol=tol)


@dtypes
@pytest.mark.parametrize("shapes", [((4, 3, 1), (4, 1, 5)), ((4, 3, 2), (4, 2, 5))])
@pytest.mark.parametrize("beta", [0.0, 1.0])
def test_products_of_stacks_are_those_of_their_matrices(dtype, shapes, beta, rng):
    A, B = (rng.standard_normal(shape).astype(dtype) for shape in shapes)
    start = rng.standard_normal((4, 3, 5)).astype(dtype)
    for trans_A, trans_B in np.ndindex(2, 2):
        given_A, given_B = (A.mT.copy() if trans_A else A), (B.mT.copy() if trans_B else B)
        out, gemm = start.copy(), plan_gemm(A.dtype, A)
        gemm(1.0, given_B.T, given_A.T, beta, out.T, trans_B, trans_A, 1)
        for k in range(4):
            expected = A[k] @ B[k] + beta * start[k]
            assert_allclose(out[k], expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("shape", [(3,), (1, 3)])
def test_what_must_not_be_written_is_not(shape):
    y = np.ones(shape)
    y.setflags(write=False)
    scal, axpy = plan_vectors(y)
    for change in (lambda: scal(2.0, y), lambda: axpy(np.ones(shape), y, 3, 1.0)):
        with pytest.raises(ValueError, match="read-only"):
            change()
    assert (y == 1).all()


@dtypes
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(4, 3), (1, 7), (0, 3)])
def test_the_largest_is_numpy_s(dtype, layout, shape, rng):
    A = rng.standard_normal(shape).astype(dtype)
    for sign in (1, -1):
        signed = LAYOUTS[layout](sign * np.abs(A))
        assert largest(signed) == np.abs(A).max(initial=0)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64])
def test_the_largest_of_whole_numbers(dtype):
    assert largest(np.array([[0, 1], [1, 0]], dtype)) == 1


def test_the_largest_of_whole_numbers_may_be_negative():
    assert largest(np.array([3, -128], np.int8)) == 128


def test_ones_are_made_once_and_stay_ones():
    factor = ones((3, 1), np.dtype(np.float32))
    assert ones((3, 1), np.dtype(np.float32)) is factor
    assert factor.dtype == np.float32
    assert (factor == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        factor[0] = 2


@pytest.mark.parametrize("cached", [1, 7, 2**16])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_few_rows_of_a_sparse_product_are_added_some_at_a_time(dtype, cached, rng, monkeypatch):
    monkeypatch.setattr("sknumpynn.blas.CACHED", cached)
    X = csr_array(rng.standard_normal((9, 60)) * (rng.random((9, 60)) < 0.03), dtype=dtype)
    assert 3 < X.nnz < 60
    D, start = (rng.standard_normal(shape).astype(dtype) for shape in [(9, 3), (60, 3)])
    out = start.copy()
    assert plan_gemm(out.dtype, X)(1.0, D.T, X, 1.0, out.T, 0, 1, 1).base is out
    assert_allclose(out, start + X.toarray().T @ D, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
