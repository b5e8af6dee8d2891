"""Weights in a file: there and back, and what does not suit."""

import io
import pickle
import zipfile
from concurrent.futures import ThreadPoolExecutor
from copy import copy

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from sknumpynn import (
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
from sknumpynn.layers import (
    BatchNorm,
    Dropout,
    LeakyRelu,
    ParametricActivation,
    Residual,
    Select,
)
from sknumpynn.saving import load_weights, save_weights

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(40, 3))
TARGETS = {
    "labels": np.where(X[:, 0] > 0, "yes", "no"),
    "objects": np.where(X[:, 1] > 0, "yes", "no").astype(object),
    "multilabel": (X[:, :2] > 0).astype(int),
    "number": 100 + 10 * X[:, 0],
    "numbers": 100 + 10 * X[:, :2],
}


def own_network():
    shared = Linear(outputs=4)
    return Sequential(Linear(outputs=4), BatchNorm(), Residual(Sequential(shared, Tanh())), shared)


MAKERS = {
    "MLPClassifier": lambda **params: MLPClassifier((5, 4), **params),
    "MLPRegressor": lambda **params: MLPRegressor(hidden_layer_sizes=(5, 4), **params),
    "NetworkClassifier": lambda **params: NetworkClassifier(own_network(), **params),
    "NetworkRegressor": lambda **params: NetworkRegressor(own_network(), **params),
}
CASES = [
    (name, target)
    for name in MAKERS
    for target in TARGETS
    if ("number" in target) == name.endswith("Regressor")
]


def fit(name, target, seed=0, **params):
    params = {"max_iter": 3, "random_state": seed} | params
    return MAKERS[name](**params).fit(X, TARGETS[target])


def answers(est):
    return est.predict_proba(X) if hasattr(est, "predict_proba") else est.predict(X)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.npz"


@pytest.fixture
def saved(path):
    save_weights(fit("MLPClassifier", "labels"), path)
    return path


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name, target", CASES)
def test_round_trip(name, target, dtype, path):
    scaled = {"scale_target": True} if name.endswith("Regressor") else {}
    trained = fit(name, target, dtype=dtype, **scaled)
    other = fit(name, target, seed=1, dtype=dtype, **scaled)
    assert (answers(other) != answers(trained)).any()
    save_weights(trained, path)
    assert load_weights(other, path) is other
    assert_array_equal(answers(other), answers(trained))
    assert_array_equal(other.transform(X), trained.transform(X))
    assert list(path.parent.iterdir()) == [path]


def test_scale_of_the_target_travels(path):
    trained = fit("MLPRegressor", "number", scale_target=True)
    other = MAKERS["MLPRegressor"](scale_target=True, max_iter=3).fit(X, 5 * TARGETS["number"])
    save_weights(trained, path)
    assert_array_equal(load_weights(other, path).predict(X), trained.predict(X))


def test_names_are_positions(path):
    est = fit("NetworkClassifier", "labels")
    save_weights(est, path)
    with np.load(path) as arrays:
        names = [name for name in arrays.files if name.startswith("network")]
        weights = arrays["network[0].weights"]
    assert_array_equal(weights, est.network_[0].weights.tensor)
    assert {"network[2][0][0].weights", "network[4].bias"} <= set(names)
    assert "network[3].weights" not in names  # the one that is shared stands in an earlier place
    assert len(names) == len(set(est.network_.parameters))


def test_training_goes_on_from_loaded_weights(path):
    trained, other = fit("MLPClassifier", "labels"), fit("MLPClassifier", "labels", seed=1)
    save_weights(trained, path)
    load_weights(other, path)
    before = [W.copy() for W in trained.coefs_]
    other.partial_fit(X, TARGETS["labels"])
    assert (other.coefs_[0] != before[0]).any()
    assert_array_equal(trained.coefs_[0], before[0])


def test_what_the_solver_knew_of_other_weights_is_dropped(path):
    est = fit("MLPClassifier", "labels", warm_start="exact")
    save_weights(est, path)
    with pytest.raises(ValueError, match="goes on from a fit that had it"):
        load_weights(est, path).fit(X, TARGETS["labels"])


def test_parameters_set_since_the_fit_do_not_matter(saved):
    est = fit("MLPClassifier", "labels", seed=1).set_params(activation="tanh")
    trained = fit("MLPClassifier", "labels")
    assert_array_equal(answers(load_weights(est, saved)), answers(trained))


@pytest.mark.parametrize("name", ["MLPClassifier", "NetworkClassifier"])
def test_who_shares_the_network_keeps_its_own(name, path):
    save_weights(fit(name, "labels"), path)
    est = fit(name, "labels", seed=1)
    twin, before = copy(est), answers(est)
    load_weights(est, path)
    assert (answers(est) != before).any()
    assert_array_equal(answers(twin), before)


def rewrite(path, **changes):
    """Write a file of weights anew with some arrays changed, or with None left out."""
    with np.load(path) as arrays:
        arrays = dict(arrays) | changes
    with open(path, "wb") as file:
        np.savez(file, **{name: array for name, array in arrays.items() if array is not None})


def refuses(est, path, message):
    before = pickle.dumps(est)
    with pytest.raises(ValueError, match=message):
        load_weights(est, path)
    assert pickle.dumps(est) == before


@pytest.mark.parametrize(
    "other, message",
    [
        (lambda: fit("MLPClassifier", "labels", activation="tanh"), "has layers .*'ReLu.*'Tanh"),
        (lambda: fit("MLPClassifier", "labels", dtype="float32"), "dtype float64, here .*float32"),
        (lambda: fit("NetworkClassifier", "labels"), "has layers"),
        (lambda: fit("MLPRegressor", "number"), "has classes"),
        (lambda: MLPClassifier((5, 3), max_iter=2).fit(X, TARGETS["labels"]), r"shape \(5, 4\)"),
        (lambda: MLPClassifier((5, 4), max_iter=2).fit(X, X[:, 0] > 0), "has classes .*'no'.*True"),
    ],
)
def test_another_network_is_refused(other, message, saved):
    refuses(other(), saved, message)


class Times(Layer):
    """One's own, with an argument of a name that other layers use in training only."""

    def __init__(self, rate=1.0):
        super().__init__()
        self.rate = rate

    def forward(self, X):
        return X * self.rate, lambda D: D * self.rate


@pytest.mark.parametrize(
    "one, other",
    [
        (LeakyRelu(0.1), LeakyRelu(0.2)),
        (Select([0, 1]), Select([2, 1])),
        (BatchNorm(epsilon=0.1), BatchNorm(epsilon=0.2)),
        (Select(np.array([0, 1])), Select(np.array([2, 1]))),
        (LeakyRelu(np.float32(0.1)), LeakyRelu(np.float32(0.2))),
        (ParametricActivation(ReLu()), ParametricActivation(Tanh())),
        (Times(rate=2.0), Times(rate=3.0)),
        (Times(rate=np.arange(3.0)), Times(rate=np.ones(3))),
    ],
)
def test_another_setting_of_a_layer_is_refused(one, other, path):
    ests = [
        NetworkRegressor(Sequential(layer, Linear(outputs=2)), max_iter=2).fit(X, X[:, 0])
        for layer in (one, other, one)
    ]
    save_weights(ests[0], path)
    refuses(ests[1], path, "has layers")
    assert_array_equal(load_weights(ests[2], path).predict(X), ests[0].predict(X))


def test_what_matters_in_training_only_may_differ(path):
    def fit_with(dropout, outputs, **params):
        network = Sequential(Linear(outputs=4, initializer=params.pop("initializer")), dropout)
        return NetworkRegressor(network, max_iter=2, **params).fit(X, X[:, outputs])

    one = fit_with(Dropout(0.1), 0, initializer="he_normal", optimizer="sgd", alpha=0.1)
    other = fit_with(Dropout(0.3), 1, initializer="lecun_normal")
    save_weights(one, path)
    assert_array_equal(load_weights(other, path).predict(X), one.predict(X))


@pytest.mark.parametrize(
    "one, other",
    [
        (LeakyRelu(np.float64(0.25)), LeakyRelu(0.25)),
        (Select(np.array([0, 1])), Select([0, 1])),
    ],
)
def test_the_same_numbers_are_the_same_setting(one, other, path):
    ests = [
        NetworkRegressor(Sequential(layer), max_iter=2, random_state=i).fit(X, X[:, 0])
        for i, layer in enumerate((one, other))
    ]
    save_weights(ests[0], path)
    assert_array_equal(load_weights(ests[1], path).predict(X), ests[0].predict(X))


class Own(Layer):
    """One with a function among its settings."""

    def __init__(self, function=np.abs):
        super().__init__()
        self.function = function


def test_layers_of_ones_own(path):
    est = NetworkRegressor(Sequential(Linear(outputs=2), Own()), max_iter=2).fit(X, X[:, 0])
    save_weights(est, path)
    with np.load(path) as arrays:
        assert arrays["layers"].tolist() == ["Sequential()", "Linear()", "Own()", "Linear()"]
    load_weights(est, path)


def test_another_link_is_refused(path):
    save_weights(MAKERS["MLPRegressor"](max_iter=2).fit(X, TARGETS["number"]), path)
    poisson = MAKERS["MLPRegressor"](loss="poisson", max_iter=2).fit(X, TARGETS["number"] / 100)
    refuses(poisson, path, "has out_activation")


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"network[0].bias": np.array([{}] * 5)}, "cannot be read .*[Oo]bject"),
        ({"network[0].bias": None}, r"'network\[0\].bias' is there, but not in the file"),
        ({"more": np.zeros(2)}, "'more' is there, but not in the network"),
        ({"network[0].bias": np.full(5, np.nan)}, "not finite"),
        ({"network[0].bias": np.zeros(5, int)}, "dtype int64"),
        ({"classes": None}, "not a file that save_weights has written"),
    ],
)
def test_other_arrays_are_refused(changes, message, saved):
    rewrite(saved, **changes)
    refuses(fit("MLPClassifier", "labels"), saved, message)


def test_damaged_files_are_refused(saved):
    est, content = fit("MLPClassifier", "labels"), saved.read_bytes()
    middle = content.index(b"network[0].weights.npy") + 230  # within the numbers
    flipped = content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]
    single = io.BytesIO()
    np.save(single, np.zeros(3))
    texts = io.BytesIO()
    with zipfile.ZipFile(texts, "w") as archive:
        archive.writestr("classes", "no array")
    others = [b"", b"weights", pickle.dumps(est), single.getvalue(), texts.getvalue(), flipped]
    for damaged in [*others, *(content[:n] for n in range(0, len(content), 97))]:
        saved.write_bytes(damaged)
        refuses(est, saved, "damaged|cannot be read|has layers|not a file")


def test_a_failed_save_leaves_the_old_file(saved, monkeypatch):
    content = saved.read_bytes()

    def savez(file, **arrays):
        file.write(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", savez)
    with pytest.raises(OSError, match="No space left"):
        save_weights(fit("MLPClassifier", "labels", seed=1), saved)
    assert saved.read_bytes() == content
    assert list(saved.parent.iterdir()) == [saved]


def test_needs_a_fitted_network(path):
    for function in (save_weights, load_weights):
        with pytest.raises(NotFittedError):
            function(MLPClassifier(), path)
        with pytest.raises(TypeError, match="MLPClassifier, MLPRegressor.*LogisticRegression"):
            function(LogisticRegression(), path)
    with pytest.raises(FileNotFoundError):
        load_weights(fit("MLPClassifier", "labels"), path)


def test_several_may_save_to_one_file_at_once(path):
    est = fit("MLPClassifier", "labels")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: save_weights(est, path), range(60)))
    load_weights(est, path)
    assert list(path.parent.iterdir()) == [path]
