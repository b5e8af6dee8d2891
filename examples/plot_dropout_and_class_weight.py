"""
A rare class, and too few rows of it
====================================

If one row in seventeen is of the class that matters, two things go wrong. The network overfits the
few rows: dropout helps. And it seldom says "yes": class weights help. The two remedies are often
confused, so this page tries each of them alone, and then both.
"""

# %%
# The data
# --------
# There are 4000 rows and 20 columns, and about 230 rows are of the rare class, in three clusters.
# Some labels are wrong, as in real data, so no network can find all of the rare rows.

import matplotlib.pyplot as plt
from sklearn.datasets import make_classification
from sklearn.metrics import (
    average_precision_score,
    log_loss,
    precision_recall_curve,
    precision_score,
    recall_score,
)
from sklearn.model_selection import FixedThresholdClassifier, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynn import MLPClassifier

X, y = make_classification(
    n_samples=4000,
    n_features=20,
    n_informative=8,
    n_redundant=4,
    n_clusters_per_class=3,
    weights=[0.95],
    flip_y=0.02,
    class_sep=0.8,
    random_state=0,
)
X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)
print(f"{y.sum()} of {len(y)} rows to train on are of the rare class")

# %%
# Four networks
# -------------
# They differ only in the two parameters.

VARIANTS = {
    "neither": {},
    "class_weight": {"class_weight": "balanced"},
    "dropout": {"dropout": 0.5},
    "both": {"class_weight": "balanced", "dropout": 0.5},
}
models = {}
for name, parameters in VARIANTS.items():
    network = MLPClassifier(
        (64, 64),
        learning_rate="cosine",
        learning_rate_init=0.003,
        batch_size=64,
        max_iter=60,
        tol=0,
        random_state=0,
        **parameters,
    )
    models[name] = make_pipeline(StandardScaler(), network).fit(X, y)


def probability(model, X):
    """Predicted probability of the rare class."""
    return model.predict_proba(X)[:, 1]


print(f"\n{'':14}recall  precision  average precision  log loss: train   test  mean p")
for name, model in models.items():
    said, p = model.predict(X_test), probability(model, X_test)
    print(
        f"{name:14}{recall_score(y_test, said):6.2f} {precision_score(y_test, said):10.2f}"
        f" {average_precision_score(y_test, p):18.2f} {log_loss(y, probability(model, X)):16.3f}"
        f" {log_loss(y_test, p):6.3f} {p.mean():7.3f}"
    )

# %%
# What each does
# --------------
# *Dropout* narrows the gap between training rows and other rows, as the left panel shows. Without
# it, the network is certain, and often wrong. With it, the network finds somewhat fewer of the
# rare rows, but no longer says "yes" without reason.
#
# *Class weights* move the decision: more of the rare rows are found, and more alarms are false.
# The network does not rank the rows any better, so the curves in the right panel lie on each
# other, and only the point on the curve moves. Without dropout, class weights do next to nothing,
# since a network that overfits has no errors left to weigh.
#
# Class weights have a price. Probabilities are now those of a world in which both classes are
# equally frequent: their mean should be 0.06, and is three times that.

BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "0.6"  # Okabe and Ito's: for every kind of eye

_, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for place, model in enumerate(models.values()):
    losses = log_loss(y, probability(model, X)), log_loss(y_test, probability(model, X_test))
    left.plot(losses, [place, place], color=GREY, zorder=1)
    left.scatter(losses[0], place, color=ORANGE, label=None if place else "rows trained on")
    left.scatter(losses[1], place, color=BLUE, marker="s", label=None if place else "other rows")
left.set_yticks(range(len(models)), models)
left.set(title="How well it knows", xlabel="log loss (less is better)", ylim=(4.2, -0.5))
left.legend(loc="lower left")

for name, color, marker in (("dropout", BLUE, "o"), ("both", ORANGE, "s")):
    precision, recall, _ = precision_recall_curve(y_test, probability(models[name], X_test))
    right.plot(recall[:-1], precision[:-1], color=color)
    said = models[name].predict(X_test)
    point = recall_score(y_test, said), precision_score(y_test, said)
    right.plot(*point, marker, color=color, markersize=10, markeredgecolor="k", label=name)
right.set(title="What it decides", xlabel="recall", ylabel="precision", ylim=(0, 1.02))
right.legend(title="points: p > 0.5")
plt.show()

# %%
# The other way to move the decision
# ----------------------------------
# Train without class weights, so that probabilities mean what they say, and say "yes" sooner, with
# scikit-learn's ``FixedThresholdClassifier``. Balanced weights say "yes" where a class is more
# probable than its share of the rows, so that share is the threshold which does the same. For
# another price of false alarms, ``TunedThresholdClassifierCV`` finds a threshold.

sooner = FixedThresholdClassifier(models["dropout"], threshold=y.mean()).fit(X, y)
for name, model in (("class weights", models["both"]), ("threshold", sooner)):
    said = model.predict(X_test)
    recall, precision = recall_score(y_test, said), precision_score(y_test, said)
    print(f"{name:15} recall {recall:.2f}, precision {precision:.2f}")
