"""PyTorch's numbers, where it is installed: of layers, losses, optimizers and schedules."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sknumpynn import Parameter
from sknumpynn.layers import (
    ACTIVATIONS,
    BatchNorm,
    Elu,
    Gelu,
    Identity,
    LayerNorm,
    LeakyRelu,
    Linear,
    Mish,
    Parallel,
    ReLu,
    Residual,
    Scaling,
    Select,
    Selu,
    Sequential,
    Sigmoid,
    Silu,
    Softplus,
    Tanh,
    Tied,
)
from sknumpynn.losses import (
    BinaryCrossEntropy,
    GaussianNLL,
    HalfGammaLoss,
    HalfPoissonLoss,
    HalfSquaredError,
    HuberLoss,
    MeanAbsoluteError,
    MeanSquaredError,
    QuantileLoss,
    SoftmaxCrossEntropy,
)
from sknumpynn.optimizers import AdamOptimizer, AdamWOptimizer, RMSpropOptimizer, SGDOptimizer
from sknumpynn.schedules import CosineSchedule, OneCycleSchedule
from tests.cases import LOSSES, OPTIMIZERS

torch = pytest.importorskip("torch")
nn, optim, functional = torch.nn, torch.optim, torch.nn.functional

CLOSE = {"rtol": 1e-10, "atol": 1e-13}


def backward(function, *arrays):
    """Value of a function of tensors, and the gradient of its sum with respect to the first."""
    tensors = [torch.tensor(array, dtype=torch.float64) for array in arrays]
    tensors[0].requires_grad_(True)
    value = function(*tensors)
    value.sum().backward()
    return value.detach().numpy(), tensors[0].grad.numpy()


PAIRS_OF_ACTIVATIONS = [
    (Identity(), nn.Identity()),
    (ReLu(), nn.ReLU()),
    (Sigmoid(), nn.Sigmoid()),
    (Tanh(), nn.Tanh()),
    (LeakyRelu(), nn.LeakyReLU()),
    (LeakyRelu(0.3), nn.LeakyReLU(0.3)),
    (Elu(), nn.ELU()),
    (Elu(0.7), nn.ELU(0.7)),
    (Selu(), nn.SELU()),
    # torch gives its softplus up for a line beyond the threshold.
    (Softplus(), nn.Softplus(threshold=1e3)),
    (Silu(), nn.SiLU()),
    (Mish(), nn.Mish()),
    (Gelu(), nn.GELU()),
]


@pytest.mark.parametrize("layer, reference", PAIRS_OF_ACTIVATIONS)
def test_activation(layer, reference, rng):
    X, D = rng.standard_normal((2, 60, 50)) * 6
    X[0] = np.concatenate([[0.0], np.linspace(-60, 60, 49)])
    value, _ = backward(reference, X)
    _, gradient = backward(lambda X, D: reference(X) * D, X, D)
    Y, back = layer.forward(X)
    assert_allclose(Y, value, **CLOSE)
    assert_allclose(back(D), gradient, **CLOSE)


def tied():
    encoder = Linear(outputs=3)
    return Sequential(encoder, Tanh(), Tied(encoder))


def shared():
    layer = Linear(outputs=6)
    return Sequential(Residual(layer), Residual(Sequential(Tanh(), layer)))


def batch_norm(momentum=0.1, eps=1e-5):
    def reference(X, gamma, beta, mean, variance, training):
        options = {"training": training, "momentum": momentum, "eps": eps}
        return functional.batch_norm(X, mean, variance, gamma, beta, **options)

    return reference


def parallel_of(X, W, b, s, training):
    left, right = X[:, [1, 1, 4]], functional.linear(X, W.T, b)
    return torch.cat([left, torch.tanh(right), X * s], dim=1)


def shared_of(X, W, b, training):
    Y = X + functional.linear(X, W.T, b)
    return Y + functional.linear(torch.tanh(Y), W.T, b)


def tied_of(X, W, b, c, training):
    return functional.linear(torch.tanh(functional.linear(X, W.T, b)), W, c)


def block_of(X, W, b, gamma, beta, mean, variance, V, c, training):
    hidden = functional.linear(X, W.T, b)
    hidden = batch_norm(0.3)(hidden, gamma, beta, mean, variance, training)
    return X + functional.linear(torch.relu(hidden), V.T, c)


PAIRS_OF_LAYERS = [
    (Linear(outputs=4), lambda X, W, b, training: functional.linear(X, W.T, b)),
    (Scaling(), lambda X, s, training: X * s),
    (BatchNorm(), batch_norm()),
    (BatchNorm(0.6, 0.01), batch_norm(0.6, 0.01)),
    (LayerNorm(), lambda X, g, b, training: functional.layer_norm(X, (6,), g, b)),
    (LayerNorm(0.1), lambda X, g, b, training: functional.layer_norm(X, (6,), g, b, 0.1)),
    (Select([3, 0, 3]), lambda X, training: X[:, [3, 0, 3]]),
    (
        Parallel(Select([1, 1, 4]), Sequential(Linear(outputs=4), Tanh()), Scaling()),
        parallel_of,
    ),
    (
        Residual(Sequential(Linear(outputs=4), BatchNorm(0.3), ReLu(), Linear(outputs=6))),
        block_of,
    ),
    (shared(), shared_of),
    (tied(), tied_of),
]


@pytest.mark.parametrize("layer, reference", PAIRS_OF_LAYERS)
@pytest.mark.parametrize("training", [True, False])
def test_layer(layer, reference, training, rng):
    layer.build(6, rng, np.float64)
    ours = list(dict.fromkeys(layer.parameters))
    for parameter in ours:
        parameter.tensor += rng.uniform(0.1, 0.9, parameter.tensor.shape)
    theirs = [torch.tensor(parameter.tensor) for parameter in ours]
    for parameter, tensor in zip(ours, theirs, strict=True):
        tensor.requires_grad_(parameter.treatment[0] > 0)
    forward = None
    for _ in range(3):  # running statistics move on
        X = rng.standard_normal((9, 6)) * 3 + 1
        forward = forward or layer.plan(X, training=training)
        Y, back = forward(X)
        D = rng.standard_normal(Y.shape)
        X_tensor = torch.tensor(X, requires_grad=True)
        value = reference(X_tensor, *theirs, training=training)
        value.backward(torch.tensor(D))
        assert_allclose(Y, value.detach().numpy(), **CLOSE)
        assert_allclose(back(D), X_tensor.grad.numpy(), **CLOSE)
        for parameter, tensor in zip(ours, theirs, strict=True):
            assert_allclose(parameter.tensor, tensor.detach().numpy(), **CLOSE)
            if tensor.requires_grad:
                assert_allclose(parameter.gradient, tensor.grad.numpy(), **CLOSE)


def softmax_cross_entropy(Yp, Yt):
    return functional.cross_entropy(Yp, Yt / Yt.sum(dim=1, keepdim=True))


def binary_cross_entropy(Yp, Yt):
    logits = functional.binary_cross_entropy_with_logits(Yp, Yt, reduction="none")
    return logits.sum(dim=1).mean()


def half_poisson(Yp, Yt):
    constant = (torch.xlogy(Yt, Yt) - Yt).sum(dim=1).mean()
    return functional.poisson_nll_loss(Yp, Yt, reduction="none").sum(dim=1).mean() + constant


def gaussian(Yp, Yt):
    variance = torch.exp(40 * torch.tanh(Yp[:, 1::2] / 40))
    nll = nn.GaussianNLLLoss(full=True, eps=1e-300, reduction="none")
    return nll(Yp[:, ::2], Yt, variance).sum(dim=1).mean()


def half_gamma(Yp, Yt):
    return (Yp - torch.log(Yt) + Yt / torch.exp(Yp) - 1).sum(dim=1).mean()


def pinball(Yp, Yt):
    quantiles = torch.tensor([0.1, 0.6], dtype=torch.float64).repeat(3)
    errors = Yt.repeat_interleave(2, dim=1) - Yp
    return torch.maximum(quantiles * errors, (quantiles - 1) * errors).sum(dim=1).mean()


PAIRS_OF_LOSSES = [
    (MeanSquaredError(), nn.MSELoss(), 3),
    (HalfSquaredError(), lambda Yp, Yt: functional.mse_loss(Yp, Yt) / 2, 3),
    (MeanAbsoluteError(), nn.L1Loss(), 3),
    (HuberLoss(), nn.HuberLoss(), 3),
    (HuberLoss(0.3), nn.HuberLoss(delta=0.3), 3),
    (HalfPoissonLoss(), half_poisson, 3),
    (HalfGammaLoss(), half_gamma, 3),
    (QuantileLoss((0.1, 0.6)), pinball, 6),
    (GaussianNLL(), gaussian, 6),
    (BinaryCrossEntropy(), binary_cross_entropy, 3),
    (SoftmaxCrossEntropy(), softmax_cross_entropy, 3),
]


@pytest.mark.parametrize("loss, reference, n_outputs", PAIRS_OF_LOSSES)
def test_loss(loss, reference, n_outputs, rng):
    Yp, Yt = rng.standard_normal((40, n_outputs)), rng.uniform(0, 1, (40, 3))
    if isinstance(loss, SoftmaxCrossEntropy):
        Yt /= Yt.sum(axis=1, keepdims=True)
    value, gradient = backward(reference, Yp, Yt)
    value_here, D = loss(Yp, Yt)
    assert_allclose(value_here, value, **CLOSE)
    assert_allclose(D, gradient, **CLOSE)


PAIRS_OF_OPTIMIZERS = [
    (SGDOptimizer(0.1), lambda p: optim.SGD(p, lr=0.1)),
    (SGDOptimizer(0.02, 0.8), lambda p: optim.SGD(p, lr=0.02, momentum=0.8)),
    (
        SGDOptimizer(0.02, 0.8, nesterov=True),
        lambda p: optim.SGD(p, lr=0.02, momentum=0.8, nesterov=True),
    ),
    (
        AdamOptimizer(0.05, 0.8, 0.9, epsilon=0.0),
        lambda p: optim.Adam(p, lr=0.05, betas=(0.8, 0.9), eps=0.0),
    ),
    (
        AdamWOptimizer(0.05, 0.8, 0.9, epsilon=0.0, weight_decay=0.3),
        lambda p: optim.AdamW(p, lr=0.05, betas=(0.8, 0.9), eps=0.0, weight_decay=0.3),
    ),
    (
        RMSpropOptimizer(0.02, rho=0.7, epsilon=0.1),
        lambda p: optim.RMSprop(p, lr=0.02, alpha=0.7, eps=0.1),
    ),
    (
        RMSpropOptimizer(0.02, rho=0.7, epsilon=1e-8, momentum=0.8),
        lambda p: optim.RMSprop(p, lr=0.02, alpha=0.7, eps=1e-8, momentum=0.8),
    ),
]


@pytest.mark.parametrize("optimizer, make", PAIRS_OF_OPTIMIZERS)
def test_optimizer(optimizer, make, rng):
    """Adam is compared at an epsilon of 0: torch adds it to another root than scikit-learn does."""
    start, gradients = rng.standard_normal(30), rng.standard_normal((50, 30))
    ours = Parameter(start.copy())
    theirs = torch.tensor(start, requires_grad=True)
    reference = make([theirs])
    for gradient in gradients:
        ours.gradient += gradient
        optimizer.update(ours)
        theirs.grad = torch.tensor(gradient)
        reference.step()
    assert_allclose(ours.tensor, theirs.detach().numpy(), **CLOSE)


def test_all_are_compared():
    def types(pairs):
        return {type(pair[0]) for pair in pairs}

    assert types(PAIRS_OF_ACTIVATIONS) == set(ACTIVATIONS.values())
    own = {BatchNorm, LayerNorm, Linear, Parallel, Residual, Scaling, Select}
    assert own <= types(PAIRS_OF_LAYERS)
    assert types(PAIRS_OF_LOSSES) == {type(case.make()) for case in LOSSES}
    assert types(PAIRS_OF_OPTIMIZERS) == {type(case.make()) for case in OPTIMIZERS}


def learning_rates(make, n_steps):
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule, rates = make(optimizer), []
    for _ in range(n_steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


def test_cosine_schedule():
    rates = learning_rates(lambda o: optim.lr_scheduler.CosineAnnealingLR(o, 50, eta_min=0.1), 50)
    factors = [CosineSchedule(lr_min=0.1).factor(step / 50) for step in range(50)]
    assert_allclose(factors, rates, **CLOSE)


def test_one_cycle_schedule():
    def make(optimizer):
        return optim.lr_scheduler.OneCycleLR(
            optimizer, 1.0, total_steps=101, pct_start=0.3, div_factor=25, final_div_factor=400
        )

    # torch reaches the top at step 0.3 * 101 - 1, and the end at the last step, 100.
    top, last = 0.3 * 101 - 1, 100
    factors = []
    for step in range(last):
        rising = step <= top
        part = step / top if rising else (step - top) / (last - top)
        factors.append(OneCycleSchedule().factor(0.3 * part if rising else 0.3 + 0.7 * part))
    assert_allclose(factors, learning_rates(make, 101)[:-1], **CLOSE)
