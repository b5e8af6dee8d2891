"""The template of the estimators: validate, build, train in private, commit; and predict."""

import copy
from abc import ABC, abstractmethod

import numpy as np
from scipy.sparse import issparse
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._version import Stamped
from ..core import chunk_size, row_slices, run
from ._attributes import forget
from ._callbacks import CallbackSupportMixin, watch
from ._continuation import check_continuation, check_may_resume, continues
from ._job import Job
from ._lbfgs import train_by_lbfgs
from ._magnitudes import has_small_numbers, is_finite, quick_norm, raise_if_overflown
from ._members import fit_members
from ._params import SetParamsMixin
from ._rules import check_combinations, validate_with_parts
from ._steps import take_steps
from ._summary import Summarized
from ._training import Training
from ._validation import pair_validation, validate_numbers, validate_rows

__all__ = ["BaseNetwork"]

DOUBLE = np.dtype(np.float64)


class BaseNetwork(
    Summarized,
    CallbackSupportMixin,
    Stamped,
    SetParamsMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
    ABC,
):
    """A Sequential network, of which the last layer makes the outputs.

    A subclass says which layers there are and how they are kept; a mixin, what the target asks for.
    """

    _accept_sparse = ("csr", "csc")
    _solver_name = "solver"  # of the parameter

    @abstractmethod
    def _new_network(self, n_outputs, X, rng, dtype):
        """Make and build the network to train."""

    def _adapt(self, job, rows):
        """Adapt the network, if it is new, to the rows to train on; None means all rows."""

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

    def _fit(self, *data, **how):
        """Fit the one network, or all members; the arguments are those of `_train`."""
        if self.n_members == 1:
            take_steps(self._fitting(*data, **how))
        else:
            fit_members(self, *data, **how)
        return self

    def _fitting(self, *data, **how):
        """Fit the one network, but leave it to the caller to take the steps of each epoch.

        All work is done on a draft, a copy whose attributes replace the estimator's at the end:
        an error before that leaves the estimator as it was.
        """
        validate_with_parts(self)
        draft = copy.copy(self)
        interrupted = yield from draft._train(*data, **how)
        self.__dict__ = vars(draft)
        return interrupted

    def _train(
        self, X, y, sample_weight, classes=None, incremental=False, validation=None, watched=None
    ):
        """Train a network and keep it, in steps as `_steps.py` takes them.

        Data are as they were given to `fit`, the `classes` to `partial_fit`. With `incremental` it
        is one epoch, of the fitted network if there is one. If the fit is a part of another,
        `watched` is the context in which callbacks watch that part. Return whether the user has
        interrupted it.
        """
        check_combinations(self, validation)
        job = self._prepare(X, y, sample_weight, classes, incremental, validation)
        if watched is None:
            data = X, y, sample_weight
            watched = watch(self, *data, incremental, max_subtasks=self.max_iter)
        interrupted = False
        with watched as callbacks:
            if self.solver == "lbfgs":
                train_by_lbfgs(self, job, callbacks)
            else:
                interrupted = yield from Training(self, job).run(callbacks)
            self._keep(job.network, job.dtype)
        return interrupted

    def _prepare(self, X, y, sample_weight, classes, incremental, validation):
        """Validate the data, and make the task and the network to train."""
        if not incremental:
            check_may_resume(self)
        goes_on = continues(self, incremental)
        resumes = goes_on and not incremental and self.warm_start == "exact"
        norm = quick_norm(X)
        X, y, sample_weight = validate_rows(
            self, X, y, sample_weight, reset=not goes_on, known_finite=norm < np.inf
        )
        if goes_on:
            self._check_classes(y, classes, incremental)
            task = self._task()
        else:
            forget(self)
            task = self._new_task(y, sample_weight, classes, incremental)
        Y = task.encode(y)
        sample_weight = self._weigh(y, sample_weight)
        if goes_on:
            check_continuation(self, task, Y, resumes)
            dtype = self._dtype
        else:
            dtype = np.dtype(self.dtype or ("f4" if X.dtype == np.float32 else "f8"))
        # What resumes takes over the state of the fit before, but only when training begins: seeds
        # that a network draws for its noise must not count.
        rng = np.random.RandomState() if resumes else check_random_state(self.random_state)
        solver_dtype = DOUBLE if self.solver == "lbfgs" else dtype
        if goes_on:
            network = self._network(solver_dtype, rng)
        else:
            network = self._start_anew(task, X, Y, rng, solver_dtype)
        return Job(
            *(network, task, X, y, Y, sample_weight, validation, norm, rng, dtype),
            is_new=not goes_on,
            resumes=resumes,
            incremental=incremental,
        )

    def _start_anew(self, task, X, Y, rng, dtype):
        """Make a new network, note what cannot change any more, and let all counts begin at 0."""
        self.n_outputs_, self.out_activation_ = task.n_outputs(Y), task.out_activation
        # Copies, since the user may change what a parameter holds.
        asked = self._architecture().items()
        self._fitted_architecture = {name: clone(value, safe=False) for name, value in asked}
        self.n_iter_ = self.t_ = self._no_improvement_count = 0
        self._solver_state = {}
        return self._new_network(self.n_outputs_, X, rng, dtype)

    def _print_epoch(self, record, seconds):
        """Print what an epoch brought, as scikit-learn does."""
        print(f"Iteration {self.n_iter_}, loss = {record['loss']:.8f}")
        if "validation_score" in record:
            print(f"Validation score: {record['validation_score']:f}")

    def _check_classes(self, y, classes, incremental):
        """Check that classes, if there are any, are those of the fitted network."""

    def _weigh(self, y, sample_weight):
        """Weights of the rows: those given, unless a subclass knows more."""
        return sample_weight

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
        gradients = np.empty((X.shape[0], self.n_outputs_, X.shape[1]), dtype)
        network = copy.deepcopy(network)  # for backward adds to the gradients of its parameters
        for place in row_slices(X.shape[0], chunk_size(gradients)):
            rows = X[place] if isinstance(X, np.ndarray) else X[place].toarray()
            with np.errstate(all="ignore"):
                Y, backward = network.forward(rows.astype(dtype, copy=False))
                for output in range(self.n_outputs_):
                    D = np.zeros_like(Y)
                    D[:, output] = 1
                    gradients[place, output] = backward(D)
            raise_if_overflown(Y, X)
        return gradients[:, 0] if self.n_outputs_ == 1 else gradients

    def _output(self, X):
        """Output of the fitted network."""
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
            X = validate_numbers(self, X, reset=False)
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

    @property
    def _n_features_out(self):
        if hasattr(self, "estimators_"):
            return sum(member._n_features_out for member in self.estimators_)
        return self._network(self._dtype)[-1].weights.tensor.shape[0]

    def _network_to_show(self):
        if hasattr(self, "estimators_"):
            network, n_inputs, _ = self.estimators_[0]._network_to_show()
            return network, n_inputs, len(self.estimators_)
        return self._network(self._dtype), self.n_features_in_, 1

    def __sklearn_is_fitted__(self):
        return hasattr(self, "n_outputs_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = bool(self._accept_sparse)
        if self.dtype != "float64" and not self.warm_start:
            tags.transformer_tags.preserves_dtype.append("float32")
        return tags
