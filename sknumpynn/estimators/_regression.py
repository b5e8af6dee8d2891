"""What a regressor adds to the template: predictions that are numbers."""

from sklearn.base import RegressorMixin

from ..tasks import RegressionTask
from ._availability import trains_by_epochs

__all__ = ["RegressionMixin"]


class RegressionMixin(RegressorMixin):
    """Fit to numbers, predict numbers."""

    _y_numeric = True

    @trains_by_epochs
    def partial_fit(self, X, y, sample_weight=None):
        """Train for one epoch on the given data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.

        Returns
        -------
        self : object
            The estimator, trained.
        """
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X):
        """Predict the target.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Prediction for each row.
        """
        Z = self._output(X)
        return self._task().decode(Z)

    def _new_task(self, y, classes, goes_on, incremental):
        if goes_on:
            return self._task()
        return RegressionTask(self.loss)

    def _task(self):
        return RegressionTask(self._fitted_architecture["loss"])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.positive_only = self.loss == "poisson"
        return tags
