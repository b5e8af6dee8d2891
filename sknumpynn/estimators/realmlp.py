"""RealMLPClassifier and RealMLPRegressor: networks for tables that are good without tuning."""

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import assert_all_finite, check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from ..tasks import (
    ClassificationTask,
    RegressionTask,
    location_and_scale,
    mixture_std,
    raise_if_missing,
)
from ._base_realmlp import BaseRealMLP, or_recipe
from ._docs import document
from ._params import Boolean, Float, keep_arguments
from ._realmlp_docs import RECORDS, TEXTS
from ._realmlp_recipes import RECIPES
from ._realmlp_scores import minus_brier, minus_loss, task_score
from ._realmlp_training import run_members
from ._temperature import fit_temperature, temper
from ._validation import raise_if_text

__all__ = ["RealMLPClassifier", "RealMLPRegressor"]


@document("classes_", "temperature_", *RECORDS, texts=TEXTS)
class RealMLPClassifier(ClassifierMixin, BaseRealMLP):
    """RealMLP classifier: for tables of numbers and categories, good without tuning [1]_.

    A DataFrame goes in as it is: numbers need no scaling, values may be missing, and categories may
    be strings. Several networks are trained, and their probabilities averaged.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    RealMLPRegressor : The same for regression.

    References
    ----------
    .. [1] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data", NeurIPS 2024.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.model_selection import train_test_split
    >>> from sknumpynn import RealMLPClassifier
    >>> X, y = load_wine(as_frame=True, return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> model = RealMLPClassifier(recipe="fast", random_state=0).fit(X_train, y_train)
    >>> model.score(X_test, y_test) > 0.9
    True
    """

    _recipes = RECIPES["classification"]
    _own_scores = {
        "loss": minus_loss,
        "accuracy": task_score,
        "neg_brier_score": minus_brier,
    }
    _param_rules = {
        **BaseRealMLP._param_rules,
        "label_smoothing": or_recipe(Float("[0, 1)")),
        "calibrate": or_recipe(Boolean()),
    }

    def __init__(
        self,
        recipe="default",
        *,
        n_members=None,
        hidden_layer_sizes=None,
        activation=None,
        spread=None,
        numeric_embedding=None,
        max_one_hot_categories=None,
        embedding_size=None,
        init=None,
        front_lr_scale=None,
        embedding_lr_scale=None,
        activation_lr_scale=None,
        bias_lr_scale=None,
        batch_size=None,
        max_iter=None,
        learning_rate_init=None,
        learning_rate=None,
        beta_1=None,
        beta_2=None,
        epsilon=None,
        weight_decay=None,
        weight_decay_schedule=None,
        dropout=None,
        dropout_schedule=None,
        label_smoothing=None,
        calibrate=None,
        scoring=None,
        validation_fraction=0.2,
        categorical_features="from_dtype",
        random_state=None,
        n_jobs=None,
        verbose=False,
    ):
        keep_arguments(self, locals())

    def predict(self, X):
        """Predict classes.

        Parameters
        ----------
        X : DataFrame, Arrow table or array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            The most probable class of each row.
        """
        P = self.predict_proba(X)
        return self.classes_[P.argmax(axis=1)]

    def predict_proba(self, X):
        """Predict the probability of each class: the mean of the members'.

        Parameters
        ----------
        X : DataFrame, Arrow table or array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        P : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        outputs = self._outputs(X)
        P = _mean_probabilities(ClassificationTask(self.classes_, "multiclass"), outputs)
        return P if self.temperature_ == 1 else temper(P, self.temperature_)

    def predict_log_proba(self, X):
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : DataFrame, Arrow table or array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        log_P : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        return np.log(self.predict_proba(X))

    def _as_target(self, y):
        raise_if_missing(y)
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        ClassificationTask.of(y)  # or an error, where y is no such target
        return y

    def _new_task(self, y, sample_weight, settings):
        check_classification_targets(y)  # warns of classes almost as many as rows
        # The paper's networks have an output for each class, also where there are two.
        self.classes_, self.temperature_ = np.unique(y), 1.0
        return ClassificationTask(self.classes_, "multiclass", settings.label_smoothing)

    def _calibrate(self, task, settings, held_out):
        if settings.calibrate:
            P = _mean_probabilities(
                task, run_members(self._architecture, self.weights_, held_out.X)
            )
            self.temperature_ = fit_temperature(P, held_out.Y, held_out.sample_weight)


def _mean_probabilities(task, outputs):
    total = n_members = 0
    for Z in outputs:  # no more than one in memory
        total, n_members = total + task.probabilities(Z), n_members + 1
    return total / n_members


@document(*RECORDS, texts=TEXTS)
class RealMLPRegressor(RegressorMixin, BaseRealMLP):
    """RealMLP regressor: for tables of numbers and categories, good without tuning [1]_.

    A DataFrame goes in as it is: numbers and the target need no scaling, values may be missing, and
    categories may be strings. Several networks are trained, and their predictions averaged.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    RealMLPClassifier : The same for classification.

    References
    ----------
    .. [1] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
       boosted trees on tabular data", NeurIPS 2024.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import train_test_split
    >>> from sknumpynn import RealMLPRegressor
    >>> X, y = load_diabetes(as_frame=True, return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> model = RealMLPRegressor(random_state=0).fit(X_train, y_train)
    >>> model.score(X_test, y_test) > 0.3
    True
    """

    _recipes = RECIPES["regression"]
    _own_scores = {"loss": minus_loss, "neg_root_mean_squared_error": task_score}
    _param_rules = {**BaseRealMLP._param_rules, "clip_predictions": or_recipe(Boolean())}

    def __init__(
        self,
        recipe="default",
        *,
        n_members=None,
        hidden_layer_sizes=None,
        activation=None,
        spread=None,
        numeric_embedding=None,
        max_one_hot_categories=None,
        embedding_size=None,
        init=None,
        front_lr_scale=None,
        embedding_lr_scale=None,
        activation_lr_scale=None,
        bias_lr_scale=None,
        batch_size=None,
        max_iter=None,
        learning_rate_init=None,
        learning_rate=None,
        beta_1=None,
        beta_2=None,
        epsilon=None,
        weight_decay=None,
        weight_decay_schedule=None,
        dropout=None,
        dropout_schedule=None,
        clip_predictions=None,
        scoring=None,
        validation_fraction=0.2,
        categorical_features="from_dtype",
        random_state=None,
        n_jobs=None,
        verbose=False,
    ):
        keep_arguments(self, locals())

    def predict(self, X, return_std=False):
        """Predict the target: the mean of the members' predictions.

        Parameters
        ----------
        X : DataFrame, Arrow table or array-like of shape (n_samples, n_features)
            Data.
        return_std : bool, default=False
            Whether to return the standard deviation of the members' predictions, too.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        std : ndarray of the shape of y
            Only if asked for.

        Raises
        ------
        ValueError
            If there is a single member, and a standard deviation is asked for.
        """
        outputs, task = list(self._outputs(X)), StandardisedTask(**self._target)
        if not return_std:
            return task.mean(outputs)
        if len(outputs) == 1:
            raise ValueError("return_std needs several members, but n_members is 1.")
        return task.mean(outputs), mixture_std(np.stack([task.decode(Z) for Z in outputs]))

    def _as_target(self, y):
        raise_if_text(y)
        with np.errstate(over="ignore", invalid="ignore"):  # a sum may be beyond all numbers
            y = check_array(y, ensure_2d=False, dtype="numeric", input_name="y", estimator=self)
        y = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
        return y.astype(np.float64, copy=False)

    def _new_task(self, y, sample_weight, settings):
        Y = y.reshape(len(y), -1)[sample_weight > 0]
        location, scale = location_and_scale(Y, sample_weight[sample_weight > 0])
        limits = (Y.min(axis=0), Y.max(axis=0)) if settings.clip_predictions else None
        self._target = {"location": location, "scale": scale, "limits": limits}
        return StandardisedTask(**self._target)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


class StandardisedTask(RegressionTask):
    """Predict numbers by a standardised target, perhaps only such as are within limits."""

    def __init__(self, location, scale, limits=None):
        super().__init__("squared_error", location=location, scale=scale)
        self.limits = limits

    def decode(self, Z):
        return self._limited(super().decode(Z))

    @np.errstate(under="ignore")
    def mean(self, outputs):
        """Mean of the predictions of several networks.

        Parameters
        ----------
        outputs : list of ndarray of shape (n_samples, n_targets)

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        """
        # Divided first, so that no sum is too large; rounding may be what is out of the limits.
        return self._limited(sum(self.decode(Z) / len(outputs) for Z in outputs))

    def _limited(self, Y):
        if self.limits is None:
            return Y
        low, high = self.limits
        return np.clip(Y, low, high) if Y.ndim == 2 else np.clip(Y, low[0], high[0])

    def score(self, Z, Y, sample_weight=None):
        """Root of the mean squared error, with its sign turned."""
        errors = (self.decode(Z).reshape(Y.shape) - Y) / self.scale  # whose squares are numbers
        roots = np.sqrt(np.average(errors**2, axis=0, weights=sample_weight))
        return -float((self.scale * roots).mean())
