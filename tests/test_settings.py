"""What users set for their whole program: NumPy's errors, and scikit-learn's output of tables."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context

from sknumpynn import (
    AdamOptimizer,
    Layer,
    Linear,
    MLPClassifier,
    MLPRegressor,
    NetworkRegressor,
    RealMLPClassifier,
    RealMLPRegressor,
    Sequential,
)
from sknumpynn.comparison import default_estimators
from tests.models import LABELS, MAKERS, NUMBERS, TABLE_MAKERS, X, answers, make, target

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = dict(hidden_layer_sizes=(6,), max_iter=4, batch_size=16, random_state=0)
CLASSES = X[:, 0].astype(int) % 3

# Whoever wants NumPy's errors wants those of a mistake. That a number is too small for a float,
# such as the probability of an unlikely class, is none.

MODELS = {
    "two classes": (MLPClassifier(**SMALL), LABELS),
    "several classes": (MLPClassifier(**SMALL), CLASSES),
    "several classes, float32": (MLPClassifier(**SMALL, dtype="float32", alpha=0.0), CLASSES),
    "several labels": (MLPClassifier(**SMALL), np.column_stack([X[:, 0] > 0, X[:, 1] > 0])),
    "counts": (MLPRegressor(**SMALL, loss="poisson"), NUMBERS - NUMBERS.min()),
    "distributions": (MLPRegressor(**SMALL, loss="gaussian_nll"), NUMBERS),
    "members": (MLPRegressor(**SMALL, loss="gamma", n_members=2), 1 + NUMBERS - NUMBERS.min()),
    "a small target": (MLPRegressor(**SMALL, scale_target=True), 1e-300 * NUMBERS),
    "a target smaller yet": (MLPRegressor(**SMALL, scale_target=True), 1e-308 * NUMBERS),
    "a table": (RealMLPClassifier(**SMALL, n_members=2), CLASSES),
    "a table, small target": (RealMLPRegressor(**SMALL, n_members=2), 1e-308 * NUMBERS),
}


def all_answers(est, y, scale, sample_weight):
    found = answers(est.fit(X, y, sample_weight), scale * X)
    if isinstance(est, MLPRegressor):
        found["score"] = est.score(X, y)
        if est.n_members > 1:
            found["std"] = est.predict(scale * X, return_std=True)[1]
    return found


@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e5])
@pytest.mark.parametrize("weight", [None, 1e-300])
@pytest.mark.parametrize("name", MODELS)
def test_errors_of_numpy(name, weight, scale):
    est, y = MODELS[name]
    weights = None if weight is None else weight * (1.0 + np.arange(len(X)))
    expected = all_answers(est, y, scale, weights)
    with np.errstate(all="raise"):
        found = all_answers(est, y, scale, weights)
    for method, answer in expected.items():
        assert_array_equal(found[method], answer, method)


# The matrices that estimators make of tables are their own, whatever users ask for theirs.


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("name", [*MAKERS, *TABLE_MAKERS])
def test_output_of_tables(name, library):
    pytest.importorskip(library)
    est = make(name)
    if name in MAKERS:
        est.set_params(n_members=2)
    expected = answers(est.fit(X, target(name)))
    with config_context(transform_output=library):
        found = answers(est.fit(X, target(name)))
    for method, answer in expected.items():
        assert_array_equal(found[method], answer, method)


@pytest.mark.parametrize("name", ["linear", "gradient boosting", "scikit-learn's MLP", "MLP"])
@pytest.mark.parametrize("y", [LABELS, NUMBERS], ids=["classes", "numbers"])
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_output_of_tables_in_a_comparison(library, y, name):
    pd = pytest.importorskip("pandas")
    pytest.importorskip(library)
    table = pd.DataFrame(X, columns=list("abc")).assign(d=np.where(X[:, 0] > 1, "u", "v"))
    table.loc[::5, "b"] = np.nan
    task = "classification" if y is LABELS else "regression"
    est = default_estimators(table, y, task=task)[name]
    expected = est.fit(table, y).predict(table)
    with config_context(transform_output=library):
        assert_array_equal(est.fit(table, y).predict(table), expected)


# How arrays and estimators are printed, which some compare by


class Weighted(Layer):
    """Weight the columns."""

    def __init__(self, weights):
        super().__init__()
        self.weights = weights

    def forward(self, X):
        return X * self.weights, lambda D: D * self.weights


@pytest.mark.parametrize(
    "options", [{}, {"precision": 2}, {"legacy": "1.13"}, {"formatter": {"float": "{:.0f}".format}}]
)
def test_printing_of_arrays(options):
    network = Sequential(Weighted(np.array([1.0, 1 / 3, 1e-20])), Linear(outputs=3))
    est = NetworkRegressor(network, max_iter=1, random_state=0).fit(X, NUMBERS)
    with np.printoptions(**options):
        est.partial_fit(X, NUMBERS)
        est.set_params(network__0__weights=np.array([1.0, 1 / 3 + 1e-12, 1e-20]))
        with pytest.raises(ValueError, match="does not go with the fitted network"):
            est.partial_fit(X, NUMBERS)


def test_printing_of_estimators():
    solver = AdamOptimizer(lr=0.01, beta_1=0.8)
    one, other = (MLPRegressor(solver=solver, random_state=0) for _ in range(2))
    for est in (one, other):
        est.partial_fit(X, NUMBERS)
    with config_context(print_changed_only=False):
        one.partial_fit(X, NUMBERS)
    assert_array_equal(one.coefs_[0], other.partial_fit(X, NUMBERS).coefs_[0])
