"""Cross-validate several estimators on the same folds."""

import time
import warnings
from functools import partial
from numbers import Integral

import numpy as np
from joblib import effective_n_jobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import get_scorer, log_loss, root_mean_squared_error
from sklearn.model_selection import KFold, StratifiedKFold, check_cv, cross_validate

from ._data import as_table, as_target, check_folds, choose_task
from ._estimators import default_estimators
from ._progress import Silence, tell_progress
from ._result import Comparison

__all__ = ["compare"]

SCORING = {"classification": "accuracy", "regression": "r2"}
SECOND = {"classification": "log_loss", "regression": "rmse"}


def compare(
    X,
    y,
    estimators=None,
    *,
    cv=5,
    task="auto",
    scoring=None,
    random_state=0,
    n_jobs=None,
    verbose=False,
):
    """Cross-validate estimators on a table of yours.

    All are fitted to and scored on the same rows. Times are those of fitting to a fold's training
    rows and of predicting its test rows, preprocessing included.

    Parameters
    ----------
    X : DataFrame, Arrow table or array-like of shape (n_samples, n_features)
        Numbers and categories, of which some may be missing.
    y : array-like of shape (n_samples,)
        Target.
    estimators : dict or list of estimators, default=None
        A dict names them. They get X as it is. By default those of `default_estimators`.
    cv : int or cross-validation splitter, default=5
        A number of folds, for which rows are shuffled and classes keep their proportions; or a
        splitter, such as `TimeSeriesSplit` if the order of the rows matters.
    task : {"auto", "classification", "regression"}, default="auto"
        By default classification for a target of labels, or of at most 20 whole numbers.
    scoring : str or callable, default=None
        One of scikit-learn's scorers, the greater the better; by default the accuracy, or R².
    random_state : int, default=0
        Used for shuffling the rows, and by the default estimators.
    n_jobs : int, default=None
        How many folds to fit at the same time. With several, each takes longer, and warnings in
        other processes go to stderr and are not counted.
    verbose : bool, default=False
        Whether to report the progress on stderr: a line for each estimator and, in a terminal, a
        bar below, if rich is installed.

    Returns
    -------
    comparison : Comparison
        Print it for a table.

    Raises
    ------
    ValueError
        If the data cannot be cross-validated, or all estimators fail.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sknumpynn import MLPClassifier, compare
    >>> X, y = load_iris(return_X_y=True)
    >>> comparison = compare(X, y, [MLPClassifier(solver="lbfgs"), LogisticRegression()], cv=3)
    >>> comparison.task
    'classification'
    >>> sorted(comparison.results)
    ['LogisticRegression', 'MLPClassifier']
    """
    X = as_table(X)
    y = as_target(y, X.shape[0])
    task = choose_task(y, task)
    check_folds(y, task, cv)
    if estimators is None:
        estimators = default_estimators(X, y, task=task, random_state=random_state)
    estimators = _named(estimators)
    if isinstance(cv, Integral):
        folds = StratifiedKFold if task == "classification" else KFold
        cv = folds(cv, shuffle=True, random_state=random_state)
    cv = list(check_cv(cv).split(X, y))
    scoring, second = scoring or SCORING[task], SECOND[task]
    results, notes = {}, {}
    with tell_progress(len(estimators), len(cv), verbose) as progress:
        is_here = effective_n_jobs(n_jobs) == 1  # a bar cannot be sent to other processes
        advance = progress.advance if is_here else Silence().advance
        score = partial(_score, scorer=get_scorer(scoring), second=second, advance=advance)
        for name, est in estimators.items():
            progress.begin(name)
            start = time.perf_counter()
            results[name], notes[name] = _validate(est, X, y, cv, score, second, n_jobs)
            mean, seconds = results[name]["score"].mean(), time.perf_counter() - start
            progress.end(f"{mean:.4f} in {seconds:.1f} s" if mean == mean else notes[name])
    if all(np.isnan(result["score"]).all() for result in results.values()):
        raise ValueError(f"All estimators failed, the first one so: {next(iter(notes.values()))}")
    names = "score" if callable(scoring) else scoring, second
    return Comparison(task, names, X.shape, results, notes)


def _named(estimators):
    if isinstance(estimators, dict):
        named = {str(name): est for name, est in estimators.items()}
    else:
        named = {type(est).__name__: est for est in estimators}
        if len(named) < len(estimators):
            raise ValueError("Several estimators of one class: name them, in a dict.")
    if not named:
        raise ValueError("There are no estimators to compare.")
    return named


def _validate(est, X, y, cv, score, second, n_jobs):
    """Results of cross-validating an estimator, arrays by name, and a note."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        try:
            found = cross_validate(
                est,
                X,
                y,
                cv=cv,
                scoring=score,
                n_jobs=n_jobs,
                return_estimator=True,
                error_score="raise",
            )
        except Exception as error:  # if one fails, the others still have results
            unknown = np.full(len(cv), np.nan)
            names = "score", second, "fit_seconds", "predict_seconds"
            result = dict.fromkeys(names, unknown) | {"estimators": []}
            return result, f"failed: {type(error).__name__}: {_first_line(error)}"
    n_unfinished = 0
    for warning in caught:
        if issubclass(warning.category, ConvergenceWarning):
            n_unfinished += 1
        else:
            warnings.warn(warning.message, stacklevel=3)
    result = {
        "score": found["test_score"],
        second: found[f"test_{second}"],
        "fit_seconds": found["fit_time"],
        "predict_seconds": found["test_predict_seconds"],
        "estimators": found["estimator"],
    }
    n_unknown = int(np.isnan(result["score"]).sum())
    notes = [
        f"{n_unfinished} warnings of fits that did not converge" if n_unfinished else "",
        f"the score is not a number in {n_unknown} of {len(cv)} folds" if n_unknown else "",
    ]
    return result, ", ".join(filter(None, notes))


def _score(est, X, y, scorer, second, advance):
    """Scores of a fitted estimator on rows it has not seen, and the time it takes to predict."""
    start = time.perf_counter()
    Yp = est.predict(X)
    seconds = time.perf_counter() - start
    if second == "rmse":
        value = root_mean_squared_error(y, Yp)
    elif hasattr(est, "predict_proba"):
        value = log_loss(y, est.predict_proba(X), labels=est.classes_)
    else:
        value = np.nan
    scores = {"score": scorer(est, X, y), second: value, "predict_seconds": seconds}
    advance()
    return scores


def _first_line(error):
    return str(error).strip().split("\n")[0]
