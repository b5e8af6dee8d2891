"""Rows: what is taken of a mapped file is what an array has, and its pages are let go of safely."""

import mmap
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from sknumpynn.core import Batches, batches, is_mapped, row_parts, rows, run, take_rows, walk
from sknumpynn.layers import Linear

X = np.random.default_rng(0).normal(size=(1000, 3)).astype(np.float32)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr(rows, "PART_SIZE", 4096)  # of the 12,000 bytes of X


@pytest.fixture
def let_go(monkeypatch):
    """The files whose pages are let go of."""
    files, let_go = [], rows._let_go
    monkeypatch.setattr(rows, "_let_go", lambda file: (files.append(file), let_go(file)))
    return files


@pytest.fixture(params=["C", "F"])
def mapped(request, tmp_path):
    np.save(tmp_path / "X.npy", np.array(X, order=request.param))
    return np.load(tmp_path / "X.npy", mmap_mode="r")


@pytest.mark.parametrize("mode", ["r", "r+", "w+"])
def test_views_of_a_large_shared_file_are_mapped(mode, tmp_path):
    file = np.memmap(tmp_path / "X", np.float32, mode, shape=X.shape) if mode == "w+" else None
    if file is None:
        X.tofile(tmp_path / "X")
        file = np.memmap(tmp_path / "X", np.float32, mode, shape=X.shape)
    views = file, np.asarray(file), file[100:], np.asarray(file)[::-1], file[:, :1], file[::2].T.T
    assert all(map(is_mapped, (*views, file[:, 0], file[:500].reshape(-1)[None])))
    assert all(map(is_mapped, (file[:3], file[0], file[:3, :1], file[:0])))
    assert not any(map(is_mapped, (file[0, 0, ...], file + 1, np.array(file))))
    small = np.memmap(tmp_path / "X", np.float32, "r", shape=(300, 3))
    assert not is_mapped(small)


def test_nothing_else_is_mapped(tmp_path):
    X.tofile(tmp_path / "X")
    private = np.memmap(tmp_path / "X", np.float32, "c", shape=X.shape)
    anonymous = np.frombuffer(mmap.mmap(-1, X.nbytes), np.float32).reshape(X.shape)
    file = np.memmap(tmp_path / "X", np.float32, "r", shape=X.shape)
    windows = np.lib.stride_tricks.sliding_window_view(file, 2, 0, subok=True)  # hides its file
    others = private, anonymous, windows, X, X[::2], sparse.csr_array(X), X.tolist(), None
    assert not any(map(is_mapped, others))


def test_without_madvise_nothing_is_mapped(mapped, monkeypatch):
    monkeypatch.delattr(mmap, "MADV_DONTNEED")
    assert not is_mapped(mapped)


def test_parts_are_all_rows_in_turn_and_pages_go_after_each(mapped, let_go):
    n_seen = []
    for part in row_parts(mapped):
        assert_array_equal(part, X[sum(n_seen) :][: len(part)])
        assert len(let_go) == len(n_seen)
        n_seen.append(len(part))
    assert n_seen == [341, 341, 318]  # 4096 bytes are 341 rows of 12
    assert {id(file) for file in let_go} == {id(mapped.base)}


@pytest.mark.parametrize("array", [X, sparse.csr_array(X)])
def test_what_is_in_memory_is_one_part(array, let_go):
    (part,) = row_parts(array)
    assert part is array
    assert list(walk(array, [slice(0, 1000)])) == [slice(0, 1000)]
    assert let_go == []


@pytest.mark.parametrize(
    "size, expected", [(100, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]), (170, [0, 0, 0, 1, 1, 1])]
)
def test_a_walk_lets_go_after_each_part_and_at_its_end(size, expected, mapped, let_go):
    counts = [len(let_go) for _ in walk(mapped, rows.row_slices(1000, size))]
    assert counts == expected  # a part is 341 rows, which is more than 2 * 170
    assert len(let_go) == 3


def test_a_row_that_is_larger_than_a_part_is_a_part(mapped, let_go, monkeypatch):
    monkeypatch.setattr(rows, "PART_SIZE", 8)
    for n_before, part in enumerate(row_parts(mapped)):
        assert len(let_go) == n_before
        assert_array_equal(part, X[[n_before]])
    assert n_before == 999


@pytest.mark.parametrize("n_rows", [0, 1, 1000, 3000])
@pytest.mark.parametrize("gives_out", [False, True])
def test_rows_are_taken_as_an_index_takes_them(mapped, n_rows, gives_out, let_go):
    chosen = np.random.default_rng(n_rows).integers(1000, size=n_rows)
    out = np.empty((n_rows, 3), np.float32) if gives_out else None
    taken = take_rows(mapped, chosen, out)
    assert taken.dtype == X.dtype and (taken is out or not gives_out)
    assert_array_equal(taken, X[chosen])
    assert len(let_go) == 3


def test_rows_that_are_counted_from_the_end_or_missing_are_as_for_an_index(mapped):
    assert_array_equal(take_rows(mapped, np.array([3, -1, -1000])), X[[3, -1, 0]])
    for missing in (1000, -1001):
        with pytest.raises(IndexError):
            take_rows(mapped, np.array([5, missing]))


def test_rows_of_a_part_are_taken_before_its_pages_go(mapped, monkeypatch):
    chosen = np.random.default_rng(0).permutation(1000)
    out, filled = np.full(X.shape, np.nan, np.float32), []
    monkeypatch.setattr(rows, "_let_go", lambda file: filled.append(~np.isnan(out[:, 0])))
    take_rows(mapped, chosen, out)
    for is_filled, end in zip(filled, (341, 682, 1000), strict=True):
        assert_array_equal(is_filled, chosen < end)


def test_a_file_in_any_order_is_not_copied_for_some_of_its_rows(tmp_path):
    np.save(tmp_path / "X.npy", np.ones((50_000, 3), order="F"))
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    tracemalloc.start()
    take_rows(mapped, np.arange(100))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < mapped.nbytes / 10


def test_no_rows_of_a_file_are_none(mapped):
    assert list(row_parts(mapped[:0])) == []
    assert take_rows(mapped[:0], np.array([], int)).shape == (0, 3)


def test_rows_in_memory_are_taken_at_once(let_go):
    chosen = np.array([5, 2, 5])
    assert_array_equal(take_rows(X, chosen), X[chosen])
    assert_array_equal(take_rows(sparse.csr_array(X), chosen).toarray(), X[chosen])
    assert let_go == []


def test_what_was_written_is_not_lost(tmp_path):
    file = np.memmap(tmp_path / "X", np.float32, "w+", shape=X.shape)
    for place in walk(file, rows.row_slices(1000, 100)):
        file[place] = X[place]
    assert_array_equal(file, X)
    assert_array_equal(np.fromfile(tmp_path / "X", np.float32).reshape(X.shape), X)


def test_a_private_copy_keeps_its_changes(tmp_path):
    np.zeros(X.shape, np.float32).tofile(tmp_path / "X")
    private = np.memmap(tmp_path / "X", np.float32, "c", shape=X.shape)
    private[...] = X
    assert_array_equal(np.concatenate([part.copy() for part in row_parts(private)]), X)
    assert_array_equal(take_rows(private, np.arange(1000)), X)


def test_pages_locked_into_memory_stay(mapped, monkeypatch):
    class Locked(mmap.mmap):
        def madvise(self, *how):
            raise OSError("locked")

    monkeypatch.setattr(rows, "_file_of", lambda X: Locked(-1, 1))
    assert_array_equal(take_rows(mapped, np.arange(1000)), X)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("rng", [None, 0])
@pytest.mark.parametrize("some_rows", [None, np.arange(999, 0, -2)])
def test_batches_of_a_file_are_those_of_an_array(mapped, dtype, rng, some_rows, let_go):
    Y, weights = X[:, :2], np.arange(1000.0)
    dealt = []
    for array in (mapped, X):
        source = None if rng is None else np.random.RandomState(rng)
        dealer = Batches(array, Y, 64, source, weights, some_rows, np.dtype(dtype))
        dealt.append(
            [
                (np.array(batch), Y_batch.copy(), weights, total)
                for _ in range(2)
                for block in dealer.epoch()
                for _, batch, Y_batch, weights, total in block
            ]
        )
    for ours, theirs in zip(*dealt, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            assert_array_equal(one, other)
            assert np.asarray(one).dtype == np.asarray(other).dtype
    assert let_go


@pytest.mark.parametrize("some_rows", [None, np.arange(999, 0, -2)])
def test_the_order_of_a_file_s_rows_takes_half_of_the_memory(mapped, some_rows):
    of_file, of_array = (Batches(array, X[:, :1], 64, rows=some_rows) for array in (mapped, X))
    assert_array_equal(of_file.order, of_array.order)
    assert 2 * of_file.order.nbytes == of_array.order.nbytes
    assert all(block.rows.dtype == np.intp for block in of_file.epoch())


def test_a_block_of_a_file_has_as_many_rows_as_two_parts(mapped):
    dealer = Batches(mapped, X[:, :1], 64, np.random.default_rng(0))
    assert [len(block.rows) for block in dealer.epoch()] == [640, 360]
    assert [len(block.rows) for block in Batches(X, X[:, :1], 64).epoch()] == [1000]


@pytest.mark.parametrize(
    "part_size, targets, block_size",
    [
        (4096, 65536, 682),  # two parts of 341 rows
        (4096, 20, 320),  # sixteen times the block that an array has
        (8000, 65536, 1000),  # all rows
    ],
)
def test_a_block_of_a_file_is_large_and_no_larger_than_the_file(
    part_size, targets, block_size, mapped, monkeypatch
):
    monkeypatch.setattr(rows, "PART_SIZE", part_size)
    monkeypatch.setattr(batches, "BLOCK_SIZE", targets)
    dealer = Batches(mapped, X[:, :1], 1)
    assert dealer.block_size == len(dealer.copied) == block_size


def test_a_model_is_run_on_a_file_as_on_an_array(mapped, let_go):
    model = Linear(3, 2, rng=0)
    assert_array_equal(run(model, mapped), run(model, X))
    assert len(let_go) == 3  # after 512 rows, 1000, and at the end
