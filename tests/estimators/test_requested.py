"""What users have asked for beyond scikit-learn's parameters: each does what it says."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.linear_model import GammaRegressor
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

from sknumpynn import MLPClassifier, MLPRegressor, Tanh
from sknumpynn.core import Loss

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 4))
LABELS = np.where(X[:, 0] + 0.3 * RNG.normal(size=120) > 0.8, "yes", "no")
Y3 = np.digitize(X[:, 1], [-1, 1])
INDICATOR = (X[:, :2] > 0.7).astype(int)
NUMBERS = X[:, 0] * X[:, 1]


def same_weights(a, b, **tol):
    for ours, theirs in zip(a.coefs_ + a.intercepts_, b.coefs_ + b.intercepts_, strict=True):
        assert_allclose(ours, theirs, **tol)


def classifier(**params):
    return MLPClassifier(
        **{"hidden_layer_sizes": (6,), "max_iter": 8, "batch_size": 32, "random_state": 0} | params
    )


def regressor(**params):
    return MLPRegressor(
        **{"hidden_layer_sizes": (6,), "max_iter": 8, "batch_size": 32, "random_state": 0} | params
    )


# Class weights


@pytest.mark.parametrize("y", [LABELS, Y3, INDICATOR], ids=["binary", "multiclass", "multilabel"])
def test_balanced_is_the_same_as_sample_weights(y):
    weights = compute_sample_weight("balanced", y)
    ours = classifier(class_weight="balanced").fit(X, y)
    same_weights(ours, classifier().fit(X, y, sample_weight=weights), rtol=0)


def test_a_dict_is_the_same_as_sample_weights_and_multiplies_those_given():
    given = RNG.uniform(0.5, 2, size=120)
    ours = classifier(class_weight={"yes": 3}).fit(X, LABELS, sample_weight=given)
    theirs = classifier().fit(X, LABELS, sample_weight=np.where(LABELS == "yes", 3, 1) * given)
    same_weights(ours, theirs, rtol=0)


def test_several_labels_have_a_dict_each():
    class_weight = [{0: 1, 1: 4}, {0: 2, 1: 1}]
    weights = compute_sample_weight(class_weight, INDICATOR)
    ours = classifier(class_weight=class_weight).fit(X, INDICATOR)
    same_weights(ours, classifier().fit(X, INDICATOR, sample_weight=weights), rtol=0)


def test_balanced_counts_rows_by_their_weights():
    """A row of weight 2 is as good as two rows, for the balance as well."""
    repeats = RNG.integers(0, 3, size=120)
    params = dict(class_weight="balanced", solver="lbfgs", max_iter=20)
    weighted = classifier(**params).fit(X, LABELS, sample_weight=repeats)
    repeated = classifier(**params).fit(np.repeat(X, repeats, 0), np.repeat(LABELS, repeats))
    same_weights(weighted, repeated, rtol=1e-6, atol=1e-9)


def test_balanced_finds_more_of_the_rare_class():
    plain, balanced = (classifier(class_weight=w, max_iter=60) for w in (None, "balanced"))
    assert (balanced.fit(X, LABELS).predict(X) == "yes").sum() > (
        plain.fit(X, LABELS).predict(X) == "yes"
    ).sum()


def test_partial_fit_takes_a_dict_but_cannot_balance():
    classes = np.unique(LABELS)
    classifier(class_weight={"yes": 2}).partial_fit(X, LABELS, classes=classes)
    with pytest.raises(ValueError, match="class_weight='balanced' needs all"):
        classifier(class_weight="balanced").partial_fit(X, LABELS, classes=classes)


# Label smoothing


@pytest.mark.parametrize("y, n_choices", [(LABELS, 2), (Y3, 3), (INDICATOR, 2)])
def test_smoothed_labels_are_what_a_sure_classifier_converges_to(y, n_choices):
    """Where the class is known, the best probability is that of the smoothed label."""
    est = classifier(
        hidden_layer_sizes=(), label_smoothing=0.3, alpha=0, solver="lbfgs", max_iter=500, tol=1e-9
    )
    codes = y if y.ndim == 2 else np.unique(y, return_inverse=True)[1]
    known = codes if y.ndim == 2 else np.eye(codes.max() + 1)[codes]
    P = est.fit(known, y).predict_proba(known)
    assert_allclose(P, known * 0.7 + 0.3 / n_choices, atol=1e-3)


# Activations and dropout


@pytest.mark.parametrize(
    "activation", ["elu", "gelu", "leaky_relu", "mish", "selu", "silu", "softplus"]
)
def test_activations_learn(activation):
    est = regressor(activation=activation, hidden_layer_sizes=(20,), max_iter=400, batch_size=20)
    assert est.set_params(learning_rate_init=0.01).fit(X, NUMBERS).score(X, NUMBERS) > 0.9


def test_an_activation_for_each_layer_or_a_layer_of_ones_own():
    params = dict(hidden_layer_sizes=(6, 5))
    mixed = regressor(activation=("tanh", "tanh"), **params).fit(X, NUMBERS)
    own = regressor(activation=Tanh(), **params).fit(X, NUMBERS)
    plain = regressor(activation="tanh", **params).fit(X, NUMBERS)
    assert_array_equal(mixed.predict(X), plain.predict(X))
    # A layer of one's own may be anything: its weights start as for relu and tanh.
    assert_array_equal(own.predict(X), plain.predict(X))
    with pytest.raises(ValueError, match="activation=.* has 1 values, .* 2 hidden layers"):
        regressor(activation=("tanh",), **params).fit(X, NUMBERS)


def test_dropout_is_for_training_only_and_reproducible():
    est = regressor(dropout=0.3, max_iter=20).fit(X, NUMBERS)
    again = regressor(dropout=0.3, max_iter=20).fit(X, NUMBERS)
    assert_array_equal(est.predict(X), again.predict(X))
    assert_array_equal(est.predict(X), est.predict(X))
    assert not np.array_equal(est.predict(X), regressor(max_iter=20).fit(X, NUMBERS).predict(X))
    assert_array_equal(pickle.loads(pickle.dumps(est)).predict(X), est.predict(X))


def test_dropout_starts_from_the_same_weights():
    """Its noise is a stream of its own: the weights of the first layer are drawn as without."""
    still = dict(learning_rate_init=1e-300, max_iter=1)
    plain, noisy = (regressor(dropout=p, **still).fit(X, NUMBERS) for p in (0.0, 0.5))
    assert_allclose(plain.coefs_[0], noisy.coefs_[0])


def test_dropout_goes_on_in_partial_fit():
    runs = []
    for _ in range(2):
        est = regressor(dropout=(0.5,))
        for _ in range(3):
            est.partial_fit(X, NUMBERS)
        runs.append(est)
    same_weights(*runs, rtol=0)
    with pytest.raises(ValueError, match="dropout=.* has 2 values, .* 1 hidden layers"):
        regressor(dropout=(0.5, 0.5)).fit(X, NUMBERS)


# Losses


def constant_fit(loss, y, **params):
    """Fit a network that sees nothing but a constant."""
    est = MLPRegressor(
        loss, (), learning_rate_init=0.01, max_iter=3000, batch_size=len(y), alpha=0, tol=0,
        n_iter_no_change=3000, learning_rate="cosine", random_state=0, **params,
    )  # fmt: skip
    nothing = np.zeros((len(y), 1))
    return est.fit(nothing, y), nothing[:1]


SAMPLE = RNG.gamma(2.0, size=201)
HUBER_CENTRE = 1.0  # of the loss: errors larger than this count linearly


@pytest.mark.parametrize(
    "loss, params, best",
    [
        ("squared_error", {}, SAMPLE.mean()),
        ("absolute_error", {}, np.median(SAMPLE)),
        ("quantile", {"quantile": 0.9}, np.quantile(SAMPLE, 0.9)),
        ("quantile", {"quantile": (0.1, 0.6)}, np.quantile(SAMPLE, [[0.1, 0.6]])),
        ("poisson", {}, SAMPLE.mean()),
        ("gamma", {}, SAMPLE.mean()),
    ],
)
def test_a_constant_network_finds_the_best_constant(loss, params, best):
    est, row = constant_fit(loss, SAMPLE, **params)
    assert_allclose(est.predict(row), best, atol=1e-3)


def test_the_best_constant_of_huber_balances_clipped_errors():
    est, row = constant_fit("huber", SAMPLE)
    errors = est.predict(row) - SAMPLE
    assert_allclose(np.clip(errors, -HUBER_CENTRE, HUBER_CENTRE).mean(), 0, atol=1e-3)


def test_gaussian_nll_finds_mean_and_standard_deviation():
    est, row = constant_fit("gaussian_nll", SAMPLE)
    mean, std = est.predict(row, return_std=True)
    assert_allclose([mean[0], std[0]], [SAMPLE.mean(), SAMPLE.std()], atol=1e-3)


def heteroscedastic(n, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, size=(n, 1))
    std = 0.2 + 0.4 * np.abs(x[:, 0])
    return x, np.sin(2 * x[:, 0]) + std * rng.normal(size=n), std


DEEP = dict(
    hidden_layer_sizes=(32, 32), learning_rate="cosine", learning_rate_init=0.01, max_iter=60,
    scale_target=True, random_state=0,
)  # fmt: skip


def test_quantiles_cover_what_they_say_and_do_not_cross():
    x, y, _ = heteroscedastic(5000)
    quantiles = (0.9, 0.1, 0.5)
    est = MLPRegressor("quantile", quantile=quantiles, **DEEP).fit(x, y)
    x, y, _ = heteroscedastic(5000, seed=2)
    P = est.predict(x)
    assert P.shape == (5000, 3)
    assert (np.diff(P, axis=1) >= 0).all()
    assert_allclose((y[:, np.newaxis] <= P).mean(axis=0), sorted(quantiles), atol=0.03)


def test_gaussian_nll_tells_the_noise():
    x, y, std = heteroscedastic(5000)
    _, predicted = MLPRegressor("gaussian_nll", **DEEP).fit(x, y).predict(x, return_std=True)
    assert np.mean(np.abs(predicted / std - 1)) < 0.1
    with pytest.raises(ValueError, match="return_std needs loss='gaussian_nll' or several members"):
        regressor().fit(X, NUMBERS).predict(X, return_std=True)


def test_several_targets_of_several_quantiles():
    targets = np.column_stack([NUMBERS, X[:, 2]])
    est = regressor(loss="quantile", quantile=(0.2, 0.8), scale_target=True).fit(X, targets)
    P = est.predict(X)
    assert P.shape == (120, 2, 2)
    assert (P[:, :, 0] <= P[:, :, 1]).all()


def test_gamma_without_hidden_layers_is_the_generalised_linear_model():
    counts = np.exp(0.3 * X[:, 0] + 0.1 * RNG.normal(size=120))
    ours = MLPRegressor("gamma", (), solver="lbfgs", alpha=0, tol=1e-8, random_state=0)
    theirs = GammaRegressor(alpha=0, tol=1e-8).fit(X, counts)
    assert_allclose(ours.fit(X, counts).predict(X), theirs.predict(X), rtol=1e-4)
    with pytest.raises(ValueError, match="loss='gamma' needs a positive y"):
        ours.fit(X, counts - counts.min())


def squared(Yp, Y, sample_weight=None):
    """A user's loss: scikit-learn's squared error, written out."""
    weights = np.ones(len(Y)) if sample_weight is None else sample_weight
    weights = (weights / weights.sum())[:, np.newaxis]
    return float((weights * 0.5 * (Yp - Y) ** 2).sum()), weights * (Yp - Y)


class Squared(Loss):
    """The same as a Loss."""

    def row_loss(self, Yp, Yt):
        return 0.5 * ((Yp - Yt) ** 2).sum(axis=1)

    def row_gradient(self, Yp, Yt):
        return Yp - Yt


@pytest.mark.parametrize("loss", [squared, Squared()], ids=["function", "Loss"])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("weights", [None, RNG.uniform(0.5, 2, size=120)], ids=["plain", "weights"])
def test_a_loss_of_ones_own(loss, solver, weights):
    ours = regressor(loss=loss, solver=solver).fit(X, NUMBERS, sample_weight=weights)
    theirs = regressor(solver=solver).fit(X, NUMBERS, sample_weight=weights)
    assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-7)
    assert_allclose(ours.loss_, theirs.loss_, rtol=1e-7)
    again = pickle.loads(pickle.dumps(ours)) if loss is squared else clone(ours).fit(X, NUMBERS)
    assert np.isfinite(again.predict(X)).all()


# A scaled target


def test_scale_target_is_what_a_transformer_around_does():
    y = np.column_stack([1e4 + 300 * NUMBERS, X[:, 2]])
    scaler = StandardScaler().fit(y)
    inside = regressor(scale_target=True).fit(X, y)
    outside = regressor().fit(X, scaler.transform(y))
    same_weights(inside, outside, rtol=1e-9)
    assert_allclose(inside.predict(X), scaler.inverse_transform(outside.predict(X)), rtol=1e-9)


def test_scale_target_weighs_rows_and_stands_constants():
    weights = np.r_[np.zeros(20), np.ones(100)]
    y = np.where(weights, 7.0, 1e6)
    est = regressor(scale_target=True).fit(X, y, sample_weight=weights)
    assert (est._target_location, est._target_scale) == (7.0, 1.0)
    assert_allclose(est.predict(X), 7, atol=2)
    with pytest.raises(ValueError, match="scale_target=True does not go with loss='poisson'"):
        regressor(scale_target=True, loss="poisson").fit(X, np.abs(y))


def test_scale_target_mends_the_naive_regressor():
    X_train, X_test, y_train, y_test = train_test_split(
        *load_diabetes(return_X_y=True), random_state=0
    )
    plain, scaled = (MLPRegressor(random_state=0, scale_target=s) for s in (False, True))
    assert plain.fit(X_train, y_train).score(X_test, y_test) < 0
    assert scaled.fit(X_train, y_train).score(X_test, y_test) > 0.3


def test_gaussian_and_scale_agree_with_the_normal_quantiles():
    """Two ways to the same interval: standard deviations, or quantiles."""
    x, y, _ = heteroscedastic(3000)
    mean, std = MLPRegressor("gaussian_nll", **DEEP).fit(x, y).predict(x, return_std=True)
    upper = MLPRegressor("quantile", quantile=0.9, **DEEP).fit(x, y).predict(x)
    assert np.median(np.abs(mean + norm.ppf(0.9) * std - upper)) < 0.1
