"""The estimators of a comparison, each with the preprocessing that it needs."""

from functools import partial

import numpy as np
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

from ..estimators import MLPClassifier, MLPRegressor, RealMLPClassifier, RealMLPRegressor
from ._data import as_table, as_target, categorical_columns, choose_task, plain

__all__ = ["default_estimators"]

MOST_ONE_HOT = 50  # columns for one feature; its rarest categories share one
MOST_CODES = 254  # that gradient boosting takes


def default_estimators(X, y, *, task="auto", random_state=0):
    """Make the estimators that `compare` compares by default.

    They are this package's RealMLP, its MLP and scikit-learn's with the same parameters, gradient
    boosting, and a linear model. RealMLP takes the table as it is. For gradient boosting,
    categories are numbered. For the others, missing numbers become the median, with an indicator,
    numbers are standardised, and categories one-hot encoded. In regression the MLPs learn a
    standardised target.

    Parameters
    ----------
    X : DataFrame, Arrow table or array-like of shape (n_samples, n_features)
        Only the types of its columns matter: those of strings, booleans or a categorical dtype are
        categories.
    y : array-like of shape (n_samples,)
        Target.
    task : {"auto", "classification", "regression"}, default="auto"
        As in `compare`.
    random_state : int, default=0
        For all that is random.

    Returns
    -------
    estimators : dict
        Unfitted, by name. Add your own, or change these.

    Raises
    ------
    ValueError
        If the data are not a table and a target.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sknumpynn.comparison import default_estimators
    >>> list(default_estimators(*load_diabetes(return_X_y=True)))
    ['linear', 'gradient boosting', "scikit-learn's MLP", 'MLP', 'RealMLP']
    """
    X = as_table(X)
    is_categorical = categorical_columns(X)
    seed = {"random_state": random_state}
    if choose_task(as_target(y, len(X)), task) == "classification":
        models = _classifiers(is_categorical, seed)
    else:
        models = _regressors(is_categorical, seed)
    linear, boosting, theirs, ours, real_mlp = models
    return {  # the quick ones first
        "linear": _of_arrays(*_to_matrix(is_categorical), linear),
        "gradient boosting": _of_arrays(*_to_codes(is_categorical), boosting),
        "scikit-learn's MLP": _of_arrays(*_to_matrix(is_categorical), theirs),
        "MLP": _of_arrays(*_to_matrix(is_categorical), ours),
        "RealMLP": real_mlp,
    }


def _classifiers(is_categorical, seed):
    from sklearn.ensemble import HistGradientBoostingClassifier  # these take time to import
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier as SklearnMLP

    return (
        LogisticRegression(max_iter=1000),
        HistGradientBoostingClassifier(categorical_features=_first(is_categorical), **seed),
        SklearnMLP(**seed),
        MLPClassifier(**seed),
        RealMLPClassifier(categorical_features=is_categorical, **seed),
    )


def _regressors(is_categorical, seed):
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import Ridge
    from sklearn.neural_network import MLPRegressor as SklearnMLP

    scaler = StandardScaler().set_output(transform="default")
    return (
        Ridge(),
        HistGradientBoostingRegressor(categorical_features=_first(is_categorical), **seed),
        TransformedTargetRegressor(SklearnMLP(**seed), transformer=scaler),
        MLPRegressor(scale_target=True, **seed),
        RealMLPRegressor(categorical_features=is_categorical, **seed),
    )


def _of_arrays(*steps):
    """Make a pipeline of arrays, even if scikit-learn is set to have transformers give frames."""
    return make_pipeline(*steps).set_output(transform="default")


def _first(is_categorical):
    """Indices of the categories after they have been moved to the front."""
    return np.arange(np.count_nonzero(is_categorical))


def _plain(is_categorical):
    return FunctionTransformer(plain, kw_args={"is_categorical": is_categorical})


def _to_matrix(is_categorical):
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
    )
    categories = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MOST_ONE_HOT, sparse_output=False
    )
    return _plain(is_categorical), make_column_transformer(
        (numbers, np.flatnonzero(~is_categorical)), (categories, np.flatnonzero(is_categorical))
    )


def _to_codes(is_categorical):
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=MOST_CODES,
    )
    numbers = partial(_with_values, np.flatnonzero(~is_categorical))
    return _plain(is_categorical), make_column_transformer(
        (codes, np.flatnonzero(is_categorical)), ("passthrough", numbers)
    )


def _with_values(columns, X):
    """Those of some columns of numbers that have any: boosting may take no others."""
    return columns[~np.isnan(X[:, columns].astype(float)).all(axis=0)]
