"""Threads: small networks train on one BLAS thread, and leave the other cores to others."""

from contextlib import nullcontext
from threading import Lock

from threadpoolctl import ThreadpoolController

__all__ = ["blas_threads"]

SMALL = 2**22  # multiply-adds in a layered forward pass; below, threads wait longer than they work


class _OneThread:
    """Context in which BLAS has one thread, for all of the process.

    Fits that run at the same time share it: the first sets the limit, the last restores what was.
    """

    def __init__(self):
        self._lock, self._n_inside = Lock(), 0
        self._controller = self._limit = None

    def __enter__(self):
        with self._lock:
            if self._n_inside == 0:
                if self._controller is None:  # looks up the loaded libraries: slow, so only once
                    self._controller = ThreadpoolController()
                self._limit = self._controller.limit(limits=1, user_api="blas")
            self._n_inside += 1

    def __exit__(self, *_):
        with self._lock:
            self._n_inside -= 1
            if self._n_inside == 0:
                self._limit.restore_original_limits()


_one_thread = _OneThread()


def blas_threads(n_parameters, n_rows):
    """Context with the BLAS threads that suit a network: one if small, else what the caller has.

    Parameters
    ----------
    n_parameters : int
        Of the network.
    n_rows : int
        In a batch.

    Returns
    -------
    context : context manager
    """
    return _one_thread if n_parameters * n_rows < SMALL else nullcontext()
