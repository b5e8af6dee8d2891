"""MLPClassifier and MLPRegressor: scikit-learn's, in a fraction of the time."""

from ._base_mlp import BaseMLP
from ._classification import CLASSIFICATION_RULES, ClassificationMixin
from ._docs import RECORDS, document
from ._params import keep_arguments
from ._regression import REGRESSION_RULES, RegressionMixin

__all__ = ["MLPClassifier", "MLPRegressor"]


@document("classes_", "coefs_", "intercepts_", "n_layers_", *RECORDS)
class MLPClassifier(ClassificationMixin, BaseMLP):
    """Multi-layer perceptron classifier [1]_.

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

    _param_rules = {**BaseMLP._param_rules, **CLASSIFICATION_RULES}

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
        class_weight=None,
        label_smoothing=0.0,
        dropout=0.0,
        clip_norm=None,
        scoring=None,
        average=None,
        n_members=1,
    ):
        keep_arguments(self, locals())


@document("coefs_", "intercepts_", "n_layers_", *RECORDS)
class MLPRegressor(RegressionMixin, BaseMLP):
    """Multi-layer perceptron regressor [1]_.

    Replaces `sklearn.neural_network.MLPRegressor`: the same parameters, attributes and numbers, in
    less time. It minimises the squared error, or another `loss`, of one output or several.

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
    >>> from sklearn.model_selection import train_test_split
    >>> from sknumpynn import MLPRegressor
    >>> X, y = make_regression(n_samples=200, n_features=20, random_state=1)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
    >>> training = dict(learning_rate="cosine", learning_rate_init=0.01, max_iter=100)
    >>> model = MLPRegressor(alpha=1.0, scale_target=True, random_state=0, **training)
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.9
    True
    """

    _param_rules = {**BaseMLP._param_rules, **REGRESSION_RULES}

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
        dropout=0.0,
        clip_norm=None,
        scoring=None,
        quantile=0.5,
        scale_target=False,
        average=None,
        n_members=1,
    ):
        keep_arguments(self, locals())
