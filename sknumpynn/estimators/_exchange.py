"""Exchange: the same fitted network as one of scikit-learn's estimators, and back."""

import numpy as np
from sklearn.base import is_classifier
from sklearn.preprocessing import LabelBinarizer

__all__ = ["from_sklearn", "to_sklearn"]

FITTED = (
    *("t_", "n_iter_", "n_layers_", "n_outputs_", "out_activation_", "loss_", "loss_curve_"),
    *("best_loss_", "validation_scores_", "best_validation_score_", "classes_"),
    *("n_features_in_", "feature_names_in_", "_no_improvement_count"),
)
EXPRESSIBLE = {
    "activation": ("identity", "logistic", "relu", "tanh"),
    "loss": ("squared_error", "poisson"),
}
TRAINING = {
    "solver": ("lbfgs", "sgd", "adam"),
    "learning_rate": ("constant", "invscaling", "adaptive"),
}


def to_sklearn(est):
    """Make scikit-learn's estimator of a fitted one of ours, see `BaseMLP.to_sklearn`."""
    from sklearn import neural_network  # not at the top, for it takes time to import

    kind = "MLPClassifier" if is_classifier(est) else "MLPRegressor"
    _refuse_what_is_ours_alone(est)
    theirs = getattr(neural_network, kind)()
    params = {name: getattr(est, name) for name in theirs.get_params()}
    params.update((name, est._fitted_architecture[name]) for name in EXPRESSIBLE if name in params)
    params["hidden_layer_sizes"] = est._fitted_architecture["hidden_layer_sizes"]
    params["warm_start"] = bool(params["warm_start"])
    for name in ("solver", "learning_rate"):  # which matter no more once a network is fitted
        if params[name] not in TRAINING[name]:
            params[name] = getattr(theirs, name)
    theirs.set_params(**params)
    theirs.coefs_ = [W.copy() for W in est.coefs_]
    theirs.intercepts_ = [b.copy() for b in est.intercepts_]
    _copy_attributes(est, theirs)
    if is_classifier(est):
        is_multilabel = est._target_type == "multilabel-indicator"
        labels = np.eye(est.n_outputs_, dtype=int) if is_multilabel else est.classes_
        theirs._label_binarizer = LabelBinarizer().fit(labels)
    return theirs


def from_sklearn(cls, theirs):
    """Make an estimator of ours of a fitted one of scikit-learn's, see `BaseMLP.from_sklearn`."""
    if type(theirs).__name__ != cls.__name__ or not hasattr(theirs, "coefs_"):
        raise ValueError(f"{cls.__name__}.from_sklearn takes a fitted {cls.__name__}: {theirs!r}.")
    est = cls(**theirs.get_params())
    est.coefs_ = [np.array(W) for W in theirs.coefs_]
    est.intercepts_ = [np.array(b) for b in theirs.intercepts_]
    _copy_attributes(theirs, est)
    est._fitted_architecture = est._architecture()
    est._solver_state, est._no_improvement_count = {}, getattr(est, "_no_improvement_count", 0)
    _tell_history(est)
    if is_classifier(est):
        est._target_type = theirs._label_binarizer.y_type_
    else:
        est._target_location, est._target_scale = 0.0, 1.0
    return est


def _copy_attributes(source, target):
    for name in FITTED:
        if name in vars(source):
            value = getattr(source, name)
            setattr(target, name, list(value) if isinstance(value, list) else value)


def _tell_history(est):
    """Set our records of epochs from scikit-learn's, as far as it has any."""
    losses, scores = getattr(est, "loss_curve_", []), getattr(est, "validation_scores_", None)
    if not losses:
        return
    est.history_ = {"loss": list(losses), "lr": [np.nan] * len(losses)}
    est.best_iter_, est._watched = len(losses), (repr(None), bool(est.early_stopping))
    if scores:
        est.history_.update(validation_score=list(scores), validation_loss=[np.nan] * len(scores))
        est.best_iter_ = 1 + int(np.nanargmax(scores))


def _refuse_what_is_ours_alone(est):
    """Check that scikit-learn can compute what the network computes."""
    if hasattr(est, "estimators_"):
        raise ValueError(
            f"scikit-learn's {type(est).__name__} has one network, this one {est.n_members}. "
            "Convert the members, in estimators_, one by one."
        )
    for name, options in EXPRESSIBLE.items():
        value = est._fitted_architecture.get(name)
        if value is not None and not (isinstance(value, str) and value in options):
            raise ValueError(f"scikit-learn's {type(est).__name__} has no {name}={value!r}.")
    if not is_classifier(est) and est._task().is_scaled:
        raise ValueError(
            "scale_target=True has no counterpart in scikit-learn: its predictions would be of a "
            "standardised target."
        )
