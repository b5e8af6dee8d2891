"""
Many models: what it is worth to train small networks together
==============================================================

Each row searches a grid of 24 candidates (6 of ``alpha``, 4 of ``learning_rate_init``) on 5 folds,
with `GridSearchCV` and with `StackedSearchCV`, or fits 10 networks, one after the other and as an
ensemble, to 10 columns in float64. Times are CPU times of this process, which has one BLAS thread:
medians over rounds in which the two take turns, and the median of the ratios within a round. The
last column is the largest difference between the two, in mean scores or in predictions.

Run ``python examples/benchmarks/many_models.py``.
"""

import argparse
import warnings
from functools import partial
from time import process_time

from speed import machine  # before NumPy, for it sets the number of BLAS threads

# isort: split
import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state

from sknumpynn import MLPClassifier, StackedSearchCV

GRID = {
    "alpha": [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0],
    "learning_rate_init": [1e-3, 3e-3, 1e-2, 3e-2],
}
N_MEMBERS = 10


def network(*hidden, batch_size=32, max_iter=60, **params):
    return MLPClassifier(hidden, batch_size=batch_size, max_iter=max_iter, random_state=0, **params)


def after_scaling(est):
    return make_pipeline(StandardScaler(), est)


SEARCHES = {  # shape of X, estimator
    "8 units": ((2000, 10), network(8)),
    "16 units": ((2000, 10), network(16)),
    "32 units": ((2000, 10), network(32)),
    "32 units, 20 columns": ((2000, 20), network(32)),
    "32 and 32 units": ((2000, 10), network(32, 32)),
    "500 rows": ((500, 10), network(16)),
    "sgd": ((2000, 10), network(16, solver="sgd")),
    "early stopping": ((2000, 10), network(16, early_stopping=True)),
    "pipeline": ((2000, 10), after_scaling(network(16))),
    "100 units, batches of 200": ((2000, 10), network(100, batch_size=200)),
    "lbfgs": ((500, 10), network(16, solver="lbfgs")),
}
ENSEMBLES = {
    "16 units": ((2000, 10), network(16)),
    "32 units": ((2000, 10), network(32)),
    "100 units, batches of 200": ((2000, 10), network(100, batch_size=200)),
}


def make_data(n_rows, n_columns):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, n_columns))
    return X, X @ rng.normal(size=n_columns) + X[:, 0] * X[:, 1] + rng.normal(size=n_rows) > 0


def search(kind, est, X, y):
    prefix = "mlpclassifier__" if hasattr(est, "steps") else ""
    grid = {f"{prefix}{name}": values for name, values in GRID.items()}
    return kind(est, grid, cv=5).fit(X, y).cv_results_["mean_test_score"]


def fit_separately(est, X, y):
    seeds = check_random_state(est.random_state).randint(2**31 - 1, size=N_MEMBERS)
    members = [clone(est).set_params(random_state=int(seed)).fit(X, y) for seed in seeds]
    return np.mean([member.predict_proba(X) for member in members], axis=0)


def fit_ensemble(est, X, y):
    return clone(est).set_params(n_members=N_MEMBERS).fit(X, y).predict_proba(X)


def compare(separately, together, rounds):
    """Print seconds of both, their ratio, and how far the results lie apart."""
    times, results = [], []
    for _ in range(rounds):
        row = []
        for run in (separately, together):
            began = process_time()
            results.append(run())
            row.append(process_time() - began)
        times.append((*row, row[0] / row[1]))
    one, other, ratio = np.median(times, axis=0)
    difference = np.abs(results[-1] - results[-2]).max()
    print(f"{one:9.2f} s {other:9.2f} s {ratio:8.2f}x {difference:10.0e}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(machine())
    print(f"\n{'search':<28} GridSearchCV   stacked    ratio difference")
    for name, (shape, est) in SEARCHES.items():
        X, y = make_data(*shape)
        print(f"{name:<28}", end=" ")
        runs = (partial(search, kind, est, X, y) for kind in (GridSearchCV, StackedSearchCV))
        compare(*runs, rounds)
    print(f"\n{'ensemble of 10':<28}   separately  together    ratio difference")
    for name, (shape, est) in ENSEMBLES.items():
        X, y = make_data(*shape)
        print(f"{name:<28}", end=" ")
        runs = (partial(fit, est, X, y) for fit in (fit_separately, fit_ensemble))
        compare(*runs, rounds)


if __name__ == "__main__":
    main()
