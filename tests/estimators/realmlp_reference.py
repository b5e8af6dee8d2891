"""RealMLP's training written out in another way: number by number as the paper has it, in float64.

Weights are U, not U / sqrt(d); the forward pass has the factor, and decay the square of the paper's
learning rate factors.
"""

import numpy as np
from scipy.special import expit, softmax

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

# Learning rate factor and weight decay factor of each kind of parameter.
FACTORS = {"U": (1, 1), "T": (1, 1), "b": (0.1, 0), "s": (6, 1), "alpha": (0.1, 1)}
FACTORS |= dict.fromkeys(("w1", "b1", "W2", "b2"), (0.1, 1))


def coslog4(t):
    return 0.5 * (1 - np.cos(2 * np.pi * np.log2(1 + 15 * t)))


def flat_cos(t):
    return 1.0 if t < 0.5 else 0.5 * (1 + np.cos(np.pi * (2 * t - 1)))


def selu(x):
    y = SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * (np.exp(x) - 1))
    return y, SELU_SCALE * np.where(x > 0, 1, SELU_ALPHA * np.exp(x))


def mish(x):
    tau = np.tanh(np.log1p(np.exp(x)))
    return x * tau, tau + x * expit(x) * (1 - tau**2)


class Reference:
    """The network and its optimizer.

    Parameters of `theta`, by name: w1, b1, W2, b2 of the waves, T of the categories, s in front,
    and for each layer a list: U, b and alpha.
    """

    def __init__(self, theta, n_numeric, f):
        self.theta, self.n_numeric, self.f = theta, n_numeric, f
        self.m = {k: np.zeros_like(v) for k, v in theta.items()}
        self.v = {k: np.zeros_like(v) for k, v in theta.items()}
        self.k = 0

    def output(self, X):
        return self.forward(X)[0]

    def forward(self, X):
        p, n = self.theta, self.n_numeric
        x, codes = X[:, :n], X[:, -1].astype(int)
        z = 2 * np.pi * x[:, :, None] * p["w1"] + p["b1"]
        e = np.einsum("bjf,jfo->bjo", np.cos(z), p["W2"]) + p["b2"]
        x0 = np.hstack([e.reshape(len(X), -1), X[:, :-1], p["T"][codes]])
        h, tape = x0 * p["s"], []
        for i in range(self.n_layers):
            U = p["U", i]
            a = h @ U / np.sqrt(len(U)) + p["b", i]
            fa, slope = self.f(a)
            tape.append((h, a, fa, slope))
            h = a + (fa - a) * p["alpha", i]
        U = p["U", self.n_layers]
        return h @ U / np.sqrt(len(U)) + p["b", self.n_layers], (x, codes, z, x0, tape, h)

    @property
    def n_layers(self):
        return sum(1 for name in self.theta if name[0] == "alpha")

    def gradients(self, X, D):
        p, g = self.theta, {}
        _, (x, codes, z, x0, tape, h) = self.forward(X)

        def linear(i, h, D):
            U = p["U", i]
            g["U", i], g["b", i] = h.T @ D / np.sqrt(len(U)), D.sum(axis=0)
            return D @ U.T / np.sqrt(len(U))

        D = linear(self.n_layers, h, D)
        for i in reversed(range(self.n_layers)):
            h, a, fa, slope = tape[i]
            g["alpha", i] = (D * (fa - a)).sum(axis=0)
            D = linear(i, h, D * (1 - p["alpha", i] + p["alpha", i] * slope))
        g["s"] = (D * x0).sum(axis=0)
        D = D * p["s"]
        n_waves = p["b2"].size
        de = D[:, :n_waves].reshape(-1, *p["b2"].shape)
        g["b2"], g["W2"] = de.sum(axis=0), np.einsum("bjf,bjo->jfo", np.cos(z), de)
        dz = -np.einsum("bjo,jfo->bjf", de, p["W2"]) * np.sin(z)
        g["b1"], g["w1"] = dz.sum(axis=0), 2 * np.pi * np.einsum("bjf,bj->jf", dz, x)
        g["T"] = np.zeros_like(p["T"])
        for code, row in zip(codes, D[:, -p["T"].shape[1] :], strict=True):
            g["T"][code] += row
        return g

    def step(self, X, Y, weights, classifies, eta, decay, epsilon):
        Z = self.output(X)
        if classifies:
            smooth = 0.9 * Y + 0.1 / Y.shape[1]
            D = (softmax(Z, axis=1) - smooth) * (weights / weights.sum())[:, None]
        else:
            D = (Z - Y) * (weights / weights.sum())[:, None]
        gradients = self.gradients(X, D)
        self.k += 1
        for name, g in gradients.items():
            f_lr, f_wd = FACTORS[name[0] if isinstance(name, tuple) else name]
            theta, m, v = self.theta[name], self.m[name], self.v[name]
            theta *= 1 - eta * decay * (f_lr * f_wd) ** 2
            m[...] = 0.9 * m + 0.1 * g
            v[...] = 0.95 * v + 0.05 * g**2
            corrected = np.sqrt(v / (1 - 0.95**self.k)) + epsilon
            theta -= eta * f_lr * m / (1 - 0.9**self.k) / corrected
