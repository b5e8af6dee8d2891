"""What a user may count on, of every estimator: the contracts C1 to C11, one section each.

Inputs are in test_inputs.py and test_inputs_target.py, faults in test_faults.py, relations in
test_properties.py, more of the estimators of tables in test_contracts_tables.py.
"""

import copy
import os
import pickle
import re
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from sknumpynn._version import Stamped
from sknumpynn.core import Layer, Parameter
from tests.models import (
    MAKERS,
    REGRESSORS,
    TABLE_MAKERS,
    X_NEW,
    X,
    answers,
    fitted,
    make,
    state,
    target,
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ESTIMATORS = pytest.mark.parametrize("name", MAKERS)
ALL = pytest.mark.parametrize("name", MAKERS | TABLE_MAKERS)


# C1: a user's mistake is an error that says what, and is found before anything changes

MISTAKES = {
    "alpha": (-1.0, r"must be a float in the range \[0, inf\). Got -1.0 instead"),
    "batch_size": (0, r"must be a str among \{'auto'\} or an int in the range \[1, inf\). Got 0"),
    "learning_rate": ("fast", "must be a str among {'constant', .*'cosine'.* Got 'fast'"),
    "learning_rate_init": (float("nan"), r"must be a float in the range \(0, inf\). Got nan"),
    "max_iter": (2.5, r"must be an int in the range \[1, inf\). Got 2.5"),
    "random_state": ("a", "must be an int in the range .*, an instance of .* or None. Got 'a'"),
    "early_stopping": (0, "must be an instance of 'bool'. Got 0"),
    "warm_start": ("often", "must be a str among {'exact'} or an instance of 'bool'. Got 'often'"),
    "dtype": ("float16", "must be a str among {'float32', 'float64'} or None. Got 'float16'"),
    "tol": (None, r"must be a float in the range \[0, inf\). Got None"),
    "n_iter_no_change": (0, r"must be an int in the range \[1, inf\) or inf. Got 0"),
    "scoring": ("best", r"must be a str among {'loss', .* Got 'best'"),
}


@ESTIMATORS
@pytest.mark.parametrize("param", MISTAKES)
def test_c1_a_parameter_is_named_with_what_it_may_be(param, name):
    value, message = MISTAKES[param]
    old, new = fitted(name).set_params(**{param: value}), make(name, **{param: value})
    for est, train in [(old, old.fit), (old, old.partial_fit), (new, new.fit)]:
        before = state(vars(est))
        with pytest.raises(ValueError, match=f"The '{param}' parameter of {name} {message}"):
            train(None, None)  # it is found before the data are looked at
        assert state(vars(est)) == before


@ALL
@pytest.mark.parametrize("param", ["nonsense", "max_iter__nonsense", "nonsense__alpha"])
def test_c1_an_unknown_parameter_is_named(param, name):
    with pytest.raises(ValueError, match=f"Invalid parameter .*{param.split('__')[0]}"):
        make(name).set_params(**{param: 1})


@ALL
def test_c1_what_is_not_fitted_says_so(name):
    est = make(name)
    asked = ["predict", "predict_proba", "predict_log_proba", "transform", "input_gradients"]
    for method in [method for method in asked if hasattr(est, method)]:
        with pytest.raises(NotFittedError, match=f"This {name} instance is not fitted yet"):
            getattr(est, method)(X)
    with pytest.raises(NotFittedError):
        est.score(X, target(name))


# C2: training is all or nothing


def raising(exception, at):
    """A score that raises at the given call."""
    calls = iter(range(1, 1000))

    def score(est, X, y):
        est.predict(X)  # as scorers do
        if next(calls) == at:
            raise exception("in the middle")
        return 0.5

    return score


@ESTIMATORS
@pytest.mark.parametrize("exception", [RuntimeError, MemoryError, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("way", ["first fit", "refit", "warm start"])
def test_c2_an_exception_of_the_users_code_rolls_back(way, exception, name):
    params = dict(early_stopping=True, scoring=raising(exception, 1), validation_fraction=0.3)
    est = make(name) if way == "first fit" else fitted(name)
    est.set_params(**params, warm_start=way == "warm start")
    before = state(vars(est))
    with pytest.raises(exception, match="in the middle"):
        est.fit(X, target(name))
    assert state(vars(est)) == before
    if way == "first fit":
        with pytest.raises(NotFittedError):
            check_is_fitted(est)


# C3: Ctrl-C keeps the last complete epoch


@ESTIMATORS
@pytest.mark.parametrize("early_stopping", [False, True])
def test_c3_an_interrupt_keeps_what_complete_epochs_brought(name, early_stopping):
    params = dict(early_stopping=early_stopping, max_iter=9, tol=0)
    data = dict(X_val=X_NEW, y_val=target(name)[:10])
    with pytest.warns(UserWarning, match="interrupted by user in epoch 4"):
        est = make(name, scoring=raising(KeyboardInterrupt, 4), **params)
        est.fit(X, target(name), **data)
    shorter = make(name, scoring=raising(KeyboardInterrupt, 99), **params | {"max_iter": 3})
    shorter.fit(X, target(name), **data)
    assert est.n_iter_ == 3
    assert est.history_ == shorter.history_
    assert state(answers(est)) == state(answers(shorter))


# C4: divergence is told, and leaves finite weights or the old ones

STEEP = dict(solver="sgd", learning_rate_init=1e3, batch_size=36, momentum=0.9, max_iter=300)


def steep(name, **params):
    params = {**STEEP, "tol": 0, "n_iter_no_change": 1000, **params}
    if name.startswith("Network"):
        params["optimizer"] = params.pop("solver")
        params["network"] = None
    return make(name, **params)


@pytest.mark.parametrize("name", REGRESSORS)
def test_c4_divergence_goes_back_to_the_best_epoch(name):
    est = steep(name, learning_rate_init=0.5)
    with pytest.warns(ConvergenceWarning, match=r"diverged in epoch \d+.*learning_rate_init=0.5"):
        est.fit(X, 10 * target(name))
    assert np.isnan(est.loss_curve_[-1]) and np.isfinite(est.loss_curve_[:-1]).all()
    assert np.isfinite(est.predict(X)).all()


@ESTIMATORS
def test_c4_a_loss_that_stays_far_above_the_first_is_divergence(name):
    params = dict(learning_rate_init=1e6, batch_size=36, tol=0)
    est = make(name, max_iter=20, **params)
    with pytest.warns(ConvergenceWarning, match="diverged in epoch .* more than 1000 times what"):
        est.fit(X, target(name))
    assert est.loss_curve_[-1] > 1000 * est.loss_curve_[0]
    # A loss is that of the weights before the epoch, and those that count have been trained.
    assert est.best_iter_ == 1 + np.argmin(est.loss_curve_[1:])
    if name == "MLPRegressor":
        errors = 0.5 * np.mean((est.predict(X) - target(name)) ** 2)
        assert_allclose(errors, est.loss_curve_[est.best_iter_], rtol=1e-3)


@pytest.mark.parametrize("name", REGRESSORS)
def test_c4_divergence_in_the_first_epoch_is_an_error(name):
    start = (
        "^Solver produced non-finite parameter weights. The input data may contain large values "
        "and need to be preprocessed. The largest in size, 3, is in column 0 of X: scale it.*or "
        r"lower learning_rate_init=1e\+200"
    )
    old = fitted(name)
    before = state(vars(old))
    for est in (steep(name), old.set_params(**steep(name).get_params(deep=False))):
        with pytest.raises(ValueError, match=start):
            est.set_params(batch_size=1, learning_rate_init=1e200).fit(X, target(name))
    assert state(vars(old.set_params(**fitted(name).get_params(deep=False)))) == before


# C5: what is fitted is frozen


@ALL
def test_c5_set_params_changes_no_answer(name):
    est = fitted(name)
    before = state(answers(est))
    for param in est.get_params(deep=False):
        other = copy.deepcopy(est).set_params(**{param: "something else"})
        assert state(answers(other)) == before, param


@ESTIMATORS
@pytest.mark.parametrize("way", ["warm start", "partial_fit"])
def test_c5_the_architecture_stays(name, way):
    param, asked = ("network", None) if "Network" in name else ("hidden_layer_sizes", (7, 7))
    est = fitted(name).set_params(**{param: asked}, warm_start=way == "warm start")
    message = rf"{param}={re.escape(repr(asked))} does not go with the fitted network, which has"
    with pytest.raises(ValueError, match=message):
        (est.fit if way == "warm start" else est.partial_fit)(X, target(name))


# C6: the same seed gives the same numbers

PROGRAM = """
import hashlib, warnings; warnings.simplefilter("ignore")
from tests.models import MAKERS, TABLE_MAKERS, answers, make, state, target, X
for name in MAKERS | TABLE_MAKERS:
    est = make(name).fit(X, target(name))
    getattr(est, "partial_fit", est.fit)(X, target(name))
    print(name, hashlib.sha256(repr(state(answers(est))).encode()).hexdigest())
"""


def test_c6_processes_agree_without_docstrings_too():
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = dict(capture_output=True, text=True, check=True)
    printed = [
        subprocess.run([sys.executable, *options], env={**env, "PYTHONHASHSEED": seed}, **run)
        for seed, options in (("1", ["-c", PROGRAM]), ("2", ["-OO", "-c", PROGRAM]))
    ]
    assert printed[0].stdout == printed[1].stdout
    assert len(printed[0].stdout.splitlines()) == len(MAKERS | TABLE_MAKERS)


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_c6_numbers_of_threads_agree(name):
    rows = np.random.default_rng(0).normal(size=(200, 20))
    y = np.resize(target(name), 200)
    wide = dict(hidden_layer_sizes=(1100,), batch_size=200, max_iter=3)  # for several threads
    predictions = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            predictions.append(answers(make(name, **wide).fit(rows, y), rows))
    for method in predictions[0]:
        if predictions[0][method].dtype.kind == "f":
            assert_allclose(predictions[0][method], predictions[1][method], rtol=1e-6, atol=1e-6)


@ESTIMATORS
def test_c6_memory_mapped_it_resumes_bit_for_bit(name, tmp_path):
    exact = make(name, warm_start="exact", tol=0).fit(X, target(name))
    joblib.dump(exact, tmp_path / "est")
    mapped = joblib.load(tmp_path / "est", mmap_mode="r").fit(X, target(name))
    at_once = make(name, max_iter=8, tol=0).fit(X, target(name))
    assert state(answers(mapped)) == state(answers(at_once))


# C7: numbers come out finite, in the type of those that went in


@ESTIMATORS
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_c7_the_type_of_x_is_that_of_the_answers(name, dtype):
    est = make(name).fit(X.astype(dtype), target(name))
    for answer in answers(est, X_NEW.astype(dtype)).values():
        assert answer.dtype == dtype or answer.dtype.kind not in "fc"


@ALL
@pytest.mark.parametrize("trained_in", ["float32", "float64"])
def test_c7_a_row_is_answered_as_if_alone(name, trained_in):
    est = make(name, max_iter=50).fit(X.astype(trained_in), target(name))
    rows = np.random.default_rng(0).normal(size=(300, 3))
    for method, whole in answers(est, rows).items():
        alone = np.concatenate([answers(est, row[np.newaxis])[method] for row in rows[:40]])
        if whole.dtype.kind == "f":
            assert_allclose(whole[:40], alone, rtol=1e-10, atol=1e-12)


# C8: weights


@ESTIMATORS
def test_c8_batches_without_weight_are_skipped(name):
    weights = np.r_[np.zeros(30), np.ones(6)]
    params = dict(batch_size=6, shuffle=False, alpha=0)
    if name.startswith("Network"):
        params["network"] = None
    whole = make(name, **params).fit(X, target(name), sample_weight=weights)
    y = target(name).copy()
    y[:30] = y[:30][::-1]
    noisy = make(name, **params).fit(np.r_[100 * X[:30], X[30:]], y, sample_weight=weights)
    for method, answer in answers(whole).items():
        assert_array_equal(answers(noisy)[method], answer)


@ESTIMATORS
def test_c8_rows_without_weight_have_no_say_in_validation(name):
    weights = (np.arange(36) % 3 > 0).astype(float)
    noisy = np.where(weights[:, np.newaxis] > 0, X, -50.0)
    params = dict(early_stopping=True, validation_fraction=0.5, batch_size="auto", alpha=0)
    if name.startswith("Network"):
        params["network"] = None
    scores = [
        make(name, **params).fit(rows, target(name), sample_weight=weights).validation_scores_
        for rows in (X, noisy)
    ]
    assert_allclose(scores[0], scores[1], rtol=1e-9)


# C9 is about tables: tests/estimators/test_realmlp_tables.py. For the other estimators a column of
# words is an error that names it: tests/test_inputs.py.


# C10: files


def held_by(value, seen):
    """Yield all that an object holds, directly or not."""
    if id(value) not in seen:
        seen[id(value)] = value
        yield value
        parts = value if isinstance(value, list | tuple | set) else []
        if isinstance(value, dict):
            parts = [*value.keys(), *value.values()]
        elif hasattr(value, "__dict__") and not isinstance(value, type):
            parts = [vars(value)]
        for part in parts:
            yield from held_by(part, seen)


@ALL
def test_c10_what_is_fitted_is_made_of_plain_things_and_our_own(name):
    plain = dict, list, tuple, str, int, float, bool, type(None), np.generic, np.ndarray
    for thing in held_by(vars(fitted(name)), {}):
        is_known = isinstance(thing, (*plain, np.random.Generator, Layer, Parameter, Stamped))
        assert is_known or thing in (np.float32, np.float64)


@ESTIMATORS
def test_c10_a_pickle_holds_no_rows(name):
    rows = np.random.default_rng(0).normal(size=(1000, 3))
    y = np.resize(target(name), 1000)
    small, large = (
        pickle.dumps(make(name, early_stopping=early_stopping).fit(rows, y))
        for early_stopping in (False, True)
    )
    assert max(len(small), len(large)) < 1000 * 8  # as much as one column
    for pickled in (small, large):
        assert not any(row.tobytes() in pickled for row in rows[:, :2])


# C11: no side effects


@ESTIMATORS
def test_c11_nothing_else_changes(name, capsys):
    data = X.copy(), target(name).copy(), np.arange(36) % 2 + 1.0
    for array in data:
        array.flags.writeable = False
    before = np.geterr(), np.random.get_state()[1].tobytes()  # noqa: NPY002
    params = make(name).get_params()
    est = make(name, shuffle=False).fit(*data)
    est.partial_fit(*data).set_params(early_stopping=True).fit(*data)
    answers(est)
    assert (np.geterr(), np.random.get_state()[1].tobytes()) == before  # noqa: NPY002
    assert capsys.readouterr() == ("", "")
    assert clone(est).get_params().keys() == params.keys()


@ESTIMATORS
def test_c11_inputs_of_every_kind_stay_as_they_are(name):
    for given in (sparse.csr_array(X), sparse.csc_array(X), X.astype("f4"), np.asfortranarray(X)):
        before = given.copy()
        answers(make(name).fit(given, target(name)), given)
        assert state(given) == state(before)


@ALL
def test_c11_threads_may_predict_with_one_and_fit_others(name):
    est = fitted(name)
    parts = [X_NEW + i for i in range(40)]
    expected = [state(answers(est, part)) for part in parts]

    def work(i):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            own = make(name, random_state=i % 3).fit(X, target(name))
        return state(answers(est, parts[i])), state(answers(own))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, range(40)))
    assert [shared for shared, _ in found] == expected
    assert len({own for _, own in found}) == 3  # one for each seed
