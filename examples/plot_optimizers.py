"""
Six ways downhill
=================

Training spends most of its time in valleys with steep sides and a bottom that bends. Here each
optimizer takes the same number of steps in such a valley, from the same place.
"""

# %%
# The valley
# ----------
# It is Rosenbrock's function, in a mild form, whose lowest point is at (1, 1). An optimizer
# changes a
# :class:`~sknumpynn.Parameter` by its gradient, and needs to know nothing else: here there is no
# network at all.

import matplotlib.pyplot as plt
import numpy as np

from sknumpynn import AdamOptimizer, Parameter, SGDOptimizer
from sknumpynn.optimizers import AdamWOptimizer, RMSpropOptimizer


def height(x, y):
    return (1 - x) ** 2 + 10 * (y - x**2) ** 2


def slope(x, y):
    return np.array([-2 * (1 - x) - 40 * x * (y - x**2), 20 * (y - x**2)])


def walk(optimizer, start=(-1.3, 2.2), n_steps=150):
    """Places that an optimizer goes through, of shape (n_steps + 1, 2)."""
    param = Parameter(np.array(start))
    places = [param.tensor.copy()]
    for _ in range(n_steps):
        param.gradient += slope(*param.tensor)
        optimizer.update(param)
        places.append(param.tensor.copy())
    return np.array(places)


# %%
# The walks
# ---------
# Each optimizer has a learning rate that suits it.

OPTIMIZERS = {
    "SGD": SGDOptimizer(lr=0.008),
    "SGD, momentum 0.9": SGDOptimizer(lr=0.004, momentum=0.9),
    "SGD, Nesterov's momentum": SGDOptimizer(lr=0.004, momentum=0.9, nesterov=True),
    "RMSprop": RMSpropOptimizer(lr=0.03),
    "Adam": AdamOptimizer(lr=0.15),
    "AdamW, weight_decay 0.5": AdamWOptimizer(lr=0.15, weight_decay=0.5),
}
walks = {name: walk(optimizer) for name, optimizer in OPTIMIZERS.items()}

x, y = np.meshgrid(np.linspace(-2, 2, 200), np.linspace(-0.6, 2.9, 200))
_, axes = plt.subplots(2, 3, figsize=(10, 6.4), sharex=True, sharey=True, layout="constrained")
for ax, (name, places) in zip(axes.flat, walks.items(), strict=True):
    ax.contourf(x, y, np.log10(height(x, y) + 0.01), 15, cmap="Greys", alpha=0.6)
    ax.plot(*places.T, color="#0072B2", marker=".", markersize=4, linewidth=1)
    ax.plot(*places[0], "o", color="#E69F00", markeredgecolor="k")
    ax.plot(1, 1, "*", color="#E69F00", markeredgecolor="k", markersize=14)
    ax.set(title=name, xlim=(-2, 2), ylim=(-0.6, 2.9))
    print(f"{name:26} ends at height {height(*places[-1]):.4f}")
for ax in axes[:, 0]:
    ax.set_ylabel("second parameter")
for ax in axes[1]:
    ax.set_xlabel("first parameter")
plt.show()

# %%
# What to see
# -----------
# *SGD* needs a learning rate that suits the steep sides, and then crawls along the bottom.
#
# *Momentum* gathers speed along the bottom, and swings between the sides. *Nesterov's* takes the
# slope from where the momentum leads, and swings less.
#
# *RMSprop* divides by the usual size of the slope, so its steps are about equally long everywhere.
# Near the goal they are too long, and it circles around. A schedule that ends at zero, such as
# ``learning_rate="cosine"``, is the cure.
#
# *Adam* has both momentum and scaled steps. *AdamW* also pulls the parameters towards zero, and
# rests where pull and slope balance. That is on purpose, but here the pull is stronger than usual.
