"""NetworkClassifier and NetworkRegressor: estimators of layers that the user has composed."""

from ._base_own import BaseOwnNetwork
from ._classification import CLASSIFICATION_RULES, ClassificationMixin
from ._docs import RECORDS, document
from ._params import keep_arguments
from ._regression import REGRESSION_RULES, RegressionMixin

__all__ = ["NetworkClassifier", "NetworkRegressor"]


@document("classes_", "network_", *RECORDS)
class NetworkClassifier(ClassificationMixin, BaseOwnNetwork):
    """Classifier with a network of your own layers.

    Compose the layers up to the last hidden one. The number of inputs follows from the data, and
    the last layer is appended to suit the target: two classes, several classes, or several labels
    a row. Layers are hyper-parameters: search over ``network__0__outputs``, ``optimizer__lr``, or
    over whole networks. With layers as in `MLPClassifier`, the numbers are the same.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    NetworkRegressor : The same for regression.
    MLPClassifier : A multi-layer perceptron, named by its layer sizes.

    References
    ----------
    .. [3] Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sknumpynn import Linear, NetworkClassifier, ReLu, Sequential
    >>> from sknumpynn.layers import Dropout
    >>> X, y = make_classification(500, class_sep=2.0, random_state=0)
    >>> network = Sequential(Linear(outputs=16), ReLu(), Dropout(0.1))
    >>> classifier = NetworkClassifier(network, learning_rate="cosine", random_state=0)
    >>> grid = {"network__0__outputs": [8, 16], "network__2__rate": [0.0, 0.3]}
    >>> search = GridSearchCV(classifier, grid, cv=2).fit(X, y)
    >>> bool(search.best_score_ > 0.8)
    True
    """

    _param_rules = {**BaseOwnNetwork._param_rules, **CLASSIFICATION_RULES}

    def __init__(
        self,
        network=None,
        *,
        optimizer="adam",
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
        clip_norm=None,
        scoring=None,
        average=None,
        n_members=1,
    ):
        keep_arguments(self, locals())


@document("network_", *RECORDS)
class NetworkRegressor(RegressionMixin, BaseOwnNetwork):
    """Regressor with a network of your own layers.

    Compose the layers up to the last hidden one. The number of inputs follows from the data, and
    the last layer is appended to suit the target and the loss. Layers are hyper-parameters: search
    over ``network__0__outputs``, ``optimizer__lr``, or over whole networks. With layers as in
    `MLPRegressor`, the numbers are the same.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    NetworkClassifier : The same for classification.
    MLPRegressor : A multi-layer perceptron, named by its layer sizes.

    References
    ----------
    .. [3] Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from sknumpynn import Linear, NetworkRegressor, ReLu, Sequential
    >>> X, y = make_regression(n_samples=200, n_features=20, random_state=1)
    >>> network = Sequential(Linear(outputs=32), ReLu(), Linear(outputs=16), ReLu())
    >>> regressor = NetworkRegressor(network, scale_target=True, max_iter=1000, random_state=0)
    >>> regressor.fit(X, y).score(X, y) > 0.9
    True
    """

    _param_rules = {**BaseOwnNetwork._param_rules, **REGRESSION_RULES}

    def __init__(
        self,
        network=None,
        *,
        loss="squared_error",
        optimizer="adam",
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
        clip_norm=None,
        scoring=None,
        quantile=0.5,
        scale_target=False,
        average=None,
        n_members=1,
    ):
        keep_arguments(self, locals())
