"""Checks of a layer around its passes: how it is built, adapted and cloned, and what it keeps."""

import copy
import pickle
from contextlib import contextmanager
from numbers import Integral

import numpy as np
from sklearn.base import clone

from ..core import Layer, Parameter
from ._tools import (
    ROUNDING,
    InTraining,
    agree,
    expect,
    frozen,
    name_of,
    parameters_so_far,
    pickled,
    prepared,
    random_like,
    rewound,
)


@contextmanager
def own_random_numbers(layer):
    """Raise an error if anything is drawn from NumPy's global generator meanwhile."""

    def state():
        return pickle.dumps(np.random.get_state())  # noqa: NPY002

    before = state()
    yield
    expect(
        state() == before,
        layer,
        "it draws from np.random itself, which random_state does not govern. Draw from the rng "
        "that build and adapt are given; for noise, make a generator of it in build.",
    )


def check_build(layer, X):
    """Check that build returns the width, and that its arguments determine all it makes."""
    layer, made = copy.deepcopy(layer), []
    for _ in range(2):
        outputs = layer.build(X.shape[1], np.random.default_rng(0), X.dtype)
        made.append([parameter.tensor.copy() for parameter in layer.parameters])
    first, again = made
    expect(
        len(first) == len(again),
        layer,
        "build called twice adds its parameters to those of the first time. Begin it with "
        "self.parameters = [].",
    )
    expect(
        all(np.array_equal(*both) for both in zip(first, again, strict=True)),
        layer,
        "build makes other numbers of the same seed. Draw from the rng that it is given, not from "
        "np.random or a generator of its own.",
    )
    Y, _ = layer.forward(X)
    expect(
        isinstance(outputs, Integral) and outputs == Y.shape[1],
        layer,
        f"build returns {outputs!r}, but Y has {Y.shape[1]} columns. Override build(inputs, rng, "
        "dtype), and return the number of columns of Y.",
    )


def check_adapt(layer, X):
    """Check that adapt returns what forward then does, also for a single row."""
    for dtype in (np.float64, np.float32):
        adapted, tol = prepared(layer, X, dtype), max(ROUNDING, np.finfo(dtype).eps)
        for rows in (frozen(X.astype(dtype)), frozen(X[:1].astype(dtype))):
            Y = adapted.adapt(rows, np.random.default_rng(0))
            expected, _ = adapted.forward(rows)
            expect(
                np.isfinite(expected).all(),
                layer,
                f"adapted to {len(rows)} rows, it gives NaN or infinity. Where there is nothing to "
                "adapt to, as in a single row, keep the values of build.",
            )
            expect(
                isinstance(Y, np.ndarray) and agree(Y, expected, tol),
                layer,
                f"adapt(X, rng) of {len(rows)} rows does not return what forward then makes of X. "
                "End it with return self.forward(X)[0].",
            )
        expect(
            all(array.dtype == dtype for array in (Y, *(p.tensor for p in adapted.parameters))),
            layer,
            "adapt changes the dtype. Set numbers in place: parameter.tensor[...] = ...",
        )


def check_kept(layer, X):
    """Check that its Parameters hold all numbers that build draws and adapt finds."""
    first, second = copy.deepcopy(layer), copy.deepcopy(layer)
    first.build(X.shape[1], np.random.default_rng(0), X.dtype)
    first.adapt(X, np.random.default_rng(0))
    with _either_source(layer):
        second.build(X.shape[1], np.random.RandomState(1), X.dtype)
        smallest = np.abs(X).max(axis=1).argmin()  # a row whose statistics are not those of all
        second.adapt(X[smallest : smallest + 1], np.random.RandomState(1))
    for own, other in zip(first.parameters, second.parameters, strict=True):
        other.tensor = own.tensor
    expect(
        agree(second.forward(X)[0], first.forward(X)[0], 0),
        layer,
        "it predicts by numbers that build draws or adapt finds, and that are in no Parameter. So "
        "they are lost where weights are saved. Make them Parameters with lr_scale=0.",
    )


@contextmanager
def _either_source(layer):
    """Name the layer if it asks a RandomState for what only a Generator has."""
    try:
        yield
    except AttributeError as error:
        if "RandomState" not in str(error):
            raise
        raise AssertionError(
            f"{name_of(layer)}: {error}, but the fit of an estimator gives it a RandomState. Draw "
            "by what that and a Generator both have, such as standard_normal, uniform, choice and "
            "permutation."
        ) from error


def check_rows(layer, X):
    """Check that a row of Y depends on its row of X alone, unless in training it says otherwise."""
    if isinstance(layer, InTraining):
        if any(part.depends_on_batch for part in layer.layer.walk()):
            return
        advice = "or on noise. Say so: depends_on_batch = True, in the class."
    else:
        advice = "but it may be predicted alone. Keep statistics of the training batches instead."
    twin, n = rewound(layer), (len(X) + 1) // 2
    Y, of_some = twin.forward(X)[0], twin.forward(X[:n])[0]
    expect(
        agree(of_some, Y[:n], ROUNDING),
        layer,
        f"what it makes of a row depends on the other rows, {advice}",
    )


def check_attributes(layer, X):
    """Check that a prediction changes nothing, and training nothing but kept Parameters."""
    in_training = isinstance(layer, InTraining)
    holder = layer.layer if in_training else layer
    before = _attributes(holder, in_training)
    for forward in (layer.forward, layer.plan(X), layer.plan_input(X)):
        Y, backward = forward(X)
        backward(random_like(Y))
    advice = (
        "training changes {}, which is lost where weights are averaged, restored or cast. What is "
        "to be kept is a Parameter with lr_scale=0, changed in place."
        if in_training
        else "a prediction changes {}, while others may be using the layer. Keep nothing on self."
    )
    for (part, name), value in _attributes(holder, in_training).items():
        what = f"{type(part).__name__}.{name}"
        expect(before.get((part, name)) == value, layer, advice.format(what))


def _attributes(layer, in_training):
    """Map each attribute, of a layer and those within, to its value as bytes.

    Parameters are compared by identity. In training, random generators are not compared.
    """
    parts = layer.walk()

    def by_reference(thing):
        is_part = isinstance(thing, Layer) and thing in parts
        return is_part or isinstance(thing, type | Parameter)

    return {
        (part, name): pickled(value, by_reference)[0]
        for part in parts
        for name, value in vars(part).items()
        if not (in_training and isinstance(value, np.random.Generator | np.random.RandomState))
    }


def check_clone(layer):
    """Check that the layer can be cloned, without its weights."""
    try:
        twin = clone(layer)
    except (AttributeError, RuntimeError, TypeError) as error:
        message = f"it cannot be cloned, which estimators and searches do, not a Learner: {error}"
        expect(False, layer, message)
    expect(
        not set(parameters_so_far(twin)) & set(parameters_so_far(layer)),
        layer,
        "its clone has the very same Parameters. Make them in build.",
    )
