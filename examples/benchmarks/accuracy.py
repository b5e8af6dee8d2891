"""
Accuracy: RealMLP against linear models, scikit-learn's MLP and gradient boosting
=================================================================================

Every contender gets the same rows of each table. A fifth of every split is for the test; of the
rest, four fifths are for training and one for validation. RealMLP chooses its epochs by the
validation rows, and all others are trained on both parts. Those that do not take a table as it is
get the usual preprocessing: medians for missing numbers, standardised numbers, one-hot encoded
categories. No contender is tuned. LightGBM takes part if it is installed.

Run ``python examples/benchmarks/accuracy.py``, for the tables that scikit-learn ships, or with
``--data FOLDER`` for those in a folder: each a ``NAME.parquet`` with the column ``target``, beside
a ``NAME.json`` that says ``{"name": ..., "task": "binary", "multiclass" or "regression"}``.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # read when NumPy is imported, and only then
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import time
import warnings
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.compose import (
    TransformedTargetRegressor,
    make_column_selector,
    make_column_transformer,
)
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknumpynn import RealMLPClassifier, RealMLPRegressor

lightgbm = None
with suppress(ImportError):
    import lightgbm

MOST_TRAIN, MOST_VALIDATION, MOST_TEST = 2560, 640, 4000  # rows
SHIPPED = ["breast_cancer", "diabetes", "digits", "iris", "wine"]
METRICS = ["error rate", "log loss", "1 - AUC"]  # of classifiers; of regressors RMSE / std
LEGEND = """\
Errors: of regression tables RMSE / std in each column, of others as named. Mean rank over the
tables, 1 is best; distance: 0 is the best contender on a table, 1 the worst. Seconds of CPU time to
fit, median."""


# Contenders: each takes (is it classification?, seed) and returns an estimator


def numeric_columns():
    """What makes numbers of a table, for estimators that take nothing else."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (one_hot, make_column_selector(dtype_exclude="number")),
    )


def linear(classifies, seed):
    model = LogisticRegression(max_iter=2000) if classifies else RidgeCV(np.logspace(-3, 4, 15))
    return make_pipeline(numeric_columns(), model)


def sklearn_mlp(classifies, seed):
    if classifies:
        return make_pipeline(numeric_columns(), MLPClassifier(random_state=seed))
    model = make_pipeline(numeric_columns(), MLPRegressor(random_state=seed))
    return TransformedTargetRegressor(model, transformer=StandardScaler())


def boosting(classifies, seed):
    Model = HistGradientBoostingClassifier if classifies else HistGradientBoostingRegressor
    return Model(categorical_features="from_dtype", random_state=seed)


def light_boosting(classifies, seed):
    Model = lightgbm.LGBMClassifier if classifies else lightgbm.LGBMRegressor
    return Model(random_state=seed, n_jobs=1, verbose=-1)


def realmlp(recipe, classifies, seed):
    Model = RealMLPClassifier if classifies else RealMLPRegressor
    return Model(recipe, random_state=seed)


CONTENDERS = {
    "linear": linear,
    "sklearn MLP": sklearn_mlp,
    "HistGradientBoosting": boosting,
    **({"LightGBM": light_boosting} if lightgbm else {}),
    "RealMLP fast": partial(realmlp, "fast"),
    "RealMLP": partial(realmlp, "default"),
}


# Tables: name -> function that returns (X, y, is it classification?)


def shipped_table(name):
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True, as_frame=True)
    return X, y.to_numpy(), name != "diabetes"


def stored_table(file):
    task = json.loads(file.read_text())["task"]
    X = pd.read_parquet(file.with_suffix(".parquet"))
    y = X.pop("target")
    if task == "regression":
        return X, y.to_numpy(float), False
    return X, np.unique(y.astype(str), return_inverse=True)[1], True


def tables(folder):
    if folder is None:
        return {name: partial(shipped_table, name) for name in SHIPPED}
    return {file.stem: partial(stored_table, file) for file in sorted(folder.glob("*.json"))}


def split(X, y, classifies, seed):
    """Rows to train on, to validate on and to test on."""

    def deal(rows, test_size):
        strata = y[rows] if classifies else None
        return train_test_split(rows, test_size=test_size, random_state=seed, stratify=strata)

    def limit(rows, most):
        return rows if len(rows) <= most else deal(rows, most)[1]

    rest, test = deal(np.arange(len(y)), 0.2)
    train, validation = deal(rest, 0.2)
    return limit(train, MOST_TRAIN), limit(validation, MOST_VALIDATION), limit(test, MOST_TEST)


# Runs


def errors(model, X, y, classifies):
    if not classifies:
        return [np.sqrt(np.mean((model.predict(X) - y) ** 2)) / y.std()] * len(METRICS)
    P = model.predict_proba(X).astype(float)
    P = np.clip(P, 1e-6, 1) / np.clip(P, 1e-6, 1).sum(axis=1, keepdims=True)
    labels = model.classes_
    area = roc_auc_score(y, P if len(labels) > 2 else P[:, 1], multi_class="ovr", labels=labels)
    error_rate = 1 - accuracy_score(y, labels[P.argmax(axis=1)])
    return [error_rate, log_loss(y, P, labels=labels), 1 - area]


def run(table, contender, seed):
    """Errors and seconds of one contender on one split of one table."""
    X, y, classifies = table()
    train, validation, test = split(X, y, classifies, seed)
    model, given = CONTENDERS[contender](classifies, seed), {}
    if contender.startswith("RealMLP"):
        given = dict(X_val=X.iloc[validation], y_val=y[validation])
    else:
        train = np.concatenate([train, validation])
    start = time.process_time()
    model.fit(X.iloc[train], y[train], **given)
    seconds = time.process_time() - start
    return [*errors(model, X.iloc[test], y[test], classifies), seconds]


def summarise(results):
    """A line for each contender: mean rank and distance by each metric, and seconds."""
    lines = pd.DataFrame(index=pd.Index(list(CONTENDERS), name="contender"))
    for metric in METRICS:
        by_table = results.pivot_table(index="table", columns="contender", values=metric)
        lines[f"{metric}: rank"] = by_table.rank(axis=1).mean()
        best, worst = by_table.min(axis=1), by_table.max(axis=1)
        distance = by_table.sub(best, axis=0).div((worst - best).replace(0, 1), axis=0)
        lines[f"{metric}: distance"] = distance.mean()
    lines["seconds"] = results.groupby("contender")["seconds"].median()
    return lines


def plot(lines, file):
    """Distance from the best contender against the seconds it takes."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(METRICS), figsize=(12, 4), sharey=True, layout="constrained")
    for ax, metric in zip(axes, METRICS, strict=True):
        distance = lines[f"{metric}: distance"]
        ax.scatter(lines["seconds"], distance)
        for name, x, y in zip(lines.index, lines["seconds"], distance, strict=True):
            ax.annotate(name, (x, y), xytext=(4, 4), textcoords="offset points", fontsize=8)
        ax.set(xscale="log", xlabel="seconds to fit", title=metric)
    axes[0].set_ylabel("distance from the best")
    figure.savefig(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--data", type=Path, help="folder of tables")
    parser.add_argument("--seeds", type=int, default=3, help="splits of each table")
    parser.add_argument("--plot", type=Path, help="file for a figure")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    rows = []
    for name, table in tables(arguments.data).items():
        for contender in CONTENDERS:
            found = [run(table, contender, seed) for seed in range(arguments.seeds)]
            rows += [(name, contender, *line) for line in found]
            means = "".join(f"{mean:10.4f}" for mean in np.mean(found, axis=0))
            print(f"{name:<16}{contender:<22}{means}", flush=True)
    results = pd.DataFrame(rows, columns=["table", "contender", *METRICS, "seconds"])
    lines = summarise(results)
    print(f"\n{LEGEND}\n\n{lines.round(2).to_string()}")
    if arguments.plot:
        plot(lines, arguments.plot)


if __name__ == "__main__":
    main()
