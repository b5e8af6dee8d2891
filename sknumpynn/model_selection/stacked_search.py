"""StackedSearchCV: scikit-learn's GridSearchCV, but it trains small networks all at once."""

import copy

import numpy as np
from joblib import parallel_backend
from sklearn import get_config
from sklearn.base import clone, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import GridSearchCV, ParameterGrid, check_cv
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing, indexable

from ..estimators._steps import WORTHWHILE
from ._fits import fit_all, may_stack

__all__ = ["StackedSearchCV"]

LARGE = 2**22  # numbers in X, of which every fold is held in memory at once


class StackedSearchCV(GridSearchCV):
    """Grid search that trains small networks of one architecture in lock-step.

    Replaces `sklearn.model_selection.GridSearchCV`: the same parameters, attributes and scores. All
    candidates with the same layers, on all folds with the same number of rows, form a stack: each
    step is taken for all of them at once, in a fraction of the time. Whatever cannot be stacked is
    fitted one by one.

    Parameters
    ----------
    estimator : estimator
        An `MLPClassifier`, `MLPRegressor`, `NetworkClassifier` or `NetworkRegressor`, or a
        `sklearn.pipeline.Pipeline` that ends in one. Any other is searched as by GridSearchCV.
    param_grid : dict or list of dict
        Values to try, by the names of parameters.
    scoring : str, callable, list, tuple, dict or None, default=None
        Score of the held-out rows; None is that of the estimator's method ``score``.
    n_jobs : int or None, default=None
        Number of processes that share the fits.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate to all rows; with several scores, the one that decides
        which is best.
    cv : int, cross-validation generator, iterable or None, default=None
        The folds, or their number; None stands for five.
    verbose : int, default=0
        How much to print.
    pre_dispatch : int or str, default="2*n_jobs"
        As in GridSearchCV, for fits that it does itself.
    error_score : "raise" or float, default=nan
        Score of a fit that fails; "raise" raises its error.
    return_train_score : bool, default=False
        Whether to score the training rows, too.

    Attributes
    ----------
    cv_results_ : dict of ndarray
        The scores, by candidate. For fits that went on together, ``mean_fit_time`` is each one's
        share of the processor time.
    best_estimator_ : estimator
        The best candidate, fitted to all rows.
    best_score_ : float
        Its mean score over the folds.
    best_params_ : dict
        Its parameters.
    best_index_ : int
        Its index in `cv_results_`.
    scorer_ : function or dict
        What scored the held-out rows.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds that the last fit took.
    multimetric_ : bool
        Whether there are several scores.

    See Also
    --------
    sklearn.model_selection.GridSearchCV : What this does, for any estimator.

    Notes
    -----
    Scores are GridSearchCV's up to rounding, since sums are taken in another order. So among
    candidates with the same score, another one may come first. If training amplifies small
    differences, as a large learning rate does over many epochs, rounding can be seen: the scores
    differ as much as if the last bit of X had changed. Either search needs a fixed ``random_state``
    to give the same scores twice.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknumpynn import MLPClassifier, StackedSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> training = dict(batch_size=32, max_iter=20, learning_rate="cosine", random_state=0)
    >>> network = MLPClassifier((8,), **training)
    >>> grid = {
    ...     "mlpclassifier__alpha": [1e-4, 1e-2],
    ...     "mlpclassifier__learning_rate_init": [0.01, 0.03],
    ... }
    >>> search = StackedSearchCV(make_pipeline(StandardScaler(), network), grid, cv=5).fit(X, y)
    >>> bool(search.best_score_ > 0.9)
    True
    """

    def fit(self, X, y=None, **params):
        """Fit all candidates on all folds, and the best one to all rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target.
        **params : dict
            What else the estimator's `fit` takes, as ``sample_weight``, and ``groups`` for `cv`.

        Returns
        -------
        self : object
            The fitted search.
        """
        self._validate_params()
        if not self._is_simple(X, y, params):
            return super().fit(X, y, **params)
        self._get_scorers()  # which may raise an error, better now than after training
        X, y = indexable(X, y)
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        splits = list(cv.split(X, y, params.pop("groups", None)))
        candidates = [
            clone(self.estimator).set_params(**clone(params_of_one, safe=False))
            for params_of_one in ParameterGrid(self.param_grid)
        ]
        kept = {name: v for name, v in vars(self).items() if not name.endswith("_")}
        search = copy.copy(self)
        search.__dict__ = kept | {"cv": splits}
        n_fits = sum(map(may_stack, candidates)) * len(splits)
        if n_fits < WORTHWHILE or np.prod(getattr(X, "shape", 0)) > LARGE:
            GridSearchCV.fit(search, X, y, **params)
        else:
            weights = params.get("sample_weight")
            folds = [
                tuple(None if a is None else _safe_indexing(a, rows) for a in (X, y, weights))
                for rows, _ in splits
            ]
            estimators = [candidate for candidate in candidates for _ in folds]
            fits = fit_all(estimators, folds * len(candidates), self.n_jobs)
            _score(search, fits, X, y, params)
        fitted = {name: v for name, v in vars(search).items() if name.endswith("_")}
        self.__dict__ = kept | fitted
        return self

    def _is_simple(self, X, y, params):
        """Whether the search needs nothing that only GridSearchCV's own fits provide."""
        if y is None or hasattr(self, "_skl_callbacks"):
            return False
        if type(self)._run_search is not GridSearchCV._run_search:  # it may leave some out
            return False
        if params and get_config()["enable_metadata_routing"]:
            return False
        known = {"groups"} if isinstance(self.estimator, Pipeline) else {"groups", "sample_weight"}
        weights = params.get("sample_weight")
        is_weight_a_row = weights is None or np.shape(weights)[:1] == np.shape(X)[:1]
        return params.keys() <= known and is_weight_a_row


def _score(search, fits, X, y, params):
    """Let a search score fits that were made before, in the order in which it would make them."""
    estimator = search.estimator
    vars(search).update(
        estimator=_made_before(estimator, iter(fits)),
        scoring=check_scoring(estimator) if search.scoring is None else search.scoring,
        n_jobs=None,
    )
    with parallel_backend("sequential"):  # several workers would not keep the order
        GridSearchCV.fit(search, X, y, **params)
    seconds = np.array([fit.seconds for fit in fits]).reshape(-1, search.n_splits_)
    search.cv_results_["mean_fit_time"] = seconds.mean(axis=1)
    search.cv_results_["std_fit_time"] = seconds.std(axis=1)


def _made_before(estimator, fits):
    """Make a stand-in for an estimator: each clone, when fitted, becomes the next of some fits.

    When none is left, a clone becomes the estimator with the parameters that were set, and is
    fitted.
    """
    kind = type(estimator)

    class MadeBefore(kind):
        def __sklearn_clone__(self):  # a quick one: the fits have parameters of their own
            return copy.copy(self)

        def set_params(self, **params):
            self.given = params
            return self

        def fit(self, X, y=None, **params):
            self.__class__ = kind
            given, fit = vars(self).pop("given", {}), next(fits, None)
            if fit is None:
                vars(self).update(vars(clone(estimator).set_params(**given)))
                return self.fit(X, y, **params)
            if isinstance(fit.result, Exception):
                raise fit.result
            vars(self).update(vars(fit.result))
            return self

    MadeBefore.__name__ = kind.__name__  # in messages
    stand_in = clone(estimator)
    stand_in.__class__ = MadeBefore
    return stand_in
