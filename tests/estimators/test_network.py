"""Networks of the user's own layers, as estimators."""

import pickle
from types import FunctionType, MethodType

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynn import (
    AdamOptimizer,
    Layer,
    Linear,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    ReLu,
    Sequential,
    Tanh,
)
from sknumpynn.layers import BatchNorm, Dropout, LayerNorm, Parallel, Residual, Select
from sknumpynn.testing import check_layer

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(120, 4))
TARGETS = {
    "binary": np.where(X[:, 0] * X[:, 1] > 0, "yes", "no"),
    "multiclass": np.digitize(X[:, 1], [-0.5, 0.5]),
    "multilabel": (X[:, :2] > 0).astype(int),
    "one": X[:, 0] * X[:, 1],
    "two": X[:, :2] ** 2,
}
targets = pytest.mark.parametrize("target", TARGETS)


class Scale(Layer):
    """Y = X * gain: a layer as in the article, with `forward` alone."""

    def __init__(self, start=1.0):
        super().__init__()
        self.start = start

    def build(self, inputs, rng, dtype):
        self.parameters = []
        self.gain = self.build_param(np.full(inputs, self.start, dtype))
        return inputs

    def forward(self, X):
        def backward(D):
            self.gain.gradient += (D * X).sum(axis=0)
            return D * self.gain.tensor

        return X * self.gain.tensor, backward


class ReadyMade(Layer):
    """It makes its parameter at once, in float64 whatever it is trained in."""

    def __init__(self):
        super().__init__()
        self.shift = self.build_param([0.5])

    def forward(self, X):
        def backward(D):
            self.shift.gradient += D.sum()
            return D

        return X + self.shift.tensor, backward


def is_number(target):
    return target in ("one", "two")


def mlp_network():
    return Sequential(Linear(outputs=8), ReLu(), Linear(outputs=5), ReLu())


def network_estimator(target, network=None, **params):
    kind = NetworkRegressor if is_number(target) else NetworkClassifier
    return kind(network, **{"max_iter": 5, "random_state": 0} | params)


def outputs(est, X=X):
    return est.predict_proba(X) if hasattr(est, "predict_proba") else est.predict(X)


# The same machinery as the multi-layer perceptron's


@targets
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"dtype": "float32"},
        {"solver": "sgd", "learning_rate": "adaptive", "batch_size": 16},
        {"solver": "lbfgs", "max_iter": 20},
        {"solver": "adamw", "learning_rate": "one_cycle", "clip_norm": 0.5},
        {"early_stopping": True, "max_iter": 30},
    ],
    ids=str,
)
def test_it_equals_the_mlp_bit_for_bit(target, params):
    kind = MLPRegressor if is_number(target) else MLPClassifier
    params = {"max_iter": 5} | params
    mlp = kind(hidden_layer_sizes=(8, 5), random_state=0, **params).fit(X, TARGETS[target])
    optimizer = params.pop("solver", "adam")
    est = network_estimator(target, mlp_network(), optimizer=optimizer, **params)
    est.fit(X, TARGETS[target])
    assert_array_equal(outputs(est), outputs(mlp))
    assert_array_equal(est.transform(X), mlp.transform(X))
    assert_array_equal(est.input_gradients(X), mlp.input_gradients(X))
    assert est.n_iter_ == mlp.n_iter_
    assert est.loss_ == mlp.loss_


def test_dropout_equals_the_mlps_bit_for_bit():
    layers = Linear(outputs=8), ReLu(), Dropout(0.2), Linear(outputs=5), ReLu(), Dropout(0.2)
    est = network_estimator("binary", Sequential(*layers), warm_start=True)
    mlp = MLPClassifier((8, 5), dropout=0.2, max_iter=5, random_state=0, warm_start=True)
    for _ in range(2):
        est.fit(X, TARGETS["binary"])
        mlp.fit(X, TARGETS["binary"])
        assert_array_equal(outputs(est), outputs(mlp))


@targets
def test_the_default_is_the_mlps(target):
    kind = MLPRegressor if is_number(target) else MLPClassifier
    mlp = kind(max_iter=3, random_state=0).fit(X, TARGETS[target])
    est = network_estimator(target, max_iter=3).fit(X, TARGETS[target])
    assert_array_equal(outputs(est), outputs(mlp))
    assert est.get_feature_names_out()[0] == f"{type(est).__name__.lower()}0"
    assert est.summary() == mlp.summary()


# Layers as hyper-parameters


def test_parameters_are_the_same_before_and_after_fit():
    est = network_estimator("binary", Sequential(Linear(outputs=3), BatchNorm(), Tanh()))
    before = {name: repr(value) for name, value in est.get_params().items()}
    network = est.network
    est.fit(X, TARGETS["binary"])
    assert est.network is network
    assert not network.parameters
    assert {name: repr(value) for name, value in est.get_params().items()} == before


@pytest.mark.parametrize("built", [False, True])
def test_a_clone_carries_no_weights(built):
    layer = Linear(4, 3, rng=0) if built else Linear(outputs=3)
    est = network_estimator("binary", Sequential(layer, Tanh())).fit(X, TARGETS["binary"])
    twin = clone(est)
    assert not hasattr(twin, "network_")
    assert twin.network is not est.network
    if built:
        start = layer.weights.tensor.copy()
        twin.fit(X, TARGETS["binary"])
        assert_array_equal(layer.weights.tensor, start)  # of the user's own object, never touched
        assert_array_equal(outputs(twin), outputs(est))  # its weights are drawn by random_state
    else:
        assert not twin.network.parameters


def test_what_is_set_on_a_clone_stays_there():
    est = network_estimator("binary", Sequential(Linear(outputs=3), Dropout(0.1)))
    twin = clone(est).set_params(network__0__outputs=7, network__1__rate=0.5, optimizer="sgd")
    twin.set_params(network__1=Tanh())
    assert (est.network[0].outputs, est.network[1].rate, est.optimizer) == (3, 0.1, "adam")
    assert twin.fit(X, TARGETS["binary"]).network_[0].weights.tensor.shape == (4, 7)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_search(n_jobs):
    network = Sequential(Linear(outputs=32), Scale(), ReLu(), Dropout(0.1))
    grid = {
        "network__0__outputs": [8, 32],
        "network__1__start": [1.0, 0.5],
        "network__3__rate": [0.0, 0.3],
    }
    search = GridSearchCV(network_estimator("binary", network), grid, cv=2, n_jobs=n_jobs)
    search.fit(X, TARGETS["binary"])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    best, chosen = search.best_estimator_, search.best_params_
    assert best.network_[0].weights.tensor.shape[1] == chosen["network__0__outputs"]
    assert network[0].outputs == 32


def test_search_over_whole_networks_and_an_optimizer():
    grid = {
        "networkclassifier__network": [
            Sequential(Linear(outputs=4), ReLu()),
            Sequential(Linear(outputs=4), Residual(Sequential(Linear(outputs=4), Tanh()))),
            Parallel(Select([0, 1]), Sequential(Linear(outputs=3), ReLu())),
            None,
        ],
        "networkclassifier__optimizer__lr": [0.01, 0.001],
    }
    est = network_estimator("multiclass", optimizer=AdamOptimizer())
    search = GridSearchCV(make_pipeline(StandardScaler(), est), grid, cv=2)
    search.fit(X, TARGETS["multiclass"])
    names = [str(one) for one in search.cv_results_["param_networkclassifier__network"]]
    assert len(set(names)) == 4
    assert "Residual" in names[2]
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_a_layer_of_ones_own_needs_forward_alone():
    check_layer(Scale(2.0), X)
    est = network_estimator("one", Sequential(Scale(0.5), Linear(outputs=16), Tanh(), ReadyMade()))
    est.set_params(max_iter=400, learning_rate_init=0.02).fit(X, TARGETS["one"])
    assert est.score(X, TARGETS["one"]) > 0.9
    assert len(np.unique(est.network_[0].gain.tensor)) == 4  # it was trained


def test_any_layer_is_a_network():
    est = network_estimator("two", Scale()).fit(X, TARGETS["two"])
    assert [type(layer) for layer in est.network_.layers] == [Scale, Linear]


def test_parameters_take_the_dtype_of_training():
    est = network_estimator("one", Sequential(Linear(outputs=3), ReadyMade()), dtype="float32")
    est.fit(X, TARGETS["one"])
    assert {parameter.tensor.dtype for parameter in est.network_.parameters} == {np.dtype("f4")}
    assert est.predict(X.astype("f4")).dtype == np.float32


def test_a_picture_of_it_names_the_layers():
    est = network_estimator("one", Sequential(Linear(outputs=16), Residual(Scale(0.25))))
    for text in (repr(est), est._repr_html_()):
        assert "Linear" in text
        assert "Residual" in text
        assert "0.25" in text


# Fitted networks


def deep():
    block = Sequential(Linear(outputs=6), LayerNorm(), Tanh())
    return Sequential(Linear(outputs=6), BatchNorm(), ReLu(), Dropout(0.1), Residual(block))


@targets
def test_pickle_and_state(target):
    est = network_estimator(target, deep()).fit(X, TARGETS[target])
    twin = pickle.loads(pickle.dumps(est))
    assert_array_equal(outputs(twin), outputs(est))
    before = pickle.dumps(est)
    outputs(est), est.transform(X), est.input_gradients(X), est.summary()
    outputs(est, X.astype("f4"))
    assert pickle.dumps(est) == before


def test_it_holds_weights_and_no_gradients_nor_plans():
    est = network_estimator("two", deep()).fit(X, TARGETS["two"])
    for layer in est.network_.walk():
        for name, value in vars(layer).items():
            assert not isinstance(value, FunctionType | MethodType), f"{layer!r}.{name}"
    assert not any("gradient" in vars(parameter) for parameter in est.network_.parameters)


def test_memory_mapped_it_predicts_and_trains(tmp_path):
    """Workers of joblib get arrays that are read-only: training must copy them."""
    est = network_estimator("two", deep()).fit(X, TARGETS["two"])
    joblib.dump(est, tmp_path / "est")
    mapped = joblib.load(tmp_path / "est", mmap_mode="r")
    assert isinstance(mapped.network_[0].weights.tensor, np.memmap)
    assert_array_equal(outputs(mapped), outputs(est))
    for one in (mapped, est):
        one.partial_fit(X, TARGETS["two"])
    assert_array_equal(outputs(mapped), outputs(est))


def test_batch_statistics_are_restored_with_the_best_weights():
    """They are kept with the weights: early stopping goes back to both."""
    params = dict(early_stopping=True, n_iter_no_change=3, learning_rate_init=0.1)
    est = network_estimator("binary", deep(), max_iter=50, **params).fit(X, TARGETS["binary"])
    assert est.n_iter_ > est.best_iter_
    again = network_estimator("binary", deep(), max_iter=est.best_iter_, **params)
    assert_array_equal(outputs(again.fit(X, TARGETS["binary"])), outputs(est))


def test_a_failed_refit_leaves_it_as_it_was():
    est = network_estimator("one", deep()).fit(X, TARGETS["one"])
    before = outputs(est)
    est.set_params(network__4=Linear(inputs=3, outputs=2))
    with pytest.raises(ValueError, match="takes 3 columns, but is given 6"):
        est.fit(X, TARGETS["one"])
    assert_array_equal(outputs(est), before)


def test_warm_start_goes_on_and_refuses_another_network():
    est = network_estimator("one", deep(), warm_start=True).fit(X, TARGETS["one"])
    first = est.network_
    before = outputs(est)
    est.fit(X, TARGETS["one"])
    assert est.network_ is not first
    assert np.abs(outputs(est) - before).max() > 0
    with pytest.raises(ValueError, match="does not go with the fitted network"):
        est.set_params(network__0__outputs=7).fit(X, TARGETS["one"])


def test_exact_warm_start():
    params = dict(optimizer=AdamOptimizer(0.01), batch_size=32)
    once = network_estimator("one", deep(), max_iter=6, **params).fit(X, TARGETS["one"])
    twice = network_estimator("one", deep(), max_iter=3, warm_start="exact", **params)
    twice = pickle.loads(pickle.dumps(twice.fit(X, TARGETS["one"])))
    assert_array_equal(outputs(twice.fit(X, TARGETS["one"])), outputs(once))


def test_partial_fit():
    est = network_estimator("multiclass", deep())
    for rows in np.split(np.arange(120), 3):
        est.partial_fit(X[rows], TARGETS["multiclass"][rows], classes=[0, 1, 2])
    assert est.predict_proba(X).shape == (120, 3)


def test_what_each_layer_makes_is_summed_up():
    est = network_estimator("two", deep()).fit(X, TARGETS["two"])
    lines = [line.split() for line in est.summary().splitlines()]
    assert lines[1:4] == [["Linear", "6", "30"], ["BatchNorm", "6", "24"], ["ReLu", "6", "0"]]
    assert lines[-1][0] == "total"


def test_input_gradients_are_right():
    est = network_estimator("one", deep(), max_iter=20).fit(X, TARGETS["one"])
    step = 1e-6 * np.eye(4)
    numeric = [(est.predict(X + h) - est.predict(X - h)) / 2e-6 for h in step]
    assert_allclose(est.input_gradients(X), np.transpose(numeric), atol=1e-7)


# Errors


@pytest.mark.parametrize("network", [Linear, [Linear(outputs=3)], "relu", 3])
def test_a_network_is_a_layer(network):
    with pytest.raises(ValueError, match="The 'network' parameter of NetworkClassifier must be"):
        NetworkClassifier(network).fit(X, TARGETS["binary"])


@pytest.mark.parametrize("layer", [Dropout(0.2), BatchNorm(), Residual(Dropout(0.1))])
def test_lbfgs_takes_no_layer_that_changes_from_batch_to_batch(layer):
    est = network_estimator("one", Sequential(Linear(outputs=3), layer), optimizer="lbfgs")
    with pytest.raises(ValueError, match="does not go with optimizer='lbfgs'"):
        est.fit(X, TARGETS["one"])
    assert not hasattr(est, "network_")


def test_lbfgs_takes_dropout_of_rate_zero():
    network = Sequential(Linear(outputs=3), Dropout(0.0), LayerNorm())
    est = network_estimator("one", network, optimizer="lbfgs", max_iter=100)
    assert est.fit(X, TARGETS["one"]).score(X, TARGETS["one"]) > 0.1
