"""What MLPClassifier and MLPRegressor share: a multi-layer perceptron, kept as lists of arrays."""

from operator import is_not
from weakref import WeakKeyDictionary

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..architectures import build_mlp, linears
from ..core import Layer
from ..layers import ACTIVATIONS
from ._base import BaseNetwork
from ._exchange import from_sklearn, to_sklearn
from ._params import AnyOf, EachOf, Float, InstanceOf, LayerSizes, OneOf
from ._resumption import reseed
from ._rules import SOLVER_RULE, TRAINING_RULES

__all__ = ["BaseMLP"]

# Networks to predict with, by estimator and dtype: for a single row, to assemble one takes longer
# than to apply it. They are kept here, since a prediction must not change the estimator.
_networks = WeakKeyDictionary()
SMALL = 2**16  # weights of a network that is kept; for a larger one it would save little


class BaseMLP(BaseNetwork):
    """A multi-layer perceptron, kept as lists of weights and biases."""

    _param_rules = {
        "hidden_layer_sizes": LayerSizes(),
        "activation": EachOf(AnyOf(OneOf(*ACTIVATIONS), InstanceOf(Layer))),
        "solver": SOLVER_RULE,
        **TRAINING_RULES,
        "dropout": EachOf(Float("[0, 1)")),
    }

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
        """Parameters that cannot change once a network has been fitted."""
        sizes = self.hidden_layer_sizes
        sizes = tuple(map(int, sizes)) if np.iterable(sizes) else (int(sizes),)
        return {"hidden_layer_sizes": sizes, "activation": self.activation}

    def _new_network(self, n_outputs, X, rng, dtype):
        sizes = self._fitted_architecture["hidden_layer_sizes"]
        network = build_mlp(sizes, self.activation, n_outputs, self.dropout)
        network.build(X.shape[1], rng, dtype)
        return network

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

    def _network(self, dtype, rng=None):
        arrays = [
            array for pair in zip(self.coefs_, self.intercepts_, strict=True) for array in pair
        ]
        is_kept = rng is None and type(self).__hash__ is not None  # a dataclass has none
        if not is_kept or sum(array.size for array in arrays) > SMALL:
            return self._assemble(arrays, dtype, rng)
        kept = _networks.setdefault(self, {})
        housed, copies, network = kept.get(dtype, ((), (), None))
        if len(housed) != len(arrays) or any(map(is_not, housed, arrays)):
            network = self._assemble(arrays, dtype)
            pairs = zip((parameter.tensor for parameter in network.parameters), arrays, strict=True)
            copies = [pair for pair in pairs if not np.may_share_memory(*pair)]
            kept[dtype] = arrays, copies, network
        for tensor, array in copies:  # the fitted array may have been written to since
            tensor[...] = array
        return network

    def _assemble(self, arrays, dtype, rng=None):
        weights, biases = arrays[::2], arrays[1::2]
        sizes = [W.shape[1] for W in weights]
        activation = self._fitted_architecture["activation"]
        network = build_mlp(sizes[:-1], activation, sizes[-1], self.dropout if rng else 0.0)
        reseed(network, rng)
        for layer, W, b in zip(linears(network), weights, biases, strict=True):
            layer.house(W.astype(dtype, copy=False), b.astype(dtype, copy=False))
        return network

    @property
    def _dtype(self):
        return self.coefs_[0].dtype
