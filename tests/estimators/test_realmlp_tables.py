"""RealMLP takes tables as they are: what is missing, and what is no number."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context, get_config

from sknumpynn import RealMLPClassifier, RealMLPRegressor

BOTH = [RealMLPClassifier, RealMLPRegressor]
TINY = dict(hidden_layer_sizes=(8,), max_iter=4, n_members=2, random_state=0)


def make_table(n=80):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "number": rng.standard_normal(n),
            "with gaps": np.where(rng.random(n) < 0.2, np.nan, rng.gamma(2.0, size=n)),
            "nothing": np.full(n, np.nan),
            "constant": np.ones(n),
            "integer": rng.integers(0, 50, n),
            "nullable": pd.array(np.where(rng.random(n) < 0.2, None, 3), dtype="Int64"),
            "bool": rng.random(n) < 0.5,
            "category": pd.Categorical.from_codes(rng.integers(-1, 3, n), ["a", "b", "c"]),
            "many": pd.Categorical(rng.integers(0, 20, n).astype(str)),
            "string": pd.array(rng.choice(["x", "y", "z"], n), dtype="string"),
            "object": rng.choice(np.array(["u", "v", None], dtype=object), n),
        }
    )
    is_x = (table["string"] == "x").to_numpy(float)
    return table, (table["number"] + 2 * is_x + table["bool"]).to_numpy(float)


def fitted(Estimator, table, target, **params):
    y = target > np.median(target) if Estimator is RealMLPClassifier else target
    return Estimator(**{**TINY, **params}).fit(table, y)


def output(est, X):
    return est.predict_proba(X) if hasattr(est, "predict_proba") else est.predict(X)


@pytest.mark.parametrize("Estimator", BOTH)
def test_a_table_goes_in_as_it_is(Estimator):
    table, target = make_table(300)
    untouched = table.copy()
    params = dict(hidden_layer_sizes=(32,), max_iter=40)
    est = fitted(Estimator, table[:200], target[:200], **params)
    pd.testing.assert_frame_equal(table, untouched)
    assert_array_equal(est.feature_names_in_, table.columns)
    y = target > np.median(target[:200]) if Estimator is RealMLPClassifier else target
    assert est.score(table[200:], y[200:]) > 0.8
    assert est.encoder_.cardinalities_ == [21]


@pytest.mark.parametrize("Estimator", BOTH)
def test_unseen_and_missing_categories_predict_alike(Estimator):
    table, target = make_table()
    est = fitted(Estimator, table, target)
    unseen, missing = table.copy(), table.copy()
    for name in ("category", "many", "string", "object"):
        unseen[name], missing[name] = "unheard of", None
    assert np.isfinite(output(est, unseen)).all()
    assert_array_equal(output(est, unseen), output(est, missing))


@pytest.mark.parametrize("Estimator", BOTH)
def test_a_column_that_says_nothing_changes_nothing_but_initial_weights(Estimator):
    table, target = make_table()
    est = fitted(Estimator, table, target)
    other = table.assign(nothing=5.0, constant=-3.0)
    assert_array_equal(output(est, other), output(est, table))


@pytest.mark.parametrize("Estimator", BOTH)
def test_columns_are_checked(Estimator):
    table, target = make_table()
    est = fitted(Estimator, table, target)
    with pytest.raises(ValueError, match="same order"):
        est.predict(table[table.columns[::-1]])
    with pytest.raises(ValueError, match="number"):
        est.predict(table.drop(columns="number"))


@pytest.mark.parametrize("Estimator", BOTH)
def test_errors_and_warnings_about_features_name_the_estimator(Estimator, rng):
    X, y, name = rng.standard_normal((40, 3)), np.arange(40) % 2, Estimator.__name__
    est = Estimator(**TINY).fit(pd.DataFrame(X, columns=["a", "b", "c"]), y)
    with pytest.warns(UserWarning, match=f"{name} was fitted with feature names"):
        est.predict(X)
    with pytest.raises(ValueError, match=f"required by {name}"):
        est.predict(pd.DataFrame(X[:0], columns=["a", "b", "c"]))
    few = f"X has 2 features, but {name} is expecting 3"
    with pytest.raises(ValueError, match=few):  # and no warning of names that it forgets
        est.fit(X, y, X_val=X[:9, :2], y_val=y[:9])
    with pytest.raises(ValueError, match=few):
        est.fit(X, y).predict(X[:, :2])


@pytest.mark.parametrize(
    "column, message",
    [
        (np.r_[np.zeros(79), np.inf], "'odd'.*inf|inf.*'odd'"),
        (pd.date_range("2024-01-01", periods=80), "'odd'.*(date|time)"),
        (pd.to_timedelta(np.arange(80), unit="h"), "'odd'.*(date|time)"),
        ([["a", "list"]] * 80, "'odd'"),
    ],
)
@pytest.mark.parametrize("Estimator", BOTH)
def test_what_is_wrong_with_a_column_is_said(Estimator, column, message):
    table, target = make_table()
    with pytest.raises((ValueError, TypeError), match=message):
        fitted(Estimator, table.assign(odd=column), target)


@pytest.mark.parametrize("Estimator", BOTH)
@pytest.mark.parametrize(
    "reshape, message",
    [
        (lambda X: X[0], "Expected 2D array, got 1D array"),
        (lambda X: X[0].tolist(), "Expected 2D array, got 1D array"),
        (lambda X: X[:, 0], "Expected 2D array, got 1D array"),
        (lambda X: X[np.newaxis], "dim 3"),
        (lambda X: 3.0, "got scalar array"),
        (lambda X: pd.Series(X[0]), "Expected a 2-dimensional container"),
        (lambda X: X[:9], r"inconsistent numbers of samples: \[9, 20\]"),
        (lambda X: pd.DataFrame(X[:9]), r"inconsistent numbers of samples: \[9, 20\]"),
        (lambda X: np.full((9, 3), np.inf), r"inconsistent numbers of samples: \[9, 20\]"),
    ],
)
def test_a_wrong_shape_comes_before_the_number_of_rows(Estimator, reshape, message, rng):
    X = rng.normal(size=(20, 3))
    y, wrong = X[:, 0] > 0, reshape(X)
    with pytest.raises(ValueError, match=message):
        Estimator(**TINY).fit(wrong, y)
    with pytest.raises(ValueError, match=message):
        Estimator(**TINY).fit(np.vstack([X, X]), np.r_[y, y], X_val=wrong, y_val=y)


@pytest.mark.parametrize("Estimator", BOTH)
def test_other_containers_make_no_difference(Estimator):
    table, target = make_table()
    expected = output(fitted(Estimator, table, target), table)
    values = table.astype(object).where(table.notna(), None).to_numpy()
    categorical = ["bool", "category", "many", "string", "object"]
    places = [table.columns.get_loc(name) for name in categorical]
    est = fitted(Estimator, values, target, categorical_features=places)
    assert_allclose(output(est, values), expected)
    pl = pytest.importorskip("polars")
    frame = pl.from_pandas(table)
    assert_allclose(output(fitted(Estimator, frame, target), frame), expected)
    arrow = frame.to_arrow()
    assert_allclose(output(fitted(Estimator, arrow, target), arrow), expected)


@pytest.mark.parametrize("container", ["pandas", "polars"])
@pytest.mark.parametrize("Estimator", BOTH)
def test_where_transformers_are_to_give_frames_nothing_changes(Estimator, container):
    pytest.importorskip(container)
    table, target = make_table()
    expected = output(fitted(Estimator, table, target), table)
    with config_context(transform_output=container):
        assert_array_equal(output(fitted(Estimator, table, target), table), expected)


@pytest.mark.parametrize("Estimator", BOTH)
def test_only_categories(Estimator):
    table, target = make_table()
    for names in (["string"], ["many"], ["string", "many"]):
        assert np.isfinite(output(fitted(Estimator, table[names], target), table[names])).all()


@pytest.mark.parametrize("Estimator", BOTH)
def test_held_out_rows_do_not_tell_the_encoder_anything(Estimator):
    table, target = make_table()
    est = fitted(Estimator, table, target)
    y = target > np.median(target) if Estimator is RealMLPClassifier else target
    alone = Estimator(**TINY).fit(table[:60], y[:60], X_val=table[60:], y_val=y[60:])
    expected = table["number"][:60].median()
    assert alone.encoder_.center_[0] == pytest.approx(expected)
    assert est.encoder_.center_[0] != pytest.approx(table["number"].median())


@pytest.mark.parametrize("Estimator", BOTH)
def test_global_state_is_not_touched_and_threads_may_predict(Estimator, capsys):
    table, target = make_table()
    drawn, errors = np.random.get_state()[1].copy(), np.geterr()  # noqa: NPY002
    est = fitted(Estimator, table, target)
    expected = output(est, table)
    with ThreadPoolExecutor(4) as pool:
        for got in pool.map(lambda _: output(est, table), range(8)):
            assert_array_equal(got, expected)
    assert_array_equal(np.random.get_state()[1], drawn)  # noqa: NPY002
    assert np.geterr() == errors
    assert capsys.readouterr() == ("", "")
    fitted(Estimator, table, target, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert lines[0].startswith("Network 1 of 2: epoch 1 of 4, loss = ")
    assert "validation score = " in lines[0]
    fitted(Estimator, table, target, verbose=True, validation_fraction=0.0)
    assert "validation" not in capsys.readouterr().out


def score_by_configuration(est, X, y):
    return float(get_config()["assume_finite"])


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_processes_go_by_the_configuration_of_the_caller(n_jobs):
    table, target = make_table()
    with config_context(assume_finite=True):
        est = fitted(RealMLPRegressor, table, target, scoring=score_by_configuration, n_jobs=n_jobs)
    assert est.score_curves_ == [[1.0] * 4] * 2
