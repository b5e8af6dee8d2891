"""RealMLP: which rows count, which are held out, and how few of them may be."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynn import RealMLPClassifier, RealMLPRegressor
from sknumpynn.estimators._realmlp_recipes import settle
from sknumpynn.estimators._realmlp_training import ARCHITECTURE, train_member
from sknumpynn.layers import Sequential

BOTH = [RealMLPClassifier, RealMLPRegressor]
TINY = dict(hidden_layer_sizes=(4,), max_iter=3, n_members=2, random_state=0)


def make_data(Estimator, n=120):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, 4))
    y = X[:, 0] + np.abs(X[:, 1])
    return X, (y > 1).astype(int) if Estimator is RealMLPClassifier else y


def output(est, X):
    return est.predict_proba(X) if hasattr(est, "predict_proba") else est.predict(X)


@pytest.mark.parametrize("Estimator", BOTH)
def test_rows_of_no_weight_are_as_if_not_there(Estimator, rng):
    """Also those to validate on, and for the split, which may hold out none that counts."""
    X, y = make_data(Estimator)
    weights = np.where(np.arange(len(y)) % 20 < 2, rng.uniform(1, 2, len(y)), 0.0)
    there = weights > 0
    est = Estimator(**TINY).fit(X, y, sample_weight=weights)
    alone = Estimator(**TINY).fit(X[there], y[there], sample_weight=weights[there])
    assert_array_equal(output(est, X), output(alone, X))
    validation = dict(X_val=X[:100], y_val=y[:100], sample_weight_val=weights[:100])
    est.fit(X, y, **validation)
    alone.fit(X, y, **{name: values[there[:100]] for name, values in validation.items()})
    assert_array_equal(output(est, X), output(alone, X))
    assert est.score_curves_ == alone.score_curves_


@pytest.mark.parametrize("n", [2, 3, 10])
@pytest.mark.parametrize("Estimator", BOTH)
def test_few_rows(Estimator, n):
    X, _ = make_data(Estimator, n)
    est = Estimator(**TINY).fit(X, np.arange(n) % 2)
    assert np.isfinite(output(est, X)).all()


@pytest.mark.parametrize("Estimator", BOTH)
def test_no_row_is_left_to_train_on(Estimator):
    X, y = make_data(Estimator)
    weights = np.arange(120) == 7
    for params, n in ({}, 1), ({"validation_fraction": 0.99}, 20):
        with pytest.raises(ValueError, match=f"n_samples={n}.*validation_fraction"):
            Estimator(**TINY, **params).fit(X[:n], y[:n])
    with pytest.raises(ValueError, match="n_samples=1.*validation_fraction"):
        Estimator(**TINY).fit(X, y, sample_weight=weights)
    est = Estimator(**TINY, validation_fraction=0.0).fit(X, y, sample_weight=weights)
    assert np.isfinite(output(est, X)).all()


def test_a_class_of_one_row_is_no_obstacle():
    X, y = make_data(RealMLPClassifier, 40)
    y[0] = 7
    P = RealMLPClassifier(**TINY).fit(X, y).predict_proba(X)
    assert P.shape == (40, 3)
    assert_allclose(P.sum(axis=1), 1)


@pytest.mark.parametrize(("n_targets", "n_val"), [(1, 2), (2, 1), (2, 3)])
def test_targets_to_validate_on_have_the_columns_of_those_to_train_on(n_targets, n_val):
    X, y = make_data(RealMLPRegressor)
    Y, Y_val = (y if n == 1 else np.column_stack([y] * n) for n in (n_targets, n_val))
    with pytest.raises(ValueError, match="y_val of shape .* columns"):
        RealMLPRegressor(**TINY).fit(X, Y, X_val=X[:9], y_val=Y_val[:9])


def test_validation_rows_that_cross_validation_would_split_are_told_of():
    X, y = make_data(RealMLPRegressor)
    with pytest.warns(UserWarning, match="as many rows as X"):
        RealMLPRegressor(**TINY).fit(X, y, X_val=X, y_val=y)


@pytest.mark.parametrize(("n_features", "n_rows"), [(512, 4096), (513, 4088), (9000, 256)])
def test_the_wider_a_table_the_fewer_rows_initialise_weights(n_features, n_rows, monkeypatch):
    class Seen(Exception):
        pass

    def adapt(network, X, rng):
        raise Seen(len(X))

    monkeypatch.setattr(Sequential, "adapt", adapt)
    X = np.broadcast_to(np.arange(4097.0)[:, np.newaxis] % 7, (4097, n_features))
    settings = settle(RealMLPRegressor("td-s"))
    architecture = {name: getattr(settings, name) for name in ARCHITECTURE}
    architecture |= dict(n_numeric=n_features, n_dense=n_features, cardinalities=[], n_outputs=1)
    with pytest.raises(Seen, match=f"^{n_rows}$"):
        train_member(0, architecture, settings, None, (X, None, None))
