"""
Search the network itself
=========================

A network is a scikit-learn object like any other. A search can vary its widths, its dropout and its
optimizer's learning rate, or replace the network as a whole.
"""

# %%
# Its parts
# ---------
# The name of a layer is its position: ``network__0__outputs`` is the width of the first layer,
# ``network__2__rate`` the rate of the third. The last layer, which makes the outputs, is not among
# them: it follows from the target. Folds are not shuffled, since the digits come writer by writer.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from sknumpynn import Linear, NetworkClassifier, ReLu, Sequential
from sknumpynn.layers import Dropout, Gelu, Residual

X, y = load_digits(return_X_y=True)
X = X / 16

estimator = NetworkClassifier(
    Sequential(Linear(outputs=32), ReLu(), Dropout(0.0)),
    learning_rate="cosine",
    learning_rate_init=0.01,
    batch_size=50,
    max_iter=20,
    tol=0,
    random_state=0,
)
WIDTHS, RATES = [16, 32, 64, 128], [0.0, 0.2, 0.5]
parts = GridSearchCV(
    estimator, {"network__0__outputs": WIDTHS, "network__2__rate": RATES}, cv=3
).fit(X, y)
print(f"{parts.best_score_:.3f} with {parts.best_params_}")

# %%
# Or the whole network
# --------------------
# A grid may hold networks. They are cloned for each fit, so no weights are carried from one fit to
# the next. Each place has a layer of its own: one layer in two places would share its weights.


def hidden():
    return Linear(outputs=64), ReLu(), Dropout(0.2)


def block():
    return Residual(Sequential(Linear(outputs=64), Gelu(), Dropout(0.2), Linear(outputs=64)))


NETWORKS = {
    "linear": Sequential(),
    "one layer": Sequential(*hidden()),
    "two layers": Sequential(*hidden(), *hidden()),
    "residual blocks": Sequential(Linear(outputs=64), block(), block(), Gelu()),
}
whole = GridSearchCV(estimator, {"network": list(NETWORKS.values())}, cv=3).fit(X, y)
print(f"{whole.best_score_:.3f} with {whole.best_params_['network']}")

# %%
# This is how a notebook shows the best one. You can unfold its layers.

whole.best_estimator_

# %%
# What the searches found
# -----------------------
# Width helps, up to a point. Dropout needs width: narrow layers cannot spare half of their units.
# A second layer and residual blocks do a little better, but by less than the folds differ. In such
# a case the simpler network is just as good an answer.

COLORS = ["#0072B2", "#E69F00", "#009E73"]  # Okabe and Ito's: for every kind of eye

_, (left, right) = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
scores = parts.cv_results_["mean_test_score"].reshape(len(WIDTHS), len(RATES))
for rate, column, color, marker in zip(RATES, scores.T, COLORS, "osD", strict=True):
    left.plot(WIDTHS, column, color=color, marker=marker, label=f"dropout {rate}")
left.set(title="parts", xlabel="units", ylabel="accuracy", xscale="log")
left.set_xticks(WIDTHS, WIDTHS)
left.minorticks_off()
left.legend(loc="lower right")

folds_scores = np.array([whole.cv_results_[f"split{i}_test_score"] for i in range(3)])
right.plot(folds_scores.T, ".", color="0.6", markersize=8)
right.plot(folds_scores.mean(axis=0), "_", color=COLORS[0], markersize=30, markeredgewidth=3)
right.set(title="whole networks (points: folds)", xlabel="network", xlim=(-0.5, 3.5))
right.set_xticks(range(len(NETWORKS)), NETWORKS)
plt.show()
