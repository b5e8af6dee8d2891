"""The picture of a loss curve: what is drawn, of what, and what cannot be."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
import sklearn.neural_network as sk
from numpy.testing import assert_array_equal
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynn import (
    Linear,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    RealMLPClassifier,
    Sequential,
)
from sknumpynn.inspection import LossCurveDisplay

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("agg")
plt = pytest.importorskip("matplotlib.pyplot")

X = np.random.default_rng(0).normal(size=(60, 3))
Y = np.where(X[:, 0] > 0, "yes", "no")
SMALL = {"max_iter": 6, "random_state": 0}
draw = LossCurveDisplay.from_estimator


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def fit(est, X=X, y=Y, **data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return est.fit(X, y, **data)


@pytest.fixture(scope="module")
def early():
    return fit(MLPClassifier((4,), early_stopping=True, validation_fraction=0.3, **SMALL))


@pytest.fixture(scope="module")
def plain():
    return fit(MLPClassifier((4,), **SMALL))


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def dots(display):
    """Places of the marked epochs, without that of the legend."""
    lines = [line for line in display.ax_.lines if line.get_marker() == "o"]
    return [(line.get_xdata()[0], line.get_ydata()[0]) for line in lines if len(line.get_xdata())]


def test_lines_are_the_curves(early):
    display = draw(early)
    training, validation = display.lines_
    assert_array_equal(training.get_xdata(), range(1, early.n_iter_ + 1))
    assert_array_equal(training.get_ydata(), early.loss_curve_)
    assert_array_equal(validation.get_ydata(), early.history_["validation_loss"])
    best = early.best_iter_
    assert dots(display) == [(best, line.get_ydata()[best - 1]) for line in display.lines_]
    assert legend(display) == ["training", "validation", "epoch whose weights are kept"]
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("Epoch", "Loss")
    assert training.get_color() != validation.get_color()
    assert training.get_linestyle() != validation.get_linestyle()


def test_score(early):
    display = draw(early, metric="score")
    (line,) = display.lines_
    assert_array_equal(line.get_ydata(), early.validation_scores_)
    assert display.ax_.get_ylabel() == "Validation score"


def test_without_validation_there_is_one_line(plain):
    display = draw(plain)
    assert len(display.lines_) == 1
    assert dots(display) == [(6, plain.loss_curve_[-1])]
    message = "no validation scores: .*early_stopping=True or RealMLP.s validation_fraction"
    with pytest.raises(ValueError, match=message):
        draw(plain, metric="score")


def test_own_network_with_given_rows_to_validate_on():
    est = fit(NetworkClassifier(Sequential(Linear(outputs=3)), **SMALL), X_val=X[:20], y_val=Y[:20])
    assert_array_equal(draw(est).lines_[1].get_ydata(), est.validation_loss_curve_)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_scikit_learns(early_stopping):
    est = fit(sk.MLPClassifier((4,), early_stopping=early_stopping, **SMALL))
    display = draw(est)
    (line,) = display.lines_
    assert_array_equal(line.get_ydata(), est.loss_curve_)
    best = 1 + np.argmax(est.validation_scores_) if early_stopping else 6
    assert dots(display) == [(best, est.loss_curve_[best - 1])]
    if early_stopping:
        assert_array_equal(draw(est, metric="score").lines_[0].get_ydata(), est.validation_scores_)


def test_one_made_of_scikit_learns():
    theirs = fit(sk.MLPClassifier((4,), early_stopping=True, **SMALL))
    ours = MLPClassifier.from_sklearn(theirs)
    assert len(draw(ours).lines_) == 1  # its validation loss is not known


def test_members_of_an_ensemble_share_a_name():
    est = RealMLPClassifier(n_members=2, hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    est.fit(X, Y)
    display = draw({"two": est, "again": est})
    assert [list(line.get_ydata()) for line in display.lines_] == 2 * est.loss_curves_
    assert [x for x, _ in dots(display)] == 2 * est.best_iters_
    assert legend(display) == ["two, training", "again, training", "epoch whose weights are kept"]
    scores = draw(est, metric="score").lines_
    assert [list(line.get_ydata()) for line in scores] == est.score_curves_


def test_the_network_is_found_in_pipelines_and_searches():
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((4,), **SMALL))
    grid = {"mlpclassifier__alpha": [0.1, 1.0]}
    search = fit(GridSearchCV(pipeline, grid, cv=2))
    inner = search.best_estimator_[-1]
    assert_array_equal(draw(search).lines_[0].get_ydata(), inner.loss_curve_)
    target = TransformedTargetRegressor(MLPRegressor(**SMALL), transformer=StandardScaler())
    fit(target, y=X[:, 0])
    assert_array_equal(draw(target).lines_[0].get_ydata(), target.regressor_.loss_curve_)
    kept_none = fit(GridSearchCV(pipeline, grid, cv=2, refit=False))
    with pytest.raises(ValueError, match="refit=False"):
        draw(kept_none)


def test_names_of_several(early, plain):
    assert legend(draw({"a": early, "b": plain}))[:3] == [
        *("a, training", "a, validation", "b, training")
    ]
    assert legend(draw([plain, plain]))[:2] == [
        *("MLPClassifier 1, training", "MLPClassifier 2, training")
    ]
    assert legend(draw([plain, early], name=["x", "y"]))[0] == "x, training"
    colors = {line.get_color() for line in draw([plain, early], name=["x", "y"]).lines_}
    assert len(colors) == 2  # that of an estimator, whose validation is dashed
    assert legend(draw({"a": early, "b": plain}, name=["x", "y"]))[0] == "x, training"
    for ests in ([plain, early], {"a": plain, "b": early}):
        with pytest.raises(ValueError, match="1 names were given for 2"):
            draw(ests, name="x")


def test_draws_where_and_as_asked(early):
    _, ax = plt.subplots()
    display = draw(early, ax=ax, linewidth=5)
    assert display.ax_ is ax and display.figure_ is ax.figure
    assert {line.get_linewidth() for line in display.lines_} == {5}
    assert display.plot().ax_ is not ax


def test_after_lbfgs_no_epoch_is_that_of_the_weights():
    est = fit(MLPClassifier((4,), warm_start=True, **SMALL))
    assert dots(draw(fit(est.set_params(solver="lbfgs")))) == []


@pytest.mark.parametrize(
    "est", [MLPClassifier(), make_pipeline(MLPClassifier()), GridSearchCV(MLPClassifier(), {})]
)
def test_unfitted(est):
    with pytest.raises(NotFittedError):
        draw(est)


def test_no_curve():
    for est in (MLPClassifier((2,), solver="lbfgs"), NetworkClassifier(optimizer="lbfgs")):
        with pytest.raises(ValueError, match="'lbfgs', which has no epochs"):
            draw(fit(est))
    with pytest.raises(ValueError, match="LogisticRegression has no loss_curve_"):
        draw(fit(LogisticRegression()))


def test_metric_is_one_of_two(plain):
    with pytest.raises(ValueError, match="metric must be one of"):
        draw(plain, metric="accuracy")


def test_matplotlib_is_optional(plain, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    for call in (lambda: draw(plain), LossCurveDisplay([]).plot):
        with pytest.raises(ImportError, match="requires matplotlib. You can install matplotlib"):
            call()


def test_the_package_is_imported_without_what_is_optional():
    modules = "sknumpynn, sknumpynn.inspection, sknumpynn.saving"
    code = (
        f"import sys; sys.modules['pandas'] = None; import {modules}\n"
        "assert not {'matplotlib', 'sknumpynn.comparison'} & sys.modules.keys()\n"
        "sys.modules['matplotlib'] = None; from sknumpynn import compare"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
