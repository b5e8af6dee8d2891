"""Batches of a stack: those of several networks, side by side."""

import numpy as np

from ..core import gather

__all__ = ["StackedBatches"]

GATHERED = 2**18  # numbers of X that are gathered at once


class StackedBatches:
    """The batches of several networks, dealt out side by side.

    Parameters
    ----------
    batches : list of Batches
        Those that share an order share all else, too, see `share_batches`.
    adds_ones : bool, default=False
        Whether X gets one more column, of ones.
    """

    def __init__(self, batches, adds_ones=False):
        self.batches, self.adds_ones = batches, adds_ones
        distinct = {id(own.order): own for own in batches}
        places = {order: i for i, order in enumerate(distinct)}
        self.distinct = list(distinct.values())
        self.numbers = np.array([places[id(own.order)] for own in batches])

    def epoch(self):
        """Yield the blocks of an epoch."""
        for own in self.batches:
            own.shuffle()
        for blocks in zip(*(own.deal() for own in self.distinct), strict=True):
            yield StackedBlock(blocks, self.numbers, self.adds_ones)


class StackedBlock:
    """Blocks of several networks side by side; each array has a leading axis of networks.

    Parameters
    ----------
    blocks : sequence of Block
        The distinct ones.
    numbers : ndarray of int of shape (n_networks,)
        Which of them each network has.
    adds_ones : bool
        As in `StackedBatches`.
    """

    def __init__(self, blocks, numbers, adds_ones):
        self.blocks, self.numbers, self.adds_ones = blocks, numbers, adds_ones
        self.Y, self.weights = self._for_all([block.Y for block in blocks]), None
        if blocks[0].weights is not None:
            self.weights = self._for_all([block.weights for block in blocks])
            self.totals = self._for_all([block.totals for block in blocks])

    def __iter__(self):
        """Yield (place in the block, X, Y, weights, totals of the weights) of each batch."""
        first = self.blocks[0]
        size, n_columns = first.batches.batch_size, first.batches.X.shape[1] + self.adds_ones
        n_at_once = max(1, GATHERED // (len(self.blocks) * size * n_columns))
        shape = len(self.blocks), min(n_at_once * size, len(first.rows)), n_columns
        gathered = np.ones(shape, first.batches.dtype)
        for i, (place, total) in enumerate(zip(first.places, first.totals, strict=True)):
            begin = place.start % (n_at_once * size)
            if begin == 0:
                self._gather(place.start, gathered)
            here, weights = (slice(None), place), None
            if self.weights is not None:
                weights, total = self.weights[here], self.totals[:, i : i + 1]
            X = self._for_all(gathered[:, begin : begin + place.stop - place.start])
            yield here, X, self.Y[here], weights, total

    def _gather(self, start, gathered):
        """Fill an array with rows of the blocks' X, from a place on."""
        for block, X in zip(self.blocks, gathered, strict=True):
            rows = block.rows[start : start + len(X)]
            X[: len(rows), : block.batches.X.shape[1]] = gather(block.batches.X, rows)

    def _for_all(self, arrays):
        """Repeat what each distinct block has for all networks that share it."""
        if len(self.blocks) == len(self.numbers):
            return np.asarray(arrays)
        return np.take(arrays, self.numbers, axis=0)
