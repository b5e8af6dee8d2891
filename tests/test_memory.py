"""Memory: what is made of many rows takes that of the result, and of some rows at a time."""

import gc
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from sknumpynn import (
    Linear,
    MLPClassifier,
    MLPRegressor,
    RealMLPClassifier,
    StackedSearchCV,
)
from sknumpynn.core import Parameter, run
from sknumpynn.preprocessing import RobustSmoothClip, TabularEncoder
from tests.models import LABELS, MAKERS, TABLE_MAKERS, make, target
from tests.models import X as ROWS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(6000, 4))
FEW = X[:100]
SEVERAL, NUMBERS, PAIRS = np.digitize(FEW[:, 0], [-0.5, 0.5]), FEW[:, 0], FEW[:, :2]
MEMBERS = dict(n_members=2, max_iter=2, hidden_layer_sizes=(4,), random_state=0)


def peak_of(function, *args):
    """The most bytes that a call has at a time, beside those that there were before it."""
    tracemalloc.start()
    try:
        function(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("container", [np.zeros, sparse.csr_array])
def test_wide_rows_need_no_gradient_of_x(container):
    X, model = container((600, 20_000)), Linear(20_000, 1)
    assert peak_of(run, model, X) < 1e5  # where such a gradient has 4e7 bytes a chunk


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_input_gradients_keep_the_hidden_layer_of_a_chunk(container):
    est = MLPRegressor(hidden_layer_sizes=(100,), max_iter=2, random_state=0).fit(FEW, NUMBERS)
    rows, gradients, hidden_layer = container(X), est.input_gradients(X), len(X) * 100 * 8
    assert_array_equal(est.input_gradients(rows), gradients)
    assert peak_of(est.input_gradients, rows) < gradients.nbytes + hidden_layer / 2


@pytest.mark.parametrize(
    "est, y",
    [
        (MLPClassifier(**MEMBERS), SEVERAL),
        (MLPRegressor(**MEMBERS), NUMBERS),
        (MLPRegressor(**MEMBERS), PAIRS),
        (RealMLPClassifier(**MEMBERS), SEVERAL),
    ],
)
def test_members_are_averaged_in_the_memory_of_few(est, y):
    est.fit(FEW, y)
    method = getattr(est, "predict_proba", est.predict)
    expected, peak = method(X), peak_of(method, X)
    kept = "weights_" if hasattr(est, "weights_") else "estimators_"
    setattr(est, kept, 10 * getattr(est, kept))
    assert_allclose(method(X), expected, rtol=1e-12)
    assert peak_of(method, X) < 1.2 * peak


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("transformer", [RobustSmoothClip(), TabularEncoder()])
def test_transformers_scale_a_block_of_rows(transformer, dtype):
    rows = np.tile(X, (40, 1)).astype(dtype)
    Z = transformer.fit(rows).transform(rows)
    assert_array_equal(transformer.transform(rows[20_000:20_100]), Z[20_000:20_100])
    in_double = rows.size * 8
    assert peak_of(transformer.transform, rows) < 2.5 * in_double


def n_parameters():
    # By type: to ask other libraries' objects for their class may do things.
    return sum(issubclass(type(thing), Parameter) for thing in gc.get_objects())


@pytest.fixture
def no_garbage():
    """After the test, no Parameter is in memory that waits for a garbage collection."""
    gc.collect()
    gc.disable()
    yield
    kept = n_parameters()
    gc.enable()
    gc.collect()
    assert n_parameters() == kept


@pytest.mark.parametrize("name", MAKERS | TABLE_MAKERS)
def test_a_fit_leaves_no_weights_behind(name, no_garbage):
    est = make(name).fit(ROWS, target(name))
    est.predict(ROWS)
    if hasattr(est, "partial_fit"):
        est.partial_fit(ROWS, target(name))


def test_members_and_searches_leave_no_weights_behind(no_garbage):
    MLPClassifier(**MEMBERS).fit(ROWS, LABELS)
    StackedSearchCV(MLPClassifier(max_iter=2), {"alpha": [1, 2, 3, 4]}, cv=2).fit(ROWS, LABELS)
