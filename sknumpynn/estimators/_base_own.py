"""What NetworkClassifier and NetworkRegressor share: a network of the user's own layers."""

import copy

import numpy as np

from ..architectures import append_output
from ..core import Layer, Parameter, take_rows
from ..layers import Linear, Parallel, Sequential
from ._base import BaseNetwork
from ._params import AnyOf, InstanceOf, Is
from ._resumption import reseed
from ._rules import SOLVER_RULE, TRAINING_RULES
from ._trial import build_on_trial

__all__ = ["BaseOwnNetwork"]

ADAPT_ROWS = 4096  # to which layers adapt before training: enough for means and quantiles


class BaseOwnNetwork(BaseNetwork):
    """A network of the user's own layers, kept whole."""

    _param_rules = {
        "network": AnyOf(InstanceOf(Layer), Is(None)),
        "optimizer": SOLVER_RULE,
        **TRAINING_RULES,
    }

    _solver_name = "optimizer"

    @property
    def solver(self):
        """The optimizer, under the name it has in other estimators."""
        return self.optimizer

    @property
    def _accept_sparse(self):
        return super()._accept_sparse if _takes_sparse(self.network) else False

    def _architecture(self):
        return {"network": self.network}

    def _new_network(self, n_outputs, X, rng, dtype):
        network = append_output(self.network, n_outputs)
        build_on_trial(network, X, rng, dtype)
        return network

    def _adapt(self, job, rows):
        if not (job.is_new and job.network.adapts):
            return
        rows = np.arange(job.X.shape[0]) if rows is None else rows
        if job.sample_weight is not None:
            rows = rows[job.sample_weight[rows] > 0]
        X = take_rows(job.X, job.rng.permutation(rows)[:ADAPT_ROWS])
        dtype = job.network.parameters[0].tensor.dtype
        with np.errstate(all="ignore"):  # training finds out what is not finite
            job.network.adapt(X.astype(dtype, copy=False), job.rng)

    def _print_epoch(self, record, seconds):
        line = f"Epoch {self.n_iter_} of {self.max_iter}: loss = {record['loss']:.6f}"
        if "validation_score" in record:
            line += f", validation score = {record['validation_score']:.6f}"
        print(f"{line}, learning rate = {record['lr']:.3g}, {seconds:.3f} s")

    def _keep(self, network, dtype):
        for parameter in network.parameters:
            parameter.tensor = parameter.tensor.astype(dtype, copy=False)
            vars(parameter).pop("gradient", None)  # of no use any more
        self.network_ = network

    def _network(self, dtype, rng=None):
        if rng is None and dtype == self._dtype:
            return self.network_
        # Parameters are cast as they are copied: to copy and then cast takes twice the time.
        cast = {
            id(p): Parameter(p.tensor.astype(dtype), *p.treatment) for p in self.network_.parameters
        }
        network = copy.deepcopy(self.network_, cast)
        reseed(network, rng)
        return network

    @property
    def _dtype(self):
        return self.network_.parameters[0].tensor.dtype


def _takes_sparse(layer):
    """Whether a layer can be fed with a sparse matrix."""
    if isinstance(layer, Parallel):
        return all(map(_takes_sparse, layer.layers))
    if isinstance(layer, Sequential):  # an empty one is followed by the Linear of the outputs
        return not layer.layers or _takes_sparse(layer.layers[0])
    return layer is None or isinstance(layer, Linear)
