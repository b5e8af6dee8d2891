"""Checks of a layer around its passes: how it is built, adapted and cloned, and what it keeps."""

import copy
import pickle
from contextlib import contextmanager
from numbers import Integral, Number

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


@contextmanager
def either_source(layer):
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
    numbers = _numbers(layer)
    with either_source(layer):
        layer.build(X.shape[1], np.random.RandomState(1), X.dtype)
    _check_numbers(layer, numbers, "build draws")
    Y, _ = layer.forward(X)
    expect(
        isinstance(outputs, Integral) and outputs == Y.shape[1],
        layer,
        f"build returns {outputs!r}, but Y has {Y.shape[1]} columns. Override build(inputs, rng, "
        "dtype), and return the number of columns of Y.",
    )


def check_adapt(layer, X):
    """Check that adapt returns what forward then does, also for a single row."""
    for dtype, source in ((np.float64, np.random.default_rng), (np.float32, np.random.RandomState)):
        adapted, tol = prepared(layer, X, dtype), max(ROUNDING, np.finfo(dtype).eps)
        numbers = _numbers(adapted)
        for rows in (frozen(X.astype(dtype)), frozen(X[:1].astype(dtype))):
            with either_source(layer):
                Y = adapted.adapt(rows, source(0))
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
        _check_numbers(adapted, numbers, "adapt sets")


def _numbers(layer):
    """Copies of the numbers and arrays among the attributes of a layer and those within."""
    return {
        (i, f"{type(part).__name__}.{name}"): np.array(value)
        for i, part in enumerate(layer.walk())
        for name, value in vars(part).items()
        if isinstance(value, Number | np.ndarray)
    }


def _check_numbers(layer, before, what):
    for (i, name), value in _numbers(layer).items():
        expect(
            np.array_equal(before.get((i, name), ()), value, equal_nan=True),
            layer,
            f"{what} {name}, which is lost where weights are saved without the layer. Make it a "
            "Parameter with lr_scale=0.",
        )


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
