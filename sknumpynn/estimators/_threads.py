"""Threads: small networks train on one BLAS thread, and leave other cores to other work."""

from contextlib import contextmanager, nullcontext
from functools import cache
from threading import Lock
from weakref import WeakSet

from threadpoolctl import ThreadpoolController

__all__ = ["blas_threads", "one_thread"]

SMALL = 2**23  # multiply-adds in a forward pass from which on two threads are as quick as one

_claims = WeakSet()  # of the one fit, if any, that has set the limit
_claiming = Lock()


class _Claim:
    """Held by the fit that has set the limit; it dies with that, wherever it is interrupted."""


def blas_threads(n_parameters, n_rows):
    """Context with the BLAS threads that suit a network: one if it is small, else unchanged.

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
    return one_thread() if n_parameters * n_rows < SMALL else nullcontext()


@contextmanager
def one_thread():
    """Context with one BLAS thread, which restores what was.

    Most libraries have one number of threads for the whole process. If two overlapping fits each
    saved and restored it, the later one would save the limit that the earlier had set, and restore
    that for good. So only one fit at a time sets it; others leave it as they find it.
    """
    claim = _Claim()
    with _claiming:
        if not _claims:
            _claims.add(claim)
    if claim not in _claims:
        yield
        return
    try:
        with _controller().limit(limits=1, user_api="blas"):
            yield
    finally:
        _claims.discard(claim)  # not only with this frame, which a traceback may keep


@cache  # it looks for the loaded libraries, which takes milliseconds
def _controller():
    return ThreadpoolController()
