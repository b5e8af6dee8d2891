"""What RealMLPClassifier and RealMLPRegressor share: encode, split, train the members, predict."""

import copy
from abc import ABC, abstractmethod
from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array, check_consistent_length, check_random_state
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from .._version import Stamped
from ..core import Layer
from ..layers import ACTIVATIONS
from ..preprocessing.columns import is_table, raise_if_masked
from ..preprocessing.robust import SPREADS
from ..preprocessing.tabular import TabularEncoder, read_table
from ..preprocessing.weights import check_sample_weight
from ..schedules import Schedule
from ._attributes import forget
from ._callbacks import CallbackSupportMixin, watch
from ._holdout import apply_scorer
from ._members import MAX_SEED
from ._params import (
    AnyOf,
    Boolean,
    Float,
    InstanceOf,
    Int,
    Is,
    LayerSizes,
    OneOf,
    RandomState,
    SetParamsMixin,
)
from ._realmlp_recipes import RECIPES, SCHEDULES, settle
from ._realmlp_scores import HeldOutRows
from ._realmlp_training import ARCHITECTURE, new_member, run_members, train_member
from ._rules import TRAINING_RULES, validate_with_parts
from ._summary import Summarized
from ._validation import about_validation, pair_validation, warn_if_as_long

__all__ = ["BaseRealMLP", "or_recipe"]


def or_recipe(*rules):
    """A rule that also allows None, which leaves the value to the recipe."""
    return AnyOf(*rules, Is(None))


class BaseRealMLP(Summarized, CallbackSupportMixin, Stamped, SetParamsMixin, BaseEstimator, ABC):
    """Several networks, averaged, for tables. A subclass says what the target asks for."""

    _schedule_rule = or_recipe(OneOf(*SCHEDULES), InstanceOf(Schedule))
    _param_rules = {
        "recipe": OneOf(*RECIPES["regression"]),
        "n_members": or_recipe(Int("[1, inf)")),
        "hidden_layer_sizes": or_recipe(LayerSizes()),
        "activation": or_recipe(OneOf(*ACTIVATIONS), InstanceOf(Layer)),
        "spread": or_recipe(OneOf(*SPREADS)),
        "numeric_embedding": or_recipe(OneOf("pbld", "none")),
        "max_one_hot_categories": or_recipe(Int("[0, inf)"), Is(np.inf)),
        "embedding_size": or_recipe(Int("[1, inf)")),
        "init": or_recipe(OneOf("data", "normal")),
        "front_lr_scale": or_recipe(Float("[0, inf)")),
        "embedding_lr_scale": or_recipe(Float("[0, inf)")),
        "activation_lr_scale": or_recipe(Float("[0, inf)")),
        "bias_lr_scale": or_recipe(Float("[0, inf)")),
        "batch_size": or_recipe(Int("[1, inf)")),
        "max_iter": or_recipe(OneOf("auto"), Int("[1, inf)")),
        "learning_rate_init": or_recipe(Float("(0, inf)")),
        "learning_rate": _schedule_rule,
        "beta_1": or_recipe(Float("[0, 1)")),
        "beta_2": or_recipe(Float("[0, 1)")),
        "epsilon": or_recipe(Float("(0, inf)")),
        "weight_decay": or_recipe(Float("[0, inf)")),
        "weight_decay_schedule": _schedule_rule,
        "dropout": or_recipe(Float("[0, 1)")),
        "dropout_schedule": _schedule_rule,
        "scoring": TRAINING_RULES["scoring"],
        "validation_fraction": Float("[0, 1)"),
        "random_state": RandomState(),
        "n_jobs": AnyOf(Int("(-inf, inf)"), Is(None)),
        "verbose": AnyOf(Int("[0, inf)"), Boolean()),
    }

    @abstractmethod
    def _new_task(self, y, sample_weight, settings):
        """Make the task that the training rows' target asks for, and store what it is made of."""

    def fit(self, X, y, sample_weight=None, *, X_val=None, y_val=None, sample_weight_val=None):
        """Fit the members to a table.

        Parameters
        ----------
        X : DataFrame, Arrow table or array-like of shape (n_samples, n_features)
            Training data: numbers, of which some may be missing, and categories.
        y : array-like of shape (n_samples,)
            Class labels, or in regression numbers, then perhaps of shape (n_samples, n_targets).
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.
        X_val : DataFrame, Arrow table or array-like of shape (n_validation, n_features), \
                default=None
            Rows to choose each member's epoch by. Without them, some are held out of X.
        y_val : array-like of shape (n_validation,) or (n_validation, n_targets), default=None
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
            If a parameter or the data are not as they should be. The estimator is then as it was
            before.
        """
        validate_with_parts(self)
        draft = copy.copy(self)
        draft._train(X, y, sample_weight, pair_validation(X_val, y_val, sample_weight_val))
        self.__dict__ = vars(draft)
        return self

    def _train(self, X, y, sample_weight, validation):
        """Train all members and keep them."""
        settings, rng = settle(self), check_random_state(self.random_state)
        task, data, held_out = self._prepare(X, y, sample_weight, validation, settings, rng)
        self._architecture = copy.deepcopy({name: getattr(settings, name) for name in ARCHITECTURE})
        self._architecture |= {
            "n_numeric": self.encoder_.n_numeric_,
            "n_dense": self.encoder_.n_dense_,
            "cardinalities": self.encoder_.cardinalities_,
            "n_outputs": task.n_outputs(data[1]),
        }
        options = {"max_subtasks": settings.n_members, "sequential_subtasks": False}
        with watch(self, X, y, sample_weight, **options) as callbacks:
            members = Parallel(n_jobs=self.n_jobs)(
                delayed(train_member)(
                    *(seed, self._architecture, settings, task, data, held_out),
                    f"Network {i + 1} of {settings.n_members}" if self.verbose else "",
                    partial(callbacks.part, task_id=i),
                )
                for i, seed in enumerate(rng.randint(MAX_SEED, size=settings.n_members))
            )
            self.weights_ = [member["weights"] for member in members]
            self.loss_curves_ = [member["losses"] for member in members]
            self.score_curves_ = [member["scores"] for member in members]
            self.best_iters_ = [member["best_iter"] for member in members]
            self.n_iter_ = max(len(member["losses"]) for member in members)
            if held_out is not None:
                self._calibrate(task, settings, held_out)

    def _prepare(self, X, y, sample_weight, validation, settings, rng):
        """Fit the encoder and make the task; return it, rows to train on, and rows held out."""
        y, weights = self._check_target(X, y, sample_weight)
        is_held_out = np.zeros(len(y), bool)
        counts = np.ones(len(y)) if weights is None else weights.copy()
        if validation is None and self.validation_fraction > 0:
            counted = np.flatnonzero(counts)
            is_held_out[counted[self._split(y[counted], rng)]] = True
        counts[is_held_out] = 0
        trained_on = counts > 0

        # What has a weight of zero tells the encoder nothing, so X needs not be cut in parts.
        encoder = self._new_encoder(settings).fit(X, sample_weight=counts)
        Z = encoder.encode(read_table(self, X, reset=True))
        forget(self)
        self.encoder_, task = encoder, self._new_task(y, counts, settings)
        Y = task.encode(y)

        def part(rows):
            return Z[rows], y[rows], None if weights is None else weights[rows]

        held_out = None
        if validation is not None:
            held_out = self._hold_out_given(task, settings, validation, y)
        elif is_held_out.any():
            held_out = self._hold_out(task, settings, *part(is_held_out))
        Z, _, weights = part(trained_on)
        return task, (Z, Y[trained_on], weights), held_out

    def _check_target(self, X, y, sample_weight):
        """Make arrays of a target and of weights, of as many rows as X has."""
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, but the target y "
                "is None."
            )
        raise_if_masked(y, "y")
        try:
            check_consistent_length(X, y)
        except (TypeError, ValueError):
            if not is_table(X):  # what has no rows comes before their number
                check_array(X, dtype=None, ensure_all_finite=False, estimator=self)
            raise
        y = self._as_target(y)
        return y, check_sample_weight(sample_weight, len(y))

    def _split(self, y, rng):
        """Numbers of the rows to hold out; where possible classes keep their proportions."""
        fraction = float(self.validation_fraction)
        n_held_out = int(np.ceil(fraction * len(y)))
        if n_held_out == len(y):
            raise ValueError(
                f"With n_samples={len(y)} that count and validation_fraction="
                f"{self.validation_fraction!r} no row is left to train on. Set it to 0, or give "
                "X_val and y_val."
            )
        strata = None
        if is_classifier(self):
            _, counts = np.unique(y, return_counts=True)
            if counts.min() >= 2 and len(counts) <= min(n_held_out, len(y) - n_held_out):
                strata = y
        _, held_out = train_test_split(
            np.arange(len(y)), test_size=fraction, random_state=rng, stratify=strata
        )
        return held_out

    def _new_encoder(self, settings):
        limit = settings.max_one_hot_categories
        return TabularEncoder(
            self.categorical_features,
            max_one_hot_categories=None if limit == np.inf else limit,
            spread=settings.spread,
        )

    def _hold_out_given(self, task, settings, validation, y):
        """Check and encode what `fit` was given to validate on, beside a target to train on."""
        with about_validation():
            y_val, weights = self._check_target(*validation)
            if y_val.shape[1:] != y.shape[1:]:
                raise ValueError(
                    f"y_val of shape {y_val.shape} has not as many columns as y of shape {y.shape}."
                )
            Z = self._encode(validation[0])
            held_out = self._hold_out(task, settings, Z, y_val, weights)
        warn_if_as_long(len(y_val), len(y))
        return held_out

    def _hold_out(self, task, settings, Z, y, weights):
        if weights is not None:
            counted = weights > 0
            Z, y, weights = Z[counted], y[counted], weights[counted]
        scorer = self._scorer(settings.scoring)
        return HeldOutRows(task, scorer, Z, y, task.encode(y), weights)

    def _scorer(self, scoring):
        """Make the function by which `HeldOutRows` score a network's output."""
        if isinstance(scoring, str) and scoring in self._own_scores:
            return self._own_scores[scoring]
        scorer, member = check_scoring(self, scoring=scoring), copy.copy(self)

        def score(rows, Z):
            vars(member)["_outputs"] = lambda X: [Z]
            return apply_scorer(scorer, member, Z, rows.y, rows.sample_weight)

        return score

    def _calibrate(self, task, settings, held_out):
        """Let predictions suit the rows held out."""

    def _encode(self, X):
        """Make a matrix of rows that the encoder was not fitted to; errors name this estimator."""
        return self.encoder_.encode(read_table(self, X, reset=False))

    def _outputs(self, X):
        """Compute the members' outputs, one after the other."""
        check_is_fitted(self)
        return run_members(self._architecture, self.weights_, self._encode(X))

    def _network_to_show(self):
        n_inputs = self.encoder_.n_dense_ + len(self.encoder_.cardinalities_)
        return new_member(self._architecture, n_inputs), n_inputs, len(self.weights_)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "weights_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.categorical = True
        tags.input_tags.string = False
        tags.target_tags.required = True
        return tags
