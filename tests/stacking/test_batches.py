"""Batches of a stack are those of each network, side by side."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknumpynn.stacking.batches import StackedBatches
from tests.stacking.test_stack import learner


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("gathered", [1, 2**18])
def test_gathered_rows_are_those_of_each_network(gathered, dtype, monkeypatch):
    monkeypatch.setattr("sknumpynn.stacking.batches.GATHERED", gathered)
    pairs = [learner(k, weighted=True, dtype=dtype) for k in range(2)]
    same = [learner(k, weighted=True, dtype=dtype) for k in range(2)]
    for block in StackedBatches([batches for _, batches in pairs]).epoch():
        singles = [next(batches.epoch()) for _, batches in same]
        for (place, X, Y, weights, totals), *parts in zip(block, *singles, strict=True):
            assert X.dtype == Y.dtype == dtype
            for k, (own, X_k, Y_k, weights_k, total) in enumerate(parts):
                assert place == (slice(None), own)
                assert_array_equal(X[k], X_k)
                assert_array_equal(Y[k], Y_k)
                assert_array_equal(weights[k], weights_k)
                assert totals[k, 0] == total


@pytest.mark.parametrize("gathered", [1, 2**18])
def test_a_column_of_ones_behind_the_data(gathered, monkeypatch):
    monkeypatch.setattr("sknumpynn.stacking.batches.GATHERED", gathered)
    without, dealt = ([learner(k)[1] for k in range(2)] for _ in range(2))
    blocks = zip(StackedBatches(without).epoch(), StackedBatches(dealt, True).epoch(), strict=True)
    for pair in blocks:
        for (_, X, *_), (_, X_and_ones, *_) in zip(*pair, strict=True):
            assert_array_equal(X_and_ones[..., :-1], X)
            assert_array_equal(X_and_ones[..., -1], 1)
