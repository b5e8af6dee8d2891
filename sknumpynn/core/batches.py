"""Batches: the rows of an epoch, in random order, gathered into arrays that are made once."""

from functools import lru_cache

import numpy as np

from .rows import gather, is_mapped, row_slices, rows_in_part, take_rows

__all__ = ["Batches"]

BLOCK_SIZE = 65536  # numbers in a block of targets: small beside the data, large beside a call


class Batches:
    """Deal out rows in batches, epoch after epoch.

    Parameters
    ----------
    X : ndarray or sparse CSR of shape (n_samples, inputs)
        Never copied or cast as a whole: rows are gathered, and cast, a batch at a time; from a
        memory-mapped file they are read a block at a time.
    Y : ndarray of shape (n_samples, n_outputs)
    batch_size : int
        The last batch of an epoch may be smaller.
    rng : numpy.random.Generator or numpy.random.RandomState, default=None
        Shuffles the rows anew for each epoch; None keeps them in order.
    sample_weight : ndarray of shape (n_samples,), default=None
    rows : ndarray of int, default=None
        Deal out only these rows.
    dtype : numpy dtype, default=None
        Of the batches; by default that of X if floating, else float64.
    drop_last : bool, default=False
        Whether an epoch leaves out the last batch if it would be smaller than the others.

    Attributes
    ----------
    is_mapped : bool
        Whether X is in a large memory-mapped file, see `core/rows.py`.
    """

    def __init__(
        self,
        X,
        Y,
        batch_size,
        rng=None,
        sample_weight=None,
        rows=None,
        dtype=None,
        drop_last=False,
    ):
        self.X, self.Y, self.sample_weight = X, Y, sample_weight
        self.dtype = dtype or (X.dtype if X.dtype.kind == "f" else np.dtype(np.float64))
        self.is_mapped = is_mapped(X)
        # Where X takes no memory, the order does: half of it in short integers, which take longer.
        integer = np.int32 if self.is_mapped and X.shape[0] <= 2**31 else np.intp
        self.order = np.arange(X.shape[0], dtype=integer) if rows is None else rows.astype(integer)
        self.rng, self.drop_last = rng, drop_last
        self.batch_size = min(batch_size, len(self.order))
        rows_in_block = BLOCK_SIZE // max(Y.shape[1], 1)
        if self.is_mapped:  # each block reads through the whole file, so let there be few blocks
            rows_in_block = min(16 * rows_in_block, 2 * rows_in_part(X), len(self.order))
        self.block_size = self.batch_size * max(1, rows_in_block // self.batch_size)
        n_rows = min(self.n_batches * self.batch_size, len(self.order))
        self._blocks = row_slices(n_rows, self.block_size)
        self._is_dense, self._casts = isinstance(X, np.ndarray), X.dtype != self.dtype
        in_order = self.is_mapped or rows is None and rng is None
        self._slices = in_order and not self._casts
        if self.is_mapped:
            self.copied = np.empty((self.block_size, X.shape[1]), X.dtype)
        if self._is_dense and not self._slices:
            shape = self.batch_size, X.shape[1]
            self._gathered = self._as_stored = np.empty(shape, self.dtype)
            if self._casts:
                self._as_stored = np.empty(shape, X.dtype)

    def __len__(self):
        return len(self.order)

    @property
    def n_batches(self):
        """Number of batches in an epoch."""
        n_full = len(self) // self.batch_size
        return n_full if self.drop_last else -(-len(self) // self.batch_size)

    def epoch(self):
        """Yield the blocks of an epoch: each is a `Block`, an iterable of batches."""
        self.shuffle()
        yield from self.deal()

    def shuffle(self):
        """Put the rows into random order, if there is to be one."""
        if self.rng is not None:
            # The order that sklearn.utils.shuffle makes of the one before, from the same rng.
            self.rng.shuffle(self.order)

    def deal(self):
        """Yield the blocks of an epoch with the rows in the order that they have."""
        for place in self._blocks:
            yield Block(self, self.order[place].astype(np.intp, copy=False))

    def gather(self, X, rows):
        """Return rows of X in a batch of the right dtype, valid until the next call.

        Parameters
        ----------
        X : ndarray or sparse CSR of shape (n_samples, inputs)
        rows : ndarray of int

        Returns
        -------
        batch : ndarray or sparse CSR of shape (len(rows), inputs)
        """
        if not self._is_dense:
            return X[rows].astype(self.dtype, copy=False)
        if self._slices:
            return X[rows[0] : rows[-1] + 1]
        batch, stored = self._gathered, self._as_stored
        if len(rows) < self.batch_size:
            batch, stored = batch[: len(rows)], stored[: len(rows)]
        gather(X, rows, stored)
        if self._casts:
            batch[...] = stored
        return batch


class Block:
    """Some batches whose targets and weights are gathered at once.

    Attributes
    ----------
    Y : ndarray of shape (n_rows, n_outputs)
    weights : ndarray of shape (n_rows,) or None
        Scaled so that their mean over each batch is one, since a batch counts by its number of
        rows; zero in a batch whose weights are all zero.
    """

    def __init__(self, batches, rows):
        self.batches, self.rows = batches, rows
        self.places, self.totals = _places_and_sizes(len(rows), batches.batch_size)
        self.Y = gather(batches.Y, rows).astype(batches.dtype, copy=False)
        self.weights = None
        if batches.sample_weight is not None:
            weights = batches.sample_weight.take(rows)
            sizes = np.array(self.totals)
            self.totals = np.add.reduceat(weights, [place.start for place in self.places])
            means = np.where(self.totals > 0, self.totals / sizes, 1)
            self.weights = weights / np.repeat(means, sizes)

    def __iter__(self):
        """Yield (place in the block, X, Y, weights, total of the weights) of each batch."""
        X, rows = self.batches.X, self.rows
        if self.batches.is_mapped:  # batches are gathered from a copy of the block's rows
            X = take_rows(X, rows, self.batches.copied[: len(rows)])
            rows = np.arange(len(rows))
        for place, total in zip(self.places, self.totals, strict=True):
            if total > 0:  # nothing to learn from rows that all count for nothing
                weights = None if self.weights is None else self.weights[place]
                yield place, self.batches.gather(X, rows[place]), self.Y[place], weights, total


@lru_cache(maxsize=64)
def _places_and_sizes(n_rows, size):
    places = row_slices(n_rows, size)
    return places, [place.stop - place.start for place in places]
