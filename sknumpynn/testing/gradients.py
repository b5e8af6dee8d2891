"""Gradients: compare what backward returns with central differences."""

import numpy as np

from ._tools import (
    ROUNDING,
    InTraining,
    agree,
    arguments_read_only,
    expect,
    labelled,
    prepared,
    random_like,
    rewound,
    run_pass,
)

__all__ = ["check_derivative", "check_gradients", "check_tensors"]


def check_gradients(layer, X, rng=None, tol=1e-7):
    """Check a layer's backward against central differences, in float64.

    With respect to the input and to each parameter, along single elements (a random selection
    where they are many) and along one direction that sees all of them. Backward must add into a
    parameter's gradient, in place. A parameter with an ``lr_scale`` of 0 needs no gradient.

    Parameters
    ----------
    layer : Layer
        Not changed: a copy is checked, which is built first if it has no parameters yet.
    X : array-like of shape (n_samples, inputs)
        A point at which the layer is differentiable: at a kink, such as that of relu at 0, the
        differences are not the derivative. Random numbers will do.
    rng : int, numpy.random.Generator or None, default=None
        Selects elements and directions.
    tol : float, default=1e-7
        Largest error, relative to the largest number in the gradient (or to 0.01, if that is
        larger).

    Raises
    ------
    AssertionError
        If a gradient is wrong; says which, and by how much.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn import Tanh
    >>> from sknumpynn.testing import check_gradients
    >>> check_gradients(Tanh(), np.random.default_rng(0).normal(size=(4, 3)))
    """
    rng = np.random.default_rng(rng)
    X = np.array(X, dtype=np.float64)
    layer = prepared(layer, X, np.float64)
    with arguments_read_only(layer):
        once = run_pass(layer, rewound(layer).forward, X)
    check_tensors(layer, X)
    _check_accumulation(layer, X, once)
    V = random_like(once["Y"])

    def value():
        return float(np.vdot(V, rewound(layer).forward(X)[0]))

    check_derivative(value, X, once["dX"], layer, "the gradient with respect to X", rng, tol)
    for label, parameter in labelled(layer).items():
        if parameter.treatment[0] == 0:
            continue
        gradient, what = once[f"{label}.gradient"], f"the gradient with respect to {label}"
        check_derivative(value, parameter.tensor, gradient, layer, what, rng, tol)


def _check_accumulation(layer, X, once):
    arrays = {label: parameter.gradient for label, parameter in labelled(layer).items()}
    Y, backward = rewound(layer).forward(X)
    backward(random_like(Y))  # a second time, on top of the gradients of the first
    for label, parameter in labelled(layer).items():
        expect(
            parameter.gradient is arrays[label],
            layer,
            f"backward binds a new array to {label}.gradient, which a packed model does not see. "
            f"Add in place: {label}.gradient += ...",
        )
        expect(
            agree(parameter.gradient, 2 * once[f"{label}.gradient"], ROUNDING),
            layer,
            f"backward does not add to what is in {label}.gradient. A shared parameter gets a "
            f"gradient from each of its uses: {label}.gradient += ..., not =.",
        )


def check_tensors(layer, X):
    """Check that a pass changes no learned tensor, and other tensors only in training."""
    twin = rewound(layer)
    before = {label: (p.tensor, p.tensor.copy()) for label, p in labelled(layer).items()}
    run_pass(layer, twin.forward, X)
    for label, parameter in labelled(layer).items():
        kept = parameter.treatment[0] == 0 and isinstance(layer, InTraining)
        array, numbers = before[label]
        expect(
            kept or np.array_equal(parameter.tensor, numbers),
            layer,
            f"it changes {label}.tensor. Leave that to the optimizer; what a layer itself changes "
            "in training, and only then, is a Parameter with lr_scale=0.",
        )
        expect(
            parameter.tensor is array,
            layer,
            f"it binds a new array to {label}.tensor, which a packed model does not see. Change "
            f"it in place: {label}.tensor[...] = ...",
        )


def check_derivative(value, array, gradient, part, what, rng, tol):
    """Compare a gradient with differences of `value()` as `array` is moved, in place."""
    start = array.copy()
    step = np.cbrt(np.finfo(np.float64).eps) * max(1.0, np.abs(start).max(initial=0.0))
    largest = max(0.01, np.abs(gradient).max(initial=0.0))
    here = value()

    def difference(direction, step):
        array[...] = start + step * direction
        up = value()
        array[...] = start - step * direction
        down = value()
        array[...] = start
        return (up - down) / (2 * step), abs(up - 2 * here + down) / step

    for direction, where in _directions(array.shape, rng):
        claimed, (measured, bend) = float(np.vdot(gradient, direction)), difference(direction, step)
        scale = max(largest, abs(measured))
        if abs(claimed - measured) > tol * scale:  # perhaps by the third derivative's part in it
            measured = (4 * difference(direction, step / 2)[0] - measured) / 3
        has_kink = bend > 1e-3 * scale
        advice = " There seems to be a kink: try another point." if has_kink else ""
        expect(
            abs(claimed - measured) <= tol * scale,
            part,
            f"{what} is wrong {where}: it says {claimed:.9g}, central differences {measured:.9g}."
            + advice,
        )


def _directions(shape, rng, n_most=50):
    """Yield directions and their names: along single elements, then one along all of them."""
    size = int(np.prod(shape))
    for place in rng.permutation(size)[:n_most]:
        unit = np.zeros(size)
        unit[place] = 1.0
        index = tuple(map(int, np.unravel_index(place, shape)))
        yield unit.reshape(shape), f"at {index}"
    yield rng.standard_normal(shape) / np.sqrt(max(size, 1)), "along a random direction"
