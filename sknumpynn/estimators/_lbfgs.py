"""L-BFGS: training by SciPy's solver, which uses all rows in each step."""

import copy

import numpy as np
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from ..core import Objective, pack
from ._attributes import fitted_attributes
from ._callbacks import Watched
from ._magnitudes import raise_non_finite
from ._parts import make_penalty
from ._threads import blas_threads
from ._warning import warn

__all__ = ["train_by_lbfgs"]


def train_by_lbfgs(est, job, callbacks):
    """Train by L-BFGS on all rows at once.

    Parameters
    ----------
    est : estimator
        Its parameters say when to stop; its attributes `loss_` and `n_iter_` are set.
    job : Job
        Its network is in float64: a line search needs the digits.
    callbacks : Watched or Unwatched
        The fit, of which iterations are parts; it may be stopped after any.

    Raises
    ------
    ValueError
        If the network has a layer that depends on the batch, or training diverges.
    """
    _raise_if_it_scatters(est, job.network)
    for name in ("best_iter_", "_watched"):  # left by an earlier fit with epochs
        vars(est).pop(name, None)
    est._solver_state = {}
    est._adapt(job, rows=None)
    loss, Y = job.task.loss, job.task.goal(job.Y)
    objective = Objective(job.network, loss, make_penalty(est), job.X, Y, job.sample_weight)
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
        raise_non_finite(est, job.X, Y, job.task)
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


def _raise_if_it_scatters(est, network):
    for layer in network.walk():
        if layer.depends_on_batch:
            raise ValueError(
                f"{layer!r} does not go with {est._solver_name}='lbfgs': what it computes changes "
                "from batch to batch, which would mislead the line search. Use another "
                f"{est._solver_name}."
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
