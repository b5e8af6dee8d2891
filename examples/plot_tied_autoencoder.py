"""
An autoencoder with half the weights
====================================

An autoencoder squeezes each row through a few numbers, and learns to restore it. Its decoder does
the work of the encoder backwards, and so may use the same weights, transposed. Both ends then train
them together.
"""

# %%
# Digits, through eight numbers
# -----------------------------

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from sknumpynn import AdamOptimizer, Learner, Linear, ReLu, Sequential, mse_loss
from sknumpynn.layers import Tied

X, X_test = train_test_split(load_digits().data / 16, random_state=0)

# %%
# ``Tied(linear)`` is a layer with the weights of another, transposed, and a bias of its own.

outer, inner = Linear(64, 128, rng=0), Linear(128, 8, rng=1)
tied = Sequential(outer, ReLu(), inner, Tied(inner), ReLu(), Tied(outer))

untied = Sequential(
    Linear(64, 128, rng=0),
    ReLu(),
    Linear(128, 8, rng=1),
    Linear(8, 128, rng=2),
    ReLu(),
    Linear(128, 64, rng=3),
)

line = Linear(64, 8, rng=0)
tied_line = Sequential(line, Tied(line))

# %%
# The target is the input. Shared weights are a single :class:`~sknumpynn.Parameter`: both places
# add to its gradient, and it takes one step a batch.


def train(model):
    optimizer = AdamOptimizer(lr=0.003)
    learner = Learner(model, mse_loss, optimizer, rng=np.random.default_rng(0))
    learner.fit(X, X, epochs=150, bs=50)
    optimizer.lr = 0.0003
    learner.fit(X, X, epochs=30, bs=50)


models = {"tied, linear": tied_line, "tied": tied, "not tied": untied}
restored = {}
pca = PCA(8).fit(X)
restored["PCA"] = pca.inverse_transform(pca.transform(X_test))
for name, model in models.items():
    train(model)
    restored[name] = model.forward(X_test)[0]

print(f"{'':14}parameters  error on new digits")
for name, Y in restored.items():
    count = "-"
    if name in models:
        count = sum(p.tensor.size for p in dict.fromkeys(models[name].parameters))
    print(f"{name:14}{count:>10} {np.mean((Y - X_test) ** 2):20.4f}")

# %%
# What they restore
# -----------------
# The linear network finds what principal component analysis computes, as theory says it should
# [1]_, which is a check on the gradients of shared weights. With a hidden layer, far more of each
# digit survives the eight numbers. And half of the weights do almost as well as all of them.

rows = {"new digits": X_test, **restored}
_, axes = plt.subplots(len(rows), 10, figsize=(9, 4.8), layout="constrained")
for line_of_axes, (name, images) in zip(axes, rows.items(), strict=True):
    for ax, image in zip(line_of_axes, images, strict=False):
        ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    line_of_axes[0].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=8)
plt.show()

# %%
# .. rubric:: References
#
# .. [1] Baldi and Hornik, "Neural networks and principal component analysis: learning from examples
#    without local minima", Neural Networks 2, 1989.
