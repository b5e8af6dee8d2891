"""Tables to matrices: how RealMLP encodes numbers and categories before the network."""

import copy
from itertools import compress, count
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from .._version import Stamped
from .categories import encode, find_categories, one_hot, one_hot_names
from .columns import is_table, raise_if_masked, read_columns, to_numbers
from .robust import check_spread, robust_statistics, row_blocks, scale_and_clip
from .selection import categorical_mask
from .weights import check_sample_weight

__all__ = ["TabularEncoder", "read_table"]


class TabularEncoder(TransformerMixin, Stamped, BaseEstimator):
    """Make a float32 matrix from a table of numbers and categories, as RealMLP does [1]_.

    The columns of the matrix are, in this order and within each group in the order of the features:

    - the numeric features;
    - for each of them in which some, but not all, values are missing, an indicator of those;
    - for each categorical feature with few categories, the one-hot encoded categories;
    - for each other categorical feature one column of codes: 1, 2, ... for the sorted categories,
      and 0 for what is missing or was not seen in `fit`.

    All but the codes are scaled and clipped as `RobustSmoothClip` does. A missing number counts as
    the median, hence becomes 0. A feature that is constant, or has no value at all, becomes 0.

    In one-hot encoding a category is 1 in its column and 0 in those of the others; what is missing
    or unseen is 0 in all. Two categories share one column, in which they are 1 and -1. A single
    category is 1, and what is missing or unseen then -1.

    Missing values are None, NaN, NaT, and pandas' NA and NaT. An empty string is a category.

    Parameters
    ----------
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Names, indices or a mask of the categorical features; None if there are none. All others
        must be numbers, booleans among them. "from_dtype" finds columns of categories (dtypes
        "category", "Enum" and Arrow's dictionaries), strings, booleans, and objects that are not
        all numbers; unlike in scikit-learn's gradient boosting, in arrays as well.
    max_one_hot_categories : int or None, default=8
        A feature with more categories becomes codes. With None all are one-hot encoded, into as
        many columns as there are categories.
    add_indicator : bool, default=True
        Whether there are indicators of missing numbers.
    spread : {"others", "range"}, default="others"
        By what to scale a column whose quartiles are equal, see `RobustSmoothClip`.

    Attributes
    ----------
    n_numeric_ : int
        The first columns of the matrix: numeric features.
    n_dense_ : int
        The first columns of the matrix: all but the codes.
    cardinalities_ : list of int
        For each column of codes, how many different ones there can be, 0 among them.
    is_categorical_ : ndarray of bool of shape (n_features,)
        Which features are categorical.
    categories_ : list of ndarray
        For each of those, its categories, sorted.
    center_, scale_ : ndarray of shape (n_dense,)
        As in `RobustSmoothClip`.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features seen in `fit`, if all are strings.

    References
    ----------
    .. [1] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data", NeurIPS 2024, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn.preprocessing import TabularEncoder
    >>> X = np.array([[1.0, "a"], [2.0, "b"], [None, "c"], [9.0, None]], dtype=object)
    >>> encoder = TabularEncoder().fit(X)
    >>> encoder.get_feature_names_out()
    array(['x0', 'missingindicator_x0', 'x1_a', 'x1_b', 'x1_c'], dtype=object)
    >>> encoder.transform(X)[:, 0].round(2)
    array([-0.25,  0.  ,  0.  ,  1.51], dtype=float32)

    Codes, for a network that embeds categories:

    >>> TabularEncoder(max_one_hot_categories=2).fit_transform(X)[:, -1]
    array([1., 2., 3., 0.], dtype=float32)
    """

    def __init__(
        self,
        categorical_features="from_dtype",
        *,
        max_one_hot_categories=8,
        add_indicator=True,
        spread="others",
    ):
        self.categorical_features = categorical_features
        self.max_one_hot_categories = max_one_hot_categories
        self.add_indicator = add_indicator
        self.spread = spread

    def fit(self, X, y=None, sample_weight=None):
        """Find the categories, medians and ranges.

        Parameters
        ----------
        X : DataFrame, Arrow table or array-like of shape (n_samples, n_features)
            Data. DataFrames may be those of pandas and polars.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            A row of weight 2 counts as two, one of weight 0 not at all, not even its categories. If
            they are not all whole numbers, weights are relative to their mean.

        Returns
        -------
        self : TabularEncoder
            Fitted.

        Raises
        ------
        ValueError
            If a number is infinite, a numeric column has strings, or a column dates or times.
        TypeError
            If a column has objects that are neither strings nor numbers.
        """
        draft = copy.copy(self)
        draft._fit(X, sample_weight)
        self.__dict__ = vars(draft)
        return self

    def transform(self, X):
        """Make the matrix.

        Parameters
        ----------
        X : DataFrame, Arrow table or array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        Z : ndarray of float32 of shape (n_samples, n_dense + n_codes)
            Numbers, indicators and one-hot encoded categories, then codes.
        """
        check_is_fitted(self)
        return self.encode(read_table(self, X, reset=False))

    def encode(self, columns):
        """Make the matrix of a table that `read_table` has split into columns.

        Parameters
        ----------
        columns : list of Column

        Returns
        -------
        Z : ndarray of float32 of shape (n_samples, n_dense + n_codes)
        """
        numbers, codes = self._numbers(columns), self._codes(columns)
        Z = np.empty((len(codes), self.n_dense_ + len(self.cardinalities_)), np.float32)
        for rows in row_blocks(Z):
            dense = self._dense(numbers[rows], codes[rows])
            dense = scale_and_clip(dense, self.center_, self.scale_)
            dense[np.isnan(dense)] = 0
            with np.errstate(under="ignore"):
                Z[rows] = np.hstack([dense, codes[rows, ~self._is_one_hot]])
        return Z

    def get_feature_names_out(self, input_features=None):
        """Names of the columns of the matrix.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names of the features; by default those seen in `fit`, or else x0, x1, ...

        Returns
        -------
        names : ndarray of str objects of shape (n_dense + n_codes,)
        """
        names = OneToOneFeatureMixin.get_feature_names_out(self, input_features)
        numeric, categorical = names[~self.is_categorical_], names[self.is_categorical_]
        dense = [*numeric, *(f"missingindicator_{name}" for name in numeric[self._indicated])]
        codes = []
        for name, categories, is_one_hot in zip(
            categorical, self.categories_, self._is_one_hot, strict=True
        ):
            if is_one_hot:
                dense += one_hot_names(name, categories)
            else:
                codes.append(name)
        return np.array(dense + codes, dtype=object)

    def _fit(self, X, sample_weight):
        self._check_params()
        columns = read_table(self, X, reset=True)
        weights = check_sample_weight(sample_weight, len(columns[0].values))
        rows = slice(None)
        if weights is not None:
            rows = weights > 0
            weights = weights[rows]
        counted = [column.take(rows) for column in columns]
        self.is_categorical_ = categorical_mask(self.categorical_features, counted)
        self._find_categories(counted)
        numbers, codes = self._numbers(columns), self._codes(columns)
        missing = np.isnan(numbers[rows])
        self._indicated = missing.any(axis=0) & ~missing.all(axis=0) & bool(self.add_indicator)
        self.n_numeric_ = numbers.shape[1]
        dense = self._dense(numbers, codes)
        self.n_dense_ = dense.shape[1]
        self.center_, self.scale_ = robust_statistics(dense[rows], weights, self.spread)

    def _find_categories(self, columns):
        found = [find_categories(column) for column in self._categorical(columns)]
        limit = self.max_one_hot_categories
        few = [limit is None or len(categories) <= limit for categories in found]
        self.categories_ = [np.fromiter(categories, object) for categories in found]
        self.cardinalities_ = [
            len(categories) + 1
            for categories, is_one_hot in zip(found, few, strict=True)
            if not is_one_hot
        ]
        self._is_one_hot = np.array(few, dtype=bool)
        self._code_of = [dict(zip(categories, count(1))) for categories in found]

    def _categorical(self, columns):
        return list(compress(columns, self.is_categorical_))

    def _numbers(self, columns):
        """The numeric features, a column each; NaN where missing."""
        numeric = compress(columns, ~self.is_categorical_)
        return _matrix([to_numbers(column) for column in numeric], columns)

    def _codes(self, columns):
        """The categorical features, a column each: 0 where missing or unseen."""
        pairs = zip(self._categorical(columns), self._code_of, strict=True)
        return _matrix([encode(column, code_of) for column, code_of in pairs], columns)

    def _dense(self, numbers, codes):
        """What is to be scaled: numbers, indicators and one-hot encoded categories."""
        encoded = [
            one_hot(codes[:, j], len(self.categories_[j])) for j in np.flatnonzero(self._is_one_hot)
        ]
        return np.hstack([numbers, np.isnan(numbers[:, self._indicated]), *encoded])

    def _check_params(self):
        limit = self.max_one_hot_categories
        is_count = isinstance(limit, Integral) and not isinstance(limit, bool) and limit >= 0
        if limit is not None and not is_count:
            self._refuse("max_one_hot_categories", "an int in the range [0, inf) or None")
        if not isinstance(self.add_indicator, bool | np.bool_):
            self._refuse("add_indicator", "an instance of 'bool'")
        check_spread(self)

    def _refuse(self, name, allowed):
        raise ValueError(
            f"The {name!r} parameter of {type(self).__name__} must be {allowed}. "
            f"Got {getattr(self, name)!r} instead."
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def read_table(est, X, reset):
    """Check X, and split it into a list of Columns.

    Parameters
    ----------
    est : estimator
        The one that stores the features' number and names, or has them; errors name it.
    X : DataFrame, Arrow table or array-like of shape (n_samples, n_features)
        At least one of both, and the features that the estimator knows.
    reset : bool
        Whether it is to store them.
    """
    if is_table(X):
        validate_data(est, X, reset=reset, skip_check_array=True)
        if 0 in X.shape:
            what = "sample" if X.shape[0] == 0 else "feature"
            raise ValueError(
                f"Found array with 0 {what}(s) (shape={tuple(X.shape)}) while a minimum of 1 "
                f"is required by {type(est).__name__}."
            )
        return read_columns(X)
    raise_if_masked(X)
    checks = dict(dtype=None, ensure_all_finite=False)
    array = validate_data(est, X, reset=reset, **checks)
    if array.dtype.kind in "US":  # of a list, numbers have become strings: read it as objects
        array = validate_data(est, X, reset=reset, **checks | {"dtype": object})
    return read_columns(array)


def _matrix(arrays, columns):
    """Stack one-dimensional arrays as columns of a matrix, which may have none."""
    n_samples = len(columns[0].values)
    return np.column_stack(arrays) if arrays else np.empty((n_samples, 0))
