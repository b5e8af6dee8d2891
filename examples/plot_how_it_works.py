"""
How it works
============

A neural network is layers that know their way back, a loss, and a step downhill. This page takes
the chain rule apart with running code, and ends with two experiments.
"""

# %%
# A layer returns its own way back
# --------------------------------
# ``forward(X)`` returns the output Y and a function. Given D, which says how much a loss changes
# with each number of Y, that function returns how much the loss changes with each number of X. It
# is a closure, and so remembers whatever it needs from the forward pass.

import matplotlib.pyplot as plt
import numpy as np

from sknumpynn import Learner, Linear, ReLu, Sequential, SGDOptimizer, Sigmoid, Tanh, mse_loss

rng = np.random.default_rng(9)

sigmoid = Sigmoid()
Y, backward = sigmoid.forward(np.array([[0.0, 2.0]]))
print("Y =", Y.round(3), " dY/dX =", backward(np.ones((1, 2))).round(3))

# %%
# The chain rule is then a loop: forward through the layers, and back through their functions in
# reverse. :class:`~sknumpynn.Sequential` is no more than that.


class Chain:
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, X):
        backwards = []
        for layer in self.layers:
            X, backward = layer.forward(X)
            backwards.append(backward)

        def backward_of_all(D):
            for backward in reversed(backwards):
                D = backward(D)
            return D

        return X, backward_of_all


# %%
# Jacobians
# ---------
# The derivative of a layer is a matrix J, the Jacobian. It holds the derivative of every number of
# Y with respect to every number of X. Two ways lead to it. A *vector-Jacobian product* D J goes
# backward, and is what a layer's function computes. A *Jacobian-vector product* J v goes forward,
# and tells what a small step v in X does to Y. The first yields rows of J, the second yields
# columns.


def vjp(layer, X, D):
    """D J: backward."""
    return layer.forward(X)[1](D)


def jvp(layer, X, V, eps=1e-6):
    """J V: forward, by a finite difference."""
    return (layer.forward(X + eps * V)[0] - layer.forward(X - eps * V)[0]) / (2 * eps)


def jacobian(layer, X):
    """All of J, of shape (Y.size, X.size), a row for each number of Y."""
    Y = layer.forward(X)[0]
    units = np.eye(Y.size).reshape(-1, *Y.shape)
    return np.array([vjp(layer, X, D).ravel() for D in units])


linear, relu = Linear(5, 4, rng=0), ReLu()
chain = Chain(linear, relu)
X, V, D = rng.normal(size=(3, 5)), rng.normal(size=(3, 5)), rng.normal(size=(3, 4))
J = jacobian(chain, X)

print("backward(D) is D J:     ", np.allclose(vjp(chain, X, D).ravel(), D.ravel() @ J))
print("forward along V is J V: ", np.allclose(jvp(chain, X, V).ravel(), J @ V.ravel()))
forward, backward = (D * jvp(chain, X, V)).sum(), (vjp(chain, X, D) * V).sum()
print("<D, J V> is <D J, V>:   ", np.isclose(forward, backward))

# %%
# The Jacobian of the chain is the product of its layers' Jacobians. Here they are, for a batch of
# three rows:

J_relu, J_linear = jacobian(relu, linear.forward(X)[0]), jacobian(linear, X)
print("J = J_relu J_linear:    ", np.allclose(J, J_relu @ J_linear))

limit = np.abs(J_linear).max()
_, axes = plt.subplots(1, 3, figsize=(10, 3.4), layout="constrained", width_ratios=(15, 12, 15))
for ax, matrix, name in zip(axes, (J, J_relu, J_linear), ("chain", "relu", "linear"), strict=True):
    image = ax.imshow(matrix, cmap="PuOr", vmin=-limit, vmax=limit)
    ax.set(xlabel="numbers of its input", ylabel="numbers of its output")
    ax.set(xticks=range(0, matrix.shape[1], 3), yticks=range(0, matrix.shape[0], 3))
    ax.set_title(f"{name}: {np.count_nonzero(matrix) / matrix.size:.0%} not zero")
plt.colorbar(image, ax=axes, label="derivative", shrink=0.8)
plt.show()

# %%
# Most of it is zero: the rows of a batch do not affect each other, and an activation takes each
# unit by itself. So **no layer ever builds its Jacobian**. The linear map multiplies by its
# transposed weights, and relu by a mask. For a batch of 200 rows through 100 units, the matrix
# would have 400 million numbers. The product takes 200 x 100 x 100 multiplications, and only an
# array for its result.
#
# Training goes backward because there is one loss and there are many parameters: a single pass
# backward gives the derivatives with respect to all of them. Forward would take a pass for each.

# %%
# Why the update comes last
# -------------------------
# A layer may stand in several places. The gradient of its weights is then the sum over all places,
# so the weights must not change before the last place has added its part. Here a layer that stands
# in three places is updated after the backward pass, as it should be, and in the midst of it.


LR = 1.0


class HastyLinear(Linear):
    """Updates its weights as soon as it has been told something about them."""

    def forward(self, X):
        Y, backward = super().forward(X)

        def backward_and_update(D):
            dX = backward(D)
            self.update(SGDOptimizer(LR))
            return dX

        return Y, backward_and_update


def three_times(layer):
    return Chain(layer, Tanh(), layer, Tanh(), layer)


def slope_followed(layer, X, target):
    """Gradient that the weights of a layer were changed by in one step."""
    before = layer.weights.tensor.copy()
    Y, backward = three_times(layer).forward(X)
    backward(mse_loss(Y, target)[1])
    layer.update(SGDOptimizer(LR))
    return (before - layer.weights.tensor) / LR


def loss_after(change, X, target):
    layer = Linear(2, 2, rng=0)
    layer.weights.tensor += change
    return mse_loss(three_times(layer).forward(X)[0], target)[0]


X, target = rng.normal(size=(2, 50, 2))
change = 1e-6 * np.array([[1, 0], [0, 0]])  # look at one of the weights
slope = (loss_after(change, X, target) - loss_after(-change, X, target)) / 2e-6
print(f"slope of the loss:              {slope:.4f}")
for layer, when in ((Linear(2, 2, rng=0), "last:   "), (HastyLinear(2, 2, rng=0), "at once:")):
    print(f"slope followed, update {when} {slope_followed(layer, X, target)[0, 0]:.4f}")

# %%
# Training
# --------
# Forward, loss, backward, update: :class:`~sknumpynn.Learner` does that for batch after batch. All
# that remains is to choose a network, and data.
#
# *A line learns a line.* There are ten columns and a hundred rows, and the target is a weighted
# sum.

x = rng.normal(size=(100, 10))
y = x @ rng.normal(size=10)
learner = Learner(Linear(10, 1, rng=rng), mse_loss, SGDOptimizer(lr=0.05), rng=rng)
line_losses = learner.fit(x, y, epochs=30, bs=10)

# %%
# *A line cannot learn a product.* The best that it can say about ``y = x1 * x2`` is zero. With a
# hidden layer, the network bends.

pairs = rng.uniform(-2, 2, size=(200, 2))
product = pairs[:, 0] * pairs[:, 1]
models = {
    "one layer": Sequential(Linear(2, 1, rng=0)),
    "two layers": Sequential(Linear(2, 50, rng=0), ReLu(), Linear(50, 1, rng=1)),
}
product_losses = {}
for name, model in models.items():
    learner = Learner(model, mse_loss, SGDOptimizer(lr=0.02), rng=rng)
    product_losses[name] = learner.fit(pairs, product, epochs=100, bs=10)
    print(f"{name}: loss {product_losses[name][-1]:.3f}, variance of y {product.var():.3f}")

BLUE, ORANGE, GREEN = "#0072B2", "#E69F00", "#009E73"  # Okabe and Ito's: for every kind of eye

_, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.plot(range(1, 31), line_losses, color=GREEN, label="a line, learned by a line")
for (name, losses), color in zip(product_losses.items(), (ORANGE, BLUE), strict=True):
    ax.plot(range(1, 101), losses, color=color, label=f"a product, learned by {name}")
ax.set(xlabel="epoch", ylabel="mean squared error", yscale="log", ylim=(1e-7, 100))
ax.legend(loc="lower right")
plt.show()

# %%
# What they have learned
# ----------------------

ticks = np.linspace(-2, 2, 81)
grid = np.stack(np.meshgrid(ticks, ticks), axis=-1)
surfaces = {"x1 * x2": grid.prod(axis=-1)}
for name, model in models.items():
    surfaces[name] = model.forward(grid.reshape(-1, 2))[0].reshape(81, 81)

_, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True, layout="constrained")
for ax, (name, surface) in zip(axes, surfaces.items(), strict=True):
    image = ax.contourf(ticks, ticks, surface, np.linspace(-4, 4, 17), cmap="PuOr", extend="both")
    ax.set(title=name, xlabel="x1", aspect="equal")
axes[0].set_ylabel("x2")
axes[0].plot(*pairs.T, "k.", markersize=3)
plt.colorbar(image, ax=axes, label="y", ticks=range(-4, 5, 2), shrink=0.8)
plt.show()

# sphinx_gallery_thumbnail_number = 3
