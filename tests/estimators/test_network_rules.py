"""What a network's layers are held to before they are trained, and which data reach which."""

import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sknumpynn import Layer, Linear, NetworkClassifier, NetworkRegressor, ReLu, Sequential, Tanh
from sknumpynn.core import PlannedLayer
from sknumpynn.layers import (
    BatchNorm,
    Dropout,
    Parallel,
    PiecewiseLinearEmbedding,
    Residual,
    Scaling,
    Select,
)
from tests.testing.right_layers import ArticleLinear
from tests.testing.wrong_layers import WritesD, WritesX

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(60, 4))
y = X[:, 0] * X[:, 1]


def regressor(*layers, **params):
    return NetworkRegressor(Sequential(*layers), max_iter=3, random_state=0, **params)


# Layers that break the rules are named


class Wider(Layer):
    def build(self, inputs, rng, dtype):
        return inputs

    def forward(self, X):
        return np.hstack([X, X]), lambda D: D[:, : X.shape[1]] + D[:, X.shape[1] :]


class BuildsNothing(Layer):
    def build(self, inputs, rng, dtype):
        pass


class NoWayBack(Layer):
    def forward(self, X):
        return X


class OneDimensional(Layer):
    def forward(self, X):
        return X[:, 0], lambda D: X


class GivesAList(Layer):
    def forward(self, X):
        return X.tolist(), lambda D: D


class BackToNothing(Layer):
    def forward(self, X):
        return X, lambda D: None


class BackToAColumn(Layer):
    def forward(self, X):
        return X, lambda D: D.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "layer, advice",
    [
        (WritesX(), "only read X and D"),
        (WritesD(), "only read X and D"),
        (Wider(), r"build returns 4, but of 2 rows forward makes an array of shape \(2, 8\)"),
        (BuildsNothing(), "let build return the number of columns that it makes, not None"),
        (NoWayBack(), r"let forward return \(Y, backward\)"),
        (OneDimensional(), r"makes an array of shape \(2,\)"),
        (GivesAList(), r"forward makes an array"),
        (BackToNothing(), r"let backward return dLoss/dX, an array of shape \(2, 4\), not None"),
        (BackToAColumn(), r"let backward return dLoss/dX, an array of shape \(2, 4\)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Layer) else "",
)
def test_the_layer_that_errs_is_named(layer, advice, dtype):
    est = regressor(Tanh(), layer, Linear(outputs=3), dtype=dtype)
    with pytest.raises(TypeError, match=rf"{type(layer).__name__}.* breaks the rules.*{advice}"):
        est.fit(X, y)
    assert not hasattr(est, "n_features_in_")


def test_a_layer_that_writes_does_no_harm_to_the_data():
    data = X.copy()
    with pytest.raises(TypeError, match="WritesX.* breaks the rules"):
        NetworkRegressor(WritesX()).fit(data, y)
    assert_array_equal(data, X)


@pytest.mark.parametrize("kind", [Layer, PlannedLayer])  # in build, and after it
def test_errors_of_a_layer_itself_come_through(kind):
    class Fails(kind):
        def forward(self, X):
            raise ValueError("its own")

    with pytest.raises(ValueError, match="^its own$"):
        regressor(Linear(outputs=3), Fails()).fit(X, y)


def test_one_row_is_enough_for_the_trial():
    assert regressor(Linear(outputs=3), Tanh()).fit(X[:1], y[:1]).n_iter_ == 3


def test_a_sequential_of_ones_own_keeps_its_way():
    class Twice(Sequential):
        def plan(self, like, training=False):
            inner = super().plan(like, training)

            def forward(X):
                Y, backward = inner(X)
                return 2 * Y, lambda D: backward(2 * D)

            return forward

        def plan_input(self, like, training=False):
            return self.plan(like, training)

    est = NetworkRegressor(Twice(Linear(outputs=3)), max_iter=3, random_state=0).fit(X, y)
    assert isinstance(est.network_[0], Twice)
    plain = regressor(Linear(outputs=3)).fit(X, y)
    assert not np.allclose(est.predict(X), plain.predict(X))


# Sparse data


@pytest.mark.parametrize(
    "layers",
    [
        (),
        (Linear(outputs=3), BatchNorm(), ReLu()),
        (Sequential(Linear(outputs=3)), Tanh()),
        (Parallel(Linear(outputs=2), Linear(outputs=3)), Tanh()),
    ],
    ids=str,
)
@pytest.mark.parametrize("container", [csr_array, csr_matrix])
def test_sparse_data_go_into_a_linear_map(layers, container):
    dense, thin = regressor(*layers), regressor(*layers)
    dense.fit(X, y), thin.fit(container(X), y)
    np.testing.assert_allclose(thin.predict(container(X)), dense.predict(X), rtol=1e-9)
    assert thin.__sklearn_tags__().input_tags.sparse


@pytest.mark.parametrize(
    "layer",
    [BatchNorm(), Tanh(), Select([0]), Residual(Linear(outputs=4)), Parallel(Tanh(), Linear())],
    ids=str,
)
def test_other_layers_want_dense_data_and_say_so(layer):
    est = regressor(layer)
    assert not est.__sklearn_tags__().input_tags.sparse
    with pytest.raises(TypeError, match="dense data is required"):
        est.fit(csr_array(X), y)
    est.fit(X, y)
    with pytest.raises(TypeError, match="dense data is required"):
        est.predict(csr_array(X))


# Layers that adapt to the data


class Witness(PlannedLayer):
    """It keeps what it was shown."""

    def adapt(self, X, rng):
        self.seen = X.copy()
        return X

    def plan(self, like, training=False):
        return lambda X: (X, lambda D: D)


def rows_seen(est):
    seen = est.network_.layers[0].seen
    return sorted(int(np.flatnonzero((X == row).all(axis=1))[0]) for row in seen)


def test_layers_adapt_to_the_rows_that_are_trained_on():
    assert rows_seen(regressor(Witness()).fit(X, y)) == list(range(60))
    weights = np.arange(60) % 2
    assert rows_seen(regressor(Witness()).fit(X, y, weights)) == list(range(1, 60, 2))
    held_out = regressor(Witness(), early_stopping=True).fit(X, y)
    assert len(rows_seen(held_out)) == 54
    lbfgs = regressor(Witness(), optimizer="lbfgs").fit(X, y)
    assert rows_seen(lbfgs) == list(range(60))


def test_layers_adapt_once():
    est = regressor(Witness(), warm_start=True).fit(X, y)
    first = est.network_[0].seen
    est.fit(X[:30], y[:30]).partial_fit(X[:10], y[:10])
    assert_array_equal(est.network_[0].seen, first)


def test_adapting_does_not_shift_the_split():
    """The rows that are held out are those of a network that does not adapt."""
    seen = rows_seen(regressor(Witness(), early_stopping=True).fit(X, y))
    again = rows_seen(regressor(Witness(), Scaling(), early_stopping=True).fit(X, y))
    assert seen == again


def test_large_data_are_adapted_to_by_a_part():
    many = np.random.default_rng(0).normal(size=(5000, 2))
    est = regressor(Witness()).fit(many, many[:, 0])
    assert est.network_[0].seen.shape == (4096, 2)


# L-BFGS


@pytest.mark.parametrize("layer", [PiecewiseLinearEmbedding(3), Scaling(lr_scale=0.0)], ids=str)
def test_lbfgs_leaves_alone_what_is_not_learned(layer):
    est = regressor(layer, Linear(outputs=3), Tanh(), optimizer="lbfgs").fit(X, y)
    start = clone(est)
    start.set_params(max_iter=1).fit(X, y)
    for fitted, first in zip(est.network_[0].parameters, start.network_[0].parameters, strict=True):
        if fitted.treatment[0] == 0:
            assert_array_equal(fitted.tensor, first.tensor)
    assert est.loss_ < start.loss_


def test_words_are_those_of_the_parameters():
    est = NetworkClassifier(optimizer="lbfgs")
    with pytest.raises(ValueError, match="X_val does not go with optimizer='lbfgs'"):
        est.fit(X, y > 0, X_val=X[:9], y_val=y[:9] > 0)
    with pytest.raises(ValueError, match="network=None has no parameter '0__outputs'"):
        est.set_params(network__0__outputs=3)


# Progress


@pytest.mark.parametrize("early_stopping", [False, True])
def test_verbose_prints_a_line_an_epoch(early_stopping, capsys):
    regressor(Linear(outputs=3), verbose=True, early_stopping=early_stopping).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    number = r"-?\d+\.\d+"
    score = f"validation score = {number}, " if early_stopping else ""
    pattern = f"Epoch 2 of 3: loss = {number}, {score}learning rate = 0.001, {number} s"
    assert re.fullmatch(pattern, lines[1])


# Going on


def test_it_goes_on_where_a_layer_has_a_generator_of_its_own():
    est = regressor(Linear(4, 3, rng=np.random.default_rng(0)), warm_start=True).fit(X, y)
    assert est.fit(X, y).n_iter_ == 3


def test_it_does_not_go_on_with_other_numbers_far_inside_an_array():
    class Weighted(Layer):
        def __init__(self, weights):
            super().__init__()
            self.weights = weights

        def forward(self, X):
            return X * self.weights[0], lambda D: D * self.weights[0]

    weights = np.ones(2000)
    est = regressor(Weighted(weights), warm_start=True).fit(X, y)
    other = weights.copy()
    other[1000] = 2
    with pytest.raises(ValueError, match="does not go with the fitted network"):
        est.set_params(network__0__weights=other).fit(X, y)


def test_exact_warm_start_says_what_has_changed():
    est = regressor(Linear(outputs=3), Dropout(0.1), warm_start="exact").fit(X, y)
    with pytest.raises(ValueError, match="the same rows: there were 60, now there are 50"):
        est.fit(X[:50], y[:50])


# Layers as in the article: `forward` tells how wide they are


def test_a_layer_that_changes_the_width_needs_no_build():
    est = regressor(Tanh(), ArticleLinear(4, 7), ReLu(), learning_rate_init=0.05)
    est.set_params(max_iter=60, learning_rate="cosine").fit(X, y)
    assert est.network_[3].weights.tensor.shape == (7, 1)
    assert est.loss_ < 0.7 * est.loss_curve_[0]
    grid = {"network__1__outputs": [2, 7]}
    search = GridSearchCV(est, grid, cv=2).fit(X, y)
    assert search.best_estimator_.network_[1].weights.tensor.shape[1] in (2, 7)


def test_a_fitted_network_with_noise_does_not_go_on_by_lbfgs():
    est = regressor(Linear(outputs=3), Dropout(0.2), warm_start=True).fit(X, y)
    before = est.predict(X)
    with pytest.raises(ValueError, match="does not go with optimizer='lbfgs'"):
        est.set_params(optimizer="lbfgs").fit(X, y)
    assert_array_equal(est.predict(X), before)
