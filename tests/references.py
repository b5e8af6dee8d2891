"""What layers compute, written out in another way."""

import numpy as np


def linear(X, W, b):
    return np.einsum("ni,io->no", X, W) + b


def periodic(X, w, phases, V, c):
    E = [np.cos(2 * np.pi * np.outer(X[:, j], w[j]) + phases[j]) @ V[j] + c[j] for j in range(5)]
    return np.hstack([*E, X])


def waves_alone(X, *tensors):
    return periodic(X, *tensors)[:, :-5]


def piecewise_linear(X, edges, V, c):
    """One bin after the other, as the paper has it."""
    E = np.zeros((*X.shape, V.shape[1]))
    for j, b in enumerate(edges):
        for t in range(1, len(b)):
            ratio = (X[:, j] - b[t - 1]) / (b[t] - b[t - 1])
            E[:, j, t - 1] = np.where(
                (X[:, j] < b[t - 1]) & (t > 1),
                0,
                np.where((X[:, j] >= b[t]) & (t < len(b) - 1), 1, ratio),
            )
    return np.hstack([E[:, j] @ V[j] + c[j] for j in range(X.shape[1])])


def embedding(*counts):
    first = np.cumsum(counts) - counts

    def reference(X, T):
        rows = [[T[first[j] + round(x)] for j, x in enumerate(row)] for row in X]
        return np.array(rows).reshape(len(X), -1)

    return reference


def parametric_tanh(X, alpha):
    return (1 - alpha) * X + alpha * np.tanh(X)


def batch_norm(X, gamma, beta, mean, variance):
    return (X - mean) / np.sqrt(variance + 1e-5) * gamma + beta


def layer_norm(X, gamma, beta):
    rows = [(x - x.mean()) / np.sqrt(x.var() + 1e-5) for x in X]
    return np.array(rows) * gamma + beta
