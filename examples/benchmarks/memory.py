"""
Memory and import time
======================

How much memory ``fit`` and ``predict`` take beyond the data, here and in scikit-learn, and what
importing the package costs. Each number is measured in a fresh process, this file run with
``--one``: the peak of its resident memory, minus that before the call. By then the data are there,
and a small model of the same kind has been fitted, so that libraries are loaded.

Run ``python examples/benchmarks/memory.py``, on Linux or macOS.
"""

import argparse
import os
import subprocess
import sys
from statistics import median

TARGETS = {"fit-float32": 20, "fit-uint8": 30, "predict-1M-rows": 40}  # MB
IMPORT_TARGET = 0.1  # seconds more than sklearn.neural_network
PACKAGES = ("sknumpynn", "sklearn.neural_network")


def peak_memory():
    """Peak resident memory of this process so far, in MB."""
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def make_data(name):
    """Make X and y without temporary arrays, which would hide what comes later."""
    import numpy as np

    rng = np.random.default_rng(0)
    if name == "predict-1M-rows":
        X = rng.standard_normal((1_000_000, 20))
    elif name == "fit-uint8":
        X = rng.integers(256, size=(500_000, 100), dtype=np.uint8)
    else:
        X = rng.standard_normal((500_000, 100), dtype=np.float32)
    return X, rng.integers(2, size=len(X), dtype=np.int8)


def extra_memory(package, name):
    """Measure in this process what a fit of one epoch, or a prediction, takes, in MB."""
    import warnings
    from importlib import import_module

    warnings.simplefilter("ignore")
    X, y = make_data(name)
    model = import_module(package).MLPClassifier(max_iter=1, random_state=0)
    model.fit(X[:1000], y[:1000]).predict(X[:1000])
    before = peak_memory()
    if name.startswith("fit"):
        model.fit(X, y)
    else:
        model.predict(X)
    return peak_memory() - before


def run(*arguments):
    """Run Python in a process of its own; return the number that it prints."""
    command, env = [sys.executable, *arguments], os.environ | {"OMP_NUM_THREADS": "1"}
    return float(subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True).stdout)


def import_seconds(rounds):
    """CPU seconds to import sknumpynn, and scikit-learn's neural networks, one after the other."""
    code = "import time, {}; print(time.process_time())"
    times = [[run("-c", code.format(package)) for package in PACKAGES] for _ in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)], median(a - b for a, b in times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rounds", type=int, default=9, help="imports of each package")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        return print(extra_memory(*arguments.one))
    print(f"{'extra memory, MB':20}{'sknumpynn':>12}{'scikit-learn':>14}{'target':>8}  met?")
    for name, target in TARGETS.items():
        ours, theirs = (run(__file__, "--one", package, name) for package in PACKAGES)
        met = "yes" if ours <= target else "no"
        print(f"{name:20}{ours:12.1f}{theirs:14.1f}{target:8}  {met}", flush=True)
    (ours, theirs), more = import_seconds(arguments.rounds)
    met = "yes" if more <= IMPORT_TARGET else "no"
    print(
        f"{'import, CPU seconds':20}{ours:12.2f}{theirs:14.2f}{theirs + IMPORT_TARGET:8.2f}  {met}"
    )


if __name__ == "__main__":
    main()
