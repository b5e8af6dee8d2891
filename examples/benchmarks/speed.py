"""
Speed: sknumpynn against scikit-learn, PyTorch, skorch and bare matrix products
===============================================================================

Every contender trains the same network on the same data, in the same batches, for the same number
of epochs, through its public ``fit`` and ``predict``. In each round each contender runs once, in
an order that turns from round to round. A column is the median over the rounds of a ratio within
the round, so that a machine that slows down slows down both sides. Times are CPU times of this
process, which has one BLAS thread. PyTorch and skorch take part if they are installed.

Run ``python examples/benchmarks/speed.py``; ``--list`` names the workloads.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # read when NumPy is imported, and only then
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import gc
import json
import platform
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import scipy.sparse
import sklearn
import sklearn.neural_network
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_info

import sknumpynn

torch = skorch = None
with suppress(ImportError):
    import torch
with suppress(ImportError):
    import skorch

# A column is the ratio of the times of two contenders. "ours in f32" is given float64 data, and
# computes in float32; "ours f32" is given float32 data.
COLUMNS = {
    "f32:sk64": ("sklearn f64", "ours in f32"),
    "f64:sk64": ("sklearn f64", "ours f64"),
    "f32:sk32": ("sklearn f32", "ours f32"),
    "torch": ("torch", "ours f32"),
    "skorch": ("skorch", "ours f32"),
    "GEMM": ("ours f32", "GEMM floor"),
}
LEGEND = """\
How many times faster we are, the higher the better: computing in float32 than scikit-learn in
float64 (f32:sk64), both in float64, both in float32, than eager PyTorch and than skorch in float32.
GEMM, the lower the better: our time in float32 over that of the matrix products alone."""


@dataclass(frozen=True)
class Net:
    """A network, the shape of its data, and for how long to train it."""

    rows: int
    inputs: int
    hidden: tuple = (100,)
    batch_size: int = 200
    kind: str = "classes"
    outputs: int = 1  # one, of classes, are two classes
    epochs: int = 1
    solver: str = "adam"
    density: float = 1.0

    def data(self):
        """Make X and y in float64, with noise: what can be learned should not run out."""
        rng = np.random.default_rng(0)
        shape = self.rows, self.inputs
        if self.density == 1:
            X = rng.standard_normal(shape)
        else:
            places = rng.integers(shape, size=(int(self.density * np.prod(shape)), 2))
            X = scipy.sparse.csr_array((np.ones(len(places)), tuple(places.T)), shape)
        Y = X @ rng.standard_normal((self.inputs, max(self.outputs, 2))) / np.sqrt(self.inputs)
        Y += 0.3 * rng.standard_normal(Y.shape)
        if self.kind == "classes":
            return X, Y.argmax(axis=1)
        return X, Y[:, 0] if self.outputs == 1 else Y

    def estimator(self, package, **parameters):
        """Make an estimator of sknumpynn or scikit-learn that stops after `epochs`, no sooner."""
        name = "MLPClassifier" if self.kind == "classes" else "MLPRegressor"
        return getattr(package, name)(
            hidden_layer_sizes=self.hidden,
            solver=self.solver,
            batch_size="auto" if self.batch_size == 200 else self.batch_size,
            max_iter=self.epochs,
            tol=0,
            n_iter_no_change=np.inf,
            random_state=0,
            **parameters,
        )

    @property
    def sizes(self):
        """Columns in and out of each linear map."""
        widths = (self.inputs, *self.hidden, self.outputs)
        return list(zip(widths[:-1], widths[1:], strict=True))


def in_dtype(X, y, dtype):
    """Cast data; classes stay what they are."""
    return X.astype(dtype), y.astype(dtype) if y.dtype.kind == "f" else y


def pair_contenders(X, y, task):
    """Bind ``task(package, X, y, **parameters)`` to each package, dtype and way to get to it."""
    contenders = {}
    for name, dtype in (("f64", np.float64), ("f32", np.float32)):
        for who, package in (("ours", sknumpynn), ("sklearn", sklearn.neural_network)):
            contenders[f"{who} {name}"] = partial(task, package, *in_dtype(X, y, dtype))
    if "dtype" in sknumpynn.MLPClassifier().get_params():
        contenders["ours in f32"] = partial(task, sknumpynn, X, y, dtype="float32")
    return contenders


def training(net):
    """Contenders that fit a network."""
    X, y = net.data()

    def fit(package, X, y, **parameters):
        est = net.estimator(package, **parameters).fit(X, y)
        if est.n_iter_ != net.epochs:
            raise RuntimeError(f"{est!r} stopped after {est.n_iter_} of {net.epochs} epochs.")

    contenders = pair_contenders(X, y, fit)
    if net.density == 1:
        X, y = in_dtype(X, y, np.float32)
        contenders["GEMM floor"] = gemm_floor(net)
        if torch:
            contenders["torch"] = partial(fit_torch, net, X, y)
        if skorch:
            contenders["skorch"] = partial(fit_skorch, net, X, y)
    return contenders


def lbfgs(net):
    """Contenders that fit by L-BFGS, in float64, several times over."""
    contenders = training(net)
    return {k: partial(repeat, contenders[k], 5) for k in ("ours f64", "sklearn f64")}


def prediction(net, rows, times=1):
    """Contenders that predict some rows, several times over."""
    X, y = net.data()
    X_new = np.random.default_rng(1).standard_normal((rows, net.inputs))

    def predict_with(package, X, y, **parameters):
        est = net.estimator(package, **parameters).fit(X, y)
        return partial(repeat, partial(est.predict, X_new.astype(X.dtype)), times)

    contenders = {name: fit() for name, fit in pair_contenders(X, y, predict_with).items()}
    if torch:
        predict = partial(predict_torch, torch_network(net), X_new.astype(np.float32))
        contenders["torch"] = partial(repeat, predict, times)
    return contenders


def grid_search(net):
    """Contenders that search for hyper-parameters."""

    def search(package, X, y, **parameters):
        GridSearchCV(net.estimator(package, **parameters), GRID, cv=5, n_jobs=1).fit(X, y)

    return pair_contenders(*net.data(), search)


def repeat(function, times):
    """Call a function several times."""
    for _ in range(times):
        function()


def torch_network(net):
    """The same network in PyTorch; it ends in logits or numbers."""
    layers = []
    for inputs, outputs in net.sizes:
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def torch_loss(net, y):
    """The loss for PyTorch to minimise, and the target in the form that it asks for."""
    if net.kind == "classes" and net.outputs > 1:
        return torch.nn.CrossEntropyLoss(), y
    loss = torch.nn.MSELoss() if net.kind == "numbers" else torch.nn.BCEWithLogitsLoss()
    return loss, y.reshape(len(y), -1).astype(np.float32)


def fit_torch(net, X, y):
    """Train as PyTorch's tutorials do, without even a look at the loss."""
    model, (loss, y) = torch_network(net), torch_loss(net, y)
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for _ in range(net.epochs):
        for rows in torch.randperm(net.rows).split(net.batch_size):
            optimizer.zero_grad()
            loss(model(X[rows]), y[rows]).backward()
            optimizer.step()


def predict_torch(model, X):
    """Predict in chunks that stay in cache."""
    with torch.inference_mode():
        return torch.cat([model(chunk) for chunk in torch.from_numpy(X).split(1024)]).numpy()


def fit_skorch(net, X, y):
    """Train by skorch, without its printed log and its validation split."""
    loss, y = torch_loss(net, y)
    name = "NeuralNetRegressor"
    if net.kind == "classes":
        name = "NeuralNetBinaryClassifier" if net.outputs == 1 else "NeuralNetClassifier"
        y = y.ravel()
    getattr(skorch, name)(
        torch_network(net),
        criterion=loss,
        optimizer=torch.optim.Adam,
        lr=0.001,
        batch_size=net.batch_size,
        max_epochs=net.epochs,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    ).fit(X, y)


def gemm_floor(net):
    """The matrix products of training, in float32, on arrays that are made beforehand."""
    full, rest = divmod(net.rows, net.batch_size)
    batches = [gemm_plan(net.sizes, net.batch_size)] * full
    batches += [gemm_plan(net.sizes, rest)] * (rest > 0)

    def run():
        for _ in range(net.epochs):
            for products in batches:
                for A, B, out in products:
                    np.dot(A, B, out)

    return run


def gemm_plan(sizes, n):
    """List the products of one batch of n rows: Y = X W, then dW = X^T D, and dX = D W^T."""
    forward, backward = [], []
    for i, (inputs, outputs) in enumerate(sizes):
        shapes = (n, inputs), (inputs, outputs), (n, outputs)
        X, W, D = (np.random.default_rng(0).random(shape, np.float32) for shape in shapes)
        forward.append((X, W, np.empty_like(D)))
        if i > 0:  # the gradient with respect to the data is of no use
            backward.append((D, W.T, np.empty_like(X)))
        backward.append((X.T, D, np.empty_like(W)))
    return forward + backward[::-1]


# The ratios to reach, in the order of the columns; None is no target.
SMALL_BATCHES = (5.5, 4, 5.5, 8, None, 4)
SMALL = (5, 3.3, 5, 6, None, 4)
OUTPUTS = (4, 2.5, 3.5, 5, None, 3)
WIDE = (2.3, 1.1, 1.45, 1.2, None, 1.35)
MNIST = (2.4, 1.0, 1.4, 1.5, None, 1.6)
LBFGS = (None, 1.5)

GRID = {
    "hidden_layer_sizes": [(50,), (100,), (50, 50)],
    "alpha": [1e-5, 1e-4, 1e-3, 1e-2],
    "learning_rate_init": [1e-3, 1e-2],
}
NUMBERS = {"kind": "numbers"}
TO_PREDICT = Net(1_000, 20, epochs=2, **NUMBERS)
WORKLOADS = {  # each a function that makes the contenders, its network, and targets
    "tiny": (training, Net(1_000, 10, epochs=200), SMALL),
    "small": (training, Net(20_000, 20, epochs=10), SMALL),
    "diabetes": (training, Net(442, 10, epochs=300, **NUMBERS), SMALL_BATCHES),
    "small-batch": (training, Net(5_000, 20, (64, 64), 32, epochs=8), SMALL_BATCHES),
    "multi-output": (training, Net(20_000, 30, (128,), outputs=8, epochs=10, **NUMBERS), OUTPUTS),
    "4-classes": (training, Net(5_000, 30, outputs=4, epochs=40), OUTPUTS),
    "mid": (training, Net(20_000, 50, (256, 256), 256, outputs=5, epochs=2), WIDE),
    "big": (training, Net(50_000, 100, (256, 256, 256), 256, **NUMBERS), WIDE),
    "mnist-like": (training, Net(70_000, 784, outputs=10), MNIST),
    "sparse-text": (training, Net(2_000, 50_000, density=0.001), (4, 2.3, 2.3)),
    "predict-1-row": (partial(prediction, rows=1, times=2_000), TO_PREDICT, (4, 4)),
    "predict-1M-rows": (partial(prediction, rows=1_000_000), TO_PREDICT, (4, 2.3, 2, 1)),
    "grid-search": (grid_search, Net(1_000, 20, epochs=50), (4, 2.7)),
    "lbfgs-200": (lbfgs, Net(200, 20, epochs=60, solver="lbfgs"), LBFGS),
    "lbfgs-500": (lbfgs, Net(500, 20, epochs=60, solver="lbfgs"), LBFGS),
    "lbfgs-1000": (lbfgs, Net(1_000, 20, epochs=60, solver="lbfgs"), LBFGS),
}


def measure(contenders, rounds):
    """Run contenders in turn; return the CPU seconds of each in each round."""
    times = {name: [] for name in contenders}
    names = list(contenders)
    for _ in range(rounds):
        for name in names:
            gc.collect()
            start = time.process_time()
            contenders[name]()
            times[name].append(time.process_time() - start)
        names = names[1:] + names[:1]
    if "ours f32" in times:  # without a `dtype` to ask for it, float32 comes from float32 data
        times.setdefault("ours in f32", times["ours f32"])
    return times


def compare(times):
    """Return for each column the median over rounds of its ratio."""
    return {
        column: median(a / b for a, b in zip(times[slow], times[fast], strict=True))
        for column, (slow, fast) in COLUMNS.items()
        if slow in times and fast in times
    }


def misses(ratios, targets):
    """Describe each target that is missed: an upper bound for GEMM, else a lower one."""
    missed = []
    for column, target in zip(COLUMNS, targets, strict=False):
        sign = -1 if column == "GEMM" else 1
        if target is not None and column in ratios and sign * ratios[column] < sign * target:
            missed.append(f"{column} {target:g}")
    return missed


def machine():
    """Describe what the numbers are measured with."""
    cpu = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        lines = info.read_text().splitlines()
        cpu = next((line.split(": ")[1] for line in lines if line.startswith("model name")), cpu)
    blas = next((pool for pool in threadpool_info() if pool["user_api"] == "blas"), {})
    blas = " ".join(str(blas.get(k)) for k in ("internal_api", "version", "architecture"))
    modules = {"NumPy": np, "sknumpynn": sknumpynn, "scikit-learn": sklearn}
    modules |= {module.__name__: module for module in (torch, skorch) if module}
    versions = [f"{name} {module.__version__}" for name, module in modules.items()]
    return ", ".join([cpu, f"Python {platform.python_version()}", *versions, blas, "one thread"])


def print_row(first, cells, last):
    print(f"{first:16}" + "".join(f"{cell:>10}" for cell in cells) + f"  {last}", flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--workload", default=",".join(WORKLOADS), help="NAME[,NAME]")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="file to write all times to")
    parser.add_argument("--list", action="store_true", help="name the workloads, do no more")
    arguments = parser.parse_args()
    if unknown := set(arguments.workload.split(",")) - set(WORKLOADS):
        parser.error(f"no such workload: {', '.join(unknown)}; --list names them")
    return arguments


def main():
    arguments = parse_arguments()
    if arguments.list:
        return print(*WORKLOADS, sep="\n")
    warnings.simplefilter("ignore", ConvergenceWarning)
    if torch:
        torch.set_num_threads(1)
    measure(training(Net(1_000, 10)), rounds=1)  # what a first call costs is not the question
    print(machine(), LEGEND, "", sep="\n")
    print_row("workload", COLUMNS, "target met?")
    report = {"machine": machine(), "rounds": arguments.rounds, "workloads": {}}
    for name in arguments.workload.split(","):
        make, net, targets = WORKLOADS[name]
        times = measure(make(net), arguments.rounds)
        ratios = compare(times)
        missed = misses(ratios, targets)
        cells = [f"{ratios[column]:.2f}" if column in ratios else "" for column in COLUMNS]
        print_row(name, cells, "no: " + ", ".join(missed) if missed else "yes")
        entry = {"seconds": times, "ratios": ratios, "targets": targets, "missed": missed}
        report["workloads"][name] = entry
        if arguments.json:
            arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
