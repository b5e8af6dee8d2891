"""What MLPClassifier and MLPRegressor share: a multi-layer perceptron, kept as lists of arrays."""

import copy

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.metrics import get_scorer_names
from sklearn.utils.validation import check_is_fitted

from ..architectures import build_mlp, linears
from ..core import Layer, Optimizer, run
from ..layers import ACTIVATIONS, Dropout
from ..schedules import ConstantSchedule
from ._base import BaseNetwork
from ._exchange import from_sklearn, to_sklearn
from ._params import (
    AnyOf,
    Boolean,
    EachOf,
    Float,
    Function,
    InstanceOf,
    Int,
    Is,
    LayerSizes,
    OneOf,
    RandomState,
)

__all__ = ["BaseMLP", "keep_arguments"]


def keep_arguments(est, arguments):
    """Store a constructor's arguments on the estimator, untouched, as scikit-learn asks."""
    vars(est).update((k, v) for k, v in arguments.items() if k not in ("self", "__class__"))


class BaseMLP(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseNetwork):
    """A multi-layer perceptron, kept as lists of weights and biases."""

    _param_rules = {
        "hidden_layer_sizes": LayerSizes(),
        "activation": EachOf(AnyOf(OneOf(*ACTIVATIONS), InstanceOf(Layer))),
        "solver": AnyOf(OneOf("lbfgs", "sgd", "adam", "adamw", "rmsprop"), InstanceOf(Optimizer)),
        "alpha": Float("[0, inf)"),
        "batch_size": AnyOf(OneOf("auto"), Int("[1, inf)")),
        "learning_rate": AnyOf(
            OneOf("constant", "invscaling", "adaptive", "cosine", "one_cycle"),
            InstanceOf(ConstantSchedule),
        ),
        "learning_rate_init": Float("(0, inf)"),
        "power_t": Float("[0, inf)"),
        "max_iter": Int("[1, inf)"),
        "shuffle": Boolean(),
        "random_state": RandomState(),
        "tol": Float("[0, inf)"),
        "verbose": AnyOf(Int("[0, inf)"), Boolean()),
        "warm_start": AnyOf(OneOf("exact"), Boolean()),
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
        "dropout": EachOf(Float("[0, 1)")),
        "clip_norm": AnyOf(Float("(0, inf)"), Is(None)),
        "scoring": AnyOf(
            OneOf("loss", *get_scorer_names()), Function("(estimator, X, y) -> score"), Is(None)
        ),
    }

    def fit(self, X, y, sample_weight=None, *, X_val=None, y_val=None, sample_weight_val=None):
        """Fit the network to data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels, or an indicator matrix of several labels a row; in regression numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.
        X_val : {array-like, sparse matrix} of shape (n_validation, n_features), default=None
            Rows to validate on after each epoch. With early stopping no others are held out.
            Within a Pipeline name it in `transform_input`, to have it transformed as X is.
        y_val : array-like of shape (n_validation,) or (n_validation, n_outputs), default=None
            Their target.
        sample_weight_val : array-like of shape (n_validation,), default=None
            How much each of them counts.

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
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val go together: one is given without the other.")
        validation = None if X_val is None else (X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, validation=validation)

    def transform(self, X):
        """Compute the outputs of the last hidden layer: features that the network has learned.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data.

        Returns
        -------
        features : ndarray of shape (n_samples, n_units)
        """
        network, X, dtype = self._ready(X)
        if len(network) == 1:  # the features are those given; but not the caller's array
            return X.toarray() if issparse(X) else X.copy()
        return run(network[:-1], X, dtype)

    @property
    def _n_features_out(self):
        return self.coefs_[-1].shape[0]

    def input_gradients(self, X):
        """Compute the gradient of the network's output with respect to each row of X.

        The output is what comes before the last function: logits, in regression with a log link
        the logarithm of the prediction, and with `scale_target` a standardised prediction.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        gradients : ndarray of shape (n_samples, n_features) or (n_samples, n_outputs, n_features)
            The latter if there are several outputs.
        """
        network, X, dtype = self._ready(X)
        X = (X if isinstance(X, np.ndarray) else X.toarray()).astype(dtype, copy=False)
        gradients = np.empty((len(X), self.n_outputs_, X.shape[1]), dtype)
        Y, backward = network.forward(X)
        for output in range(self.n_outputs_):
            D = np.zeros_like(Y)
            D[:, output] = 1
            gradients[:, output] = backward(D)
        return gradients[:, 0] if self.n_outputs_ == 1 else gradients

    def summary(self):
        """Describe the fitted network: a line for each layer.

        Returns
        -------
        summary : str
        """
        check_is_fitted(self)
        network = self._network(self._dtype)
        lines, width, total = [f"{'layer':<16}{'outputs':>9}{'parameters':>12}"], None, 0
        for layer in network.layers:
            n_parameters = sum(p.tensor.size for p in layer.parameters)
            width = getattr(layer, "outputs", width)
            lines.append(f"{type(layer).__name__:<16}{width:>9,}{n_parameters:>12,}")
            total += n_parameters
        return "\n".join([*lines, f"{'total':<16}{total:>21,}"])

    def to_sklearn(self):
        """Make a fitted estimator of scikit-learn's that predicts the same.

        For programs that know scikit-learn's classes, such as converters to ONNX.

        Returns
        -------
        estimator : sklearn.neural_network.MLPClassifier or MLPRegressor

        Raises
        ------
        ValueError
            If scikit-learn has no such activation or loss, or the target was scaled.
        """
        check_is_fitted(self)
        return to_sklearn(self)

    @classmethod
    def from_sklearn(cls, estimator):
        """Make an estimator that predicts the same as a fitted one of scikit-learn's.

        Parameters
        ----------
        estimator : sklearn.neural_network.MLPClassifier or MLPRegressor
            Fitted.

        Returns
        -------
        estimator : MLPClassifier or MLPRegressor

        Raises
        ------
        ValueError
            If the estimator is of another kind, or not fitted.
        """
        return from_sklearn(cls, estimator)

    def _architecture(self):
        """What a fitted network cannot change any more."""
        sizes = self.hidden_layer_sizes
        sizes = tuple(map(int, sizes)) if np.iterable(sizes) else (int(sizes),)
        return {"hidden_layer_sizes": sizes, "activation": self.activation}

    def _new_network(self, n_outputs):
        asked = self._architecture()
        sizes, activation = asked["hidden_layer_sizes"], asked["activation"]
        return build_mlp(sizes, activation, n_outputs, self.dropout)

    def _keep(self, network, dtype):
        layers = linears(network)
        if len(network.parameters) > 2 * len(layers):
            raise ValueError(
                f"activation={self.activation!r} has parameters of its own, which a multi-layer "
                "perceptron has no place to keep. Use a layer without."
            )
        self.coefs_ = [layer.weights.tensor.astype(dtype, copy=False) for layer in layers]
        self.intercepts_ = [layer.bias.tensor.astype(dtype, copy=False) for layer in layers]
        self.n_layers_ = len(layers) + 1
        # Copied, for what a parameter holds may be changed from outside.
        self._fitted_architecture = copy.deepcopy(self._architecture())

    def _network(self, dtype, rng=None):
        sizes = [W.shape[1] for W in self.coefs_]
        activation = self._fitted_architecture["activation"]
        network = build_mlp(sizes[:-1], activation, sizes[-1], self.dropout if rng else 0.0)
        for layer in network.layers if rng else ():
            if isinstance(layer, Dropout):  # the one kind of layer that wants only noise
                layer.build(None, rng, dtype)
        for layer, W, b in zip(linears(network), self.coefs_, self.intercepts_, strict=True):
            layer.house(W.astype(dtype, copy=False), b.astype(dtype, copy=False))
        return network

    @property
    def _dtype(self):
        return self.coefs_[0].dtype

    def _check_architecture(self):
        for name, asked in self._architecture().items():
            fitted = self._fitted_architecture[name]
            if repr(asked) != repr(fitted):
                raise ValueError(
                    f"{name}={asked!r} does not go with the fitted network, which has "
                    f"{name}={fitted!r}. Set warm_start=False and call fit to start anew."
                )
