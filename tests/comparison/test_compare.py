"""Estimators are compared on the same folds, and what cannot be compared is said in one line."""

import warnings
from datetime import date
from decimal import Decimal

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict, cross_validate
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

import sknumpynn
from sknumpynn import MLPClassifier, RealMLPClassifier
from sknumpynn.comparison import compare, default_estimators
from tests.comparison.cases import DUMMY, LABELS, NUMBERS, Failing, X


@pytest.fixture(scope="module")
def pd():
    return pytest.importorskip("pandas")


def mixed_table(pd, n_rows=60):
    """A table of all kinds of columns, of which some values are missing."""
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=n_rows)
    numbers[::7] = np.nan
    rare = np.full(n_rows, np.nan)
    rare[3] = 5.0  # in some training rows there is none
    return pd.DataFrame(
        {
            "number": numbers,
            "rare": rare,
            "whole": rng.integers(0, 9, n_rows),
            "nullable": pd.array([None, 1] * (n_rows // 2), dtype="Int64"),
            "yes": rng.random(n_rows) > 0.5,
            "maybe": pd.array([None, True, False] * (n_rows // 3), dtype="boolean"),
            "text": rng.choice(["a", "b", None], n_rows),
            "any": [None, True, "x"] * (n_rows // 3),
            "key": [f"k{i}" for i in range(n_rows)],  # each unseen in training
            "category": pd.Categorical(rng.choice([1, 2], n_rows)),
        }
    )


# What is computed


@pytest.mark.parametrize("shuffled", [True, False])
def test_scores_are_those_of_cross_validate(shuffled):
    cv = StratifiedKFold(4, shuffle=True, random_state=3) if shuffled else StratifiedKFold(4)
    given = {"cv": 4, "random_state": 3} if shuffled else {"cv": cv}
    result = compare(X, LABELS, {"tree": DecisionTreeClassifier(max_depth=2)}, **given)
    tree = DecisionTreeClassifier(max_depth=2)
    scoring = {"accuracy": "accuracy", "log_loss": "neg_log_loss"}
    expected = cross_validate(tree, X, LABELS, cv=cv, scoring=scoring)
    assert_array_equal(result.results["tree"]["score"], expected["test_accuracy"])
    assert_allclose(result.results["tree"]["log_loss"], -expected["test_log_loss"])
    (row,) = result.rows
    assert row["accuracy"] == expected["test_accuracy"].mean()
    assert row["accuracy_std"] == expected["test_accuracy"].std()
    assert row["fit_seconds"] > 0 and row["predict_seconds"] > 0


def test_regression():
    result = compare(X, NUMBERS, [LinearRegression(), DummyRegressor()], cv=3)
    assert result.task == "regression" and result.metrics == ("r2", "rmse")
    assert list(result.results) == ["LinearRegression", "DummyRegressor"]  # the best first
    folds = KFold(3, shuffle=True, random_state=0)
    Yp = cross_val_predict(LinearRegression(), X, NUMBERS, cv=folds)
    errors = [np.sqrt(np.mean((Yp - NUMBERS)[test] ** 2)) for _, test in folds.split(X)]
    assert_allclose(result.results["LinearRegression"]["rmse"], errors)


def test_another_score_and_several_jobs():
    ests = {"log": LogisticRegression(), "dummy": DUMMY}
    with joblib.parallel_config("threading"):
        result = compare(X, LABELS, ests, cv=3, scoring="roc_auc", n_jobs=2)
    assert result.metrics[0] == "roc_auc"
    assert result.rows[1]["roc_auc"] == 0.5


def test_log_loss_of_a_fold_without_a_class():
    y = np.repeat(["a", "b", "c"], 20)
    train, test = np.arange(0, 60, 2), np.arange(1, 19, 2)  # of "a" alone
    result = compare(X, y, [LogisticRegression()], cv=[(train, test)])
    P = LogisticRegression().fit(X[train], y[train]).predict_proba(X[test])
    expected = log_loss(y[test], P, labels=["a", "b", "c"])
    assert_allclose(result.results["LogisticRegression"]["log_loss"], [expected])


def test_without_probabilities_there_is_no_log_loss():
    result = compare(X, LABELS, [LinearSVC()], cv=2)
    assert np.isnan(result.rows[0]["log_loss"]) and "-" in str(result).split()


# The task


@pytest.mark.parametrize(
    "y, task",
    [
        (LABELS, "classification"),
        (LABELS == "yes", "classification"),
        (np.arange(60) % 3, "classification"),
        (np.arange(60) % 3.0, "classification"),
        (np.arange(120) % 20, "classification"),
        (np.arange(120) % 21, "regression"),
        (np.arange(60).astype(float), "regression"),
        (NUMBERS, "regression"),
    ],
)
def test_the_target_tells_the_task(y, task):
    est = DUMMY if task == "classification" else DummyRegressor()
    assert compare(np.resize(X, (len(y), 3)), y, [est], cv=2).task == task


def test_the_task_can_be_told():
    y = np.arange(60) % 3
    assert compare(X, y, [DummyRegressor()], cv=2, task="regression").task == "regression"
    y = np.arange(60) % 30
    assert compare(X, y, [DUMMY], cv=2, task="classification").task == "classification"


# The default estimators


def quick_estimators(table, y):
    ests = default_estimators(table, y)
    for name, est in ests.items():
        params = {k: 3 for k in est.get_params() if k.endswith("__max_iter") or k == "max_iter"}
        est.set_params(**{k: v for k, v in params.items() if "logistic" not in k})
        if name == "RealMLP":
            est.set_params(n_members=1, hidden_layer_sizes=(4,), max_iter=2)
    return ests


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_default_estimators_take_all_kinds_of_columns(task, pd):
    table = mixed_table(pd)
    y = LABELS if task == "classification" else NUMBERS
    ests = quick_estimators(table, pd.Series(y))
    result = compare(table, y, ests, cv=3)
    assert not [note for note in result.notes.values() if "failed" in note]
    assert all(np.isfinite(list(row.values())[1:]).all() for row in result.rows)
    assert_allclose(*(result.results[name]["score"] for name in ("MLP", "scikit-learn's MLP")))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_where_transformers_are_to_give_frames_nothing_changes(pd):
    table = mixed_table(pd)
    for est in quick_estimators(table, NUMBERS).values():
        expected = est.fit(table, NUMBERS).predict(table)
        with config_context(transform_output="pandas"):
            assert_allclose(est.fit(table, NUMBERS).predict(table), expected)


def test_categories_are_told_from_numbers(pd):
    ests = default_estimators(mixed_table(pd), LABELS)
    names = mixed_table(pd).columns
    expected = ["yes", "maybe", "text", "any", "key", "category"]
    assert names[ests["RealMLP"].categorical_features].tolist() == expected
    boosting = ests["gradient boosting"][-1]
    assert boosting.categorical_features.tolist() == list(range(6))


def test_lists_of_numbers_and_strings():
    rows = [[float(i), "a"] for i in range(60)]
    mask = default_estimators(rows, LABELS)["RealMLP"].categorical_features
    assert mask.tolist() == [False, True]


def test_other_frames():
    pl = pytest.importorskip("polars")
    table = pl.DataFrame({"x": X[:, 0], "c": ["a", "b", None] * 20})
    linear = default_estimators(table, pl.Series(LABELS))["linear"]
    assert compare(table, pl.Series(LABELS), {"linear": linear}, cv=2).rows[0]["accuracy"] > 0.8


def test_default_estimators_are_of_the_task():
    assert isinstance(default_estimators(X, LABELS)["RealMLP"], RealMLPClassifier)
    names = {type(est).__name__ for est in default_estimators(X, NUMBERS).values()}
    assert "RealMLPRegressor" in names and "RealMLPClassifier" not in names


def test_more_categories_than_boosting_takes(pd):
    table = pd.DataFrame({"key": [f"k{i}" for i in range(700)], "x": np.arange(700.0)})
    est = default_estimators(table, np.arange(700) % 2)["gradient boosting"]
    est[-1].set_params(max_iter=2)
    assert not compare(table, np.arange(700) % 2, {"boosting": est}, cv=2).notes


def test_the_comparison_is_at_hand():
    assert sknumpynn.compare is compare
    with pytest.raises(AttributeError, match="no attribute 'compares'"):
        sknumpynn.compares  # noqa: B018


# What goes wrong


def test_one_that_fails_leaves_the_others():
    result = compare(X, LABELS, {"bad": Failing(), "log": LogisticRegression()}, cv=2)
    assert list(result.results) == ["log", "bad"]
    assert result.notes == {"bad": "failed: RuntimeError: no luck"}
    assert "bad: failed: RuntimeError: no luck" in str(result)
    with pytest.raises(ValueError, match="All estimators failed, the first one so: failed: Runt"):
        compare(X, LABELS, [Failing()], cv=2)


def test_fits_that_do_not_converge_are_noted():
    result = compare(X, LABELS, [MLPClassifier((2,), max_iter=2)], cv=2)
    assert result.notes == {"MLPClassifier": "2 warnings of fits that did not converge"}


@pytest.mark.parametrize(
    "X, y, message",
    [
        (X[:, 0], LABELS, "rows and columns, but its shape is .60,"),
        (X[:, :0], LABELS, "rows and columns"),
        (X[:0], LABELS[:0], "rows and columns"),
        (csr_array(X), LABELS, "toarray"),
        (np.where([[0, 1, 0]], np.nan, X), LABELS, "Column 1 has no value"),
        (np.where([[0, 1, 0]], np.inf, X), LABELS, "Column 1 .* infinity"),
        (X, LABELS[:9], "one value for each of 60 rows"),
        (X, X, "one value for each of 60 rows"),
        (X, np.full(60, "a"), "a single value, 'a'"),
        (X, np.where(X[:, 0] > 0, NUMBERS, np.nan), "missing in [0-9]+ of 60 rows"),
        (X, np.where(X[:, 0] > 0, LABELS, None), "missing in [0-9]+ of 60 rows"),
        (X, np.r_[np.inf, NUMBERS[1:]], "infinity"),
        (X, np.r_[["a"] * 56, ["b"] * 4], "Class 'b' has 4 .* too few for cv=5"),
        (np.ma.masked_greater(X, 1), LABELS, "X is a masked array"),
        (X, np.ma.masked_greater(NUMBERS, 1), "y is a masked array"),
        (X, [date(2000, 1, 1), date(2000, 1, 2)] * 30, "'y' holds dates or times"),
        (X, np.arange(60).astype("datetime64[ns]"), "'y' holds dates or times"),
        (X, np.arange(60).astype("timedelta64[D]"), "'y' holds dates or times"),
        (X, [1, "1", "2"] * 20, "strings and others"),
        (X, np.array([True, "True"] * 30, dtype=object), "strings and others"),
        (X, [10**400, *NUMBERS[1:]], "'y' .*too large"),
        (X, NUMBERS * 1j, "Complex data not supported"),
        (X[:9], NUMBERS[:9], "9 rows are too few for cv=5"),
    ],
)
def test_data_that_cannot_be_compared_on(X, y, message):
    with pytest.raises(ValueError, match=message):
        compare(X, y)


@pytest.mark.parametrize(
    "params, message",
    [
        ({"cv": 1}, "cv=1 is too small"),
        ({"task": "ranking"}, "task must be"),
        ({"task": "regression"}, "takes numbers, but the target has '(yes|no)'"),
        ({"estimators": []}, "no estimators"),
        ({"estimators": [DUMMY, DUMMY]}, "name them"),
        ({"scoring": "luck"}, "luck"),
    ],
)
def test_wrong_arguments(params, message):
    with pytest.raises(ValueError, match=message):
        compare(X, LABELS, **params)
    with pytest.raises(ValueError, match="has fractions"):
        compare(X, NUMBERS, task="classification")


def test_decimal_numbers_are_numbers():
    exact = [Decimal(value) for value in NUMBERS.tolist()]
    result = compare(X, exact, [LinearRegression()])
    expected = compare(X, NUMBERS, [LinearRegression()])
    assert result.task == "regression"
    assert result.rows[0]["r2"] == expected.rows[0]["r2"]


def test_names_need_not_be_strings():
    result = compare(X, LABELS, {1: DUMMY, ("a", 2): DUMMY})
    assert sorted(result.results) == ["('a', 2)", "1"]
    assert "1 " in str(result) and "<td>1</td>" in result.to_html()


def test_scores_that_are_not_numbers_are_noted():
    """As those of a fold in which a class is missing may be."""
    numbers = iter([np.nan, 1.0, 1.0])
    result = compare(X, LABELS, [DUMMY], cv=3, scoring=lambda est, X, y: next(numbers))
    assert result.notes == {"DummyClassifier": "the score is not a number in 1 of 3 folds"}
    assert "No estimator has a score in every fold" in result.to_html()
    with pytest.raises(ValueError, match="first one so: the score is not a number in 3 of 3 folds"):
        compare(X, LABELS, [DUMMY], cv=3, scoring=lambda est, X, y: np.nan)


class Complaining(DummyClassifier):
    """Warns when fitted."""

    def fit(self, X, y, sample_weight=None):
        warnings.warn("mind the gap", stacklevel=2)
        return super().fit(X, y, sample_weight)


def test_other_warnings_are_handed_on():
    with pytest.warns(UserWarning, match="mind the gap"):
        comparison = compare(X, LABELS, estimators={"warns": Complaining()}, cv=3)
    assert comparison.notes == {}
    assert repr(comparison) == "<Comparison of warns>"
