"""
A layer of your own
===================

Networks of relu or tanh know nothing of waves: beyond the data they go straight on. A layer that
makes waves [1]_ takes a few lines. It is checked, and then used in an estimator like any other.
"""

# %%
# The layer
# ---------
# With a frequency a for each column, which is learned:
#
# .. math::
#     y = x + \frac{\sin^2 a x}{a}, \quad
#     \frac{dy}{dx} = 1 + \sin 2 a x, \quad
#     \frac{dy}{da} = \frac{1}{a} \left(x \sin 2 a x - \frac{\sin^2 a x}{a}\right)
#
# ``build`` gets the number of columns. ``forward`` returns the output and the way back.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV, KFold

from sknumpynn import (
    AdamOptimizer,
    Layer,
    Learner,
    Linear,
    NetworkRegressor,
    ReLu,
    Sequential,
    Tanh,
    mse_loss,
)
from sknumpynn.testing import check_layer


class Wave(Layer):
    def __init__(self, frequency=1.0):
        super().__init__()
        self.frequency = frequency

    def build(self, inputs, rng, dtype):
        self.parameters = []
        self.a = self.build_param(np.full(inputs, self.frequency, dtype))
        return inputs

    def forward(self, X):
        a = self.a.tensor
        bend, wave = np.sin(2 * a * X), np.sin(a * X) ** 2 / a

        def backward(D):
            self.a.gradient += (D * (X * bend - wave) / a).sum(axis=0)
            return D * (1 + bend)

        return X + wave, backward


# %%
# Is it right?
# ------------
# ``check_layer`` compares the gradients with finite differences, and tests the rules that every
# layer follows. If there is a mistake, it says which.

rng = np.random.default_rng(0)
check_layer(Wave(), rng.normal(size=(20, 3)), rng=0)


class WrongWave(Wave):
    def forward(self, X):
        Y, backward = super().forward(X)
        return Y, lambda D: backward(D) / 2


try:
    check_layer(WrongWave(), rng.normal(size=(20, 3)), rng=0)
except AssertionError as error:
    print(error)

# %%
# Training it by hand
# -------------------
# The data are a trend, a wave, and noise. A :class:`~sknumpynn.Learner` trains any layer.


def truth(x):
    return 0.3 * x[:, 0] + np.sin(2 * x[:, 0])


x = rng.uniform(-4, 4, size=(400, 1))
y = truth(x) + 0.2 * rng.normal(size=len(x))

model = Sequential(Linear(outputs=32), Wave(2.0), Linear(outputs=1))
model.build(1, rng, np.float64)
losses = Learner(model, mse_loss, AdamOptimizer(lr=0.003), rng=rng).fit(x, y, epochs=50, bs=32)
print(f"mean squared error: {losses[0]:.2f} in the first epoch, {losses[-1]:.2f} in the last")

# %%
# In an estimator
# ---------------
# :class:`~sknumpynn.NetworkRegressor` takes the layers up to the last hidden one, and brings
# schedules, validation, pipelines and searches. The arguments of a layer's constructor can be
# searched.

estimators = {}
for activation in (ReLu(), Tanh(), Wave(2.0)):
    estimators[type(activation).__name__] = NetworkRegressor(
        Sequential(Linear(outputs=32), activation),
        learning_rate="cosine",
        learning_rate_init=0.01,
        alpha=0.1,
        batch_size=32,
        max_iter=200,
        tol=0,
        random_state=1,
    ).fit(x, y)

search = GridSearchCV(
    estimators["Wave"],
    {"network__1__frequency": [0.5, 2.0]},
    cv=KFold(3, shuffle=True, random_state=0),
).fit(x, y)
print(f"best {search.best_params_}, R² {search.best_score_:.3f}")

# %%
# Beyond the data
# ---------------
# Within the data, all three do well. Outside, a network can only go on as its layers do, so choose
# layers that behave as you expect the world to. The start matters, too: from another frequency or
# other weights, the wave may find another rhythm. Try it.

COLORS = {"ReLu": "#E69F00", "Tanh": "#009E73", "Wave": "#0072B2"}  # Okabe and Ito's
grid = np.linspace(-8, 8, 400)[:, np.newaxis]

_, axes = plt.subplots(1, 3, figsize=(10, 3.6), sharey=True, layout="constrained")
for ax, (name, estimator) in zip(axes, estimators.items(), strict=True):
    ax.axvspan(-4, 4, color="0.93", label="where there are data")
    ax.plot(grid, truth(grid), color="k", linestyle="--", linewidth=1, label="truth")
    ax.plot(grid, estimator.predict(grid), color=COLORS[name], linewidth=2, label="network")
    ax.set(title=name, xlabel="x", ylim=(-5, 5))
axes[0].set_ylabel("y")
axes[2].legend(loc="upper left", framealpha=1)
plt.show()

# %%
# .. rubric:: References
#
# .. [1] Ziyin, Hartwig and Ueda, "Neural networks fail to learn periodic functions and how to fix
#    it", NeurIPS 2020.
