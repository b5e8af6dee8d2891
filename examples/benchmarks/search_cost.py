"""
What a search costs
===================

How long a fit takes by rows and epochs, what dask and the search add to each, and what it costs to
start workers and to send them data; then what a search should take by these numbers, and what it
does take. Fits are measured in CPU time, all else on the clock, so no other programs should run.

Run ``python examples/benchmarks/search_cost.py``; it takes `sknumpynn[scale]`.
"""

import argparse
import time
import warnings
from itertools import chain
from statistics import median

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from sknumpynn import MLPClassifier

N_COLUMNS, N_FOLDS = 20, 3
TINY = 300, 1  # rows and epochs
GRID = {"alpha": np.logspace(-5, 1, 8)}
MODEL = MLPClassifier((64,), tol=0, n_iter_no_change=np.inf, dtype="float32", random_state=0)


def make_data(n_rows):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, N_COLUMNS))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def seconds_of(function, clock=time.perf_counter):
    began = clock()
    function()
    return clock() - began


def cost_of_fits(rounds):
    """Seconds of a fit: a constant, and so much a row and epoch."""
    work, seconds = [], []
    for n_rows in (1000, 4000, 16_000):
        X, y = make_data(n_rows)
        for n_epochs in (2, 8, 32):
            model = clone(MODEL).set_params(max_iter=n_epochs)
            times = [seconds_of(lambda: model.fit(X, y), time.process_time) for _ in range(rounds)]  # noqa: B023
            work.append(n_rows * n_epochs)
            seconds.append(median(times))
    weights = 1 / np.array(seconds)  # for relative errors
    A = np.column_stack([np.ones(len(work)), work]) * weights[:, np.newaxis]
    return np.linalg.lstsq(A, np.ones(len(work)), rcond=None)[0]


def search(n_rows, n_epochs, on_workers):
    """Search, here or on the workers, and return the seconds it takes without the last fit."""
    X, y = make_data(n_rows)
    splits = list(StratifiedKFold(N_FOLDS).split(X, y))
    model = clone(MODEL).set_params(max_iter=n_epochs)
    found = GridSearchCV(model, GRID, cv=splits, refit=False)
    if not on_workers:
        return seconds_of(lambda: found.fit(X, y))
    with joblib.parallel_config("dask", scatter=[X, y, *chain(*splits)]):
        return seconds_of(lambda: found.fit(X, y))


def cost_of_tasks(fit_seconds, n_workers):
    """Seconds that a search takes for each fit beside the fit: for tiny ones it is nearly all."""
    n_fits = len(GRID["alpha"]) * N_FOLDS
    return search(*TINY, on_workers=True) / n_fits - fit_seconds / n_workers


def cost_of_data(client, megabytes=64):
    """Seconds to send a megabyte to all workers."""
    data = np.random.default_rng(0).standard_normal(int(megabytes * 1e6 / 8))
    return seconds_of(lambda: client.scatter(data, broadcast=True)) / megabytes


def main():
    from distributed import Client, LocalCluster

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # of few epochs
    a, b = cost_of_fits(arguments.rounds)
    print(f"a fit: {1e3 * a:.2f} ms and {1e6 * b:.3f} us a row and epoch")
    options = {"threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 50}
    began = time.perf_counter()
    with LocalCluster(n_workers=arguments.workers, **options) as cluster, Client(cluster) as client:
        client.amm.stop()
        start = time.perf_counter() - began
        first = search(*TINY, on_workers=True)  # in which the workers import what they need
        print(f"the workers: {start:.1f} s to start, {first:.1f} s until they have imported all")
        task = median(cost_of_tasks(a, arguments.workers) for _ in range(arguments.rounds))
        megabyte = median(cost_of_data(client) for _ in range(arguments.rounds))
        megabytes = f"{1e3 * megabyte:.2f} ms"
        print(f"beside a fit: {1e3 * task:.1f} ms; a megabyte to all workers: {megabytes}")
        n_fits = len(GRID["alpha"]) * N_FOLDS
        print(f"seconds of {n_fits} fits; here and there are measured")
        print(f"{'rows':>8}{'epochs':>8}{'expected':>10}{'here':>8}{'expected':>10}{'there':>8}")
        for n_rows, n_epochs in ((1000, 10), (4000, 20), (16_000, 40), (50_000, 20)):
            here = n_fits * (a + b * n_rows * n_epochs * (1 - 1 / N_FOLDS))
            data = 8e-6 * n_rows * (N_COLUMNS + 1 + N_FOLDS)
            there = here / arguments.workers + n_fits * task + data * megabyte
            times = [[search(n_rows, n_epochs, place) for place in (False, True)] for _ in range(3)]
            found = np.median(times, axis=0)
            columns = f"{here:10.2f}{found[0]:8.2f}{there:10.2f}{found[1]:8.2f}"
            print(f"{n_rows:8}{n_epochs:8}{columns}", flush=True)


if __name__ == "__main__":
    main()
