"""Layers: the rules that a network relies on, each a function."""

import pickle

import numpy as np

from ..core import Layer, Parameter, pack
from ._life import (
    check_adapt,
    check_attributes,
    check_build,
    check_clone,
    check_kept,
    check_rows,
    own_random_numbers,
)
from ._tools import (
    ROUNDING,
    InTraining,
    agree,
    arguments_read_only,
    expect,
    frozen,
    labelled,
    pickled,
    prepared,
    random_like,
    rewound,
    run_pass,
    unpickled,
)
from .gradients import check_gradients, check_tensors

__all__ = ["check_layer"]


def check_layer(layer, X, rng=None, tol=1e-7):
    """Check that a layer keeps all the rules that a network relies on.

    Its gradients are right (`check_gradients`), and

    * each Parameter that it, or a layer in it, holds is listed in ``parameters``;
    * ``forward`` returns ``(Y, backward)`` with a row of Y for each of X, ``backward`` an array
      like X;
    * ``build`` returns the number of columns of Y, may be called again, and then makes the same of
      the same seed; ``adapt`` returns what ``forward`` then makes of X;
    * what ``build`` draws and ``adapt`` finds for predictions is in Parameters;
    * ``clone`` makes one without these weights;
    * random numbers come from the ``rng`` that is given, a Generator or a RandomState, not from
      ``np.random`` itself;
    * arguments are only read;
    * a row of Y depends on its row of X alone, or in training ``depends_on_batch`` is true;
    * a prediction changes no attribute, and training only Parameters, with an ``lr_scale`` of 0,
      and random generators;
    * what ``forward`` returns stays valid when it is called again;
    * ``plan`` gives the same numbers as ``forward``, to the bit and on each of its runs, and
      ``plan_input`` those of ``plan``;
    * a plan reads ``parameter.tensor`` when it runs, since `pack` binds other arrays to it;
    * rows of any memory layout, a single row, and a gradient of zero are handled;
    * float32 stays float32, float64 stays float64;
    * the layer can be pickled after use.

    A plan for training has to keep these rules, too. A noisy pass can be compared with a second
    one, and its gradients can be checked, only if the noise comes from a generator that is made in
    ``build``: then each pass can begin with the same random numbers.

    Parameters
    ----------
    layer : Layer
        Not changed: copies are checked, which are built first if it has no parameters yet.
    X : array-like of shape (n_samples, inputs)
        Several different rows, at a differentiable point, see `check_gradients`.
    rng : int, numpy.random.Generator or None, default=None
    tol : float, default=1e-7
        Of the gradients.

    Raises
    ------
    AssertionError
        If a rule is broken; says which, and what to do.
    TypeError
        If it is no layer, but for instance its class.
    ValueError
        If X has a single row or none, or not two dimensions.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn import Layer
    >>> from sknumpynn.testing import check_layer
    >>> class Square(Layer):
    ...     def forward(self, X):
    ...         return X**2, lambda D: 2 * X * D
    >>> check_layer(Square(), np.random.default_rng(0).normal(size=(4, 3)))
    """
    if not isinstance(layer, Layer):
        raise TypeError(f"check_layer takes a layer, such as ReLu(); got {layer!r}.")
    X = frozen(np.array(X, dtype=np.float64))
    if X.ndim != 2 or len(X) < 2:
        raise ValueError(f"X must be a matrix of several rows to check with, got shape {X.shape}.")
    with arguments_read_only(layer), own_random_numbers(layer):
        for rule in (_check_parameters, _check_shapes, check_tensors, _check_pickle):
            rule(prepared(layer, X, np.float64), X)
        check_build(layer, X)
        check_gradients(layer, X, rng, tol)
        for rule in (*COMPARISONS, _check_zero_gradient, check_rows, check_attributes):
            rule(prepared(layer, X, np.float64), X)
        for dtype in (np.float32, np.float64):
            _check_dtype(prepared(layer, X, dtype), X.astype(dtype))
        check_adapt(layer, X)
        check_kept(layer, X)
        _check_training(layer, X, rng, tol)
    check_clone(layer)


def _check_training(layer, X, rng, tol):
    def in_training(dtype=np.float64):
        return InTraining(prepared(layer, X, dtype))

    rules = [_check_shapes, check_tensors, _check_zero_gradient]
    if _can_be_repeated(in_training(), X):
        check_gradients(in_training(), X, rng, tol)
        rules += COMPARISONS
    for rule in rules:
        rule(in_training(), X)
    for dtype in (np.float32, np.float64):
        _check_dtype(in_training(dtype), X.astype(dtype))
    used = in_training()
    used.forward(X)
    _check_pickle(used.layer, X)
    for rule in (check_rows, check_attributes):
        rule(in_training(), X)


def _can_be_repeated(layer, X):
    rows = np.tile(X, (100, 1))  # enough of them for any noise to show
    return np.array_equal(rewound(layer).forward(rows)[0], rewound(layer).forward(rows)[0])


def _check_parameters(layer, X):
    for part in layer.walk():
        for name, value in vars(part).items():
            for held in _held(value):
                _check_held(layer, part, f"{type(part).__name__}.{name}", held)


def _check_held(layer, part, name, held):
    is_layer = isinstance(held, Layer)
    expect(
        set(held.parameters if is_layer else [held]) <= set(part.parameters),
        layer,
        f"{name} has parameters that are not in the layer's list: they would not be trained. Make "
        "a Parameter by self.build_param(tensor), and add those of another layer by "
        "self.parameters.extend(layer.parameters) or, in a Composite, name it among children.",
    )
    expect(
        part.adapts or not (is_layer and held.adapts),
        layer,
        f"{name} has a layer that adapts to the data, but is not asked to. Override adapt(X, rng), "
        "or be a Composite that names it among its children.",
    )


def _held(value):
    """Yield the Parameters and layers in a value, also from within lists and dicts."""
    if isinstance(value, Parameter | Layer):
        yield value
    elif isinstance(value, list | tuple | set | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _held(part)


def _check_shapes(layer, X):
    for rows in (X, X[:1]):
        returned = layer.forward(rows)
        expect(
            isinstance(returned, tuple) and len(returned) == 2 and callable(returned[1]),
            layer,
            "forward must return (Y, backward), an array and a function.",
        )
        Y, backward = returned
        expect(
            np.ndim(Y) > 1 and len(Y) == len(rows),
            layer,
            f"forward gives Y of shape {np.shape(Y)} for X of shape {rows.shape}. Y must have a "
            "row for each of X, also where X has only one.",
        )
        expect(
            np.isfinite(Y).all(),
            layer,
            f"forward gives NaN or infinity for X of shape {rows.shape}. The last batch of an "
            "epoch may have a single row: see that nothing is divided by zero.",
        )
        dX = backward(random_like(Y))
        expect(
            np.shape(dX) == rows.shape,
            layer,
            f"backward gives shape {np.shape(dX)} for X of shape {rows.shape}. It must return "
            "dLoss/dX, of the shape of X.",
        )


def _check_reentrance(layer, X):
    in_turn, at_once = rewound(layer), rewound(layer)
    other = frozen(X[::-1].copy())
    apart = [run_pass(layer, in_turn.forward, batch) for batch in (X, other)]
    for parameter in layer.parameters:
        parameter.gradient.fill(0)
    passes = [at_once.forward(batch) for batch in (X, other)]
    gradients = [backward(random_like(Y)) for Y, backward in passes]
    for (Y, _), dX, expected in zip(passes, gradients, apart, strict=True):
        expect(
            agree(Y, expected["Y"], 0) and agree(dX, expected["dX"], 0),
            layer,
            "a second pass changes what the first one returned. Make new arrays in each call of "
            "forward, and keep nothing on self that backward needs.",
        )
    for label, parameter in labelled(layer).items():
        expected = sum(one[f"{label}.gradient"] for one in apart)
        expect(
            agree(parameter.gradient, expected, ROUNDING),
            layer,
            f"forward, forward, backward, backward gives {label}.gradient another value than two "
            "passes in turn. Backward must use the X of its own forward.",
        )


def _check_plan(layer, X):
    planned, twin, other = rewound(layer).plan(X), rewound(layer), X[::-1].copy()
    for batch in (X, other, X):
        _compare(
            run_pass(layer, planned, batch),
            run_pass(layer, twin.forward, batch),
            layer,
            "plan(X)(X) differs from forward(X). Override forward alone or, in a PlannedLayer, "
            "plan alone, and let each run of a plan begin anew.",
        )


def _check_plan_input(layer, X):
    planned, fed_with_data = rewound(layer).plan(X), rewound(layer).plan_input(X)
    for _ in range(2):
        expected, got = run_pass(layer, planned, X), run_pass(layer, fed_with_data, X)
        del expected["dX"]  # nobody asks for the gradient of the data
        _compare(got, expected, layer, "plan_input(X)(X) differs from plan(X)(X).")


def _check_call_time(layer, X):
    planned, twin = rewound(layer).plan(X), rewound(layer)
    planned(X), twin.forward(X)
    packed = pack(layer.parameters)
    packed.tensor += 0.125
    _compare(
        run_pass(layer, planned, X),
        run_pass(layer, twin.forward, X),
        layer,
        "a plan does not see that its parameters have changed. Keep the Parameter, and read its "
        "tensor and gradient inside forward and backward: `pack` binds new arrays to them.",
    )


def _check_layouts(layer, X):
    expected = run_pass(layer, rewound(layer).forward, X)
    for arrange in (np.asfortranarray, lambda A: np.repeat(A, 2, axis=-1)[..., ::2]):
        _compare(
            run_pass(layer, rewound(layer).forward, X, arrange),
            expected,
            layer,
            "the result depends on how X and D lie in memory. Do not take them to be C-contiguous.",
            ROUNDING,
        )


# Checks that compare one pass with another.
COMPARISONS = _check_reentrance, _check_plan, _check_plan_input, _check_call_time, _check_layouts


def _check_zero_gradient(layer, X):
    Y, backward = layer.forward(X)
    dX = backward(np.zeros_like(Y))
    expect(
        not any(np.any(gradient) for gradient in (dX, *(p.gradient for p in layer.parameters))),
        layer,
        "backward makes something of a D that is zero. It must be linear in D.",
    )


def _check_pickle(layer, X):
    expected = run_pass(layer, layer.forward, X)
    try:
        twin = _through_pickle(layer)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        advice = (
            f"it cannot be pickled after use: {error}. Keep no closure, lambda or file on self; a "
            "function that is an argument should be defined in a module."
        )
        expect(False, layer, advice)
    got = run_pass(twin, twin.forward, X)
    _compare(got, expected, layer, "it gives another result once it has been pickled.")


def _check_dtype(layer, X):
    for what, array in run_pass(layer, layer.forward, X).items():
        expect(
            array.dtype == X.dtype,
            layer,
            f"{what} is {array.dtype} where X and parameters are {X.dtype}. Make arrays by "
            "np.empty_like(X), and keep constants as Python numbers.",
        )


def _compare(results, expected, layer, message, tol=0.0):
    for what, array in expected.items():
        expect(agree(results[what], array, tol), layer, f"{message} (It is {what} that differs.)")


def _through_pickle(layer):
    """Pickle and unpickle; classes go by reference, since one may be defined in a function."""
    return unpickled(*pickled(layer, lambda part: isinstance(part, type)))
