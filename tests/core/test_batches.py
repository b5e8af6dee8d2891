"""Batches: every row once an epoch, in scikit-learn's order, weighted, cast and gathered."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.utils import shuffle

from sknumpynn.core import Batches, batches, row_slices


def numbered(n_rows, dtype=float):
    """Rows that tell their number: X counts them in its first column, Y is minus that."""
    X = np.zeros((n_rows, 2), dtype)
    X[:, 0] = np.arange(n_rows)
    return X, -np.arange(float(n_rows))[:, np.newaxis]


def deal(dealer):
    """All that one epoch deals out, copied."""
    return [
        (np.array(X.toarray() if sparse.issparse(X) else X), Y.copy(), weights, total)
        for block in dealer.epoch()
        for _, X, Y, weights, total in block
    ]


def order_of(dealt):
    return np.concatenate([X[:, 0] for X, *_ in dealt])


def test_row_slices():
    assert row_slices(7, 3) == [slice(0, 3), slice(3, 6), slice(6, 7)]
    assert row_slices(6, 3) == [slice(0, 3), slice(3, 6)]
    assert row_slices(2, 3) == [slice(0, 2)]
    assert row_slices(0, 3) == []


LAYOUTS = {
    "by rows": np.ascontiguousarray,
    "by columns": np.asfortranarray,
    "some columns": lambda array: np.hstack([array, array])[:, : array.shape[1]],
    "some rows": lambda array: np.repeat(array, 2, axis=0)[::2],
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float32, np.int8])
def test_whatever_the_layout_no_batch_costs_a_copy_of_all_rows(layout, dtype, rng):
    X, Y = rng.integers(100, size=(20_000, 100)).astype(dtype), rng.standard_normal((20_000, 2))
    rows = rng.permutation(20_000)
    dealer = Batches(LAYOUTS[layout](X), LAYOUTS[layout](Y), 50, rows=rows, dtype=np.float32)
    tracemalloc.start()
    block = next(dealer.epoch())
    _, X_batch, Y_batch, _, _ = next(iter(block))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < X.nbytes / 2
    assert_array_equal(X_batch, X[rows[:50]])
    assert_array_equal(Y_batch, Y[rows[:50]].astype(np.float32))


@pytest.mark.parametrize("batch_size", [1, 3, 10, 11, 100])
@pytest.mark.parametrize("rng", [None, np.random.default_rng(0), np.random.RandomState(0)])
def test_every_row_once_an_epoch_with_its_target(batch_size, rng):
    dealer = Batches(*numbered(11), batch_size, rng)
    assert len(dealer) == 11
    for _ in range(3):
        dealt = deal(dealer)
        assert_array_equal(np.sort(order_of(dealt)), np.arange(11))
        assert all(len(X) == batch_size for X, *_ in dealt[:-1])
        assert dealer.n_batches == len(dealt)
        for X, Y, weights, total in dealt:
            assert_array_equal(Y[:, 0], -X[:, 0])
            assert weights is None
            assert total == len(X)


@pytest.mark.parametrize("rows", [None, np.array([8, 2, 5, 3, 9, 10])])
def test_the_order_is_that_of_sklearn_s_shuffle(rows):
    dealer = Batches(*numbered(11), 4, np.random.RandomState(3), rows=rows)
    random_state = np.random.RandomState(3)
    expected = np.arange(11) if rows is None else rows
    for _ in range(5):
        expected = shuffle(expected, random_state=random_state)
        assert_array_equal(order_of(deal(dealer)), expected)


def test_without_rng_rows_come_in_order_and_are_not_copied():
    X, Y = numbered(11)
    dealer = Batches(X, Y, 4)
    for block in dealer.epoch():
        for place, X_batch, *_ in block:
            assert np.shares_memory(X_batch, X)
            assert_array_equal(X_batch, X[place])


def test_only_the_rows_asked_for():
    rows = np.array([7, 1, 4])
    dealer = Batches(*numbered(11), 2, rows=rows)
    assert len(dealer) == 3
    assert_array_equal(order_of(deal(dealer)), rows)


def test_neither_the_data_nor_the_list_of_rows_is_changed():
    X, Y = numbered(11)
    rows, weights = np.arange(11)[::-1].copy(), np.ones(11)
    for array in (X, Y, rows, weights):
        array.setflags(write=False)
    for _ in range(3):
        deal(Batches(X, Y, 4, np.random.RandomState(0), weights, rows))
    assert_array_equal(rows, np.arange(11)[::-1])


@pytest.mark.parametrize("unit", [1, 1e-9])
def test_weights_are_scaled_to_a_mean_of_one_in_each_batch(unit):
    weights = np.arange(1.0, 12.0) * unit
    dealer = Batches(*numbered(11), 4, np.random.RandomState(0), sample_weight=weights)
    for X, _, scaled, total in deal(dealer):
        own = weights[X[:, 0].astype(int)]
        assert_allclose(total, own.sum())
        assert_allclose(scaled, own / own.mean())


def test_a_batch_without_weight_is_skipped():
    weights = np.array([0.0, 0, 0, 1, 2, 3, 0, 0, 0, 0])
    dealt = deal(Batches(*numbered(10), 3, sample_weight=weights))
    assert_array_equal(order_of(dealt), [3, 4, 5])
    assert_allclose(dealt[0][2], [0.5, 1, 1.5])


@pytest.mark.parametrize("stored", [np.uint8, np.int64, bool, np.float64, np.float32])
@pytest.mark.parametrize("dtype", [None, np.dtype(np.float32), np.dtype(np.float64)])
@pytest.mark.parametrize("rng", [None, np.random.RandomState(0)])
def test_a_batch_is_cast_when_it_is_dealt(stored, dtype, rng):
    X, Y = numbered(7, stored)
    dealer = Batches(X, Y, 3, rng, dtype=dtype)
    expected = dtype or (stored if stored in (np.float32, np.float64) else np.float64)
    dealt = deal(dealer)
    assert {X_batch.dtype for X_batch, *_ in dealt} == {np.dtype(expected)}
    assert {Y_batch.dtype for _, Y_batch, *_ in dealt} == {np.dtype(expected)}
    values = np.sort(order_of(dealt))
    assert_array_equal(values, np.sort(X[:, 0]).astype(expected))
    assert dealer.X is X


def test_a_batch_size_beyond_the_rows_takes_no_memory():
    dealer = Batches(*numbered(5), 10**15, np.random.RandomState(0))
    assert [len(X) for X, *_ in deal(dealer)] == [5]


def test_one_gathered_array_serves_all_batches():
    dealer = Batches(*numbered(12), 4, np.random.RandomState(0))
    homes = {X.__array_interface__["data"][0] for block in dealer.epoch() for _, X, *_ in block}
    assert len(homes) == 1


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csr_matrix])
@pytest.mark.parametrize("stored", [np.float32, np.float64, np.int64])
def test_sparse_rows_stay_sparse(make, stored):
    X, Y = numbered(11, stored)
    dealer = Batches(make(X), Y, 4, np.random.RandomState(0), dtype=np.dtype(np.float32))
    for block in dealer.epoch():
        for _, X_batch, *_ in block:
            assert isinstance(X_batch, make)
            assert X_batch.dtype == np.float32
    dense = Batches(X, Y, 4, np.random.RandomState(0), dtype=np.dtype(np.float32))
    thin = Batches(make(X), Y, 4, np.random.RandomState(0), dtype=np.dtype(np.float32))
    assert_array_equal(order_of(deal(thin)), order_of(deal(dense)))


@pytest.mark.parametrize("block_size", [1, 5, 8, 9, 65536])
def test_blocks_hold_whole_batches_and_change_nothing(block_size, monkeypatch):
    weights = np.arange(23.0)
    whole = deal(Batches(*numbered(23), 4, np.random.RandomState(0), weights))
    monkeypatch.setattr(batches, "BLOCK_SIZE", block_size)
    dealer = Batches(*numbered(23), 4, np.random.RandomState(0), weights)
    blocks = list(dealer.epoch())
    assert all(len(block.rows) % 4 == 0 for block in blocks[:-1])
    assert len(blocks) == -(-23 // (4 * max(1, block_size // 4)))
    dealer = Batches(*numbered(23), 4, np.random.RandomState(0), weights)
    for got, expected in zip(deal(dealer), whole, strict=True):
        for one, other in zip(got, expected, strict=True):
            assert_array_equal(one, other)


@pytest.mark.parametrize("n_outputs, block_size", [(1, 64), (4, 16), (5, 12), (100, 4)])
def test_a_block_is_as_large_as_its_targets_may_be(n_outputs, block_size, monkeypatch):
    monkeypatch.setattr(batches, "BLOCK_SIZE", 64)
    assert Batches(np.zeros((200, 2)), np.zeros((200, n_outputs)), 4).block_size == block_size


@pytest.mark.parametrize("n_rows, dtype", [(2**31, np.int32), (2**31 + 1, np.int64)])
def test_the_number_of_any_row_of_a_file_fits(n_rows, dtype, monkeypatch):
    monkeypatch.setattr(batches, "is_mapped", lambda X: True)
    X = np.broadcast_to(np.float32(0), (n_rows, 1))  # which takes no memory
    order = Batches(X, X, 1, rows=np.array([n_rows - 1])).order
    assert (order, order.dtype) == (n_rows - 1, dtype)


@pytest.mark.parametrize("batch_size, n_dealt", [(1, 11), (3, 9), (5, 10), (11, 11), (100, 11)])
def test_drop_last_deals_full_batches_alone(batch_size, n_dealt):
    dealer = Batches(*numbered(11), batch_size, np.random.default_rng(0), drop_last=True)
    orders = [order_of(deal(dealer)) for _ in range(60)]
    assert {len(order) for order in orders} == {n_dealt}
    assert all(len(np.unique(order)) == n_dealt for order in orders)
    assert set(np.concatenate(orders)) == set(range(11))  # each row's turn comes
    assert dealer.n_batches == n_dealt // min(batch_size, 11)
