"""Saving: the weights of a fitted network in a file of arrays, which NumPy alone can read."""

import copy
import os
import zipfile
from inspect import signature
from pathlib import Path
from uuid import uuid4

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .core import Layer, Parameter
from .estimators import MLPClassifier, MLPRegressor, NetworkClassifier, NetworkRegressor

__all__ = ["load_weights", "save_weights"]

ESTIMATORS = MLPClassifier, MLPRegressor, NetworkClassifier, NetworkRegressor
PLAIN = bool, int, float, str, list, tuple, range, slice  # the repr of others may vary
TRAINING_ONLY = {  # arguments of layers that change no prediction, or show in the shapes
    *("bias_lr_scale", "decay_scale", "dtype", "init", "initializer", "inputs", "lr_scale"),
    *("momentum", "outputs", "rate", "rng"),
}
TARGET = "target_location", "target_scale"  # what undoes scale_target


def save_weights(estimator, path):
    """Save the weights of a fitted network in an npz file.

    The file holds an array for each parameter, under its position, such as
    ``network[0].weights``, and descriptions of the layers, the classes and the last activation, by
    which `load_weights` tells whether they fit a network. There is no code in it: unlike a pickle
    it is safe to load, and `numpy.load` opens it. It does not hold the estimator's parameters, nor
    the state of its solver.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, NetworkClassifier or NetworkRegressor
        Fitted.
    path : str or path-like
        Of the file, ending in ".npz" by custom. One that is there is replaced, once all is written.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    TypeError
        If it is of another kind.
    ValueError
        If it has several members: save those one by one.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from sknumpynn import MLPClassifier
    >>> from sknumpynn.saving import load_weights, save_weights
    >>> X, y = load_iris(return_X_y=True)
    >>> trained = MLPClassifier(solver="lbfgs", random_state=0, max_iter=500).fit(X, y)
    >>> other = MLPClassifier(solver="lbfgs", random_state=1, max_iter=500).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "iris.npz"
    ...     save_weights(trained, path)
    ...     _ = load_weights(other, path)
    >>> bool((other.predict_proba(X) == trained.predict_proba(X)).all())
    True
    """
    _check_estimator(estimator)
    network = estimator._network(estimator._dtype)
    arrays = {name: parameter.tensor for name, parameter in _named_parameters(network).items()}
    path = Path(path)
    unfinished = path.with_name(f"{path.name}.unfinished-{uuid4().hex}")
    try:
        with open(unfinished, "wb") as file:
            np.savez(file, **arrays, **_facts(estimator, network), **_target_scaling(estimator))
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def load_weights(estimator, path):
    """Load weights into a fitted network of the same architecture, in place of its own.

    The estimator then predicts as the one that was saved. Records of its training, such as the loss
    curve, stay as they were; what its solver remembered of the former weights is dropped.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, NetworkClassifier or NetworkRegressor
        Fitted, if only for an epoch, with the same layers, to the same columns and classes.
    path : str or path-like
        A file that `save_weights` has written.

    Returns
    -------
    estimator : estimator
        The one given.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    TypeError
        If it is of another kind.
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        If the file is damaged or is no file of weights, or if its network has another architecture,
        dtype, classes or last activation. The estimator is then as it was.
    """
    _check_estimator(estimator)
    network = copy.deepcopy(estimator._network(estimator._dtype))
    parameters, facts = _named_parameters(network), _facts(estimator, network)
    scaling = _target_scaling(estimator)
    saved = _read(path)
    _check_facts(path, saved, facts)
    expected = {name: parameter.tensor for name, parameter in parameters.items()} | scaling
    _check_arrays(path, {k: v for k, v in saved.items() if k not in facts}, expected)
    for name, parameter in parameters.items():
        parameter.tensor = saved[name]
    draft = copy.copy(estimator)
    draft._keep(network, estimator._dtype)
    draft._solver_state, draft._no_improvement_count = {}, 0
    for name in scaling:
        setattr(draft, f"_{name}", saved[name])
    estimator.__dict__ = vars(draft)
    return estimator


def _check_estimator(est):
    if not isinstance(est, ESTIMATORS):
        names = ", ".join(cls.__name__ for cls in ESTIMATORS)
        raise TypeError(f"Weights are saved of and loaded into {names}; got {est!r}.")
    check_is_fitted(est)
    if hasattr(est, "estimators_"):
        raise ValueError(
            f"A file holds the weights of one network, and this {type(est).__name__} has "
            f"{len(est.estimators_)} members. Take those, in estimators_, one by one."
        )


def _named_parameters(network):
    """Map names such as network[0].weights to parameters; a shared one has its first name only."""
    names = {}
    _name_parameters(network, "network", names)
    return {name: parameter for parameter, name in names.items()}


def _name_parameters(layer, path, names):
    for i, child in enumerate(layer.children):
        _name_parameters(child, f"{path}[{i}]", names)
    attributes = {id(v): k for k, v in vars(layer).items() if isinstance(v, Parameter)}
    for i, parameter in enumerate(layer.parameters):
        attribute = attributes.get(id(parameter), f"parameters[{i}]")
        names.setdefault(parameter, f"{path}.{attribute}")


def _facts(est, network):
    """What two networks must have in common, for the weights of one to fit the other."""
    facts = {
        "layers": [_describe(layer) for layer in network.walk()],
        "classes": [repr(label) for label in np.asarray(getattr(est, "classes_", [])).tolist()],
        "out_activation": [est.out_activation_],
    }
    return {name: np.array(texts, dtype=str) for name, texts in facts.items()}


def _describe(layer):
    """Describe a layer: its class, and arguments that predictions may depend on."""
    described = {
        name: _as_text(value)
        for name, value in layer.get_params(deep=False).items()
        if name not in _training_only(type(layer)) and not any(value is c for c in layer.children)
    }
    settings = (f"{name}={text}" for name, text in described.items() if text is not None)
    return f"{type(layer).__name__}({', '.join(settings)})"


def _training_only(kind):
    """Names of arguments for training alone; what a layer of the user's own does is not known."""
    ours = (base for base in kind.__mro__ if base.__module__.startswith(f"{__package__}."))
    return TRAINING_ONLY & {name for base in ours for name in signature(base).parameters}


def _as_text(value):
    """Text of a layer's argument, the same for the same numbers; None for what may vary."""
    if isinstance(value, Layer):
        return _describe(value)
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    return repr(value) if isinstance(value, PLAIN) else None


def _target_scaling(est):
    names = [name for name in TARGET if hasattr(est, f"_{name}")]
    return {name: np.asarray(getattr(est, f"_{name}"), dtype=float) for name in names}


def _read(path):
    """The arrays of a file, which may hold nothing but numbers and strings."""
    with open(path, "rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError(f"{path} is damaged, or not a file that save_weights has written.")
        file.seek(0)
        try:
            with np.load(file, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path} cannot be read as a file of weights: {error}") from error


def _check_facts(path, saved, facts):
    for name, own in facts.items():
        theirs = saved.get(name)
        if theirs is None:
            raise ValueError(f"{path} is not a file that save_weights has written: no {name!r}.")
        if not np.array_equal(theirs, own):
            raise ValueError(
                f"The weights of {path} do not suit this network: theirs has {name} "
                f"{theirs.tolist()}, this one {own.tolist()}."
            )


def _check_arrays(path, saved, expected):
    different = sorted(saved.keys() ^ expected.keys())
    if different:
        raise ValueError(
            f"The weights of {path} do not suit this network: {different[0]!r} is there, but not "
            f"in the {'network' if different[0] in saved else 'file'}."
        )
    for name, own in expected.items():
        theirs = saved[name]
        if (theirs.shape, theirs.dtype) != (own.shape, own.dtype):
            raise ValueError(
                f"The weights of {path} do not suit this network: {name!r} has shape "
                f"{theirs.shape} and dtype {theirs.dtype}, here {own.shape} and {own.dtype}."
            )
        if not np.isfinite(theirs).all():
            raise ValueError(f"{name!r} of {path} has values that are not finite.")
