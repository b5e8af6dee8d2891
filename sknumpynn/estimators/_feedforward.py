"""What every estimator with a feed-forward network offers: fit, features, gradients."""

import copy
import sys

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin

from ..core import Layer
from ._base import BaseNetwork
from ._summary import Summarized
from ._validation import pair_validation, raise_if_overflown

__all__ = ["BaseFeedForward"]


class BaseFeedForward(Summarized, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseNetwork):
    """A network that is a Sequential, of which the last layer makes the outputs."""

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
            Within a Pipeline name it in `transform_input`, to have it transformed as X is. The
            solver 'lbfgs', which has no epochs, does not take it.
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
        validation = pair_validation(X_val, y_val, sample_weight_val)
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
            Those of several members stand side by side.
        """
        if hasattr(self, "estimators_"):
            return np.hstack([member.transform(X) for member in self.estimators_])
        network, X, dtype, is_small = self._ready(X)
        if len(network) == 1:  # the features are those given; but not the caller's array
            return X.toarray() if issparse(X) else X.copy()
        return self._run(network, X, dtype, is_small, slice(-1))

    @property
    def _n_features_out(self):
        if hasattr(self, "estimators_"):
            return sum(member._n_features_out for member in self.estimators_)
        return self._network(self._dtype)[-1].weights.tensor.shape[0]

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
            The latter if there are several outputs. For several members the mean.
        """
        if hasattr(self, "estimators_"):
            return np.mean([member.input_gradients(X) for member in self.estimators_], axis=0)
        network, X, dtype, _ = self._ready(X)
        X = (X if isinstance(X, np.ndarray) else X.toarray()).astype(dtype, copy=False)
        gradients = np.empty((len(X), self.n_outputs_, X.shape[1]), dtype)
        network = copy.deepcopy(network)  # for backward adds to the gradients of its parameters
        with np.errstate(all="ignore"):
            Y, backward = network.forward(X)
            for output in range(self.n_outputs_):
                D = np.zeros_like(Y)
                D[:, output] = 1
                gradients[:, output] = backward(D)
        raise_if_overflown(Y, X)
        return gradients[:, 0] if self.n_outputs_ == 1 else gradients

    def _network_to_show(self):
        if hasattr(self, "estimators_"):
            network, n_inputs, _ = self.estimators_[0]._network_to_show()
            return network, n_inputs, len(self.estimators_)
        return self._network(self._dtype), self.n_features_in_, 1

    def _check_architecture(self):
        asked = {**self._architecture(), "dtype": self.dtype or self._dtype.name}
        fitted = {**self._fitted_architecture, "dtype": self._dtype.name}
        for name, value in asked.items():
            if _description(value) != _description(fitted[name]):
                raise ValueError(
                    f"{name}={value!r} does not go with the fitted network, which has "
                    f"{name}={fitted[name]!r}. Set warm_start=False and call fit to start anew."
                )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.dtype != "float64" and not self.warm_start:
            tags.transformer_tags.preserves_dtype.append("float32")
        return tags


def _description(value):
    """Text that tells values of a parameter apart; for layers, but for where weights started."""
    if isinstance(value, Layer):
        params = {"": value, **value.get_params()}
        value = {
            name: type(v) if isinstance(v, Layer) else v
            for name, v in params.items()
            if name.split("__")[-1] not in ("rng", "dtype")
        }
    with np.printoptions(threshold=sys.maxsize):
        return repr(value)
