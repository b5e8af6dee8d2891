"""Training by epochs: a step on each batch, until the network no longer improves."""

import copy
import math
from itertools import count
from time import perf_counter

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ..core import Batches, Learner
from ..schedules import AdaptiveSchedule, checked, factor_at
from ._attributes import fitted_attributes
from ._description import describe
from ._holdout import hold_out
from ._magnitudes import cure_for_y, is_finite, raise_non_finite, warn_if_large
from ._parts import make_optimizer, make_penalty, make_schedule
from ._records import mark_records, record_best, record_epoch, start_records
from ._resumption import randomness, resume
from ._steps import Epoch
from ._threads import blas_threads
from ._warning import warn
from ._weights import AveragedWeights, Checkpoint, Weights

__all__ = ["Training"]

DIVERGED = 1000  # times the loss of the first epoch: more than a bad step would make it


class Training:
    """Training by a stochastic solver.

    Parameters
    ----------
    est : estimator
        Its parameters say how to train; epochs are recorded in its attributes, such as
        `loss_curve_` and `n_iter_`.
    job : Job

    Attributes
    ----------
    held_out : HeldOut or None
        Rows to validate on after each epoch. With early stopping their score decides when to stop,
        and the weights that had the best one are kept.
    learner : Learner
    batches : Batches
    memory : dict
        What the optimizer remembers.
    weights : Weights
        The learner's, and perhaps their average.
    best : Checkpoint or None
        The weights to go back to: with early stopping those of the best score, else those of the
        lowest loss.
    """

    def __init__(self, est, job):
        self.est, self.job = est, job
        rows, self.held_out = hold_out(est, job)
        batch_size = _batch_size(est, job.X.shape[0] if rows is None else len(rows))
        rows = _rows_of_batches(job, rows)
        est._adapt(job, rows)
        start_records(est, job.validation is not None)
        self.batches = Batches(
            job.X,
            job.task.goal(job.Y),
            batch_size,
            rng=job.rng if est.shuffle else None,
            sample_weight=job.sample_weight,
            rows=rows,
            dtype=job.dtype,
        )
        self.schedule, self.optimizer = make_schedule(est), make_optimizer(est)
        self.lr_init = self.optimizer.lr
        loss, penalty = job.task.stochastic_loss, make_penalty(est)
        self.learner = Learner(job.network, loss, self.optimizer, penalty, job.rng, est.clip_norm)
        self.memory = self.optimizer.state_of(self.learner.parameters)
        est._keep(job.network, job.dtype)  # as views, so that scorers predict with what is trained
        tensor, average = self.learner.parameters.tensor, est.average
        self.weights = Weights(tensor) if average is None else AveragedWeights(tensor, average)
        self.learner.after_step = self.weights.update
        self._resume()
        self.patience = est.n_iter_no_change
        if self.schedule.per_step:
            self.learner.before_step = self._lr_setter()
            if not est.early_stopping:
                self.patience = np.inf  # such a schedule is planned to its last epoch
        self.best, self.lowest = None, np.inf

    def run(self, callbacks):
        """Train epoch after epoch.

        A generator, since the steps of an epoch are taken elsewhere, see `_steps.py`.

        Parameters
        ----------
        callbacks : Watched or Unwatched
            The fit, of which epochs are parts; it may be stopped after any.

        Yields
        ------
        epoch : Epoch
            To be taken. What is sent back is its loss.

        Returns
        -------
        interrupted : bool
            Whether the user interrupted it, which may be meant for others, too.
        """
        with blas_threads(self.weights.tensor.size, self.batches.batch_size):
            interrupted = yield from self._take_epochs(callbacks)
            self._settle_on_weights()
        if not self.job.incremental:
            warn_if_large("X", self.job.X, "for instance with StandardScaler", self.job.norm)
            warn_if_large("y", self.batches.Y, cure_for_y(self.job.task))
        self.est._solver_state = self._state()
        return interrupted

    def _take_epochs(self, callbacks):
        est, job, start = self.est, self.job, None
        est.n_iter_ = 0
        try:
            for _ in range(1 if job.incremental else est.max_iter):
                start, began = EpochStart(self), perf_counter()
                with callbacks.part("epoch", self._fitted_attributes):
                    loss = yield Epoch(self.learner, self.batches)
                    loss, validation = self._validate(loss)
                    n_rows, lr = len(self.batches), self.optimizer.lr
                    record_epoch(est, loss, validation, n_rows, lr, perf_counter() - began)
                    if not math.isfinite(loss):
                        if self.best is None:
                            raise_non_finite(est, job.X, self.batches.Y, job.task)
                        self._go_back("the loss is no longer finite")
                        break
                    self._keep_best(start)
                    if not self._goes_on():
                        break
                if callbacks.stopped:
                    break
            else:
                if not job.incremental and not self.schedule.per_step:  # planned to the last epoch
                    warn(
                        f"Stochastic Optimizer: Maximum iterations ({est.max_iter}) reached and "
                        "the optimization hasn't converged yet.",
                        ConvergenceWarning,
                    )
        except KeyboardInterrupt:
            if start is None or start.n_epochs == 0:
                raise
            start.go_back(self)
            warn(
                f"Training interrupted by user in epoch {est.n_iter_ + 1}. The weights are those "
                f"of the {'best' if est.early_stopping else 'last'} epoch before.",
            )
            return True
        return False

    def _validate(self, loss):
        """Loss of an epoch, nan unless all is finite, and the score and loss of held-out rows."""
        if not (math.isfinite(loss) and is_finite(self.weights.tensor)):
            return np.nan, (np.nan, np.nan)
        if self.held_out is None:
            return loss, (np.nan, np.nan)
        with np.errstate(all="ignore"):
            return loss, self.held_out.score(self.weights)

    def _keep_best(self, start):
        """Keep the weights of the latest epoch, or of its start, if they are the best so far."""
        est, is_best = self.est, record_best(self.est)
        if est.early_stopping:
            if is_best:
                self.best = Checkpoint(est.best_iter_, self.weights)
        elif est.loss_ < self.lowest and est.t_ > len(self.batches):
            # The loss is that of the weights at the start, if they were trained by then.
            self.best, self.lowest = start.checkpoint, est.loss_

    def _goes_on(self):
        """Set the learning rate of the next epoch; tell whether there is to be one."""
        est, optimizer = self.est, self.optimizer
        lr = self.schedule.after_epoch(optimizer.lr, self.lr_init, est.t_)
        if lr is not optimizer.lr:  # which is nan for an optimizer that has none
            optimizer.lr = checked(lr, self.schedule)
        if est._no_improvement_count <= self.patience:
            return True
        lr = self.schedule.on_plateau(optimizer.lr)
        if est.verbose:
            print(_plateau_message(est, lr, self.schedule))
        if lr is None:
            return False
        optimizer.lr, est._no_improvement_count = checked(lr, self.schedule), 0
        return True

    def _settle_on_weights(self):
        """After the last epoch, go back to the best one if the weights are to be its."""
        est, best = self.est, self.best
        if est.early_stopping and np.isnan(est.validation_scores_).all():
            warn(
                f"No epoch has a validation score that is a number: scoring={est.scoring!r} gave "
                "nan. The weights are those of the last epoch.",
            )
        if est.early_stopping and best is not None:
            best.restore(est, self.weights)
        elif best is not None and 0 < DIVERGED * est.loss_curve_[0] < est.loss_curve_[-1]:
            self._go_back(f"the loss is more than {DIVERGED} times what it was at first")

    def _go_back(self, reason):
        """Go back to the best epoch before training diverged."""
        self.best.restore(self.est, self.weights)
        self.memory.clear()  # it has diverged, too
        warn(
            f"Training diverged in epoch {self.est.n_iter_}: {reason}. The weights are those of "
            f"the best epoch before. Lower learning_rate_init={self.est.learning_rate_init}, or "
            "scale the data, for instance with StandardScaler.",
            ConvergenceWarning,
        )

    def _fitted_attributes(self):
        self.weights.swap()  # with those to predict with
        attributes = fitted_attributes(self.est)
        self.weights.swap()
        return attributes

    def _lr_setter(self):
        """Make the function that sets the learning rate before each step."""
        optimizer, lr_init, schedule = self.optimizer, self.lr_init, self.schedule
        n_epochs = self.est.t_ // len(self.batches) if self.job.incremental else 0
        n_steps = self.est.max_iter * self.batches.n_batches
        steps = count(n_epochs * self.batches.n_batches)

        def set_lr():
            progress = min(next(steps) / n_steps, 1.0)
            optimizer.lr = lr_init * factor_at(progress, schedule)

        return set_lr

    def _resume(self):
        """Go on from the state that the fit before left, as far as that is asked for."""
        job, state = self.job, self.est._solver_state
        if job.resumes:
            resume(state, job.rng, self.batches, job.network)
        if (job.resumes or job.incremental) and state.get("solver") == describe(self.est.solver):
            self.optimizer.lr = state["lr"]
            self.memory.update(copy.deepcopy(state["memory"]))
            self.weights.resume(state)

    def _state(self):
        """What to keep for a fit that goes on from this one."""
        lr, memory = self.optimizer.lr, self.memory
        state = {"solver": describe(self.est.solver), "lr": lr, "memory": memory}
        state |= self.weights.publish()
        if self.est.warm_start == "exact":
            state |= randomness(self.job.rng, self.batches, self.job.network)
        return state


class EpochStart:
    """The state at the start of an epoch, to go back to if the epoch is interrupted anywhere."""

    def __init__(self, training):
        self.n_epochs = training.est.n_iter_
        self.checkpoint = Checkpoint(len(training.est.loss_curve_), training.weights)
        self.best, self.lr = training.best, training.optimizer.lr
        self.forget_later = mark_records(training.est)

    def go_back(self, training):
        """Undo what the epoch did."""
        self.forget_later()
        self.checkpoint.restore(training.est, training.weights)
        training.best, training.optimizer.lr = self.best, self.lr


def _batch_size(est, n_rows):
    if est.batch_size == "auto":
        return min(200, n_rows)
    if est.batch_size > n_rows:
        warn(
            f"Got `batch_size`={est.batch_size} larger than the sample size {n_rows}. "
            "It is going to be clipped.",
        )
    return min(int(est.batch_size), n_rows)


def _rows_of_batches(job, rows):
    """Rows to train on, of which None are all, less those that no layer may make anything of.

    To the loss a row of weight zero is nothing, but a batch normalization would count it.
    """
    weight = job.sample_weight
    if weight is None or weight.all():
        return rows
    if not any(layer.depends_on_batch for layer in job.network.walk()):
        return rows
    return np.flatnonzero(weight) if rows is None else rows[weight[rows] > 0]


def _plateau_message(est, lr, schedule):
    what = "Validation score" if est.early_stopping else "Training loss"
    message = (
        f"{what} did not improve more than tol={est.tol:f} for {est.n_iter_no_change} "
        "consecutive epochs."
    )
    if lr is not None:
        return f"{message} Setting learning rate to {lr:f}"
    reason = " Learning rate too small." if isinstance(schedule, AdaptiveSchedule) else ""
    return f"{message}{reason} Stopping."
