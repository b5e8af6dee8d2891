"""
Ablation: what each idea that makes training fast is worth
==========================================================

Each row takes one idea out, does what a plainer program would do, and fits the same networks, in
float32. A column says how many times as long that takes: the median over the rounds of a ratio
within the round. Times are CPU times of this process, which has one BLAS thread.

Run ``python examples/benchmarks/ablation.py``.
"""

import argparse
import warnings
from contextlib import nullcontext
from functools import partial
from unittest import mock

from speed import Net, machine, measure  # before NumPy, for it sets the number of BLAS threads

# isort: split
import numpy as np
from sklearn.exceptions import ConvergenceWarning

import sknumpynn
from sknumpynn import AdamOptimizer, Learner, Linear, ReLu
from sknumpynn.blas import plan_gemm
from sknumpynn.core import Batches
from sknumpynn.layers import linear

NETS = {
    "small": Net(20_000, 20, epochs=3),
    "small-batch": Net(5_000, 20, (64, 64), 32, epochs=3),
    "mid": Net(20_000, 50, (256, 256), 256, outputs=5, epochs=1),
}


# What a plainer program would do


def plan_matmul(dtype, like, rows=None, columns=None):
    def gemm(alpha, B_T, A_T, beta, out_T, trans_B=0, trans_A=0, overwrite=1):
        product = (A_T if trans_A else A_T.T) @ (B_T if trans_B else B_T.T)
        out_T.T[...] = product + out_T.T if beta else product
        return out_T

    return gemm


def relu_by_masks(self, like, training=False):
    def forward(X):
        Y = np.maximum(X, 0)

        def backward(D):
            D = D.copy()
            D[Y == 0] = 0
            return D

        return Y, backward

    return forward


def relu_with_a_number(self, like, training=False):
    Y, dX = np.empty_like(like), np.empty_like(like)

    def forward(X):
        np.maximum(X, 0, out=Y)

        def backward(D):
            np.greater(Y, 0, out=dX)
            return np.multiply(dX, D, out=dX)

        return Y, backward

    return forward


def linear_with_sums(self, like, wants_dX):
    W, b = self.weights, self.bias
    gemm_X, gemm = plan_gemm(like.dtype, like, columns=b.tensor.size), plan_gemm(like.dtype, like)
    Y = np.empty((len(like), b.tensor.size), like.dtype)
    dX = np.empty_like(like)

    def forward(X):
        gemm_X(1.0, W.tensor.T, X.T, 0.0, Y.T, 0, 0, 1)
        np.add(Y, b.tensor, out=Y)

        def backward(D):
            gemm_X(1.0, D.T, X.T, 1.0, W.gradient.T, 0, 1, 1)
            b.gradient[...] += D.sum(axis=0)
            if wants_dX:
                gemm(1.0, W.tensor.T, D.T, 0.0, dX.T, 1, 0, 1)
            return dX

        return Y, backward

    return forward


def adam_with_new_arrays(self, param, state):
    if not state:
        state.update(t=0, m=0 * param.tensor, v=0 * param.tensor)
    g, b1, b2 = param.gradient, self.beta_1, self.beta_2
    t = state["t"] = state["t"] + 1
    m = state["m"] = b1 * state["m"] + (1 - b1) * g
    v = state["v"] = b2 * state["v"] + (1 - b2) * g**2
    lr = self.lr * np.sqrt(1 - b2**t).item() / (1 - b1**t)
    param.tensor += -lr * m / (np.sqrt(v) + self.epsilon)


def plan_one_by_one(self, param):
    return [update for member in param.members for update in Optimizer_plan(self, member)]


def gather_by_indexing(self, X, rows):
    return X[rows].astype(self.dtype, copy=False)


def learner_that_asks_for_values(self, *args, **kwargs):
    Learner_init(self, *args, **kwargs)
    self._values_wait = False


def learner_with_new_plans(self, X):
    return self.model.plan_input(X, training=True)


def learner_on_its_guard(self, *args):
    with np.errstate(all="ignore"):
        result = Learner_step(self, *args)
    if not np.isfinite(self.parameters.tensor).all():
        raise FloatingPointError
    return result


def plan_for_nothing(self, like, training=False):
    return self.plan(like, training)


Learner_init, Learner_step, Optimizer_plan = Learner.__init__, Learner._step, AdamOptimizer.plan

IDEAS = {
    "nothing": nullcontext,
    "gradient of relu without boolean indexing": (ReLu, "plan", relu_by_masks),
    "maximum of two arrays, not with a number": (ReLu, "plan", relu_with_a_number),
    "products by BLAS, adding in place": (linear, "plan_gemm", plan_matmul),
    "sum of the bias's gradient by BLAS": (Linear, "_plan", linear_with_sums),
    "no gradient of the data": (Linear, "plan_input", plan_for_nothing),
    "arrays made once": (Learner, "_plan", learner_with_new_plans),
    "one optimizer step for all parameters": (AdamOptimizer, "plan", plan_one_by_one),
    "Adam in place": (AdamOptimizer, "step", adam_with_new_arrays),
    "value of the loss for many batches at once": (
        Learner,
        "__init__",
        learner_that_asks_for_values,
    ),
    "rows taken into an array": (Batches, "gather", gather_by_indexing),
    "checks once an epoch": (Learner, "_step", learner_on_its_guard),
}


def without(idea):
    """Context in which the package does without an idea."""
    change = IDEAS[idea]
    if change is nullcontext:
        return nullcontext()
    return mock.patch.object(*change)


def fit(net, X, y, idea):
    with without(idea):
        net.estimator(sknumpynn).fit(X, y)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(machine(), f"{'taken out':45}" + "".join(f"{name:>13}" for name in NETS), sep="\n\n")
    ratios = {idea: [] for idea in IDEAS}
    for net in NETS.values():
        X, y = net.data()
        X = X.astype(np.float32)
        y = y.astype(np.float32) if y.dtype.kind == "f" else y
        times = measure({idea: partial(fit, net, X, y, idea) for idea in IDEAS}, rounds)
        for idea in IDEAS:
            pairs = zip(times[idea], times["nothing"], strict=True)
            ratios[idea].append(np.median([a / b for a, b in pairs]))
    for idea, row in ratios.items():
        print(f"{idea:45}" + "".join(f"{ratio:13.2f}" for ratio in row))


if __name__ == "__main__":
    main()
