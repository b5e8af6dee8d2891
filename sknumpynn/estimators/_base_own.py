"""What NetworkClassifier and NetworkRegressor share: a network of the user's own layers."""

import copy

from sklearn.base import clone

from ..architectures import append_output
from ..core import Layer
from ..layers import Dropout
from ._feedforward import BaseFeedForward
from ._params import AnyOf, InstanceOf, Is
from ._rules import SOLVER_RULE, TRAINING_RULES

__all__ = ["BaseOwnNetwork"]

ADAPT_ROWS = 4096  # to which layers adapt before training: enough for means and quantiles


class BaseOwnNetwork(BaseFeedForward):
    """A network of the user's own layers, kept whole."""

    _param_rules = {
        "network": AnyOf(InstanceOf(Layer), Is(None)),
        "optimizer": SOLVER_RULE,
        **TRAINING_RULES,
    }

    @property
    def solver(self):
        """The optimizer, under the name that other estimators give it."""
        return self.optimizer

    def _architecture(self):
        return {"network": self.network}

    def _new_network(self, n_outputs):
        return append_output(self.network, n_outputs)

    def _build(self, network, X, rng, dtype):
        super()._build(network, X, rng, dtype)
        self._check_solver(network)
        _cast(network, dtype)  # a layer may have made its parameters on its own
        if any(_adapts(layer) for layer in network.walk()):
            rows = rng.permutation(X.shape[0])[:ADAPT_ROWS]
            network.adapt(X[rows].astype(dtype, copy=False), rng)

    def _check_solver(self, network):
        if self.optimizer != "lbfgs":
            return
        for layer in network.walk():
            if not layer.children and _depends_on_batch(layer):
                raise ValueError(
                    f"{layer!r} does not go with optimizer='lbfgs': what it computes changes from "
                    "batch to batch, which would mislead the line search. Use another optimizer."
                )

    def _keep(self, network, dtype):
        _cast(network, dtype)
        for parameter in network.parameters:
            vars(parameter).pop("gradient", None)  # of no use any more
        self.network_ = network
        # Copied, for what a parameter holds may be changed from outside.
        asked = self._architecture()
        self._fitted_architecture = {name: clone(asked[name], safe=False) for name in asked}

    def _network(self, dtype, rng=None):
        if rng is None and dtype == self._dtype:
            return self.network_
        network = copy.deepcopy(self.network_)
        _cast(network, dtype)
        for layer in network.walk() if rng else ():
            if isinstance(layer, Dropout):
                layer.build(None, rng, dtype)
        return network

    @property
    def _dtype(self):
        return self.network_.parameters[0].tensor.dtype


def _depends_on_batch(layer):
    """Whether a layer has noise, or statistics of batches, which are not learned but kept."""
    is_noisy = isinstance(layer, Dropout) and layer.rate > 0
    return is_noisy or any(lr_scale == 0 for lr_scale, _ in (p.treatment for p in layer.parameters))


def _adapts(layer):
    return type(layer).adapt is not Layer.adapt and not layer.children


def _cast(network, dtype):
    for parameter in network.parameters:
        parameter.tensor = parameter.tensor.astype(dtype, copy=False)
        vars(parameter).pop("gradient", None)  # which was of the other dtype
