"""Training: the epochs of a stochastic solver, and the single call of L-BFGS."""

import copy
import math
from itertools import count
from time import perf_counter

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from ..core import Objective, pack, row_parts
from ..schedules import AdaptiveSchedule
from ._callbacks import Watched, fitted_attributes
from ._plateau import Plateau
from ._records import mark_records, record_best, record_epoch
from ._steps import Epoch
from ._threads import blas_threads
from ._validation import is_finite
from ._warning import warn
from ._weights import Checkpoint

__all__ = ["NON_FINITE", "train_lbfgs", "train_stochastic"]

DIVERGED = 1000  # times the loss of the first epoch: more than a bad step would make it
NON_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


def train_stochastic(
    est, learner, batches, weights, schedule, lr_init, callbacks, held_out=None, one_epoch=False
):
    """Train epoch after epoch, until training no longer improves.

    A generator, since the steps of an epoch are taken elsewhere, see `_steps.py`.

    Parameters
    ----------
    est : estimator
        Its parameters say when to stop; epochs are recorded in its attributes, such as
        `loss_curve_` and `n_iter_`.
    learner : Learner
    batches : Batches
    weights : Weights
        The learner's, and perhaps their average.
    schedule : Schedule
    lr_init : float
        Learning rate that the schedule starts from.
    callbacks : Watched or Unwatched
        The fit, of which epochs are parts; it may be stopped after any.
    held_out : HeldOut, default=None
        Rows to validate on after each epoch. With early stopping their score decides when to stop,
        and the weights that had the best one are kept.
    one_epoch : bool, default=False
        Take one epoch, whatever it brings.

    Yields
    ------
    epoch : Epoch
        To be taken. What is sent back is its loss.

    Returns
    -------
    interrupted : bool
        Whether the user interrupted it, which may be meant for others, too.
    """
    optimizer, best, lowest = learner.optimizer, None, np.inf
    patience = est.n_iter_no_change
    if schedule.per_step and not est.early_stopping:
        patience = np.inf  # such a schedule is planned to its last epoch
    plateau = Plateau(_best_so_far(est), est._no_improvement_count, est.tol, patience)
    est.n_iter_ = 0
    if schedule.per_step:
        n_seen = est.t_ if one_epoch else 0
        learner.before_step = _by_step(schedule, optimizer, lr_init, batches, est.max_iter, n_seen)

    def fitted():
        weights.swap()  # with those to predict with
        attributes = fitted_attributes(est)
        weights.swap()
        return attributes

    start, interrupted = None, False
    try:
        for _ in range(1 if one_epoch else est.max_iter):
            start = EpochStart(est, weights, optimizer, plateau, best)
            with callbacks.part("epoch", fitted):
                loss = yield Epoch(learner, batches)
                loss, validation = _validate(loss, weights, held_out)
                seconds = perf_counter() - start.time
                record_epoch(est, loss, validation, len(batches), optimizer.lr, seconds)
                if not math.isfinite(loss):
                    if best is None:
                        _raise_non_finite(est, batches.X)
                    _go_back(est, learner, weights, best, "the loss is no longer finite")
                    break
                plateau.update(-validation[0] if est.early_stopping else loss)
                record_best(est, plateau)
                if est.early_stopping:
                    best = Checkpoint(est.best_iter_, weights) if plateau.improved else best
                elif loss < lowest and est.t_ > len(batches):
                    # The loss is that of the weights at the start, if they were trained by then.
                    best, lowest = start.checkpoint, loss
                optimizer.lr = schedule.after_epoch(optimizer.lr, lr_init, est.t_)
                if plateau.reached:
                    lr = schedule.on_plateau(optimizer.lr)
                    if est.verbose:
                        print(_plateau_message(est, lr, schedule))
                    if lr is None:
                        break
                    optimizer.lr, plateau.count = lr, 0
            if callbacks.stopped:
                break
        else:
            if not one_epoch and not schedule.per_step:  # which is planned to the last epoch
                warn(
                    f"Stochastic Optimizer: Maximum iterations ({est.max_iter}) reached and the "
                    "optimization hasn't converged yet.",
                    ConvergenceWarning,
                )
    except KeyboardInterrupt:
        if start is None or start.n_epochs == 0:
            raise
        best, interrupted = start.go_back(est, weights, optimizer, plateau), True
        warn(
            f"Training interrupted by user in epoch {est.n_iter_ + 1}. The weights are those of "
            f"the {'best' if est.early_stopping else 'last'} epoch before.",
        )
    est._no_improvement_count = plateau.count
    if est.early_stopping and np.isnan(est.validation_scores_).all():
        warn(
            f"No epoch has a validation score that is a number: scoring={est.scoring!r} gave nan. "
            "The weights are those of the last epoch.",
        )
    if est.early_stopping and best is not None:
        best.restore(est, weights)
    elif best is not None and 0 < DIVERGED * est.loss_curve_[0] < est.loss_curve_[-1]:
        _go_back(
            est,
            learner,
            weights,
            best,
            f"the loss is more than {DIVERGED} times what it was at first",
        )
    return interrupted


def _validate(loss, weights, held_out):
    """Loss of an epoch, nan unless all is finite, and the score and loss of held-out rows."""
    if not (math.isfinite(loss) and is_finite(weights.tensor)):
        return np.nan, (np.nan, np.nan)
    if held_out is None:
        return loss, (np.nan, np.nan)
    with np.errstate(all="ignore"):
        return loss, held_out.score(weights)


class EpochStart:
    """The state at the start of an epoch, to go back to if the epoch is interrupted anywhere."""

    def __init__(self, est, weights, optimizer, plateau, best):
        self.n_epochs, self.time = est.n_iter_, perf_counter()
        self.checkpoint, self.best = Checkpoint(len(est.loss_curve_), weights), best
        self.lr, self.count = optimizer.lr, plateau.count
        self.forget_later = mark_records(est)

    def go_back(self, est, weights, optimizer, plateau):
        """Go back, and return the checkpoint that was the best."""
        self.forget_later()
        self.checkpoint.restore(est, weights)
        optimizer.lr, plateau.count = self.lr, self.count
        return self.best


def train_lbfgs(est, job, penalty, callbacks):
    """Train by L-BFGS on all rows at once.

    Parameters
    ----------
    est : estimator
        Its parameters say when to stop; its attributes `loss_` and `n_iter_` are set.
    job : Job
        Its network is in float64: a line search needs the digits.
    penalty : L2Penalty
    callbacks : Watched or Unwatched
        The fit, of which iterations are parts; it may be stopped after any.
    """
    loss, Y = job.task.loss, job.task.goal(job.Y)
    objective = Objective(job.network, loss, penalty, job.X, Y, job.sample_weight)
    threads = blas_threads(objective.parameters.tensor.size, objective.batches.batch_size)
    with threads, np.errstate(all="ignore"):
        result = minimize(
            objective.value,
            objective.parameters.tensor.copy(),
            method="L-BFGS-B",
            jac=objective.gradient,  # with jac=True, SciPy would keep and compare copies of its own
            callback=_after_iteration(est, job, callbacks),
            options={"maxfun": est.max_fun, "maxiter": est.max_iter, "gtol": est.tol},
        )
    if not (np.isfinite(result.fun) and np.isfinite(result.x).all()):
        _raise_non_finite(est, job.X)
    objective.parameters.tensor[:] = result.x
    est.n_iter_, est.loss_ = min(result.nit, est.max_iter), float(result.fun)
    if est.verbose:
        print(f"L-BFGS stopped after {result.nit} iterations, loss = {result.fun:.8f}")
    if result.status != 0 and not callbacks.stopped:
        warn(
            f"lbfgs failed to converge after {est.n_iter_} iteration(s) "
            f"(status={result.status}): {result.message}\n"
            "Increase the number of iterations (max_iter, max_fun), or scale the data.",
            ConvergenceWarning,
        )


def _after_iteration(est, job, callbacks):
    """Make the function that SciPy calls after each iteration, or None if no callback watches."""
    if not isinstance(callbacks, Watched):
        return None
    est.n_iter_ = 0

    def tell(intermediate_result):
        def fitted():
            network = copy.deepcopy(job.network)
            pack(network.parameters).tensor[:] = intermediate_result.x
            est._keep(network, job.dtype)
            return fitted_attributes(est)

        est.n_iter_, est.loss_ = est.n_iter_ + 1, float(intermediate_result.fun)
        with callbacks.part("iteration", fitted):
            pass  # SciPy calls this when the iteration is over
        if callbacks.stopped:
            raise StopIteration

    return tell


def _by_step(schedule, optimizer, lr_init, batches, max_iter, n_seen):
    """Make the function that sets the learning rate before each step."""
    n_steps = max_iter * batches.n_batches
    steps = count(n_seen // len(batches) * batches.n_batches)

    def set_lr():
        optimizer.lr = lr_init * schedule.factor(min(next(steps) / n_steps, 1.0))

    return set_lr


def _best_so_far(est):
    """Lowest loss, or highest score with its sign turned, of earlier epochs."""
    return -est.best_validation_score_ if est.early_stopping else est.best_loss_


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


def _raise_non_finite(est, X):
    sizes = np.max([_column_sizes(part) for part in row_parts(X)], axis=0)
    column = int(np.argmax(sizes))
    name = getattr(est, "feature_names_in_", range(X.shape[1]))[column]
    raise ValueError(
        f"{NON_FINITE} The largest in size, {sizes[column]:.3g}, is in column {name!r} of X: scale "
        "it, for instance with StandardScaler, and y, if it has large values; or lower "
        f"learning_rate_init={est.learning_rate_init}."
    )


def _column_sizes(X):
    """The largest absolute value of each column."""
    low, high = (
        bound if isinstance(X, np.ndarray) else bound.toarray().ravel()
        for bound in (X.min(axis=0), X.max(axis=0))
    )
    return np.maximum(-low.astype(float), high)


def _go_back(est, learner, weights, best, reason):
    best.restore(est, weights)
    learner.optimizer.state_of(learner.parameters).clear()  # what it remembers has diverged, too
    warn(
        f"Training diverged in epoch {est.n_iter_}: {reason}. The weights are those of the best "
        f"epoch before. Lower learning_rate_init={est.learning_rate_init}, or scale the data, for "
        "instance with StandardScaler.",
        ConvergenceWarning,
    )
