"""Threads of BLAS: a small network trains on one, and the caller's number comes back."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_limits

from sknumpynn import MLPRegressor, mse_loss
from sknumpynn.estimators import _threads
from sknumpynn.estimators._threads import SMALL, blas_threads

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(40, 3))
CONTROLLER = ThreadpoolController().select(user_api="blas")


def counts():
    return {library["num_threads"] for library in CONTROLLER.info()}


def in_a_thread(function):
    """Call a function in a thread that ends: where the thread that sets a limit keeps others from
    doing so as long as it lives, nobody is kept from it afterwards."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


@pytest.fixture(autouse=True)
def two_threads():
    limiter = in_a_thread(lambda: CONTROLLER.limit(limits=2))
    assert counts() == {2}
    yield
    in_a_thread(limiter.restore_original_limits)


def fit(while_training=lambda: None, **params):
    """Fit a small network; the function is called with each batch."""

    def loss(Yp, Yt):
        while_training()
        return mse_loss(Yp, Yt)

    params = {"hidden_layer_sizes": (4,), "max_iter": 1, "random_state": 0, **params}
    return MLPRegressor(loss, **params).fit(X, X[:, 0])


def assert_as_before():
    """The caller's number is back, and still the caller's to set, in whichever thread."""

    def set_three():
        with threadpool_limits(limits=3, user_api="blas"):
            assert counts() == {3}
        assert counts() == {2}

    assert counts() == {2}
    set_three()
    in_a_thread(set_three)


@pytest.mark.parametrize("params", [{}, {"batch_size": 10}, {"solver": "lbfgs", "max_fun": 3}])
def test_one_while_a_small_network_trains_and_then_the_callers(params):
    seen = []
    fit(lambda: seen.append(counts()), **params)
    assert seen and all(each == {1} for each in seen)
    assert_as_before()


def test_a_wide_network_has_the_callers(monkeypatch):
    monkeypatch.setattr(_threads, "SMALL", 10)
    seen = []
    fit(lambda: seen.append(counts()))
    assert seen == [{2}]


@pytest.mark.parametrize("n_rows, expected", [(1, 1), (3, 1), (4, 2), (5, 2)])
def test_size_is_parameters_times_rows(n_rows, expected):
    with blas_threads(SMALL // 4, n_rows):
        assert counts() == {expected}


@pytest.mark.parametrize("exception", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_an_exception_restores_the_callers(exception, solver):
    def fail():
        assert counts() == {1}
        raise exception("in the middle")

    with pytest.raises(exception, match="in the middle"):
        fit(fail, solver=solver)
    assert_as_before()


def test_a_fit_within_a_fit():
    seen = []

    def nested():
        fit()
        seen.append(counts())

    fit(nested)
    assert seen == [{1}]
    assert_as_before()


def test_a_fit_within_a_limit_of_the_callers():
    with threadpool_limits(limits=3, user_api="blas"):
        fit()
        assert counts() == {3}
    assert_as_before()


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("first_leaves_first", [True, False])
def test_of_two_fits_that_overlap_either_may_end_first(first_leaves_first, fails):
    inside = {name: threading.Event() for name in ("first", "second")}
    may_leave = {name: threading.Event() for name in ("first", "second")}
    seen = {}

    def train(name):
        def while_training():
            seen[name] = counts()
            inside[name].set()
            assert may_leave[name].wait(timeout=30)
            if fails:
                raise ValueError("in the middle")

        fit(while_training)

    order = ["first", "second"] if first_leaves_first else ["second", "first"]
    with ThreadPoolExecutor(2) as pool:
        fits = {}
        for name in ("first", "second"):
            fits[name] = pool.submit(train, name)
            assert inside[name].wait(timeout=30)
        for name in order:
            may_leave[name].set()
            assert (fits[name].exception(timeout=30) is not None) == fails
        assert_as_before()  # the threads are still there
    assert seen == {"first": {1}, "second": {1}}


def test_many_fits_at_the_same_time():
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda seed: fit(random_state=seed), range(40)))
        assert_as_before()


def test_predictions_leave_the_number_alone():
    fit().predict(X)
    assert_as_before()
