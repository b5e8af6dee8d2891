"""Callbacks: those of scikit-learn, from its version 1.9 on, watch a fit and its epochs."""

from contextlib import contextmanager

import numpy as np

from ._attributes import fitted_attributes

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # an older scikit-learn

    class CallbackSupportMixin:
        """Nothing: there are no callbacks yet."""


__all__ = ["CallbackSupportMixin", "Unwatched", "Watched", "watch"]


@contextmanager
def watch(est, X, y, sample_weight, incremental=False, **options):
    """Context of a fit, watched by the estimator's callbacks if it has any.

    Parameters
    ----------
    est : estimator
        The one that is trained, of a subclass of `CallbackSupportMixin`. Callbacks see it.
    X, y, sample_weight : array-like
        As they were given to `fit`, where the weights may be None. Callbacks see them.
    incremental : bool, default=False
        Whether it is a call of `partial_fit`, which nobody watches.
    **options
        Of scikit-learn's context: ``max_subtasks``, how many parts the fit has at most, and
        ``sequential_subtasks``, whether they come one after the other.

    Yields
    ------
    fit : Watched or Unwatched
    """
    if incremental or not hasattr(est, "_skl_callbacks"):
        yield Unwatched()
        return
    metadata = {}
    if sample_weight is not None:
        metadata["sample_weight"] = np.broadcast_to(sample_weight, np.shape(y)[:1])
    data = {"estimator": est, "X": X, "y": y, "metadata": metadata}
    try:
        context = est._init_callback_context(**options)
        with _watch(context, data, lambda: fitted_attributes(est)) as fit:
            yield fit
    finally:
        with_callbacks(lambda est: None)(est)  # ends all that the context began


@contextmanager
def _watch(context, data, fitted):
    """Context of a task, after which, unless it fails, callbacks say whether it is the last."""
    context.call_on_fit_task_begin(**data)
    task = Watched(context, data)
    yield task
    task.is_last = context.call_on_fit_task_end(**data, reconstruction_attributes=fitted)


class Watched:
    """A task that callbacks watch: a fit, or a part of one.

    Parameters
    ----------
    context : sklearn.callback.CallbackContext
    data : dict
        What callbacks are told of every task.

    Attributes
    ----------
    stopped : bool
        Whether a callback wanted the latest part to be the last.
    """

    def __init__(self, context, data):
        self.context, self.data, self.stopped = context, data, False

    @contextmanager
    def part(self, name, fitted, **options):
        """Context of a part, which callbacks watch, too.

        Parameters
        ----------
        name : str
        fitted : function or None
            Makes the fitted attributes, by name, of the estimator as trained so far. Called only if
            a callback asks for that estimator. None if there is none.
        **options
            As for `watch`, and ``task_id``.

        Yields
        ------
        part : Watched
        """
        with _watch(self.context.subcontext(name, **options), self.data, fitted) as part:
            yield part
        self.stopped = part.is_last


class Unwatched:
    """A task that no callback watches, and the context of its parts."""

    stopped = False

    def part(self, name, fitted, **options):
        """Context of a part, which nobody watches, either."""
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass
