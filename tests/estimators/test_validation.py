"""Validation on rows of the user's, and early stopping by a score of the user's choice."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.metrics import log_loss, make_scorer, mean_absolute_error
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynn import MLPClassifier, MLPRegressor, RealMLPClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X, X_VAL = RNG.normal(size=(150, 4)), RNG.normal(size=(60, 4))
WEIGHTS = RNG.uniform(0, 2, size=60)


def labels(X):
    return np.where(X[:, 0] * X[:, 1] > 0, "same", "other")


def numbers(X):
    return X[:, 0] * X[:, 1]


def make(Estimator, **params):
    return Estimator(
        **{"hidden_layer_sizes": (12,), "max_iter": 40, "batch_size": 30, "random_state": 0}
        | params
    )


CASES = pytest.mark.parametrize(
    "Estimator, target", [(MLPClassifier, labels), (MLPRegressor, numbers)]
)


@CASES
def test_validation_rows_are_watched_and_no_more(Estimator, target):
    plain = make(Estimator).fit(X, target(X))
    watched = make(Estimator).fit(X, target(X), X_val=X_VAL, y_val=target(X_VAL))
    shuffled = RNG.permutation(60)
    other = make(Estimator).fit(X, target(X), X_val=X_VAL[shuffled], y_val=target(X_VAL[shuffled]))
    for est in (watched, other):
        for ours, theirs in zip(est.coefs_, plain.coefs_, strict=True):
            assert_array_equal(ours, theirs)
        assert est.loss_curve_ == plain.loss_curve_
    assert len(watched.validation_scores_) == watched.n_iter_
    assert_allclose(watched.validation_scores_, other.validation_scores_, rtol=1e-12)
    assert_allclose(watched.validation_scores_[-1], watched.score(X_VAL, target(X_VAL)))
    assert watched.best_validation_score_ == max(watched.validation_scores_)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weights"])
def test_validation_loss_is_the_loss_of_those_rows(weights):
    data = dict(X_val=X_VAL, y_val=labels(X_VAL), sample_weight_val=weights)
    est = make(MLPClassifier, label_smoothing=0.2).fit(X, labels(X), **data)
    expected = log_loss(labels(X_VAL), est.predict_proba(X_VAL), sample_weight=weights)
    assert_allclose(est.validation_loss_curve_[-1], expected)
    score = est.score(X_VAL, labels(X_VAL), sample_weight=weights)
    assert_allclose(est.validation_scores_[-1], score)


@CASES
def test_early_stopping_keeps_the_best_epoch_by_these_rows(Estimator, target):
    params = dict(early_stopping=True, n_iter_no_change=5, max_iter=300, learning_rate_init=0.02)
    est = make(Estimator, **params).fit(X, target(X), X_val=X_VAL, y_val=target(X_VAL))
    assert est.n_iter_ < 300
    best = int(np.argmax(est.validation_scores_)) + 1
    again = make(Estimator, **params | {"max_iter": best, "early_stopping": False})
    again.fit(X, target(X))  # all rows are trained on: none had to be held out
    assert_array_equal(est.predict(X_VAL), again.predict(X_VAL))


@pytest.mark.parametrize(
    "scoring, value",
    [
        ("loss", lambda est: -0.5 * np.mean((est.predict(X_VAL) - numbers(X_VAL)) ** 2)),
        (
            "neg_mean_absolute_error",
            lambda est: -mean_absolute_error(numbers(X_VAL), est.predict(X_VAL)),
        ),
        (
            make_scorer(mean_absolute_error, greater_is_better=False),
            lambda est: -mean_absolute_error(numbers(X_VAL), est.predict(X_VAL)),
        ),
        (lambda est, X, y: -est.predict(X).max(), lambda est: -est.predict(X_VAL).max()),
    ],
    ids=["loss", "name", "scorer", "function"],
)
def test_scoring_decides(scoring, value):
    est = make(MLPRegressor, scoring=scoring, early_stopping=True, n_iter_no_change=3)
    est.fit(X, numbers(X), X_val=X_VAL, y_val=numbers(X_VAL))
    assert_allclose(value(est), est.best_validation_score_, rtol=1e-9)


def test_scoring_with_rows_held_out_by_fit():
    est = make(MLPClassifier, scoring="neg_log_loss", early_stopping=True).fit(X, labels(X))
    assert len(est.validation_scores_) == est.n_iter_
    assert max(est.validation_scores_) < 0


class Spy(StandardScaler):
    """Notes the rows that it transforms."""

    seen = []

    def transform(self, X, copy=None):
        self.seen.append(np.array(X))
        return super().transform(X, copy=copy)


@pytest.mark.parametrize("average", [None, 0.9])
@CASES
def test_a_pipeline_transforms_the_validation_rows(Estimator, target, average):
    train, far, y_val = 100 + 30 * X, 100 + 30 * X_VAL, target(X_VAL)

    def fit(order, **params):
        network = make(Estimator, average=average, learning_rate_init=0.05, **params)
        network.set_fit_request(X_val=True, y_val=True)
        steps = [("scale", Spy()), ("network", network)]
        model = Pipeline(steps, transform_input=["X_val"])
        return model.fit(train, target(X), X_val=far[order], y_val=y_val[order])

    with config_context(enable_metadata_routing=True):
        Spy.seen.clear()
        model = fit(slice(None), early_stopping=True, n_iter_no_change=4, max_iter=300)
        assert [len(rows) for rows in Spy.seen] == [150, 60]
        assert_array_equal(Spy.seen[1], far)
        network = model["network"]
        assert network.best_iter_ < network.n_iter_ < 300
        assert_allclose(network.best_validation_score_, model.score(far, y_val))
        # Other validation rows than those of fit, in another order, are watched and no more.
        until_best = dict(max_iter=network.best_iter_, n_iter_no_change=1000)
        for order in (slice(None), RNG.permutation(60), slice(30)):
            again = fit(order, **until_best)["network"]
            for ours, theirs in zip(again.coefs_, network.coefs_, strict=True):
                assert_array_equal(ours, theirs)
            assert_array_equal(again.predict(X_VAL), network.predict(X_VAL))


def test_mistakes():
    est = make(MLPClassifier)
    with pytest.raises(ValueError, match="X_val and y_val go together"):
        est.fit(X, labels(X), X_val=X_VAL)
    with pytest.raises(ValueError, match="sample_weight_val goes with X_val and y_val"):
        est.fit(X, labels(X), sample_weight_val=np.ones(60))
    with pytest.raises(ValueError, match="3 features, but MLPClassifier is expecting 4"):
        est.fit(X, labels(X), X_val=X_VAL[:, :3], y_val=labels(X_VAL))
    with pytest.raises(ValueError, match="classes not in"):
        est.fit(X, labels(X), X_val=X_VAL, y_val=["new"] * 60)
    with pytest.raises(ValueError, match="sample_weight.shape"):
        est.fit(X, labels(X), X_val=X_VAL, y_val=labels(X_VAL), sample_weight_val=[1, 2])
    with pytest.raises(ValueError, match="validation_fraction=0.0 holds none out"):
        make(MLPClassifier, early_stopping=True, validation_fraction=0.0).fit(X, labels(X))
    with pytest.warns(UserWarning, match="X_val has as many rows as X"):
        est.fit(X, labels(X), X_val=X, y_val=labels(X))
    assert est.predict(X_VAL).shape == (60,)


@pytest.mark.parametrize(
    "validation",
    [
        {"X_val": X_VAL[:, :3], "y_val": labels(X_VAL)},
        {"X_val": X_VAL, "y_val": ["new"] * 60},
        {"X_val": X_VAL, "y_val": labels(X_VAL), "sample_weight_val": [1, 2]},
    ],
)
@pytest.mark.parametrize("Estimator", [MLPClassifier, RealMLPClassifier])
def test_an_error_tells_which_data_it_is_about(Estimator, validation):
    est = Estimator(max_iter=1)
    with pytest.raises(ValueError) as raised:
        est.fit(X, labels(X), **validation)
    assert raised.value.__notes__ == ["This is about X_val, y_val and sample_weight_val."]
    with pytest.raises(ValueError) as raised:
        est.fit(X * np.inf, labels(X), X_val=X_VAL, y_val=labels(X_VAL))
    assert not hasattr(raised.value, "__notes__")


def test_rows_that_are_given_need_no_fraction():
    est = make(MLPClassifier, early_stopping=True, validation_fraction=0.0)
    assert est.fit(X, labels(X), X_val=X_VAL, y_val=labels(X_VAL)).best_iter_ > 0
    make(MLPClassifier, solver="lbfgs", early_stopping=True, validation_fraction=0.0).fit(
        X, labels(X)
    )
