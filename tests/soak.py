"""Soak: train for long, in many ways and many at a time, and look that memory stays flat.

    python -W error -m tests.soak [quick]

It takes minutes; ``quick`` does a tenth. `make soak` runs it with one and two BLAS threads, and
another hash seed each time.
"""

import gc
import hashlib
import itertools
import multiprocessing
import os
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import joblib
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PolynomialFeatures,
    StandardScaler,
)

from tests.models import MAKERS, X, answers, fitted, make, state, target

MEGABYTE = 2**20


def memory():
    """Resident memory, in bytes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def digest(answers):
    return hashlib.sha256(repr(state(answers)).encode()).hexdigest()


# Tasks of processes, which are given by name


def fit_digest(name, seed):
    warnings.simplefilter("ignore", ConvergenceWarning)
    return digest(answers(make(name, random_state=seed).fit(X, target(name))))


def many_partial_fits(n_calls):
    """Thousands of calls of partial_fit: only the curves grow, by some numbers a call."""
    for name, dtype in itertools.product(MAKERS, ["float32", "float64"]):
        est, y, data = make(name), target(name), X.astype(dtype)
        classes = {"classes": np.unique(y)} if name.endswith("Classifier") else {}
        sizes = []
        for i in range(n_calls):
            rows = slice(i % 18, i % 18 + 15)
            est.partial_fit(data[rows], y[rows], **classes)
            if i >= n_calls // 5 and i % (n_calls // 5) == 0:
                sizes.append(memory())
        growth = sizes[-1] - sizes[0]
        assert len(est.loss_curve_) == n_calls and np.isfinite(est.loss_curve_).all()
        assert all(np.isfinite(a).all() for a in answers(est).values() if a.dtype.kind == "f")
        assert growth < 2 * MEGABYTE + 150 * n_calls, f"{name}, {dtype}: grew by {growth:,} bytes"
        print(f"  {name}, {dtype}: {n_calls:,} calls, grew by {growth / MEGABYTE:.2f} MB")


def many_pipelines(n_pipelines):
    """Estimators of random parameters in random pipelines: right ones, and memory stays flat."""
    rng = np.random.default_rng(0)
    steps = [StandardScaler, MinMaxScaler, PolynomialFeatures, FunctionTransformer]
    sizes, n_diverged = [], 0
    for i in range(n_pipelines):
        name = rng.choice(list(MAKERS))
        params = dict(
            alpha=10.0 ** rng.integers(-6, 1),
            learning_rate=str(rng.choice(["constant", "invscaling", "cosine", "one_cycle"])),
            learning_rate_init=10.0 ** rng.integers(-4, -1),
            batch_size=int(rng.integers(1, 26)),
            shuffle=bool(rng.integers(2)),
            early_stopping=bool(rng.integers(2)),
            validation_fraction=0.3,
            average=[None, 0.9][rng.integers(2)],
            clip_norm=[None, 1.0][rng.integers(2)],
            dtype=[None, "float32"][rng.integers(2)],
            random_state=int(rng.integers(100)),
            max_iter=int(rng.integers(1, 30)),
        )
        if name.startswith("MLP"):
            params["hidden_layer_sizes"] = tuple(rng.integers(1, 40, size=rng.integers(0, 4)))
            params["activation"] = str(rng.choice(["relu", "tanh", "gelu", "selu", "mish"]))
            params["solver"] = str(rng.choice(["adam", "sgd", "adamw", "rmsprop"]))
        model = make_pipeline(rng.choice(steps)(), make(name, **params))
        try:
            found = model.fit(X, target(name)).predict(X)
        except ValueError as error:  # by steps of sgd that are too long
            assert "non-finite parameter weights" in str(error) and params.get("solver") == "sgd"
            n_diverged += 1
            continue
        assert len(found) == len(X) and np.isfinite(model.score(X, target(name)))
        if i >= n_pipelines // 4:
            sizes.append(memory())
    growth = sizes[-1] - sizes[0]
    assert growth < 4 * MEGABYTE, f"pipelines grew by {growth:,} bytes"
    assert n_diverged < n_pipelines / 20
    grew = f"grew by {growth / MEGABYTE:.2f} MB"
    print(f"  {n_pipelines} pipelines, of which {n_diverged} diverged, {grew}")


def threads(n_tasks):
    """Fit and predict at the same time: everybody gets what they would get alone."""
    shared = {name: fitted(name) for name in MAKERS}
    alone = {name: digest(answers(est)) for name, est in shared.items()}
    seeds = {(name, seed): fit_digest(name, seed) for name in MAKERS for seed in range(3)}

    def work(i):
        name, seed = list(MAKERS)[i % len(MAKERS)], i % 3
        own = make(name, random_state=seed).fit(X, target(name))
        return name, seed, digest(answers(shared[name])), digest(answers(own))

    with ThreadPoolExecutor(8) as pool:
        for name, seed, of_shared, of_own in pool.map(work, range(n_tasks)):
            assert of_shared == alone[name] and of_own == seeds[name, seed]
    print(f"  {n_tasks} fits and predictions in 8 threads")


def processes(n_tasks):
    """Fit in processes of joblib, and in forks of a process that has fitted before."""
    tasks = [(list(MAKERS)[i % len(MAKERS)], i % 3) for i in range(n_tasks)]
    expected = [fit_digest(*task) for task in tasks]
    found = joblib.Parallel(n_jobs=2, backend="loky")(
        joblib.delayed(fit_digest)(*task) for task in tasks
    )
    assert found == expected
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.starmap(fit_digest, tasks) == expected
    print(f"  {n_tasks} fits in two processes of loky, and in two forks")


def main(share):
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(
        f"OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS')}, "
        f"PYTHONHASHSEED={os.environ.get('PYTHONHASHSEED')}"
    )
    parts = {many_partial_fits: 10_000, many_pipelines: 200, threads: 400, processes: 60}
    for part, n in parts.items():
        began = perf_counter()
        part(n // share)
        print(f"{part.__name__}: {perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main(share=10 if "quick" in sys.argv else 1)
