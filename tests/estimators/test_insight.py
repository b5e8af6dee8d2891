"""What a fitted network shows of itself, and how it changes places with scikit-learn's."""

import numpy as np
import pytest
import sklearn.neural_network as sk
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sknumpynn
from sknumpynn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(60, 4))
TARGETS = {
    "binary": np.where(X[:, 0] > 0, "yes", "no"),
    "multiclass": np.digitize(X[:, 1], [-0.5, 0.5]),
    "multilabel": (X[:, :2] > 0).astype(int),
    "one": X[:, 0] * X[:, 1],
    "two": X[:, :2] ** 2,
}
targets = pytest.mark.parametrize("target", TARGETS)


def fit(package, target, **params):
    kind = "MLPRegressor" if target in ("one", "two") else "MLPClassifier"
    est = getattr(package, kind)(
        **{"hidden_layer_sizes": (5, 3), "max_iter": 10, "random_state": 0} | params
    )
    return est.fit(X, TARGETS[target])


def outputs(est):
    return est.predict_proba(X) if hasattr(est, "predict_proba") else est.predict(X)


@targets
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_to_sklearn_predicts_the_same(target, solver):
    ours = fit(sknumpynn, target, solver=solver, activation="tanh")
    theirs = ours.to_sklearn()
    assert type(theirs) is getattr(sk, type(ours).__name__)
    assert_allclose(outputs(theirs), outputs(ours), rtol=1e-14, atol=1e-15)
    if hasattr(ours, "classes_"):
        assert_array_equal(theirs.predict(X), ours.predict(X))
    theirs.coefs_[0][:] = 0  # of its own
    assert ours.coefs_[0].any()


@targets
def test_from_sklearn_predicts_the_same_and_trains_on(target):
    theirs = fit(sk, target)
    ours = getattr(sknumpynn, type(theirs).__name__).from_sklearn(theirs)
    assert_allclose(outputs(ours), outputs(theirs), rtol=1e-14, atol=1e-15)
    assert ours.loss_curve_ == theirs.loss_curve_
    ours.partial_fit(X, TARGETS[target])
    assert len(ours.loss_curve_) == len(theirs.loss_curve_) + 1


def test_there_and_back():
    ours = fit(sknumpynn, "multiclass", solver="adamw", learning_rate="cosine")
    again = MLPClassifier.from_sklearn(ours.to_sklearn())
    assert_array_equal(again.predict_proba(X), ours.predict_proba(X))


@pytest.mark.parametrize(
    "params, message",
    [
        ({"activation": "gelu"}, "has no activation='gelu'"),
        ({"loss": "huber"}, "has no loss='huber'"),
        ({"scale_target": True}, "scale_target=True has no counterpart"),
    ],
)
def test_what_scikit_learn_cannot_express_is_an_error(params, message):
    with pytest.raises(ValueError, match=message):
        fit(sknumpynn, "one", **params).to_sklearn()


def test_exchange_needs_a_fitted_estimator_of_the_kind():
    with pytest.raises(NotFittedError):
        MLPClassifier().to_sklearn()
    for other in (sk.MLPClassifier(), fit(sk, "one"), 3):
        with pytest.raises(ValueError, match="MLPClassifier.from_sklearn takes a fitted"):
            MLPClassifier.from_sklearn(other)


@targets
@pytest.mark.parametrize("container", [np.asarray, csr_array])
def test_input_gradients_are_those_of_the_output(target, container):
    est = fit(sknumpynn, target, activation="tanh")
    gradients = est.input_gradients(container(X))
    n_outputs = est.n_outputs_
    assert gradients.shape == ((60, 4) if n_outputs == 1 else (60, n_outputs, 4))
    for column in range(4):
        step = np.zeros(4)
        step[column] = 1e-6
        numeric = (est._output(X + step) - est._output(X - step)) / 2e-6
        assert_allclose(gradients.reshape(60, n_outputs, 4)[:, :, column], numeric, atol=1e-8)


def test_transform_gives_the_last_hidden_layer():
    est = fit(sknumpynn, "binary")
    H = X
    for W, b in zip(est.coefs_[:-1], est.intercepts_[:-1], strict=True):
        H = np.maximum(H @ W + b, 0)
    assert_allclose(est.transform(X), H, atol=1e-14)
    assert est.get_feature_names_out().tolist() == [f"mlpclassifier{i}" for i in range(3)]
    assert_array_equal(fit(sknumpynn, "one", hidden_layer_sizes=()).transform(X), X)


def test_transform_is_a_step_of_a_pipeline_and_makes_frames():
    pd = pytest.importorskip("pandas")
    y = TARGETS["binary"]
    features = MLPClassifier((8,), solver="lbfgs", random_state=0)
    assert make_pipeline(features, LogisticRegression()).fit(X, y).score(X, y) > 0.9
    frame = features.set_output(transform="pandas").fit_transform(X, y)
    assert isinstance(frame, pd.DataFrame) and frame.shape == (60, 8)


def test_summary():
    lines = fit(sknumpynn, "multiclass", dropout=0.1).summary().splitlines()
    assert [line.split() for line in lines] == [
        ["layer", "outputs", "parameters"],
        ["Linear", "5", "25"],
        ["ReLu", "5", "0"],
        ["Linear", "3", "18"],
        ["ReLu", "3", "0"],
        ["Linear", "3", "12"],
        ["total", "55"],
    ]
    with pytest.raises(NotFittedError):
        MLPRegressor().summary()
