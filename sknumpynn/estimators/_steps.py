"""Steps: a fit is a generator that asks for one epoch after the other; here they are taken.

So a single fit and several fits in lock-step, as a stack, share the code that says how a network is
trained.
"""

from collections import defaultdict
from contextlib import contextmanager
from time import process_time
from typing import NamedTuple

import numpy as np

from ..core import Batches, Learner
from ..stacking import Stack, part_batches, share_batches, stack_key, stack_size
from ._threads import blas_threads, one_thread

__all__ = ["Epoch", "Fitting", "take_steps", "take_steps_together"]

WORTHWHILE = 4  # learners in a stack: three take as long together as one after the other


class Epoch(NamedTuple):
    """What a fit asks for: a step on each batch; the answer is the epoch's loss."""

    learner: Learner
    batches: Batches


def take_steps(fitting):
    """Run a fit to its end, taking the steps of its epochs one after the other.

    Parameters
    ----------
    fitting : generator
        Yields epochs, and is sent their losses. An error in an epoch is raised within it.
    """
    answer, reply, anew = fitting.send, None, True
    try:
        while True:
            epoch = answer(reply)
            try:
                answer, reply = fitting.send, _loss(epoch, anew)
            except BaseException as error:
                answer, reply = fitting.throw, error
            anew = False
    except StopIteration:
        pass
    finally:
        reply = None  # an error that refers to this frame
        fitting.close()


def _loss(epoch, anew):
    with np.errstate(all="ignore"):  # who asked sees to what is not finite
        return epoch.learner.fit_epoch(epoch.batches, anew)


class Fitting:
    """One of several fits that take their steps together.

    Parameters
    ----------
    steps : generator
        As `take_steps` takes it.

    Attributes
    ----------
    epoch : Epoch or None
        To be taken next; None once the fit has ended.
    error : BaseException or None
        That ended it.
    seconds : float
        Processor time that it took; where steps were taken together, its share.
    """

    def __init__(self, steps):
        self.steps, self.epoch, self.error, self.seconds = steps, None, None, 0.0

    def go_on(self, reply=None):
        """Go on to the next epoch with the reply to the last: its loss, or an error.

        An interrupt between two epochs, which the fit takes for its own, is raised once it has
        ended: it is of all fits.
        """
        answer = self.steps.throw if isinstance(reply, BaseException) else self.steps.send
        self.epoch = None
        try:
            self.epoch = answer(reply)
        except StopIteration as end:
            if end.value and not isinstance(reply, KeyboardInterrupt):
                raise KeyboardInterrupt from None
        except BaseException as error:
            self.error = error
            if not isinstance(error, Exception):
                raise


def take_steps_together(fits, may_be_cut_short=True):
    """Run several fits to their end, those in lock-step that can be stacked.

    Parameters
    ----------
    fits : iterable of generator
        As `take_steps` takes them.
    may_be_cut_short : bool, default=True
        Whether an interrupt while steps are taken together ends each of the fits after its last
        epoch, or is raised. It is raised, too, if a fit has no complete epoch yet.

    Returns
    -------
    fittings : list of Fitting
        Each at its end, or at the error that ended it. But an error in a step that several take
        together is raised.
    """
    fittings, interrupt = [Fitting(steps) for steps in fits], None
    try:
        groups = _begin(fittings)
        with one_thread():  # until the last stack is done
            try:
                for group in groups:
                    _train_stacked(group)
            except KeyboardInterrupt as error:
                is_too_early = any(fitting.error is error for fitting in fittings)
                if is_too_early or not may_be_cut_short:
                    raise
                interrupt = error
        for fitting in fittings:
            if fitting.epoch is None:
                continue
            if interrupt is None:
                _train_alone(fitting)
            else:  # of all fits: each ends where it stands
                fitting.go_on(interrupt)
    finally:
        for fitting in fittings:
            fitting.steps.close()
    return fittings


def _begin(fittings):
    """Begin all fits; return groups of those to be stacked.

    A fit of a network that is too large for a stack is run to its end, before the next one takes
    memory, too.
    """
    groups = defaultdict(list)
    for fitting in fittings:
        with _timed([fitting]), one_thread():
            fitting.go_on()
        if fitting.epoch is None:
            continue
        if stack_size(*fitting.epoch) < WORTHWHILE:
            _train_alone(fitting)
        else:
            groups[stack_key(*fitting.epoch)].append(fitting)
    groups.pop(None, None)
    return list(groups.values())


def _train_stacked(group):
    """Train in stacks, until the fits of a group have ended or too few are left."""
    size, stacks, anew = stack_size(*group[0].epoch), [], True
    if len(group) < WORTHWHILE:
        return
    share_batches(*zip(*(fitting.epoch for fitting in group), strict=True))
    while len(group) >= WORTHWHILE:
        if sum(len(fittings) for fittings, _ in stacks) != len(group):  # some have ended
            parts = np.array_split(np.arange(len(group)), -(-len(group) // size))
            parts = [[group[i] for i in part] for part in parts]
            stacks = [(part, Stack([f.epoch.learner for f in part])) for part in parts]
            anew = True
        for part, stack in stacks:
            with _timed(part):
                with np.errstate(all="ignore"):
                    losses = stack.fit_epoch([fitting.epoch.batches for fitting in part], anew)
                for fitting, loss in zip(part, losses, strict=True):
                    fitting.go_on(loss)
        group, anew = [fitting for fitting in group if fitting.epoch is not None], False
    for fitting in group:
        part_batches(fitting.epoch.batches)


def _train_alone(fitting):
    (learner, batches), anew = fitting.epoch, True
    with _timed([fitting]), blas_threads(learner.parameters.tensor.size, batches.batch_size):
        while fitting.epoch is not None:
            try:
                loss = _loss(fitting.epoch, anew)
            except Exception as error:  # an interrupt is of all fits, of which some have not begun
                loss = error
            anew = False
            fitting.go_on(loss)


@contextmanager
def _timed(fittings):
    began = process_time()
    yield
    share = (process_time() - began) / len(fittings)
    for fitting in fittings:
        fitting.seconds += share
