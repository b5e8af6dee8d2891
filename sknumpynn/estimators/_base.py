"""The template of the estimators: validate, build, train in private, commit; and predict."""

import copy
from abc import ABC, abstractmethod

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted

from .._version import Stamped
from ..core import run
from ..preprocessing.weights import check_sample_weight
from ..tasks import raise_if_missing
from ._callbacks import CallbackSupportMixin, Unwatched, watch
from ._job import Job
from ._lbfgs import train_by_lbfgs
from ._members import check_n_members, fit_members
from ._params import SetParamsMixin
from ._resumption import resume_rng
from ._rules import validate_with_parts
from ._steps import take_steps
from ._training import Training
from ._validation import (
    has_small_numbers,
    is_finite,
    quick_norm,
    raise_if_overflown,
    raise_if_text,
    validate_numbers,
)

__all__ = ["BaseNetwork"]

DOUBLE = np.dtype(np.float64)


class BaseNetwork(CallbackSupportMixin, Stamped, SetParamsMixin, BaseEstimator, ABC):
    """What the estimators share. A subclass says which network, and what the target asks for."""

    _accept_sparse = ("csr", "csc")
    _solver_name = "solver"  # of the parameter

    @abstractmethod
    def _new_network(self, n_outputs):
        """Make the network to train, unbuilt."""

    def _build(self, network, X, rng, dtype):
        """Make the parameters of a new network."""
        network.build(X.shape[1], rng, dtype)

    def _adapt(self, job, rows):
        """Adapt a new network to the rows to train on; None means all rows."""

    @abstractmethod
    def _network(self, dtype, rng=None):
        """Make the fitted network; with a random generator, one that can be trained further."""

    @abstractmethod
    def _keep(self, network, dtype):
        """Store the weights of a trained network as fitted attributes, in a dtype."""

    @abstractmethod
    def _new_task(self, y, sample_weight, classes, incremental):
        """Make the task that suits the target, and store what `_task` needs to make it again."""

    @abstractmethod
    def _task(self):
        """Make the fitted task."""

    def _fit(self, X, y, sample_weight, *, classes=None, incremental=False, validation=None):
        """Fit, or with `incremental` train the fitted network for one more epoch."""
        how = {"classes": classes, "incremental": incremental, "validation": validation}
        if self.n_members != 1:
            return fit_members(self, X, y, sample_weight, **how)
        take_steps(self._fitting(X, y, sample_weight, **how))
        return self

    def _fitting(
        self, X, y, sample_weight, classes=None, incremental=False, validation=None, watched=None
    ):
        """Fit, but leave it to the caller to take the steps of each epoch, see `_steps.py`.

        All work is done on a draft, a copy whose attributes replace the estimator's at the end:
        an error before that leaves the estimator as it was.
        """
        validate_with_parts(self)
        self._check_combinations(validation)
        draft = copy.copy(self)
        interrupted = yield from draft._train(
            X, y, sample_weight, classes, incremental, validation, watched
        )
        self.__dict__ = vars(draft)
        return interrupted

    def _train(self, X, y, sample_weight, classes, incremental, validation, watched):
        goes_on = self.__sklearn_is_fitted__() and (self.warm_start or incremental)
        resumes = goes_on and not incremental and self.warm_start == "exact"
        given, norm = (X, y, sample_weight), quick_norm(X)
        X, y, sample_weight = self._validate(*given, not goes_on, known_finite=norm < np.inf)
        if goes_on:
            self._check_classes(y, classes, incremental)
            task = self._task()
        else:
            self._forget()
            task = self._new_task(y, sample_weight, classes, incremental)
        Y = task.encode(y)
        sample_weight = self._weigh(y, sample_weight)
        rng = check_random_state(self.random_state)
        dtype = np.dtype(self.dtype or ("f4" if X.dtype == np.float32 else "f8"))
        if goes_on:
            self._check_targets(task, Y, "y")
            check_n_members(self)
            self._check_architecture()
            dtype = self._dtype
        solver_dtype = DOUBLE if self.solver == "lbfgs" else dtype
        if resumes:
            rng = resume_rng(self)
            # The state of noise will be restored, too, and must not draw seeds from rng.
            network = self._network(solver_dtype, np.random.RandomState())
        elif goes_on:
            network = self._network(solver_dtype, rng)
        else:
            network = self._start_anew(task, X, Y, rng, solver_dtype)

        job = Job(
            *(network, task, X, y, Y, sample_weight, validation, norm, rng, dtype),
            is_new=not goes_on,
            resumes=resumes,
            one_epoch=incremental,
        )
        if watched is None:
            options = {"max_subtasks": self.max_iter}
            watched = Unwatched() if incremental else watch(self, *given, **options)
        interrupted = False
        with watched as callbacks:
            if self.solver == "lbfgs":
                train_by_lbfgs(self, job, callbacks)
            else:
                interrupted = yield from Training(self, job).run(callbacks)
            self._keep(network, dtype)
        return interrupted

    def _start_anew(self, task, X, Y, rng, dtype):
        """Make and build a new network, and let all that counts begin at 0."""
        self.n_outputs_ = task.n_outputs(Y)
        network = self._new_network(self.n_outputs_)
        self._build(network, X, rng, dtype)
        self.n_iter_ = self.t_ = 0
        self.out_activation_ = task.out_activation
        self._no_improvement_count, self._solver_state = 0, {}
        return network

    def _print_epoch(self, record, seconds):
        """Print what an epoch brought, as scikit-learn does."""
        print(f"Iteration {self.n_iter_}, loss = {record['loss']:.8f}")
        if "validation_score" in record:
            print(f"Validation score: {record['validation_score']:f}")

    def _validate(self, X, y, sample_weight, reset, name="y", known_finite=False):
        """Check the data of a fit, or the data to validate on; errors call the target `name`."""
        if self._y_numeric:
            raise_if_text(y, name)
        elif y is not None:
            raise_if_missing(y)
        X, y = validate_numbers(
            self,
            X,
            y,
            accept_sparse=self._accept_sparse,
            multi_output=True,
            known_finite=known_finite,
            y_numeric=self._y_numeric,
            dtype="numeric",
            reset=reset,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        X = X if isinstance(X, np.ndarray) else X.tocsr()
        return X, y, check_sample_weight(sample_weight, X.shape[0])

    def _check_classes(self, y, classes, incremental):
        """Check that classes, if there are any, are those of the fitted network."""

    def _weigh(self, y, sample_weight):
        """Weights of the rows: those given, unless a subclass knows more."""
        return sample_weight

    def _check_targets(self, task, Y, name):
        """Check that a target has the columns that the network was made for."""
        if task.n_outputs(Y) != self.n_outputs_:
            raise ValueError(
                f"{name} takes {task.n_outputs(Y)} outputs of the network, which has "
                f"{self.n_outputs_}: it needs as many columns as the y of the first fit."
            )

    def _check_combinations(self, validation):
        """Check parameters that rule each other out."""
        lbfgs = f"{self._solver_name}='lbfgs'"
        if self.solver == "lbfgs" and validation is not None:
            raise ValueError(f"X_val does not go with {lbfgs}, which has no epochs.")
        if self.solver == "lbfgs" and self.average is not None:
            raise ValueError(
                f"average={self.average!r} does not go with {lbfgs}, which has no steps that "
                f"scatter. Use another {self._solver_name}."
            )
        holds_out = self.early_stopping and validation is None and self.solver != "lbfgs"
        if holds_out and self.validation_fraction == 0:
            raise ValueError(
                "early_stopping=True needs rows to validate on, and validation_fraction="
                f"{self.validation_fraction!r} holds none out. Set it above 0, or give fit X_val "
                "and y_val."
            )

    def _forget(self):
        """Drop what an earlier fit learned, now that a new one has seen its X."""
        for name in [n for n in vars(self) if n.endswith("_") and not n.startswith("_")]:
            if name not in ("n_features_in_", "feature_names_in_"):
                delattr(self, name)

    def _output(self, X):
        """Output of the fitted network, or of several an output that stands for their mean."""
        if hasattr(self, "estimators_"):
            return self._mean_output(X)
        return self._run(*self._ready(X))

    def _run(self, network, X, dtype, is_small, layers=None):
        """Output of a network, or of a slice of its layers; raise an error if it is not finite."""
        if is_small:
            Y = run(network if layers is None else network[layers], X, dtype)
            if is_finite(Y):
                return Y
        network = self._network(DOUBLE)  # which overflows later
        with np.errstate(all="ignore"):
            Y = run(network if layers is None else network[layers], X, DOUBLE)
        raise_if_overflown(Y, X)
        return Y

    def _ready(self, X):
        """The fitted network, validated data, the dtype, and if sums of squares fit into it."""
        if not self.__sklearn_is_fitted__():
            check_is_fitted(self)
        is_small = self._is_plain(X)
        if not is_small:
            X = validate_numbers(self, X, accept_sparse=self._accept_sparse, reset=False)
            X = X if isinstance(X, np.ndarray) else X.tocsr()
            is_small = has_small_numbers(X)
        dtype = self._dtype if X.dtype == np.float32 else DOUBLE
        return self._network(dtype), X, dtype, is_small

    def _is_plain(self, X):
        """Whether X is an array that validation would pass unchanged; looking is quicker."""
        if not (type(X) is np.ndarray and X.dtype.char in "fd" and X.ndim == 2 and len(X)):
            return False
        if X.shape[1] != self.n_features_in_ or hasattr(self, "feature_names_in_"):
            return False
        return has_small_numbers(X)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "n_outputs_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = bool(self._accept_sparse)
        return tags
