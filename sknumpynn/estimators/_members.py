"""Members: an estimator of several networks has an estimator for each, fitted in lock-step."""

import copy
from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from ._attributes import forget
from ._callbacks import watch
from ._continuation import check_n_members, continues
from ._rules import validate_with_parts
from ._steps import take_steps_together

__all__ = ["fit_members"]

MAX_SEED = np.iinfo(np.int32).max
OF_MEMBERS = "n_members", "random_state"  # parameters in which members differ from the estimator
SHARED = (  # fitted attributes that an estimator of several networks has like each of them
    *("n_features_in_", "feature_names_in_", "n_outputs_", "out_activation_", "classes_"),
    *("_target_type", "_target_location", "_target_scale", "_fitted_architecture"),
)


def fit_members(est, X, y, sample_weight, incremental=False, **how):
    """Fit the members of an estimator; only when all are fitted does it change.

    Parameters
    ----------
    est : estimator
        With ``n_members`` of more than 1.
    X, y, sample_weight, incremental, **how
        As `BaseNetwork._train` takes them.
    """
    validate_with_parts(est)
    members = _copy_members(est) if continues(est, incremental) else _new_members(est)
    draft = copy.copy(est)
    options = {"max_subtasks": est.n_members, "sequential_subtasks": False}
    with watch(draft, X, y, sample_weight, incremental, **options) as callbacks:
        part = partial(callbacks.part, "member", None, max_subtasks=est.max_iter)
        fits = [
            member._fitting(
                X, y, sample_weight, incremental=incremental, watched=part(task_id=i), **how
            )
            for i, member in enumerate(members)
        ]
        for fitting in take_steps_together(fits):
            if fitting.error is not None:
                raise fitting.error
        forget(draft)
        vars(draft).update((k, v) for k, v in vars(members[0]).items() if k in SHARED)
        draft.estimators_, draft.n_iter_ = members, max(member.n_iter_ for member in members)
    est.__dict__ = vars(draft)


def _new_members(est):
    seeds = check_random_state(est.random_state).randint(MAX_SEED, size=est.n_members)
    members = [clone(est) for _ in seeds]
    for member, seed in zip(members, seeds, strict=True):
        # A subclass may have settled these, and not have them as parameters.
        member.n_members, member.random_state = 1, int(seed)
        vars(member).pop("_skl_callbacks", None)  # these watch the estimator of all
    return members


def _copy_members(est):
    """Copy the fitted members, to train them further with the estimator's present parameters."""
    check_n_members(est)
    params = {k: v for k, v in est.get_params(deep=False).items() if k not in OF_MEMBERS}
    members = [copy.copy(member) for member in est.estimators_]
    for member in members:
        vars(member).update(params)
    return members
