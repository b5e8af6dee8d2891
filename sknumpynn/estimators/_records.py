"""Records: the curves and best values of epochs, continued over several calls of fit."""

import math

__all__ = ["mark_records", "record_best", "record_epoch", "start_records"]


def start_records(est, is_validated):
    """Go on with copies of the curves that an earlier fit left.

    Earlier scores do not count if they are of another kind, or if early stopping was not the same.

    Parameters
    ----------
    est : estimator
    is_validated : bool
        Whether `fit` was given rows to validate on.
    """
    history = getattr(est, "history_", {})
    est.history_ = {name: list(values) for name, values in history.items()}
    watched = repr(est.scoring), bool(est.early_stopping)
    before, est._watched = getattr(est, "_watched", None), watched
    scores = getattr(est, "validation_scores_", None) or []
    if watched != before:
        scores, est._no_improvement_count = [], 0
    if before is not None and watched[0] != before[0]:
        est.history_.pop("validation_score", None)
    est.loss_curve_ = list(getattr(est, "loss_curve_", []))
    if est.early_stopping:
        est.best_loss_ = None
    elif getattr(est, "best_loss_", None) is None:  # else it goes on: curves may be very long
        est.best_loss_ = -_highest(-x for x in est.loss_curve_)
    est.validation_scores_ = est.best_validation_score_ = None
    if est.early_stopping or is_validated:
        est.validation_scores_ = list(scores)
        est.best_validation_score_ = _highest(scores)
    if not is_validated:
        vars(est).pop("validation_loss_curve_", None)
    else:
        est.validation_loss_curve_ = list(getattr(est, "validation_loss_curve_", []))


def record_epoch(est, loss, validation, n_rows, lr, seconds):
    """Record an epoch.

    Parameters
    ----------
    est : estimator
    loss : float
    validation : tuple of float
        Score and loss of the held-out rows, nan if there are none.
    n_rows : int
        That were trained on.
    lr : float
        Learning rate of the last step.
    seconds : float
        That the epoch took.
    """
    est.n_iter_ += 1
    est.t_ += n_rows
    est.loss_ = float(loss)
    est.loss_curve_.append(est.loss_)
    est.best_iter_ = len(est.loss_curve_)
    record = {"loss": est.loss_, "lr": float(lr)}
    if est.validation_scores_ is not None:
        score, validation_loss = map(float, validation)
        record.update(validation_score=score, validation_loss=validation_loss)
        est.validation_scores_.append(score)
        if hasattr(est, "validation_loss_curve_"):
            est.validation_loss_curve_.append(validation_loss)
    for name in {**est.history_, **record}:
        if name not in est.history_:
            est.history_[name] = [math.nan] * (est.best_iter_ - 1)  # epochs not validated
        est.history_[name].append(record.get(name, math.nan))
    if est.verbose:
        est._print_epoch(record, seconds)


def record_best(est):
    """Record whether the latest epoch is the best, and how many in a row have been no better.

    With early stopping the score decides, else the loss. No better is what does not improve on the
    best by the estimator's `tol`; nan never does. Return whether it is the best, by however little.
    """
    if est.early_stopping:
        value, best = -est.validation_scores_[-1], -est.best_validation_score_
    else:
        value, best = est.loss_, est.best_loss_
        est.best_loss_ = min(best, value)
    if est.validation_scores_ is not None:
        est.best_validation_score_ = max(est.best_validation_score_, est.validation_scores_[-1])
    is_better = value <= best - est.tol
    est._no_improvement_count = 0 if is_better else est._no_improvement_count + 1
    return value < best


def mark_records(est):
    """Mark how far the records have come.

    Return a function that removes from them all that came after the mark, even a part of an epoch.
    """
    attributes = vars(est).copy()
    curves = est.loss_curve_, est.validation_scores_, getattr(est, "validation_loss_curve_", None)
    ends = [(curve, len(curve)) for curve in curves if curve is not None]
    names = list(est.history_)

    def forget_later():
        vars(est).update(attributes)
        for curve, end in ends:
            del curve[end:]
        n_epochs = len(est.loss_curve_)
        est.history_ = {name: est.history_[name][:n_epochs] for name in names}

    return forget_later


def _highest(values):
    """Highest of some numbers, ignoring nan; -inf if there are none."""
    return max((value for value in values if not math.isnan(value)), default=-math.inf)
