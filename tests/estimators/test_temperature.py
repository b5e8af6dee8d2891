"""Temperature scaling."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.optimize import approx_fprime
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss

from sknumpynn import RealMLPClassifier
from sknumpynn.estimators._temperature import fit_temperature, temper


def test_temperature_is_where_the_log_loss_of_smoothed_labels_is_least(rng):
    P = rng.dirichlet(np.ones(3), 30_000)
    labels = (rng.random((30_000, 1)) > temper(P, 2.0).cumsum(axis=1)).sum(axis=1)
    weights = rng.uniform(size=30_000)
    temperature = fit_temperature(P, np.eye(3)[labels] == 1, weights)
    assert temperature == pytest.approx(2, rel=0.1)
    goal = (30_000 * np.eye(3)[labels] + 1 / 3) / 30_001

    def loss(t):
        return -np.average((goal * np.log(temper(P, t[0]))).sum(axis=1), weights=weights)

    assert approx_fprime([temperature], loss)[0] == pytest.approx(0, abs=1e-5)


def test_temperature_of_what_is_always_right_is_low_but_bounded():
    P, Y = np.array([[0.9, 0.1], [0.2, 0.8]]), np.eye(2) == 1
    few = fit_temperature(P, Y)
    many = fit_temperature(P.repeat(200, 0), Y.repeat(200, 0))
    assert 0.05 < many < few


def test_tempered_probabilities_have_a_logarithm():
    Q = temper(np.array([[1 - 1e-16, 1e-290]]), 0.05)
    assert (Q > 0).all()
    assert Q.sum() == 1


def test_temperature_makes_probabilities_better_and_changes_no_class():
    X, y = load_digits(n_class=4, return_X_y=True)
    params = dict(
        hidden_layer_sizes=32, max_iter=40, n_members=2, label_smoothing=0.4, random_state=0
    )
    tempered, plain = (
        RealMLPClassifier(**params, calibrate=calibrate).fit(X[:400], y[:400])
        for calibrate in (True, False)
    )
    assert plain.temperature_ == 1 > tempered.temperature_  # smoothed labels make for doubt
    assert_array_equal(tempered.predict(X), plain.predict(X))
    losses = [log_loss(y[400:], est.predict_proba(X[400:])) for est in (tempered, plain)]
    assert losses[0] < losses[1]
