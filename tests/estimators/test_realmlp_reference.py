"""RealMLP trains as the paper's formulas say, written out in `realmlp_reference`."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sknumpynn.architectures import build_realmlp
from sknumpynn.core import pack
from sknumpynn.estimators._realmlp_recipes import settle
from sknumpynn.estimators._realmlp_training import ARCHITECTURE, train_member
from sknumpynn.estimators.realmlp import RealMLPClassifier, RealMLPRegressor
from sknumpynn.tasks import ClassificationTask
from tests.estimators.realmlp_reference import Reference, coslog4, flat_cos, mish, selu

N_STEPS = 14
INPUTS = {"n_numeric": 3, "n_dense": 5, "cardinalities": [4]}


def settings_of(Estimator, **changes):
    est = Estimator("td", hidden_layer_sizes=(7, 6), dropout=0.0, epsilon=1e-100, **changes)
    return settle(est)


def named_parameters(network):
    """Copies of a network's parameters, by the names that the reference has for them."""
    inputs, scaling, *layers = network.layers
    waves, embedding = inputs.layers[0].layers[1], inputs.layers[2].layers[1]
    tensors = {
        "w1": waves.frequency_weights.tensor,
        "b1": waves.phases.tensor,
        "W2": waves.weights.tensor,
        "b2": waves.bias.tensor,
        "T": embedding.vectors.tensor,
        "s": scaling.factors.tensor,
    }
    for i, layer in enumerate(layers[::2]):
        W = layer.weights.tensor
        tensors["U", i], tensors["b", i] = W * np.sqrt(len(W)), layer.bias.tensor
    for i, layer in enumerate(layers[1::2]):
        tensors["alpha", i] = layer.alpha.tensor
    return {name: tensor.copy() for name, tensor in tensors.items()}


def parameters_of(member, architecture):
    network = build_realmlp(**architecture)
    network.build(6, np.random.default_rng(0), np.float64)
    pack(network.parameters).tensor[:] = member["weights"]
    return named_parameters(network)


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("Estimator", [RealMLPClassifier, RealMLPRegressor])
def test_some_steps(Estimator, is_weighted, rng):
    classifies = Estimator is RealMLPClassifier
    n_outputs = 3 if classifies else 1
    X = np.hstack([rng.standard_normal((40, 5)), rng.integers(0, 4, (40, 1))])
    Y = np.eye(3)[rng.integers(0, 3, 40)] if classifies else rng.standard_normal((40, 1))
    weights = rng.uniform(0.5, 2, 40) if is_weighted else None
    if classifies:
        task = ClassificationTask(np.arange(3), "multiclass", 0.1)
    else:
        task = RealMLPRegressor()._new_task(
            np.array([-1.0, 1.0]), np.ones(2), SimpleNamespace(clip_predictions=False)
        )  # of mean 0 and standard deviation 1, so that Y is trained on as it is
    data = X, Y, weights

    def train(n_steps):
        settings = settings_of(Estimator, max_iter=n_steps)
        architecture = {name: getattr(settings, name) for name in ARCHITECTURE}
        architecture |= {**INPUTS, "n_outputs": n_outputs}
        member = train_member(5, architecture, settings, task, data)
        return parameters_of(member, architecture)

    start = train(1)  # of a single step the learning rate is zero
    reference = Reference(start, 3, selu if classifies else mish)
    for step in range(N_STEPS):
        t = step / N_STEPS
        eta = (0.04 if classifies else 0.2) * coslog4(t)
        counts = np.ones(40) if weights is None else weights
        reference.step(X, Y, counts, classifies, eta, 0.02 * flat_cos(t), 1e-100)
    end = train(N_STEPS)
    moved = [np.abs(end[name] - tensor).max() for name, tensor in train(1).items()]
    assert min(moved) > 1e-4
    for name, tensor in end.items():
        assert_allclose(tensor, reference.theta[name], rtol=1e-6, atol=1e-9, err_msg=str(name))
