"""What a classifier adds to the template: classes, probabilities, and how rows of a class count."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import (
    check_classification_targets,
    type_of_target,
    unique_labels,
)

from ..preprocessing.weights import weigh_classes
from ..tasks import ClassificationTask
from ._availability import trains_by_epochs
from ._params import AnyOf, Float, InstanceOf, Is, OneOf

__all__ = ["CLASSIFICATION_RULES", "ClassificationMixin"]

CLASSIFICATION_RULES = {
    "class_weight": AnyOf(OneOf("balanced"), InstanceOf(dict, list), Is(None)),
    "label_smoothing": Float("[0, 1)"),
}


class ClassificationMixin(ClassifierMixin):
    """Fit to classes, predict classes."""

    _y_numeric = False

    @trains_by_epochs
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Train for one epoch on the given data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Class labels, or an indicator matrix.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.
        classes : array-like of shape (n_classes,), default=None
            All classes that y may ever have. Needed at the first call.

        Returns
        -------
        self : object
            The estimator, trained.
        """
        return self._fit(X, y, sample_weight, classes=classes, incremental=True)

    def predict(self, X):
        """Predict classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            The most probable class of each row; for several labels an indicator matrix of those
            more probable than not.
        """
        Z = self._mean_output(X)
        return self._task().decode(Z)

    def predict_proba(self, X):
        """Predict the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data.

        Returns
        -------
        P : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        Z = self._mean_output(X)
        return self._task().probabilities(Z)

    def predict_log_proba(self, X):
        """Predict the logarithm of the probability of each class.

        It is computed from the network's output, not from probabilities that may have been rounded
        to zero, and so it is always finite.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data.

        Returns
        -------
        log_P : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        Z = self._mean_output(X)
        return self._task().log_probabilities(Z)

    def _mean_output(self, X):
        """Output of the network, or of several members one that stands for their mean."""
        if not hasattr(self, "estimators_"):
            return self._output(X)
        task = self._task()
        total = sum(task.probabilities(member._output(X)) for member in self.estimators_)
        return task.output(total / len(self.estimators_))

    def _new_task(self, y, sample_weight, classes, incremental):
        if incremental and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        names_classes = incremental and not type_of_target(y).startswith("multilabel")
        task = ClassificationTask.of(classes if names_classes else y, self.label_smoothing)
        if not names_classes and 2 * len(task.classes) >= y.shape[0]:
            check_classification_targets(y)  # warns of classes almost as many as rows
        self.classes_, self._target_type = task.classes, task.target_type
        return task

    def _check_classes(self, y, classes, incremental):
        # To sort them takes a fifth of a small call, and they are mostly as they were.
        are_same = classes is None or np.array_equal(self.classes_, classes)
        if not (are_same or np.array_equal(self.classes_, unique_labels(classes))):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        if incremental:
            return
        found = ClassificationTask.of(y).classes
        if set(found) != set(self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {self.classes_}, `y` has {found}"
            )

    def _task(self):
        return ClassificationTask(self.classes_, self._target_type, self.label_smoothing)

    def _weigh(self, y, sample_weight):
        return weigh_classes(self.class_weight, y, sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
