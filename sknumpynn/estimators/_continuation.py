"""Continuation: when a fit trains the fitted network further, and what must then be as it was."""

from ._description import describe
from ._parts import make_schedule

__all__ = [
    "check_continuation",
    "check_may_resume",
    "check_n_members",
    "check_targets",
    "continues",
]


def continues(est, incremental):
    """Tell whether a fit trains the fitted network further, not a new one."""
    return est.__sklearn_is_fitted__() and (est.warm_start or incremental)


def check_may_resume(est):
    """Raise an error if no fit could go on from this one as if without a pause, where it must."""
    if est.warm_start != "exact":
        return
    if est.early_stopping:
        raise ValueError(
            "warm_start='exact' does not go with early_stopping=True, which goes back to the best "
            "epoch, and without X_val holds out other rows each time."
        )
    if make_schedule(est).per_step:
        raise ValueError(
            f"warm_start='exact' does not go with learning_rate={est.learning_rate!r}, which "
            "is planned from the first epoch to the last of one fit."
        )


def check_continuation(est, task, Y, resumes):
    """Raise an error unless the fitted network can go on, as if without a pause if it `resumes`."""
    check_targets(est, task, Y, "y")
    check_n_members(est)
    _check_architecture(est)
    if resumes:
        _check_resumption(est)


def check_targets(est, task, Y, name):
    """Raise an error unless a target has the columns that the network was made for."""
    if task.n_outputs(Y) != est.n_outputs_:
        raise ValueError(
            f"{name} takes {task.n_outputs(Y)} outputs of the network, which has "
            f"{est.n_outputs_}: it needs as many columns as the y of the first fit."
        )


def check_n_members(est):
    """Raise an error unless a fitted estimator has as many members as it is to have."""
    n_fitted = len(getattr(est, "estimators_", [est]))
    if n_fitted != est.n_members:
        raise ValueError(
            f"n_members={est.n_members!r} does not go with the fitted estimator, which has "
            f"{n_fitted}. Set warm_start=False and call fit to start anew."
        )


def _check_architecture(est):
    asked = {**est._architecture(), "dtype": est.dtype or est._dtype.name}
    fitted = {**est._fitted_architecture, "dtype": est._dtype.name}
    for name, value in asked.items():
        if describe(value) != describe(fitted[name]):
            raise ValueError(
                f"{name}={value!r} does not go with the fitted network, which has "
                f"{name}={fitted[name]!r}. Set warm_start=False and call fit to start anew."
            )


def _check_resumption(est):
    if "rng" not in est._solver_state:
        raise ValueError(
            "warm_start='exact' goes on from a fit that had it, too, and a solver other than "
            "'lbfgs'; this estimator was fitted otherwise. Set warm_start=False once."
        )
