"""Batches of a stack: those of several networks, side by side."""

import numpy as np

__all__ = ["StackedBatches"]

GATHERED = 2**18  # numbers of X that are gathered at once


class StackedBatches:
    """The batches of several networks, dealt out side by side.

    Parameters
    ----------
    batches : list of Batches
    """

    def __init__(self, batches):
        self.batches = batches

    def epoch(self):
        """Yield the blocks of an epoch."""
        for blocks in zip(*(own.epoch() for own in self.batches), strict=True):
            yield StackedBlock(blocks)


class StackedBlock:
    """Blocks of several networks side by side; each array has a leading axis of networks.

    Parameters
    ----------
    blocks : sequence of Block
    """

    def __init__(self, blocks):
        self.blocks, self.weights = blocks, None
        self.distinct, self.numbers = _distinct(blocks)
        self.Y = np.stack([block.Y for block in blocks])
        if blocks[0].weights is not None:
            self.weights = np.stack([block.weights for block in blocks])

    def __iter__(self):
        """Yield (place in the block, X, Y, weights, totals of the weights) of each batch."""
        first = self.blocks[0]
        size, n_inputs = first.batches.batch_size, first.batches.X.shape[1]
        n_at_once = max(1, GATHERED // (len(self.distinct) * size * n_inputs))
        shape = len(self.distinct), min(n_at_once * size, len(first.rows)), n_inputs
        gathered = np.empty(shape, first.batches.dtype)
        for i, (place, total) in enumerate(zip(first.places, first.totals, strict=True)):
            begin = place.start % (n_at_once * size)
            if begin == 0:
                self._gather(place.start, gathered)
            here, weights = (slice(None), place), None
            if self.weights is not None:
                weights = self.weights[here]
                total = np.array([[block.totals[i]] for block in self.blocks])
            X = gathered[:, begin : begin + place.stop - place.start]
            if len(self.distinct) < len(self.blocks):
                X = X.take(self.numbers, 0)
            yield here, X, self.Y[here], weights, total

    def _gather(self, start, gathered):
        """Fill an array with rows of the distinct blocks' X, from a place on."""
        for block, X in zip(self.distinct, gathered, strict=True):
            rows = block.rows[start : start + len(X)]
            X[: len(rows)] = block.batches.X.take(rows, 0)


def _distinct(blocks):
    """The blocks that differ in their rows of X, and for each of all which of them has its rows.

    Of a search's candidates with one ``random_state`` there is one for each fold.
    """
    distinct, numbers, last = [], [], {}
    for block in blocks:
        same = last.get(id(block.batches.X))  # the last of this X
        if same is None or not (block.rows == distinct[same].rows).all():
            same = last[id(block.batches.X)] = len(distinct)
            distinct.append(block)
        numbers.append(same)
    return distinct, np.array(numbers)
