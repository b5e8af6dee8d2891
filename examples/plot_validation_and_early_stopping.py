"""
Validate on what will be new
============================

Early stopping holds out some rows at random. If rows come in groups, by person, by day or by
machine, such rows are no news to the network, and their score flatters. So ``fit`` also takes rows
that you have chosen, in ``X_val`` and ``y_val``.
"""

# %%
# Digits, writer by writer
# ------------------------
# scikit-learn's digits were written by 13 people, and come in that order. We train on about seven
# of them, validate on three, and keep the last three for the final test, since the network will be
# used on digits of people it has never seen.

import matplotlib.pyplot as plt
import numpy as np
import sklearn
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynn import MLPClassifier
from sknumpynn.inspection import LossCurveDisplay

X, y = load_digits(return_X_y=True)
X_train, X_val, X_test = np.split(X, [1000, 1400])
y_train, y_val, y_test = np.split(y, [1000, 1400])

PARAMETERS = dict(
    learning_rate_init=0.003,
    early_stopping=True,
    n_iter_no_change=20,
    random_state=0,
)

# %%
# Held out at random
# ------------------

random = make_pipeline(StandardScaler(), MLPClassifier(validation_fraction=0.2, **PARAMETERS))
random.fit(X_train, y_train)
print(f"score that training saw: {random[-1].best_validation_score_:.3f}")
print(f"score on new writers:    {random.score(X_test, y_test):.3f}")

# %%
# Chosen: other writers
# ---------------------
# ``X_val`` has to be scaled like ``X``. ``transform_input`` has the pipeline do that, once
# metadata routing is switched on and the network has requested ``X_val`` and ``y_val``. Now no
# rows are held out, and all 1000 are trained on. ``scoring="loss"`` watches the loss, which knows
# more than the accuracy: it sees how sure the network is.

with sklearn.config_context(enable_metadata_routing=True):
    network = MLPClassifier(scoring="loss", **PARAMETERS).set_fit_request(X_val=True, y_val=True)
    chosen = make_pipeline(StandardScaler(), network, transform_input=["X_val"])
    chosen.fit(X_train, y_train, X_val=X_val, y_val=y_val)

print(f"score on the writers watched: {chosen.score(X_val, y_val):.3f}")
print(f"score on new writers:         {chosen.score(X_test, y_test):.3f}")

# %%
# What training saw
# -----------------
# On the left, rows held out at random promise far more than new writers confirm. The network is
# about equally good either way; what differs is the promise. Even chosen writers promise too much,
# since three of them are not many.
#
# On the right, the loss on the training rows goes on falling, but the loss on other writers does
# not. The weights from its lowest point are kept. ``LossCurveDisplay`` draws such curves of any
# network.

_, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
LossCurveDisplay.from_estimator(random, metric="score", ax=left)
left.axhline(random.score(X_test, y_test), color="0.4", linestyle="--", label="new writers")
left.set(title="A promise, and the truth", ylabel="Accuracy", ylim=(0.6, 1.01))
left.legend(loc="lower right")

LossCurveDisplay.from_estimator(chosen, ax=right)
right.set(title="When to stop", yscale="log")
plt.show()
