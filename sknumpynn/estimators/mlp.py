"""MLPClassifier and MLPRegressor: scikit-learn's, in a fraction of the time."""

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target, unique_labels

from ..architectures import build_mlp, linears
from ..tasks import ClassificationTask, RegressionTask
from ._base import BaseNetwork
from ._docs import document
from ._params import AnyOf, Boolean, Float, Int, Is, LayerSizes, OneOf, RandomState

__all__ = ["MLPClassifier", "MLPRegressor"]


def keep_arguments(est, arguments):
    """Store a constructor's arguments on the estimator, untouched, as scikit-learn asks."""
    vars(est).update((k, v) for k, v in arguments.items() if k not in ("self", "__class__"))


def _is_stochastic(est):
    if est.solver == "lbfgs":
        raise AttributeError(
            "partial_fit is only available for stochastic optimizers. lbfgs is not stochastic."
        )
    return True


class BaseMLP(BaseNetwork):
    """A multi-layer perceptron, kept as lists of weights and biases."""

    _param_rules = {
        "hidden_layer_sizes": LayerSizes(),
        "activation": OneOf("identity", "logistic", "relu", "tanh"),
        "solver": OneOf("lbfgs", "sgd", "adam"),
        "alpha": Float("[0, inf)"),
        "batch_size": AnyOf(OneOf("auto"), Int("[1, inf)")),
        "learning_rate": OneOf("constant", "invscaling", "adaptive"),
        "learning_rate_init": Float("(0, inf)"),
        "power_t": Float("[0, inf)"),
        "max_iter": Int("[1, inf)"),
        "shuffle": Boolean(),
        "random_state": RandomState(),
        "tol": Float("[0, inf)"),
        "verbose": AnyOf(Int("[0, inf)"), Boolean()),
        "warm_start": Boolean(),
        "momentum": Float("[0, 1]"),
        "nesterovs_momentum": Boolean(),
        "early_stopping": Boolean(),
        "validation_fraction": Float("[0, 1)"),
        "beta_1": Float("[0, 1)"),
        "beta_2": Float("[0, 1)"),
        "epsilon": Float("(0, inf)"),
        "n_iter_no_change": AnyOf(Int("[1, inf)"), Is(np.inf)),
        "max_fun": Int("[1, inf)"),
        "dtype": AnyOf(OneOf("float32", "float64"), Is(None)),
    }

    def fit(self, X, y, sample_weight=None):
        """Fit the network to data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels, or an indicator matrix of several labels a row; in regression numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data are not as they should be, or training diverges in its
            first epoch. The estimator is then as it was before.
        """
        return self._fit(X, y, sample_weight)

    def _architecture(self):
        """What a fitted network cannot change any more."""
        sizes = self.hidden_layer_sizes
        sizes = tuple(map(int, sizes)) if np.iterable(sizes) else (int(sizes),)
        return {"hidden_layer_sizes": sizes, "activation": self.activation}

    def _new_network(self, n_outputs):
        asked = self._architecture()
        return build_mlp(asked["hidden_layer_sizes"], asked["activation"], n_outputs)

    def _keep(self, network, dtype):
        layers = linears(network)
        self.coefs_ = [layer.weights.tensor.astype(dtype, copy=False) for layer in layers]
        self.intercepts_ = [layer.bias.tensor.astype(dtype, copy=False) for layer in layers]
        self.n_layers_ = len(layers) + 1
        self._fitted_architecture = self._architecture()

    def _network(self, dtype):
        sizes = [W.shape[1] for W in self.coefs_]
        network = build_mlp(sizes[:-1], self._fitted_architecture["activation"], sizes[-1])
        for layer, W, b in zip(linears(network), self.coefs_, self.intercepts_, strict=True):
            layer.house(W.astype(dtype, copy=False), b.astype(dtype, copy=False))
        return network

    @property
    def _dtype(self):
        return self.coefs_[0].dtype

    def _check_architecture(self):
        for name, asked in self._architecture().items():
            fitted = self._fitted_architecture[name]
            if asked != fitted:
                raise ValueError(
                    f"{name}={asked!r} does not go with the fitted network, which has "
                    f"{name}={fitted!r}. Set warm_start=False and call fit to start anew."
                )


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

    @available_if(_is_stochastic)
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

    @available_if(_is_stochastic)
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
