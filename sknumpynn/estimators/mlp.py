"""MLPClassifier and MLPRegressor: scikit-learn's, in a fraction of the time."""

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import type_of_target, unique_labels

from ..tasks import ClassificationTask, RegressionTask, raise_if_missing
from ._base_mlp import BaseMLP, keep_arguments, trains_by_epochs
from ._docs import document
from ._params import OneOf

__all__ = ["MLPClassifier", "MLPRegressor"]


@document(
    *("classes_", "loss_", "best_loss_", "loss_curve_", "validation_scores_"),
    *("best_validation_score_", "t_", "coefs_", "intercepts_", "n_features_in_"),
    *("feature_names_in_", "n_iter_", "n_layers_", "n_outputs_", "out_activation_"),
)
class MLPClassifier(ClassifierMixin, BaseMLP):
    """Multi-layer perceptron classifier.

    Replaces `sklearn.neural_network.MLPClassifier`: the same parameters, attributes and numbers,
    in less time. It minimises the log loss, for two classes, several classes, or several labels a
    row.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    MLPRegressor : The same for regression.

    References
    ----------
    .. [1] Hinton, "Connectionist learning procedures", Artificial Intelligence 40, 1989.
    .. [2] Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
       networks", AISTATS 2010.
    .. [3] Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknumpynn import MLPClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> model = make_pipeline(StandardScaler(), MLPClassifier(max_iter=500, random_state=0))
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.95
    True
    """

    _y_numeric = False

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        dtype=None,
    ):
        keep_arguments(self, locals())

    @trains_by_epochs
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Train for one epoch on the given data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Class labels, or an indicator matrix.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.
        classes : array-like of shape (n_classes,), default=None
            All classes that y may ever have. Needed at the first call.

        Returns
        -------
        self : object
            The estimator, trained.
        """
        return self._fit(X, y, sample_weight, classes=classes, incremental=True)

    def predict(self, X):
        """Predict classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            The most probable class of each row; for several labels an indicator matrix of those
            more probable than not.
        """
        Z = self._output(X)
        return self._task().decode(Z)

    def predict_proba(self, X):
        """Predict the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data.

        Returns
        -------
        P : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        Z = self._output(X)
        return self._task().probabilities(Z)

    def predict_log_proba(self, X):
        """Predict the logarithm of the probability of each class.

        It is computed from the network's output, not from probabilities that may have been rounded
        to zero, and so it is always finite.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data.

        Returns
        -------
        log_P : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        Z = self._output(X)
        return self._task().log_probabilities(Z)

    def _new_task(self, y, classes, goes_on, incremental):
        if goes_on:
            self._check_classes(y, classes, incremental)
            return self._task()
        if incremental and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        is_multilabel = type_of_target(y).startswith("multilabel")
        task = ClassificationTask.of(classes if incremental and not is_multilabel else y)
        self.classes_, self._target_type = task.classes, task.target_type
        return task

    def _check_classes(self, y, classes, incremental):
        """Check that classes, given or in y, are those of the fitted network."""
        if classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        raise_if_missing(y)
        if not incremental and set(unique_labels(y)) != set(self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {self.classes_}, `y` has {unique_labels(y)}"
            )

    def _task(self):
        return ClassificationTask(self.classes_, self._target_type)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@document(
    *("loss_", "best_loss_", "loss_curve_", "validation_scores_", "best_validation_score_"),
    *("t_", "coefs_", "intercepts_", "n_features_in_", "feature_names_in_", "n_iter_"),
    *("n_layers_", "n_outputs_", "out_activation_"),
)
class MLPRegressor(RegressorMixin, BaseMLP):
    """Multi-layer perceptron regressor.

    Replaces `sklearn.neural_network.MLPRegressor`: the same parameters, attributes and numbers, in
    less time. It minimises the squared error or the Poisson deviance, of one output or several.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    MLPClassifier : The same for classification.

    References
    ----------
    .. [1] Hinton, "Connectionist learning procedures", Artificial Intelligence 40, 1989.
    .. [2] Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
       networks", AISTATS 2010.
    .. [3] Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from sklearn.preprocessing import scale
    >>> from sknumpynn import MLPRegressor
    >>> X, y = make_regression(n_samples=200, n_features=20, random_state=1)
    >>> y = scale(y)
    >>> MLPRegressor(max_iter=1000, random_state=1).fit(X, y).score(X, y) > 0.9
    True
    """

    _y_numeric = True
    _param_rules = {"loss": OneOf("squared_error", "poisson"), **BaseMLP._param_rules}

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        dtype=None,
    ):
        keep_arguments(self, locals())

    @trains_by_epochs
    def partial_fit(self, X, y, sample_weight=None):
        """Train for one epoch on the given data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.

        Returns
        -------
        self : object
            The estimator, trained.
        """
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X):
        """Predict the target.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Prediction for each row.
        """
        Z = self._output(X)
        return self._task().decode(Z)

    def _new_task(self, y, classes, goes_on, incremental):
        if goes_on:
            return self._task()
        return RegressionTask(self.loss)

    def _task(self):
        return RegressionTask(self._fitted_architecture["loss"])

    def _architecture(self):
        return {**super()._architecture(), "loss": self.loss}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.positive_only = self.loss == "poisson"
        return tags
