"""
scikit-learn's networks, sooner
===============================

`MLPClassifier` and `MLPRegressor` take the place of scikit-learn's: the same parameters, the same
numbers, in less time. This page trains both on data that scikit-learn ships, and compares scores,
predictions and seconds; then it searches hyper-parameters with both.
"""

# %%
# There are three data sets, with an estimator for each. Both libraries get the same
# hyper-parameters and the same ``random_state``. The diabetes target is not scaled, hence the
# higher learning rate.

import warnings
from statistics import median
from time import perf_counter

import numpy as np
import sklearn.neural_network
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sknumpynn

try:
    import matplotlib.pyplot as plt
except ImportError:
    plt = None

# Each fit has a fixed number of epochs, so that both libraries do the same work. It ends before
# the loss has settled, and that is intended.
warnings.filterwarnings("ignore", category=ConvergenceWarning)

DATA = {
    "diabetes": load_diabetes(return_X_y=True),
    "breast cancer": load_breast_cancer(return_X_y=True),
    "digits": load_digits(return_X_y=True),
}
PARAMETERS = {
    "diabetes": {"learning_rate_init": 0.05, "alpha": 1.0, "max_iter": 100},
    "breast cancer": {"max_iter": 100},
    "digits": {"max_iter": 50},
}


def make_model(library, name, **more):
    estimator = library.MLPRegressor if name == "diabetes" else library.MLPClassifier
    return make_pipeline(StandardScaler(), estimator(random_state=0, **PARAMETERS[name], **more))


# %%
# Scores, predictions and seconds
# -------------------------------
# The libraries take turns, so that whatever else slows the computer down slows both, and the
# median of the times counts. The last two columns are for ``dtype="float32"``, which trains in
# single precision.


def seconds_to_fit(models, X, y, rounds=11):
    """Median seconds to fit each model."""
    times = [[] for _ in models]
    for _ in range(rounds):
        for model, model_times in zip(models, times, strict=True):
            start = perf_counter()
            model.fit(X, y)
            model_times.append(perf_counter() - start)
    return [median(model_times) for model_times in times]


def outputs(model, X):
    """Probabilities, or in regression predictions."""
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


print("                    score           seconds to fit        largest    float32")
print("data           theirs    ours   theirs    ours  faster  difference    ours  faster")
models, fit_seconds = {}, {}
for name, (X, y) in DATA.items():
    theirs = make_model(sklearn.neural_network, name)
    ours = make_model(sknumpynn, name)
    single = make_model(sknumpynn, name, dtype="float32")
    scores = [cross_val_score(model, X, y).mean() for model in (theirs, ours)]
    seconds = seconds_to_fit([theirs, ours, single], X, y)
    ratio, single_ratio = seconds[0] / seconds[1], seconds[0] / seconds[2]
    models[name], fit_seconds[name] = (theirs, ours), seconds
    difference = np.abs(outputs(theirs, X) - outputs(ours, X)).max()
    print(
        f"{name:14}{scores[0]:7.3f} {scores[1]:7.3f}"
        f"  {seconds[0]:7.3f} {seconds[1]:7.3f} {ratio:6.1f}x"
        f" {difference:11.0e} {seconds[2]:7.3f} {single_ratio:6.1f}x"
    )

# %%
# A search of hyper-parameters
# ----------------------------
# This is where the time is felt: 12 candidates, 5 folds, and the best one once more on all rows.

GRID = {
    "hidden_layer_sizes": [(50,), (100,), (50, 50)],
    "alpha": [1e-4, 1e-1],
    "learning_rate_init": [1e-3, 1e-2],
}


def search(library, name):
    model = make_model(library, name)
    step = model.steps[-1][0]
    grid = {f"{step}__{parameter}": values for parameter, values in GRID.items()}
    start = perf_counter()
    result = GridSearchCV(model, grid).fit(*DATA[name])
    return result, perf_counter() - start


print()
for library in (sklearn.neural_network, sknumpynn):
    result, seconds = search(library, "breast cancer")
    best = {name.split("__")[1]: value for name, value in result.best_params_.items()}
    print(f"grid search, {library.__name__}: {seconds:.1f} s, score {result.best_score_:.4f}")
    print(f"    best: {best}")

# %%
# The loss curves lie on each other
# ---------------------------------
# The broad line is scikit-learn's, the thin one on it ours.

THEIRS, OURS = "#E69F00", "#0072B2"  # Okabe and Ito's orange and blue: for every kind of eye


def plot():
    _, axes = plt.subplots(2, 2, figsize=(8, 6), layout="constrained")
    axes = axes.ravel()
    for ax, (name, (theirs, ours)) in zip(axes, models.items(), strict=False):
        ax.plot(theirs[-1].loss_curve_, color=THEIRS, linewidth=6, label="scikit-learn")
        ax.plot(ours[-1].loss_curve_, color=OURS, linewidth=1.5, label="sknumpynn")
        ax.set(title=name, xlabel="epoch", ylabel="loss", yscale="log")
    axes[0].legend()
    places = np.arange(len(models))
    their_seconds, our_seconds, _ = zip(*fit_seconds.values(), strict=True)
    axes[3].bar(places - 0.2, their_seconds, 0.4, color=THEIRS)
    axes[3].bar(places + 0.2, our_seconds, 0.4, color=OURS)
    axes[3].set(title="time to fit", xlabel="data", ylabel="seconds")
    axes[3].set_xticks(places, models)
    plt.show()


if plt:
    plot()
