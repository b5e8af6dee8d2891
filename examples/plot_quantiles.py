"""
How sure is it?
===============

If the noise depends on the input, one number is not much of a prediction. A network that is trained
for several quantiles draws a band, which is wide where the data are spread out.
"""

# %%
# Noise that grows towards both sides
# -----------------------------------

import matplotlib.pyplot as plt
import numpy as np

from sknumpynn import MLPRegressor


def make_data(n_samples, seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, size=(n_samples, 1))
    return x, np.sin(2 * x[:, 0]) + (0.1 + 0.3 * np.abs(x[:, 0])) * rng.normal(size=n_samples)


x, y = make_data(5000, seed=0)

# %%
# One network, five quantiles
# ---------------------------
# They come in rising order, and never cross. ``scale_target`` trains on a standardised target;
# predictions are still in units of y.

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
PARAMETERS = dict(
    hidden_layer_sizes=(32, 32),
    learning_rate="cosine",
    learning_rate_init=0.01,
    max_iter=60,
    tol=0,
    scale_target=True,
    random_state=0,
)
model = MLPRegressor("quantile", quantile=QUANTILES, **PARAMETERS).fit(x, y)

# %%
# Do they keep their promise? Of new data, 5 % should lie below the lowest quantile, and so on.

x_new, y_new = make_data(5000, seed=1)
below = (y_new[:, np.newaxis] <= model.predict(x_new)).mean(axis=0)
for quantile, share in zip(QUANTILES, below, strict=True):
    print(f"below the {quantile:4.0%} quantile: {share:6.1%}")

# %%
# Or a standard deviation
# -----------------------
# If the noise is normal, two numbers say it all, and ``loss="gaussian_nll"`` predicts both.

gaussian = MLPRegressor("gaussian_nll", **PARAMETERS).fit(x, y)
grid = np.linspace(-2, 2, 200)[:, np.newaxis]
mean, std = gaussian.predict(grid, return_std=True)
true_std = 0.1 + 0.3 * np.abs(grid[:, 0])
print(f"median error of the standard deviation: {np.median(np.abs(std / true_std - 1)):.1%}")

# %%
# The picture
# -----------

BLUE, ORANGE = "#0072B2", "#E69F00"  # Okabe and Ito's: for every kind of eye


_, (left, right) = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
bands = model.predict(grid)
for ax in (left, right):
    ax.plot(x[:800], y[:800], ".", color="0.75", markersize=3, label="data")
    ax.set_xlabel("x")
for low, high, opacity in ((0, 4, 0.2), (1, 3, 0.4)):
    label = f"{QUANTILES[low]:.0%} to {QUANTILES[high]:.0%}"
    left.fill_between(
        grid[:, 0], bands[:, low], bands[:, high], color=BLUE, alpha=opacity, label=label
    )
left.plot(grid, bands[:, 2], color=BLUE, label="median")
left.set(title="quantiles", ylabel="y", ylim=(-3.2, 2.4))
right.fill_between(
    grid[:, 0], mean - 2 * std, mean + 2 * std, color=ORANGE, alpha=0.3, label="two std"
)
right.plot(grid, mean, color=ORANGE, label="mean")
right.set(title="mean and standard deviation")
for ax in (left, right):
    ax.legend(loc="lower center", ncols=2)
plt.show()
