"""Threads: small networks train on one BLAS thread, and leave the other cores to others."""

from contextlib import contextmanager, nullcontext
from functools import cache
from threading import Lock
from weakref import WeakSet

from threadpoolctl import ThreadpoolController

__all__ = ["blas_threads"]

SMALL = 2**23  # multiply-adds in a layered forward pass, where two threads break even with one

_claims = WeakSet()  # of the one fit, if any, that has set the limit
_claiming = Lock()


class _Claim:
    """To be the one; it ends with the fit that holds it, at whatever line that is interrupted."""


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
    return _one_thread() if n_parameters * n_rows < SMALL else nullcontext()


@contextmanager
def _one_thread():
    """Context with one BLAS thread, which restores what was.

    Most libraries have one number for all of the process: if two fits that overlap saved and
    restored it, the later one would save the earlier one's limit, and restore that for good. So
    only one at a time sets it; the others go by what they find.
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
        _claims.discard(claim)  # at once, though a traceback may keep this frame


@cache  # it looks for the loaded libraries, which takes milliseconds
def _controller():
    return ThreadpoolController()
