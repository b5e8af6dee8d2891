"""Numbers near the end of their range: a finite result or a clear error, and no warning."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.exceptions import ConvergenceWarning

from sknumpynn import MLPClassifier, MLPRegressor, mse_loss
from sknumpynn.estimators._magnitudes import raise_non_finite
from sknumpynn.tasks import RegressionTask

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.clip(np.random.default_rng(0).normal(size=(120, 4)), -2.5, 2.5)
Y = X[:, 0] * X[:, 1]
FLOAT32, FLOAT64 = np.finfo(np.float32).max, np.finfo(np.float64).max


def make(Estimator=MLPRegressor, loss="squared_error", **params):
    if Estimator is MLPRegressor:
        params["loss"] = loss
    return Estimator(**{"hidden_layer_sizes": (6,), "max_iter": 20, "random_state": 0} | params)


# What is large is warned of


LARGE = "holds values as large as 1e\\+11, from which a network hardly learns"


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("container", [np.asarray, csr_array])
@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
def test_a_large_number_in_X_is_warned_of(Estimator, container, sign):
    large = X.copy()
    large[3, 1] = sign * 1e11
    with pytest.warns(ConvergenceWarning, match="X " + LARGE):
        make(Estimator).fit(container(large), Y > 0)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_large_target_is_warned_of(sign):
    large = Y.copy()
    large[3] = sign * 1e11
    with pytest.warns(ConvergenceWarning, match=f"y {LARGE}.*by scale_target=True"):
        make().fit(X, large)


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_where_a_target_may_not_be_standardised_a_larger_unit_is_advised(loss):
    large = np.abs(Y) + 1e11
    with pytest.warns(ConvergenceWarning, match=f"y {LARGE}.*by a larger unit"):
        make(loss=loss).fit(X, large)


def test_large_numbers_are_warned_of_only_where_they_do_harm():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make().fit(1e9 * X, 1e9 * Y)
        make(scale_target=True).fit(X, 1e11 * Y)
        make(MLPClassifier).fit(csr_array(X.shape), Y > 0)
        make().partial_fit(1e11 * X, Y)
    assert not any("as large as" in str(warning.message) for warning in caught)


# A large or small target


@pytest.mark.parametrize("size", [1e-310, 1e-300, 1e-200, 1e200, 1e300])
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"early_stopping": True},
        {"solver": "lbfgs"},
        {"loss": "gaussian_nll"},
        {"loss": "quantile", "quantile": (0.1, 0.9)},
    ],
    ids=str,
)
def test_a_scaled_target_may_have_any_size(size, params):
    est = make(scale_target=True, **params).fit(X, Y * size)
    usual = make(scale_target=True, **params).fit(X, Y)
    predictions = est.predict(X)
    assert_allclose(predictions / size, usual.predict(X), rtol=1e-9, atol=1e-9)
    if params.get("loss") == "quantile":
        assert_allclose(est.score(X, Y * size) / size, usual.score(X, Y))
    else:
        assert_allclose(est.score(X, Y * size), usual.score(X, Y), rtol=1e-9)
    if params.get("loss") == "gaussian_nll":
        _, std = est.predict(X, return_std=True)
        assert_allclose(std / size, usual.predict(X, return_std=True)[1], rtol=1e-9)


def test_a_scaled_target_at_the_end_of_the_range():
    est = make(scale_target=True, early_stopping=True).fit(X, Y * (FLOAT64 / 8))
    assert np.isfinite(est.predict(100 * X)).all()


def test_members_that_are_further_apart_than_a_float_reaches():
    est = make(scale_target=True, loss="gaussian_nll", n_members=2).fit(X, Y * (FLOAT64 / 8))
    _, std = est.predict(100 * X, return_std=True)
    assert std.max() == FLOAT64


@pytest.mark.parametrize("size", [1e30, 1e37, 1e38, 1e200])
def test_a_large_target_in_single_precision(size):
    X32 = X.astype(np.float32)
    est, usual = (make(scale_target=True).fit(X32, Y * factor) for factor in (size, 1))
    predictions = est.predict(X32)
    assert predictions.dtype == (np.float32 if size == 1e30 else np.float64)  # where they fit
    assert_allclose(predictions.astype(float) / size, usual.predict(X32), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_large_target_that_is_not_scaled_is_an_error(early_stopping):
    est = make(early_stopping=early_stopping, dtype="float32")
    message = r"Solver produced non-finite parameter weights.*e\+200, is in y: .*scale_target=True"
    for solver, end in (("adam", "; or lower learning_rate_init=.*"), ("lbfgs", "")):
        with pytest.raises(ValueError, match=rf"{message}{end}\.$"):
            est.set_params(solver=solver).fit(X, Y * 1e200)
    est.set_params(solver="sgd", learning_rate_init=1e30, scale_target=True)
    with pytest.raises(ValueError, match=r"is in column \d of X"):  # that of y is no fault any more
        est.fit(X, Y * 1e20)


# A target that is all but constant


@pytest.mark.parametrize("value", [0.3, 7.0, 1e6, -1e30, 1e200])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rounding_is_not_taken_for_a_signal(value, dtype):
    if dtype == "float32":
        value = min(value, 1e20)
    eps = float(np.finfo(dtype).eps)
    y = (value * (1 + eps * np.random.default_rng(0).integers(-3, 4, size=120))).astype(dtype)
    assert len(set(y)) > 3
    est = make(scale_target=True).fit(X, y)
    assert est._target_scale >= 1
    assert np.abs((y - est._target_location) / est._target_scale).max() < 0.1
    assert_allclose(est.predict(X), value, rtol=1e-3, atol=3)


@pytest.mark.parametrize("dtype, spread", [("float32", 3e-5), ("float64", 1e-12)])
def test_a_small_spread_is_a_signal(dtype, spread):
    y = (1 + spread * Y).astype(dtype)
    est = make(scale_target=True).fit(X, y)
    assert_allclose(est._target_scale, y.astype(float).std(), rtol=1e-6)


def test_targets_that_are_scaled_each_for_itself():
    targets = np.column_stack([Y * 1e250, np.full(120, 5.0), Y * 1e-250])
    est = make(scale_target=True, solver="lbfgs").fit(X, targets)
    assert_array_equal(est._target_scale[1], 1)
    assert est.score(X, targets) > 0.5


# X far from what was trained on


@pytest.mark.parametrize("Estimator", [MLPRegressor, MLPClassifier])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "selu", "mish"])
@pytest.mark.parametrize("container", [np.asarray, csr_array])
def test_predictions_in_single_precision_have_room(Estimator, activation, container):
    X32 = X.astype(np.float32)
    est = make(Estimator, activation=activation).fit(
        X32, Y > 0 if Estimator is MLPClassifier else Y
    )
    for W in est.coefs_:
        W *= 30
    far = X32 * np.float32(1e38)
    assert np.isfinite(far).all()
    predict = est.predict_proba if Estimator is MLPClassifier else est.predict
    # What float32 has no room for is computed in float64, in which the answer is a number.
    exact = predict(container(far.astype(np.float64)))
    assert_allclose(predict(container(far)), exact, rtol=1e-4, atol=1e-6)
    assert_allclose(est.transform(container(far)), est.transform(far.astype(float)), rtol=1e-4)
    assert np.isfinite(est.input_gradients(X32)).all()


@pytest.mark.parametrize("method", ["predict", "transform", "input_gradients", "predict_proba"])
def test_what_is_no_number_even_then_is_an_error(method):
    est = make(MLPClassifier if method == "predict_proba" else MLPRegressor).fit(X, (Y > 0) * 1)
    for W in est.coefs_:
        W *= 30
    with pytest.raises(
        ValueError, match=r"output is not finite. X holds values as large as 1.5e\+308"
    ):
        getattr(est, method)(np.full((3, 4), 1.5e308) * np.sign(est.coefs_[0].sum(axis=1)))


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
@pytest.mark.parametrize("dtype, limit", [("float32", FLOAT32), ("float64", FLOAT64)])
def test_means_beyond_all_numbers_are_the_largest(loss, dtype, limit):
    est = make(loss=loss).fit(X.astype(dtype), np.abs(Y) + 0.1)
    predictions = est.predict((X * 1e5).astype(dtype))
    assert predictions.dtype == dtype
    assert predictions.max() == limit and predictions.min() >= 0
    assert_array_equal(est.predict(X), np.exp(est._output(X)).ravel())  # others are as they were
    assert est.score(X * 1e5, np.abs(Y)) < -1e100


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("container", [np.asarray, csr_array])
def test_after_divergence_the_column_of_the_largest_numbers_is_named(container, sign):
    est, given = make(), container([[0.5, -2.0, 1.0], [1.5, 0.0, sign * 7.0]])
    of_y = np.full((2, 1), 9.0)  # larger, but not so large that it would be y's fault
    with pytest.raises(ValueError, match="The largest in size, 7, is in column 2 of X"):
        raise_non_finite(est, given, of_y, RegressionTask(mse_loss))
    est.feature_names_in_ = np.array(["a", "b", "c"], dtype=object)
    with pytest.raises(ValueError, match="The largest in size, 7, is in column 'c' of X"):
        raise_non_finite(est, given, of_y, RegressionTask(mse_loss))
