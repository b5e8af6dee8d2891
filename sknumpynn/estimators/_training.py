"""Training: the epochs of a stochastic solver, and the single call of L-BFGS."""

import warnings
from itertools import count

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from ..core import Objective
from ..schedules import AdaptiveSchedule
from ._plateau import Plateau
from ._records import record_best, record_epoch
from ._threads import blas_threads
from ._weights import Checkpoint

__all__ = ["NON_FINITE", "train_lbfgs", "train_stochastic"]

NON_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


def train_stochastic(
    est, learner, batches, weights, schedule, lr_init, held_out=None, one_epoch=False
):
    """Train epoch after epoch, until training no longer improves.

    Parameters
    ----------
    est : estimator
        Its parameters say when to stop; its attributes `loss_curve_`, `n_iter_`, ... record.
    learner : Learner
    batches : Batches
    weights : Weights
        The learner's, and perhaps their average.
    schedule : Schedule
    lr_init : float
        Learning rate that the schedule starts from.
    held_out : HeldOut, default=None
        Rows to validate on after each epoch. With early stopping their score decides when to stop,
        and the weights that had the best one are kept.
    one_epoch : bool, default=False
        Take one epoch, whatever it brings.
    """
    optimizer, best, lowest = learner.optimizer, None, np.inf
    plateau = Plateau(_best_so_far(est), est._no_improvement_count, est.tol, est.n_iter_no_change)
    est.n_iter_ = 0
    if schedule.per_step:
        n_seen = est.t_ if one_epoch else 0
        learner.before_step = _by_step(schedule, optimizer, lr_init, batches, est.max_iter, n_seen)
    try:
        for _ in range(1 if one_epoch else est.max_iter):
            start = Checkpoint(len(est.loss_curve_), weights)
            with np.errstate(all="ignore"):
                loss = learner.fit_epoch(batches)
                finite = np.isfinite(loss) and np.isfinite(weights.tensor.sum())
                validation = held_out.score(weights) if held_out and finite else (np.nan, np.nan)
            record_epoch(est, loss if finite else np.nan, validation, len(batches), optimizer.lr)
            if not finite:
                _restore_or_raise(est, weights, best)
                break
            plateau.update(-validation[0] if est.early_stopping else loss)
            record_best(est, plateau)
            if est.early_stopping:
                best = Checkpoint(est.best_iter_, weights) if plateau.improved else best
            elif loss < lowest and est.t_ > len(batches):
                best, lowest = start, loss  # the loss was theirs, and they had been trained
            optimizer.lr = schedule.after_epoch(optimizer.lr, lr_init, est.t_)
            if plateau.reached:
                lr = schedule.on_plateau(optimizer.lr)
                if est.verbose:
                    print(_plateau_message(est, lr, schedule))
                if lr is None:
                    break
                optimizer.lr, plateau.count = lr, 0
        else:
            if not one_epoch and not schedule.per_step:  # which is planned to the last epoch
                warnings.warn(
                    f"Stochastic Optimizer: Maximum iterations ({est.max_iter}) reached and the "
                    "optimization hasn't converged yet.",
                    ConvergenceWarning,
                    stacklevel=6,
                )
    except KeyboardInterrupt:
        if est.n_iter_ == 0:
            raise
        (best if est.early_stopping and best is not None else start).restore(est, weights)
        warnings.warn(
            f"Training interrupted by user in epoch {est.n_iter_ + 1}. The weights are those of "
            f"the {'best' if est.early_stopping else 'last'} epoch before.",
            stacklevel=6,
        )
    est._no_improvement_count = plateau.count
    if est.early_stopping and best is not None:
        best.restore(est, weights)


def train_lbfgs(est, model, loss, penalty, X, Y, sample_weight):
    """Train by L-BFGS on all rows at once.

    Parameters
    ----------
    est : estimator
        Its parameters say when to stop; its attributes `loss_` and `n_iter_` record.
    model : Layer
        In float64: a line search needs the digits.
    loss : Loss
    penalty : L2Penalty
    X : ndarray or sparse CSR of shape (n_samples, inputs)
    Y : ndarray of shape (n_samples, n_outputs)
    sample_weight : ndarray of shape (n_samples,) or None
    """
    objective = Objective(model, loss, penalty, X, Y, sample_weight)
    threads = blas_threads(objective.parameters.tensor.size, objective.batches.batch_size)
    with threads, np.errstate(all="ignore"):
        result = minimize(
            objective.value,
            objective.parameters.tensor.copy(),
            method="L-BFGS-B",
            jac=objective.gradient,  # with jac=True, SciPy would keep and compare copies of its own
            options={"maxfun": est.max_fun, "maxiter": est.max_iter, "gtol": est.tol},
        )
    if not (np.isfinite(result.fun) and np.isfinite(result.x).all()):
        raise ValueError(NON_FINITE)
    objective.parameters.tensor[:] = result.x
    est.n_iter_, est.loss_ = min(result.nit, est.max_iter), float(result.fun)
    if est.verbose:
        print(f"L-BFGS stopped after {result.nit} iterations, loss = {result.fun:.8f}")
    if result.status != 0:
        warnings.warn(
            f"lbfgs failed to converge after {est.n_iter_} iteration(s) "
            f"(status={result.status}): {result.message}\n"
            "Increase the number of iterations (max_iter, max_fun), or scale the data.",
            ConvergenceWarning,
            stacklevel=5,
        )


def _by_step(schedule, optimizer, lr_init, batches, max_iter, n_seen):
    """Make what sets the learning rate before each step."""
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


def _restore_or_raise(est, weights, best):
    """Deal with a loss or weights that are not finite."""
    if best is None:
        raise ValueError(NON_FINITE)
    best.restore(est, weights)
    warnings.warn(
        f"Training diverged in epoch {est.n_iter_}: the loss is no longer finite. The weights are "
        f"those of the best epoch before. Lower learning_rate_init={est.learning_rate_init}, or "
        "scale the data, for instance with StandardScaler.",
        ConvergenceWarning,
        stacklevel=7,
    )
