"""What a regressor adds to the template: predictions that are numbers."""

import numpy as np
from sklearn.base import RegressorMixin

from ..core import Loss
from ..losses import GaussianNLL
from ..tasks import LOSSES, RegressionTask, location_and_scale, mixture_std
from ._availability import trains_by_epochs
from ._params import AnyOf, Boolean, EachOf, Float, Function, InstanceOf, OneOf

__all__ = ["REGRESSION_RULES", "RegressionMixin"]

REGRESSION_RULES = {
    "loss": AnyOf(OneOf(*LOSSES), InstanceOf(Loss), Function("(Yp, Y) -> (value, gradient)")),
    "quantile": EachOf(Float("(0, 1)"), at_least=1),
    "scale_target": Boolean(),
}


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

    def predict(self, X, return_std=False):
        """Predict the target.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data.
        return_std : bool, default=False
            Whether to return standard deviations, too, for which ``loss="gaussian_nll"`` or several
            members are needed. That of several members is the deviation of their predictions, with
            ``loss="gaussian_nll"`` that of the mixture of the distributions they predict.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Prediction for each row. For several quantiles there is a last axis of them, in rising
            order.
        std : ndarray of the shape of y
            Only if asked for.
        """
        if hasattr(self, "estimators_"):
            return self._mean_prediction(X, return_std)
        Z = self._output(X)
        task = self._task()
        return (task.decode(Z), task.decode_std(Z)) if return_std else task.decode(Z)

    @np.errstate(over="ignore", under="ignore")
    def _mean_prediction(self, X, return_std):
        """Mean of the members' predictions, and the standard deviation of their mixture."""
        task, n_members = self._task(), len(self.estimators_)
        outputs = (member._output(X) for member in self.estimators_)  # no more than one in memory
        if not return_std:
            return sum(task.decode(Z) / n_members for Z in outputs)  # of large numbers, too
        outputs = list(outputs)
        means = np.stack([task.decode(Z) for Z in outputs])
        mean, stds = sum(means / n_members), None
        if isinstance(task.loss, GaussianNLL):
            stds = np.stack([task.decode_std(Z) for Z in outputs])
        return mean, mixture_std(means, stds)

    def score(self, X, y, sample_weight=None):
        """Score of the predictions: R², or for several quantiles minus the mean pinball loss.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            True target.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each row counts.

        Returns
        -------
        score : float
            The higher the better.
        """
        predictions = self.predict(X)
        return self._task().metric(y, predictions, sample_weight)

    def _new_task(self, y, sample_weight, classes, incremental):
        task = RegressionTask(self.loss, self.quantile)
        if self.scale_target:
            if not task.may_be_scaled:
                raise ValueError(
                    f"scale_target=True does not go with loss={self.loss!r}, which needs y as it "
                    "is."
                )
            scaling = location_and_scale(task.encode(y), sample_weight)
            task = RegressionTask(self.loss, self.quantile, *scaling)
        self._target_location, self._target_scale = task.location, task.scale
        return task

    def _architecture(self):
        return {**super()._architecture(), "loss": self.loss, "quantile": self.quantile}

    def _task(self):
        fitted = self._fitted_architecture
        return RegressionTask(
            fitted["loss"], fitted["quantile"], self._target_location, self._target_scale
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        has_log_link = self.loss in ("poisson", "gamma") or getattr(self.loss, "log_link", False)
        tags.target_tags.positive_only = has_log_link
        return tags
