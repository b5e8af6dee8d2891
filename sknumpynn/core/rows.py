"""Rows: cut them into slices, and take some, without keeping all of a mapped file in memory.

A mapped file is what `numpy.memmap` opens. Its pages count as memory of this process from when they
are first read until the process lets go of them. They then stay in the system's cache, so that
reading them again is quick, and nothing that was written is lost.
"""

import mmap
from contextlib import suppress

import numpy as np

__all__ = ["gather", "is_mapped", "row_parts", "row_slices", "rows_in_part", "take_rows", "walk"]

PART_SIZE = 2**26  # bytes of a mapped file to read before letting go of their pages
SHARED = "r", "r+", "w+"  # modes in which a page holds nothing that is not in the file


def row_slices(n_rows, size):
    """Cut a range of rows into slices of a size, the last perhaps smaller.

    Parameters
    ----------
    n_rows, size : int

    Returns
    -------
    slices : list of slice
    """
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]


def is_mapped(X):
    """Tell whether an array is in a mapped file that is so large that memory matters.

    Parameters
    ----------
    X : array-like
        Or any other object.

    Returns
    -------
    is_mapped : bool
    """
    return _file_of(X) is not None


def rows_in_part(X):
    """Number of rows of a mapped file to read before letting go of their pages."""
    return max(1, PART_SIZE // _row_size(X))


def walk(X, places):
    """Go through slices of rows, and let go of those pages of a mapped file that lie behind.

    Parameters
    ----------
    X : array-like
    places : iterable of slice
        In rising order. The caller may use them on another array, too.

    Yields
    ------
    place : slice
    """
    file, n_seen = _file_of(X), 0
    for place in places:
        yield place
        if file is not None:
            n_seen += place.stop - place.start
            if n_seen >= rows_in_part(X):
                _let_go(file)
                n_seen = 0
    if file is not None:
        _let_go(file)


def row_parts(X):
    """Cut an array into parts of some rows: a large mapped file into several, others into one.

    Parameters
    ----------
    X : ndarray or sparse matrix

    Returns
    -------
    parts : iterable of ndarray, or of a sparse matrix
        Views, each to be done with before the next is asked for.
    """
    if _file_of(X) is None:
        return (X,)
    return (X[place] for place in walk(X, row_slices(len(X), rows_in_part(X))))


def take_rows(X, rows, out=None):
    """Take some rows, from a mapped file in the order in which it has them.

    Parameters
    ----------
    X : ndarray or sparse matrix
    rows : ndarray of int
    out : ndarray of shape (len(rows), n_columns), default=None
        Where to put those of a mapped file; by default in a new array.

    Returns
    -------
    taken : ndarray or sparse matrix
        As ``X[rows]``.
    """
    file = _file_of(X)
    if file is None:
        return X[rows]
    taken = np.empty((len(rows), *X.shape[1:]), X.dtype) if out is None else out
    order = np.argsort(rows)
    starts = range(rows_in_part(X), len(X), rows_in_part(X))
    for places in np.split(order, np.searchsorted(rows, starts, sorter=order)):
        taken[places] = gather(X, rows[places])
        _let_go(file)
    return taken


def gather(X, rows, out=None):
    """Take some rows of an array, in the time and the memory that they take.

    The method ``take`` is the quickest way, but copies all of an array that is not in C order, such
    as those that pandas makes of tables, before it takes any.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns)
    rows : ndarray of int
    out : ndarray of shape (len(rows), n_columns), default=None
        In C order and of the dtype of X; by default a new array. With it, `rows` must be counted
        from 0, and it is not checked that X has them.

    Returns
    -------
    taken : ndarray
        As ``X[rows]``.
    """
    if out is None:
        return X.take(rows, 0) if X.flags.c_contiguous else X[rows]
    if X.flags.c_contiguous:
        return X.take(rows, 0, out, "clip")  # which writes straight into `out`, "raise" does not
    out[...] = X[rows]
    return out


def _row_size(X):
    """Bytes of the file from one row to the next."""
    return max(abs(X.strides[0]), X.nbytes // max(len(X), 1))


def _file_of(X):
    """The large mapped file that an array is a view of, if there is one to let go of.

    The view may be small: of one piece of the file after the other, pages would add up.
    """
    mode, base = None, X
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap):
            mode = base.mode
        base = base.base
    if mode not in SHARED or not isinstance(base, mmap.mmap) or X.ndim == 0:
        return None
    return base if len(base) > PART_SIZE and hasattr(mmap, "MADV_DONTNEED") else None


def _let_go(file):
    with suppress(OSError):  # of pages that are locked into memory
        file.madvise(mmap.MADV_DONTNEED)
