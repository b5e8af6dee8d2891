"""
More rows than memory
=====================

How much memory it takes to train on a file, and to predict its rows into another: by default a
file of 4 GB, for one epoch. Each way is measured in a fresh process, this file run with ``--here``,
whose own memory is limited, so that a copy of the file fails.

Its *own* memory is what a process has allocated. Pages of a mapped file (`numpy.memmap`) also count
as resident, from when they are read until they are released.

Run ``python examples/benchmarks/out_of_core.py``, on Linux.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

N_COLUMNS = 100
BLOCK_SIZE = 20_000  # rows that partial_fit gets at a time


class File:
    """The rows of an npy file, read when they are asked for, and not kept."""

    def __init__(self, path):
        self.path, self.shape = path, np.load(path, mmap_mode="r").shape

    def __getitem__(self, rows):
        return np.array(np.load(self.path, mmap_mode="r")[rows])


def make_files(folder, megabytes):
    """Write X, y and a place for probabilities."""
    n_rows = int(megabytes * 1e6) // (4 * N_COLUMNS)
    X = np.lib.format.open_memmap(folder / "X.npy", "w+", np.float32, (n_rows, N_COLUMNS))
    y = np.lib.format.open_memmap(folder / "y.npy", "w+", np.int8, (n_rows,))
    np.lib.format.open_memmap(folder / "P.npy", "w+", np.float32, (n_rows, 2))
    rng = np.random.default_rng(0)
    for start in range(0, n_rows, BLOCK_SIZE):
        rows = slice(start, start + BLOCK_SIZE)
        X[rows] = rng.standard_normal(X[rows].shape, dtype=np.float32)
        y[rows] = X[rows, 0] + X[rows, 1] > 0


def fit(model, folder):
    """Fit to the mapped file."""
    model.fit(np.load(folder / "X.npy", mmap_mode="r"), np.load(folder / "y.npy"))


def partial_fit(model, folder):
    """Train on one block of the file after the other."""
    X, y = File(folder / "X.npy"), np.load(folder / "y.npy")
    for start in range(0, len(y), BLOCK_SIZE):
        rows = slice(start, start + BLOCK_SIZE)
        model.partial_fit(X[rows], y[rows])


def predict(model, folder):
    """Predict the classes of all rows of the mapped file."""
    model.predict(np.load(folder / "X.npy", mmap_mode="r"))


def predict_into(model, folder):
    """Predict the rows of the mapped file, in chunks, into another one."""
    _predict_into(model, np.load(folder / "X.npy", mmap_mode="r"), folder)


def predict_read(model, folder):
    """Predict the rows of the file, reading them, into another one."""
    _predict_into(model, File(folder / "X.npy"), folder)


def _predict_into(model, X, folder):
    from sknumpynn import predict_in_chunks

    P = np.load(folder / "P.npy", mmap_mode="r+")
    predict_in_chunks(model, X, method="predict_proba", out=P)
    P.flush()


def copy(model, folder):
    """Read all of the file, which must not work: or nothing is proved by what does."""
    try:
        File(folder / "X.npy")[:]
    except MemoryError:
        return
    raise AssertionError("There is memory for a copy of the file.")


WAYS = {way.__name__: way for way in (copy, fit, partial_fit, predict, predict_into, predict_read)}


def kilobytes(process, name):
    """One of the numbers that Linux keeps of a process."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0  # of a process that has just ended


def run_here(ways, folder, allowed):
    """Do it in this process, with so many megabytes more than it has when all is ready."""
    import resource

    from sknumpynn import MLPClassifier

    warnings.simplefilter("ignore")  # of one epoch that is not enough
    model = MLPClassifier((32,), batch_size=512, max_iter=1, random_state=0)
    X = np.load(folder / "X.npy", mmap_mode="r")
    model.fit(X[:1000], np.arange(1000) % 2).predict(X[:1000])
    limit = kilobytes("self", "VmData") * 1024 + int(allowed * 1e6)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    print("ready", flush=True)
    sys.stdin.readline()  # until the other process has looked how much memory this one has
    for way in ways:
        WAYS[way](model, folder)


def measure(way, folder, allowed):
    """Growth of a process's own and of its resident memory, in MB, and seconds."""
    options = ["--allowed", str(allowed), "--here", str(folder), way]
    command = [sys.executable, __file__, *options]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        process.stdout.readline()
        names = "RssAnon", "VmRSS"
        before = peak = [kilobytes(process.pid, name) for name in names]
        began = time.perf_counter()
        process.stdin.write("\n")
        process.stdin.flush()
        while process.poll() is None:
            peak = [max(p, kilobytes(process.pid, n)) for p, n in zip(peak, names, strict=True)]
            time.sleep(0.005)
        seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{way} failed.")
    return *((p - b) * 1024 / 1e6 for p, b in zip(peak, before, strict=True)), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--size", type=float, default=4000, help="of the file, in MB")
    parser.add_argument("--allowed", type=float, default=400, help="memory of its own, in MB")
    parser.add_argument("--here", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        folder, *ways = arguments.here
        return run_here(ways, Path(folder), arguments.allowed)
    print(f"a file of {arguments.size:g} MB, {arguments.allowed:g} MB allowed")
    print(f"{'growth, MB':14}{'of its own':>12}{'resident':>10}{'seconds':>9}")
    with tempfile.TemporaryDirectory() as folder:
        make_files(Path(folder), arguments.size)
        for way in WAYS:
            own, resident, seconds = measure(way, Path(folder), arguments.allowed)
            print(f"{way:14}{own:12.1f}{resident:10.1f}{seconds:9.1f}", flush=True)


if __name__ == "__main__":
    main()
