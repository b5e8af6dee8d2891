"""Relations that hold for any data: what must make no difference makes none."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tests.models import (
    CLASSIFIERS,
    LABELS,
    MAKERS,
    NUMBERS,
    X_NEW,
    X,
    answers,
    fitted,
    make,
    state,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ESTIMATORS = pytest.mark.parametrize("name", MAKERS)
N = len(X)

# The same examples each time; without a deadline, for the first call may be slow.
few = settings(max_examples=8, derandomize=True, deadline=None, database=None)
many = settings(few, max_examples=40)

ROWS = st.permutations(range(N))
WEIGHTS = arrays.arrays(float, N, elements=st.sampled_from([0.0, 0.5, 1.0, 3.0])).filter(np.any)
COUNTS = arrays.arrays(int, N, elements=st.integers(0, 3)).filter(lambda c: c.sum() > 1)
SMALL_ROWS = arrays.arrays(float, (4, 3), elements=st.floats(-9, 9))
NUMBERS_OF_ANY_SIZE = st.floats(allow_nan=False, allow_infinity=False)
PARAMS = st.fixed_dictionaries(
    {},
    optional={
        "alpha": st.sampled_from([0.0, 0.1]),
        "learning_rate": st.sampled_from(["constant", "invscaling", "cosine"]),
        "learning_rate_init": st.sampled_from([1e-3, 1e-1]),
        "tol": st.sampled_from([0.0, 1.0]),
        "clip_norm": st.sampled_from([None, 0.1]),
        "average": st.sampled_from([None, 0.9]),
        "dtype": st.sampled_from([None, "float32"]),
        "early_stopping": st.booleans(),
    },
)


def y_of(name):
    return LABELS if name in CLASSIFIERS else NUMBERS


def all_at_once(name, **params):
    """An estimator for which neither the order of the rows nor their number matters."""
    if name.startswith("Network"):
        params["network"] = None  # there is no noise, nor a statistic of the batch
    return make(name, **{"batch_size": "auto", "shuffle": False, "alpha": 0, **params})


def assert_close(actual, expected, **tolerance):
    for method in expected:
        if expected[method].dtype.kind == "f":
            assert_allclose(actual[method], expected[method], **tolerance)


def assert_same(actual, expected):
    assert state(actual) == state(expected)


# Data


@few
@given(order=ROWS, params=PARAMS.filter(lambda p: not p.get("early_stopping")))
@ESTIMATORS
def test_the_order_of_rows_does_not_matter_to_full_batches(name, order, params):
    params["dtype"] = None
    whole = all_at_once(name, **params).fit(X, y_of(name))
    permuted = all_at_once(name, **params).fit(X[order], y_of(name)[order])
    assert_close(answers(permuted), answers(whole), rtol=1e-7, atol=1e-9)


@few
@given(counts=COUNTS)
@ESTIMATORS
def test_whole_weights_are_repeated_rows(name, counts):
    rows = np.repeat(np.arange(N), counts)
    weights = {"sample_weight": counts}
    y = (NUMBERS > 0) if name in CLASSIFIERS else NUMBERS
    y[np.flatnonzero(counts)[:2]] = 0, 1  # both classes are there
    weighted = all_at_once(name).fit(X, y, **weights)
    repeated = all_at_once(name).fit(X[rows], y[rows])
    assert_close(answers(weighted), answers(repeated), rtol=1e-7, atol=1e-9)


@few
@given(weights=WEIGHTS, exponent=st.integers(-250, 250))
@ESTIMATORS
def test_only_ratios_of_weights_count(name, weights, exponent):
    est, other = make(name, alpha=0), make(name, alpha=0)
    est.fit(X, y_of(name), sample_weight=weights)
    other.fit(X, y_of(name), sample_weight=weights * 10.0**exponent)
    assert_close(answers(other), answers(est), rtol=1e-6, atol=1e-8)


@few
@given(
    ignored=arrays.arrays(bool, N).filter(lambda a: a.sum() < N),
    value=st.floats(-1e3, 1e3),
)
@ESTIMATORS
def test_rows_without_weight_have_no_influence(name, ignored, value):
    other_X, other_y = X.copy(), y_of(name).copy()
    other_X[ignored], other_y[ignored] = value, other_y[::-1][ignored]
    weights = {"sample_weight": np.where(ignored, 0.0, 2.0)}
    est = all_at_once(name).fit(X, y_of(name), **weights)
    other = all_at_once(name).fit(other_X, other_y, **weights)
    assert_close(answers(other), answers(est), rtol=1e-7, atol=1e-9)


@many
@given(
    offset=st.integers(-(10**9), 10**9), factor=st.integers(1, 10**6), prefix=st.text(max_size=3)
)
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_names_of_classes_mean_nothing(name, offset, factor, prefix):
    codes = np.digitize(NUMBERS, [-2, 2])
    plain = make(name, max_iter=1).fit(X, codes)
    for of_code in (offset + factor * np.arange(3), np.array([prefix + c for c in "abc"])):
        est = make(name, max_iter=1).fit(X, of_code[codes])
        assert_array_equal(est.predict_proba(X_NEW), plain.predict_proba(X_NEW))
        assert_array_equal(est.predict(X_NEW), of_code[plain.predict(X_NEW)])


@few
@given(data=arrays.arrays(float, (N, 3), elements=st.floats(-1e3, 1e3)))
@ESTIMATORS
def test_containers_do_not_matter(name, data):
    y = y_of(name)
    expected = answers(make(name).fit(data, y), data)
    assert_same(answers(make(name).fit(np.asfortranarray(data), y), data.tolist()), expected)
    sparse_fit = make(name).fit(sparse.csr_array(data), y)
    assert_close(answers(sparse_fit, sparse.csc_array(data)), expected, rtol=1e-5, atol=1e-7)


# Prediction


@many
@given(cuts=st.sets(st.integers(1, 599), max_size=5))
@ESTIMATORS
def test_predictions_of_parts_are_parts_of_predictions(name, cuts):
    rows = np.random.default_rng(0).normal(size=(600, 3))
    est = fitted(name)
    parts = [answers(est, part) for part in np.split(rows, sorted(cuts))]
    for method, whole in answers(est, rows).items():
        joined = np.concatenate([part[method] for part in parts])
        if whole.dtype.kind == "f":
            assert_allclose(joined, whole, rtol=1e-9, atol=1e-12)
        else:
            assert_array_equal(joined, whole)


@many
@given(rows=SMALL_ROWS)
@ESTIMATORS
def test_single_and_double_precision_agree(name, rows):
    est, single = fitted(name), rows.astype("f4")
    assert_close(answers(est, single), answers(est, single.astype(float)), rtol=1e-3, atol=1e-4)


@settings(many, max_examples=100)
@given(rows=arrays.arrays(float, (4, 3), elements=NUMBERS_OF_ANY_SIZE))
@ESTIMATORS
def test_answers_are_finite_for_any_finite_input(name, rows):
    est = fitted(name)
    try:
        found = answers(est, rows)
    except ValueError as error:
        assert "The network's output is not finite. X holds values as large as" in str(error)
        assert np.abs(rows).max() > 1e290
        return
    for answer in found.values():
        assert answer.dtype.kind != "f" or np.isfinite(answer).all()
    if name in CLASSIFIERS:
        P = found["predict_proba"]
        assert P.min() >= 0 and P.max() <= 1
        assert_allclose(P.sum(axis=1), 1, rtol=1e-12)
        assert_allclose(np.exp(found["predict_log_proba"]), P, rtol=1e-7, atol=1e-15)


# Copies and continuation


@few
@given(params=PARAMS)
@ESTIMATORS
def test_copies_are_alike(name, params):
    est = make(name, **params).fit(X, y_of(name))
    once = pickle.loads(pickle.dumps(est))
    twice = pickle.loads(pickle.dumps(once))
    assert_same(vars(once), vars(est))
    assert_same(vars(twice), vars(est))
    assert_same(clone(clone(est)).get_params(), clone(est).get_params())
    assert_same(answers(clone(est).fit(X, y_of(name))), answers(est))


@few
@given(parts=st.lists(st.integers(1, 3), min_size=2, max_size=4))
@ESTIMATORS
def test_exact_warm_starts_add_up(name, parts):
    patience = {"tol": 0, "n_iter_no_change": 99}
    est = make(name, warm_start="exact", **patience)
    for n_epochs in parts:
        est = pickle.loads(pickle.dumps(est.set_params(max_iter=n_epochs).fit(X, y_of(name))))
    at_once = make(name, max_iter=sum(parts), **patience).fit(X, y_of(name))
    assert_same(answers(est), answers(at_once))
    assert est.loss_curve_ == at_once.loss_curve_


class Life(RuleBasedStateMachine):
    """Whatever an estimator lives through, its successful fits alone make it what it is."""

    @initialize(name=st.sampled_from(list(MAKERS)))
    def begin(self, name):
        self.name, self.est, self.fits, self.answers = name, make(name), [], None

    def data(self, seed):
        rng = np.random.default_rng(seed)
        rows = rng.integers(N, size=20)
        return X[rows] + rng.normal(size=(20, 3)), np.r_[y_of(self.name)[:2], y_of(self.name)[:18]]

    def remember(self, *fit):
        self.fits.append((*fit, self.est.get_params(deep=False)))
        self.answers = answers(self.est)

    @rule(seed=st.integers(0, 9))
    def fit(self, seed):
        self.est.fit(*self.data(seed))
        self.fits.clear()
        self.remember("fit", seed)

    @rule(seed=st.integers(0, 9))
    def partial_fit(self, seed):
        more = {"classes": ["no", "yes"]} if self.name in CLASSIFIERS else {}
        self.est.partial_fit(*self.data(seed), **more)
        self.remember("partial_fit", seed)

    @rule(alpha=st.sampled_from([0.0, 0.1]), lr=st.sampled_from([1e-3, 1e-2]))
    def set_params(self, alpha, lr):
        self.est.set_params(alpha=alpha, learning_rate_init=lr)

    @precondition(lambda self: self.fits)
    @rule()
    def be_refused_another_architecture(self):
        name, other = "hidden_layer_sizes", (9,)
        if self.name.startswith("Network"):
            name, other = "network", None
        before = getattr(self.est, name)
        self.est.set_params(**{name: other})
        with pytest.raises(ValueError, match=f"{name}=.* does not go with the fitted network"):
            self.est.partial_fit(*self.data(0))
        self.est.set_params(**{name: before})

    @rule(bad=st.sampled_from([np.nan, np.inf]), method=st.sampled_from(["fit", "partial_fit"]))
    def fail(self, bad, method):
        rows, y = self.data(0)
        rows[3, 1] = bad
        with pytest.raises(ValueError, match="NaN|infinity"):
            getattr(self.est, method)(rows, y)

    @rule()
    def fail_by_a_parameter(self):
        self.est.set_params(tol=-1)
        with pytest.raises(ValueError, match="The 'tol' parameter"):
            self.est.fit(*self.data(0))
        self.est.set_params(tol=1e-4)

    @rule()
    def be_pickled(self):
        self.est = pickle.loads(pickle.dumps(self.est))

    @rule()
    def be_cloned(self):
        with pytest.raises(NotFittedError):
            clone(self.est).predict(X)

    @invariant()
    def answers_are_those_after_the_latest_fit(self):
        if self.answers is None:
            with pytest.raises(NotFittedError):
                self.est.predict(X_NEW)
        else:
            assert_same(answers(self.est), self.answers)

    def teardown(self):
        if self.fits:
            twin = make(self.name)
            more = {"classes": ["no", "yes"]} if self.name in CLASSIFIERS else {}
            for method, seed, params in self.fits:
                twin.set_params(**params)
                getattr(twin, method)(*self.data(seed), **(more if method != "fit" else {}))
            assert_same(answers(twin), self.answers)


Life.TestCase.settings = settings(few, max_examples=15, stateful_step_count=12)
TestLife = Life.TestCase
