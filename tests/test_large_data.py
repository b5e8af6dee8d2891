"""Large data: files and streams train as arrays do, in memory that does not grow with them."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sknumpynn import MLPClassifier, MLPRegressor, NetworkClassifier, predict_in_chunks
from sknumpynn.core import rows
from sknumpynn.layers import BatchNorm, Linear, ReLu, Sequential

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ROOT = Path(__file__).parents[1]
BENCHMARK = ROOT / "examples" / "benchmarks" / "out_of_core.py"

X = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
y = (X[:, 0] > 0).astype(int)
PIECES = [slice(start, start + 64) for start in range(0, 300, 64)]

MAKERS = {
    "MLPClassifier": lambda: MLPClassifier((5,), max_iter=3, random_state=0),
    "MLPRegressor": lambda: MLPRegressor(hidden_layer_sizes=(5,), max_iter=3, random_state=0),
    "NetworkClassifier": lambda: NetworkClassifier(
        Sequential(Linear(outputs=5), BatchNorm(), ReLu()), max_iter=3, random_state=0
    ),
}


def classes_of(est):
    return {"classes": [0, 1]} if hasattr(est, "predict_proba") else {}


def trained_on(name, pieces):
    """Train on pieces, pairs of X and y, one after the other."""
    est = MAKERS[name]()
    for X_piece, y_piece in pieces:
        est.partial_fit(X_piece, y_piece, **classes_of(est))
    return est


# Memory


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is one of Linux")
def test_a_file_trains_and_predicts_in_less_memory_than_it_has(tmp_path):
    spec = importlib.util.spec_from_file_location("out_of_core", BENCHMARK)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    benchmark.make_files(tmp_path, megabytes=64)
    # The first of them shows that the limit holds: there is no memory for a copy.
    ways = ["copy", "fit", "partial_fit", "predict", "predict_into", "predict_read"]
    assert ways == list(benchmark.WAYS)
    command = [sys.executable, BENCHMARK, "--allowed", "24", "--here", tmp_path, *ways]
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, input="\n", capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    P, y = np.load(tmp_path / "P.npy"), np.load(tmp_path / "y.npy")
    assert np.mean(P.argmax(axis=1) == y) > 0.9


def zeros(path, n_rows):
    """A file of 1000 columns that reads as zeros, for it is a hole, but for a few rows."""
    file = np.lib.format.open_memmap(path, "w+", np.float32, (n_rows, 1000))
    file[:500] = np.random.default_rng(0).normal(size=(500, 1000))
    return np.load(path, mmap_mode="r")


def resident(name):
    """Resident memory of this process, or its peak, in MB: pages of mapped files count."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) * 1024 / 1e6


def growth(call):
    """Return what a call returns, and by how many MB memory grew meanwhile, at its peak."""
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is that since now
    return call(), resident("VmHWM") - before


HOW = {"batch_size": 500, "max_iter": 1, "random_state": 0}
USES = {
    "epochs": MLPClassifier((2,), **HOW),
    "as an array": MLPClassifier((2,), **HOW),
    "held_out": MLPClassifier((2,), **HOW, early_stopping=True, validation_fraction=0.01),
    "lbfgs": MLPRegressor(hidden_layer_sizes=(2,), solver="lbfgs", max_fun=1),
    "members": MLPRegressor(hidden_layer_sizes=(2,), **HOW, n_members=2),
    "adapts": NetworkClassifier(Sequential(BatchNorm(), Linear(outputs=2)), **HOW),
}


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells of the memory")
@pytest.mark.parametrize("use", USES)
def test_pages_of_a_file_do_not_add_up(use, tmp_path, monkeypatch):
    megabytes, allowed = 400, 300
    if use != "epochs":  # that it is so for others can be told from a smaller file
        megabytes, allowed = 80, 48
        monkeypatch.setattr(rows, "PART_SIZE", 2**23)
    file, est = zeros(tmp_path / "X.npy", 250 * megabytes), clone(USES[use])
    file = np.asarray(file) if use == "as an array" else file  # of which it is still a view
    y = np.arange(len(file)) % 2
    out = np.lib.format.open_memmap(tmp_path / "P.npy", "w+", float, y.shape)
    for call in (
        lambda: est.fit(file, y),
        lambda: est.predict(file),
        lambda: predict_in_chunks(est, file, out=out),
    ):
        assert growth(call)[1] < allowed


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells of the memory")
def test_pages_of_pieces_do_not_add_up(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "PART_SIZE", 2**23)
    file, est = zeros(tmp_path / "X.npy", 20_000), MLPRegressor(hidden_layer_sizes=(2,), **HOW)

    def train():
        for place in rows.row_slices(len(file), 1000):  # of 4 MB
            est.partial_fit(file[place], np.zeros(1000))

    assert growth(train)[1] < 48


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("row", [5, 995])
def test_what_is_not_finite_is_found_in_a_file(value, row, tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "PART_SIZE", 2**19)
    X = np.array(zeros(tmp_path / "X.npy", 1000))
    X[row, 3] = value
    np.save(tmp_path / "X.npy", X)
    errors = []
    for data in (X, np.load(tmp_path / "X.npy", mmap_mode="r")):
        with pytest.raises(ValueError, match=f"row {row}") as raised:
            MLPRegressor().fit(data, np.zeros(1000))
        errors.append(str(raised.value))
    assert errors[0] == errors[1]


# Numbers


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("dtype", ["f4", "f8", "u1"])
def test_a_mapped_file_trains_as_an_array_does(name, dtype, tmp_path):
    data = (X * 20 + 100).astype(dtype)
    np.save(tmp_path / "X.npy", data)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    est, twin = MAKERS[name]().fit(mapped, y), MAKERS[name]().fit(data, y)
    assert est.loss_curve_ == twin.loss_curve_
    assert_array_equal(predict_in_chunks(est, mapped, chunk_size=256), twin.predict(data))


@pytest.mark.parametrize("name", MAKERS)
def test_a_generator_trains_as_its_pieces_do(name, tmp_path):
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    est = trained_on(name, ((mapped[rows], y[rows]) for rows in PIECES))
    twin = trained_on(name, [(X[rows].copy(), y[rows]) for rows in PIECES])
    assert est.loss_curve_ == twin.loss_curve_ and len(est.loss_curve_) == len(PIECES)
    assert_array_equal(est.predict(X), twin.predict(X))


@pytest.mark.parametrize("name", MAKERS)
def test_row_groups_of_parquet_train_as_their_rows_do(name, tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {f"x{j}": X[:, j] for j in range(X.shape[1])}
    pq.write_table(pa.table(columns | {"y": y}), tmp_path / "rows.parquet", row_group_size=64)
    file = pq.ParquetFile(tmp_path / "rows.parquet")
    assert file.num_row_groups == len(PIECES)
    tables = (file.read_row_group(i).to_pandas() for i in range(file.num_row_groups))
    est = trained_on(name, ((table[list(columns)], table["y"]) for table in tables))
    twin = trained_on(name, [(X[rows], y[rows]) for rows in PIECES])
    assert est.loss_curve_ == twin.loss_curve_
    assert list(est.feature_names_in_) == list(columns)


@pytest.mark.parametrize("name", MAKERS)
def test_blocks_of_dask_train_as_their_rows_do(name):
    da = pytest.importorskip("dask.array")
    blocks = da.from_array(X, chunks=(64, -1)).blocks.ravel()
    targets = da.from_array(y, chunks=64).blocks.ravel()
    pieces = ((a.compute(), b.compute()) for a, b in zip(blocks, targets, strict=True))
    est = trained_on(name, pieces)
    twin = trained_on(name, [(X[rows], y[rows]) for rows in PIECES])
    assert est.loss_curve_ == twin.loss_curve_
