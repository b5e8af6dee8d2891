"""Regressors: what the loss decides, whether named or given as an object, and what y may be."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import make_scorer, mean_pinball_loss, r2_score
from sklearn.model_selection import cross_val_score

from sknumpynn import MLPRegressor
from sknumpynn.core import Loss
from sknumpynn.losses import HalfGammaLoss, HalfPoissonLoss, QuantileLoss

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X, X_VAL = RNG.normal(size=(120, 4)), RNG.normal(size=(50, 4))
Y, Y_VAL = X[:, 0] * X[:, 1], X_VAL[:, 0] * X_VAL[:, 1]
TARGETS = {"one": Y, "two": np.column_stack([Y, 3 * X[:, 2]])}
WEIGHTS = RNG.uniform(0, 2, size=120)
QUANTILES = (0.9, 0.1, 0.5)


def make(loss="quantile", **params):
    return MLPRegressor(
        loss, **{"hidden_layer_sizes": (6,), "max_iter": 15, "random_state": 0} | params
    )


def pinball(y, predictions, weights=None):
    """Mean over rows, targets and quantiles, written out."""
    y = y.reshape(len(y), -1)
    P = predictions.reshape(len(y), y.shape[1], 3)
    e, q = y[:, :, np.newaxis] - P, np.sort(QUANTILES)
    return np.average(np.maximum(q * e, (q - 1) * e).mean(axis=(1, 2)), weights=weights)


# Several quantiles


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weights"])
@pytest.mark.parametrize("scale_target", [False, True])
def test_the_score_of_several_quantiles_is_minus_the_pinball_loss(target, weights, scale_target):
    y = TARGETS[target]
    est = make(quantile=QUANTILES, scale_target=scale_target).fit(X, y)
    expected = -pinball(y, est.predict(X), weights)
    assert_allclose(est.score(X, y, sample_weight=weights), expected, rtol=1e-12)


@pytest.mark.parametrize("quantile", [0.3, (0.3,)])
def test_the_score_of_one_quantile(quantile):
    est = make(quantile=quantile).fit(X, Y)
    P = est.predict(X)
    expected = r2_score(Y, P) if quantile == 0.3 else -mean_pinball_loss(Y, P[:, 0], alpha=0.3)
    assert_allclose(est.score(X, Y), expected)


@pytest.mark.parametrize("scale_target", [False, True])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_it_is_what_validation_watches(scale_target, early_stopping):
    est = make(quantile=QUANTILES, scale_target=scale_target, early_stopping=early_stopping)
    est.fit(X, 50 * Y, X_val=X_VAL, y_val=50 * Y_VAL)
    score = est.validation_scores_[est.best_iter_ - 1]
    assert_allclose(score, est.score(X_VAL, 50 * Y_VAL), rtol=1e-12)


def test_scores_in_cross_validation():
    scores = cross_val_score(make(quantile=QUANTILES), X, Y, cv=3)
    assert (scores < 0).all() and np.isfinite(scores).all()


def test_scorers_of_one_prediction_a_target_say_so():
    est = make(quantile=QUANTILES, scoring="r2").fit
    with pytest.raises(ValueError, match="scoring='r2' takes one prediction for each target"):
        est(X, Y, X_val=X_VAL, y_val=Y_VAL)
    for scoring in (
        make_scorer(pinball, greater_is_better=False),
        lambda est, *data: est.score(*data),
    ):
        est = make(quantile=QUANTILES, scoring=scoring).fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
        assert_allclose(est.validation_scores_[-1], est.score(X_VAL, Y_VAL), rtol=1e-12)
    assert make(scoring="r2").fit(X, Y, X_val=X_VAL, y_val=Y_VAL).validation_scores_


# A loss object is as good as its name


class OwnPoisson(HalfPoissonLoss):
    """A kind of Poisson loss."""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("scale_target", [False, True])
@pytest.mark.parametrize("quantile", [0.3, (0.3,), QUANTILES])
def test_quantiles_by_object(target, scale_target, quantile):
    y, params = TARGETS[target], dict(scale_target=scale_target, early_stopping=True)
    named = make(quantile=quantile, **params).fit(X, y)
    given = make(QuantileLoss(quantile), **params).fit(X, y)
    assert_array_equal(given.predict(X), named.predict(X))
    assert given.validation_scores_ == named.validation_scores_
    assert given.score(X, y) == named.score(X, y)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize(
    "name, loss, least",
    [
        ("poisson", HalfPoissonLoss(), -1.0),
        ("poisson", OwnPoisson(), -1.0),
        ("gamma", HalfGammaLoss(), 0.0),
    ],
)
def test_log_links_by_object(name, loss, least, solver):
    y = np.abs(Y) + 0.1
    named, given = (make(kind, solver=solver).fit(X, y) for kind in (name, loss))
    assert_array_equal(given.predict(X), named.predict(X))
    assert given.__sklearn_tags__().target_tags.positive_only
    bad = np.where(np.arange(120) == 7, least, y)
    for kind in (name, loss):
        with pytest.raises(ValueError, match=f"needs a .* y, but its smallest value is {least}"):
            make(kind, solver=solver).fit(X, bad)
        with pytest.raises(ValueError, match="scale_target=True does not go with"):
            make(kind, solver=solver, scale_target=True).fit(X, y)


# A target of words


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize(
    "words",
    [
        ["low", "high"] * 60,
        np.array(["low", "high"] * 60),
        np.array([b"low", b"high"] * 60),
        np.array([1.5, "high"] * 60, dtype=object),
    ],
    ids=["list", "str", "bytes", "object"],
)
def test_words_are_no_numbers(words, solver):
    est = make("squared_error", solver=solver)
    with pytest.raises(
        ValueError, match=r"y holds the string b?'(low|high)', and a regressor needs"
    ):
        est.fit(X, words)
    assert vars(est) == est.get_params()
    if solver == "adam":
        with pytest.raises(ValueError, match="y_val holds the string"):
            est.fit(X, Y, X_val=X, y_val=words)


def test_words_in_a_frame():
    pd = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match="y holds the string 'low'"):
        make("squared_error").fit(X, pd.DataFrame({"level": ["low", "high"] * 60}))


def test_digits_among_objects_are_numbers():
    digits = np.array([str(value) for value in Y], dtype=object)
    expected = make("squared_error").fit(X, Y)
    assert_array_equal(make("squared_error").fit(X, digits).predict(X), expected.predict(X))


class Counts(Loss):
    """The Poisson loss, as a user would write it."""

    log_link = True

    def row_loss(self, Yp, Yt):
        return (np.exp(Yp) - Yt * Yp).sum(axis=1)

    def row_gradient(self, Yp, Yt):
        return np.exp(Yp) - Yt


@pytest.mark.parametrize("n_members", [1, 4])
def test_a_loss_with_a_log_link_predicts_exp(n_members, rng):
    X = rng.standard_normal((60, 3))
    y = rng.poisson(np.exp(X[:, 0]))
    ours, own = (
        MLPRegressor(loss, max_iter=5, random_state=0, n_members=n_members).fit(X, y)
        for loss in ("poisson", Counts())
    )
    assert own.out_activation_ == "exp"
    assert_allclose(own.predict(X), ours.predict(X), rtol=1e-10)
    with pytest.raises(ValueError, match="scale_target=True does not go with loss=Counts"):
        MLPRegressor(Counts(), scale_target=True).fit(X, y)


class Laplace(Loss):
    """A center and the logarithm of a width for each target: of two columns, two meanings."""

    outputs_per_target = 2

    def row_loss(self, Yp, Yt):
        return (np.abs(Yt - Yp[:, ::2]) * np.exp(-Yp[:, 1::2]) + Yp[:, 1::2]).sum(axis=1)

    def row_gradient(self, Yp, Yt):
        D, scale = np.empty_like(Yp), np.exp(-Yp[:, 1::2])
        D[:, ::2] = np.sign(Yp[:, ::2] - Yt) * scale
        D[:, 1::2] = 1 - np.abs(Yt - Yp[:, ::2]) * scale
        return D


@pytest.mark.parametrize("target", TARGETS)
def test_a_loss_with_two_columns_for_a_target(target):
    n_columns = 2 * np.ndim(TARGETS[target])
    assert make(Laplace()).fit(X, TARGETS[target]).predict(X).shape == (120, n_columns)
    with pytest.raises(ValueError, match="scale_target=True does not go with loss=Laplace"):
        make(Laplace(), scale_target=True).fit(X, TARGETS[target])
