"""Fits of a search: all candidates on all folds, in lock-step where they can."""

from time import process_time
from typing import NamedTuple

from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.parallel import Parallel, delayed

from ..estimators._base import BaseNetwork
from ..estimators._steps import take_steps_together

__all__ = ["Fit", "fit_all", "may_stack"]


class Fit(NamedTuple):
    """The outcome of one fit."""

    result: object  # the fitted estimator, or the exception that was raised
    seconds: float  # of processor time; where fits went on together, a share of it


def may_stack(estimator):
    """Tell whether an estimator, or the last step of a pipeline, may train in lock-step."""
    if hasattr(estimator, "_skl_callbacks"):  # which watch a fit by itself
        return False
    if type(estimator) is Pipeline:
        asks_much = estimator.verbose or estimator.transform_input is not None
        return not asks_much and may_stack(estimator.steps[-1][1])
    return (
        isinstance(estimator, BaseNetwork)
        and type(estimator).fit is BaseNetwork.fit
        and estimator.n_members == 1
        and estimator.average is None
        and estimator.solver != "lbfgs"
    )


def fit_all(estimators, data, n_jobs):
    """Fit clones of estimators, each to data of its own.

    Parameters
    ----------
    estimators : list of estimator
    data : list of tuple
        For each of them X, y, and the rows' weights or None.
    n_jobs : int or None
        Number of processes that share the fits, as in joblib.

    Returns
    -------
    fits : list of Fit
    """
    together, alone = [], []
    for i, estimator in enumerate(estimators):
        (together if may_stack(estimator) else alone).append(i)
    n_parts = effective_n_jobs(n_jobs)
    # Dealt out in turn: the last candidates of a grid may take much longer than the first.
    parts = [together[i::n_parts] for i in range(n_parts)]
    jobs = [(_fit_together, part) for part in parts if part]
    jobs += [(_fit_each, [i]) for i in alone]
    done = Parallel(n_jobs=n_jobs)(
        delayed(fit)([estimators[i] for i in part], [data[i] for i in part]) for fit, part in jobs
    )
    order = [i for _, part in jobs for i in part]
    fits = dict(zip(order, sum(done, []), strict=True))
    return [fits[i] for i in range(len(estimators))]


def _fit_together(estimators, data):
    clones = [clone(estimator) for estimator in estimators]
    try:
        fittings = take_steps_together(
            [_fitting(est, *given) for est, given in zip(clones, data, strict=True)],
            may_be_cut_short=False,  # candidates of fewer epochs than they ask for tell nothing
        )
    except Exception:  # perhaps in one candidate's layer, and the others are to know nothing of it
        return _fit_each(estimators, data)
    return [
        Fit(est if fitting.error is None else fitting.error, fitting.seconds)
        for est, fitting in zip(clones, fittings, strict=True)
    ]


def _fit_each(estimators, data):
    fits = []
    for estimator, (X, y, weights) in zip(estimators, data, strict=True):
        params, began = {} if weights is None else {"sample_weight": weights}, process_time()
        try:
            result = clone(estimator).fit(X, y, **params)
        except Exception as error:
            result = error
        fits.append(Fit(result, process_time() - began))
    return fits


def _fitting(estimator, X, y, weights):
    """Fit, but let the caller take the steps of training; of a pipeline, those of its last step."""
    if isinstance(estimator, Pipeline):
        if len(estimator) > 1:
            before = estimator[:-1]
            X = before.fit_transform(X, y)
            estimator.steps[:-1] = before.steps
        return (yield from _fitting(estimator.steps[-1][1], X, y, weights))
    return (yield from estimator._fitting(X, y, weights))
