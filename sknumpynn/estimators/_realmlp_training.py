"""Training of one member of a RealMLP: its schedules, and its best epoch."""

from itertools import count

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ..architectures import build_realmlp
from ..core import Batches, Learner, pack, run
from ..layers import Dropout
from ..optimizers import AdamWOptimizer
from ..schedules import factor_at
from ._callbacks import Unwatched
from ._magnitudes import NON_FINITE, is_finite
from ._threads import one_thread
from ._warning import warn

__all__ = ["ARCHITECTURE", "n_epochs", "new_member", "run_members", "train_member"]

ARCHITECTURE = (
    "hidden_layer_sizes",
    "activation",
    "numeric_embedding",
    "embedding_size",
    "front_lr_scale",
    "embedding_lr_scale",
    "activation_lr_scale",
    "bias_lr_scale",
    "init",
)
ADAPT_ROWS = 4096  # by which weights are initialised: enough for standard deviations
ADAPT_NUMBERS = 2**21  # most numbers in those, as each becomes some 40: fewer rows of a wide table
ROWS_SEEN = 2**16  # in all epochs together that "auto" aims at, within these limits of epochs
LEAST_EPOCHS, MOST_EPOCHS = 64, 100
UNWATCHED = Unwatched().part


def n_epochs(max_iter, n_rows):
    """Number of epochs: if "auto", more where there are few rows to train on."""
    if max_iter == "auto":
        return int(np.clip(-(-ROWS_SEEN // n_rows), LEAST_EPOCHS, MOST_EPOCHS))
    return max_iter


def train_member(seed, architecture, settings, task, data, held_out=None, name="", part=UNWATCHED):
    """Train one member from initial weights of its own.

    Parameters
    ----------
    seed : int
    architecture : dict
        Arguments of `build_realmlp`.
    settings : SimpleNamespace
        As `settle` makes them.
    task : RegressionTask or ClassificationTask
    data : tuple
        (X, Y, sample_weight) to train on.
    held_out : HeldOutRows, default=None
        The member keeps the weights of the epoch with the best score on them, the last one if
        several are equal; without such rows those of the last epoch.
    name : str, default=""
        Printed with each epoch; if empty, nothing is printed.
    part : function, default=UNWATCHED
        Makes the context of the member, as `Watched.part` does.

    Returns
    -------
    member : dict
        Its ``weights`` in one array, ``losses`` and ``scores`` of all epochs, ``best_iter``.
    """
    X, Y, sample_weight = data
    rng = np.random.default_rng(seed)
    network = _initial_network(architecture, settings, X, rng)
    optimizer = AdamWOptimizer(
        settings.learning_rate_init, settings.beta_1, settings.beta_2, settings.epsilon
    )
    learner = Learner(network, task.loss, optimizer)
    goal = task.goal(Y).astype(X.dtype)
    batches = Batches(X, goal, settings.batch_size, rng, sample_weight, drop_last=True)
    max_iter = n_epochs(settings.max_iter, len(batches))
    learner.before_step = _by_step(settings, optimizer, network, max_iter * batches.n_batches)
    member = {"losses": [], "scores": [], "best_iter": 0}
    weights, plans, best_score = learner.parameters.tensor, {}, -np.inf

    def fitted():  # the rest is that of the estimator that callbacks see
        return {"weights_": [weights.copy()], "n_iter_": len(member["losses"])}

    watched = part("member", fitted, max_subtasks=max_iter)
    with watched as callbacks, one_thread(), np.errstate(all="ignore"):
        for epoch in range(1, max_iter + 1):
            with callbacks.part("epoch", fitted):
                loss = learner.fit_epoch(batches, epoch == 1)
                if not (np.isfinite(loss) and is_finite(weights)):
                    _warn_or_raise(member)
                    break
                member["losses"].append(loss)
                score = best_score
                if held_out is not None:
                    score = held_out.score(network, plans)
                    member["scores"].append(score)
                if name:
                    scored = "" if held_out is None else f", validation score = {score:.6f}"
                    print(f"{name}: epoch {epoch} of {max_iter}, loss = {loss:.6f}{scored}")
                if score >= best_score:
                    member.update(weights=weights.copy(), best_iter=epoch)
                    best_score = score
            if callbacks.stopped:
                break
    return member


def _initial_network(architecture, settings, X, rng):
    """Make the network that training begins with, adapted to some of the rows."""
    network = build_realmlp(**architecture, dropout=settings.dropout)
    network.build(X.shape[1], rng, X.dtype)
    n_rows = min(ADAPT_ROWS, max(settings.batch_size, ADAPT_NUMBERS // X.shape[1]))
    rows = rng.permutation(len(X))[:n_rows]
    network.adapt(X[rows], rng)
    return network


def new_member(architecture, inputs):
    """Make a network in float64 that has not been trained, by arguments of `build_realmlp`."""
    network = build_realmlp(**architecture)
    network.build(inputs, _Zeros(np.random.PCG64(0)), np.float64)
    return network


class _Zeros(np.random.Generator):
    """Draws zeros for weights to be replaced: else half of predicting a row would be drawing."""

    def standard_normal(self, size=None, dtype=np.float64, out=None):
        if size is None or out is not None:  # as only layers of a user's own may ask
            return super().standard_normal(size, dtype, out)
        return np.zeros(size, dtype)


def run_members(architecture, weights, X):
    """Compute the outputs of networks of one architecture, one after the other.

    They are computed in float64, so that what is shown of a row's output does not depend on the
    rows beside it.

    Parameters
    ----------
    architecture : dict
        Arguments of `build_realmlp`.
    weights : list of ndarray of shape (n_parameters,)
    X : ndarray of shape (n_samples, inputs)

    Yields
    ------
    output : ndarray of float64 of shape (n_samples, n_outputs)
    """
    network = new_member(architecture, X.shape[1])
    parameters = pack(network.parameters)
    for tensor in weights:
        parameters.tensor[:] = tensor
        yield run(network, X, np.float64)


def _by_step(settings, optimizer, network, n_steps):
    """Make the function that sets learning rate, weight decay and dropout before each step."""
    steps = count()
    dropouts = [layer for layer in network.walk() if isinstance(layer, Dropout)]
    lr, decay = settings.learning_rate, settings.weight_decay_schedule

    def set_rates():
        progress = next(steps) / n_steps
        optimizer.lr = settings.learning_rate_init * factor_at(progress, lr)
        optimizer.weight_decay = settings.weight_decay * factor_at(progress, decay)
        for dropout in dropouts:
            dropout.rate = settings.dropout * factor_at(progress, settings.dropout_schedule)

    return set_rates


def _warn_or_raise(member):
    if "weights" not in member:
        raise ValueError(NON_FINITE)
    warn(
        f"Training diverged in epoch {len(member['losses']) + 1}. The weights are those of epoch "
        f"{member['best_iter']}. Lower learning_rate_init.",
        ConvergenceWarning,
    )
