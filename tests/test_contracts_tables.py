"""What a user may count on of the estimators of tables, where test_contracts.py has it otherwise.

C9, and more of C1 and C8, are in tests/estimators/test_realmlp_tables.py and test_realmlp_rows.py.
"""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from tests.models import TABLE_MAKERS, X_NEW, X, answers, fitted, make, state, target
from tests.test_contracts import raising

TABLES = pytest.mark.parametrize("name", TABLE_MAKERS)


# C1: a user's mistake is an error that says what, and is found before anything changes

MISTAKES = {
    "recipe": ("slow", "must be a str among {'default', .*}. Got 'slow'"),
    "n_members": (0, r"must be an int in the range \[1, inf\) or None. Got 0"),
    "numeric_embedding": ("waves", "must be a str among {'pbld', 'none'} or None. Got 'waves'"),
    "max_one_hot_categories": (-1, r"must be an int in the range \[0, inf\), inf or None"),
    "init": ("zeros", "must be a str among {'data', 'normal'} or None. Got 'zeros'"),
    "front_lr_scale": (-1.0, r"must be a float in the range \[0, inf\) or None. Got -1.0"),
    "max_iter": (2.5, r"must be a str among {'auto'}, an int in the range \[1, inf\) or None"),
    "learning_rate_init": (float("nan"), r"must be a float in the range \(0, inf\) or None"),
    "dropout": (1.0, r"must be a float in the range \[0, 1\) or None. Got 1.0"),
    "scoring": ("best", "must be a str among {'loss', .* Got 'best'"),
    "validation_fraction": (1.0, r"must be a float in the range \[0, 1\). Got 1.0"),
    "random_state": ("a", "must be an int in the range .* Got 'a'"),
}


@TABLES
@pytest.mark.parametrize("param", MISTAKES)
def test_c1_a_parameter_is_named_with_what_it_may_be(param, name):
    value, message = MISTAKES[param]
    old, new = fitted(name).set_params(**{param: value}), make(name, **{param: value})
    for est in (old, new):
        before = state(vars(est))
        with pytest.raises(ValueError, match=f"The '{param}' parameter of {name} {message}"):
            est.fit(None, None)  # it is found before the data are looked at
        assert state(vars(est)) == before


# C2 and C3: training is all or nothing, also if a user ends it


@TABLES
@pytest.mark.parametrize("exception", [RuntimeError, MemoryError, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("is_fitted", [False, True])
def test_c2_an_exception_of_the_users_code_rolls_back(is_fitted, exception, name):
    est = (fitted if is_fitted else make)(name)
    est.set_params(scoring=raising(exception, 5))  # in the second network
    before = state(vars(est))
    with pytest.raises(exception, match="in the middle"):
        est.fit(X, target(name))
    assert state(vars(est)) == before
    if not is_fitted:
        with pytest.raises(NotFittedError):
            check_is_fitted(est)


# C7: numbers come out finite


@TABLES
def test_c7_answers_are_finite_however_large_the_numbers_asked_about(name):
    largest = np.finfo(np.float64).max
    for far in (X_NEW * 1e30, np.full_like(X_NEW, largest), np.full_like(X_NEW, -largest)):
        for method, answer in answers(fitted(name), far).items():
            if answer.dtype.kind == "f":
                assert np.isfinite(answer).all(), method
            if method == "predict_proba":
                assert np.abs(answer.sum(axis=1) - 1).max() < 1e-12
                assert answer.min() >= 0


# C8: weights


@TABLES
def test_c8_only_proportions_of_weights_matter(name):
    weights = np.arange(36) % 3 + 0.5
    expected = answers(make(name).fit(X, target(name), sample_weight=weights))
    for factor in (2.0**-900, 2.0**900):
        scaled = make(name).fit(X, target(name), sample_weight=weights * factor)
        for method, answer in answers(scaled).items():
            assert_array_equal(answer, expected[method])


# C11: no side effects


@TABLES
def test_c11_nothing_else_changes(name, capsys):
    data = X.copy(), target(name).copy(), np.arange(36) % 2 + 1.0
    for array in data:
        array.flags.writeable = False
    before = np.geterr(), np.random.get_state()[1].tobytes()  # noqa: NPY002
    params = make(name).get_params()
    est = make(name).fit(*data, X_val=data[0][:9], y_val=data[1][:9], sample_weight_val=data[2][:9])
    answers(est)
    assert est.get_params() == params
    assert (np.geterr(), np.random.get_state()[1].tobytes()) == before  # noqa: NPY002
    assert capsys.readouterr() == ("", "")
