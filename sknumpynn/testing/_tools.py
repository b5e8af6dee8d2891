"""What the checks are made of: a pass through a layer, and comparisons that say what is wrong."""

import copy
import io
import pickle
from contextlib import contextmanager

import numpy as np

from ..core import Layer, Parameter

ROUNDING = 1e-10  # of the largest number, where the same sums may be added up in another order


def prepared(layer, X, dtype):
    """A copy of a layer, with its parameters in a dtype; built if it has none yet."""
    layer = copy.deepcopy(layer)
    if not parameters_so_far(layer):
        layer.build(X.shape[1], np.random.default_rng(0), dtype)
    for parameter in layer.parameters:
        parameter.tensor = parameter.tensor.astype(dtype)
        parameter.gradient = np.zeros_like(parameter.tensor)
    return layer


def parameters_so_far(layer):
    """Parameters of a layer that may not be built; a composite may not even have its layers yet."""
    return getattr(layer, "parameters", ())


class InTraining(Layer):
    """A layer as it is in training; to a check, it is a layer like any other."""

    def __init__(self, layer):
        self.layer, self.parameters = layer, layer.parameters
        self.__name__ = f"{name_of(layer)} in training"
        named = {name: part for name, part in vars(layer).items() if isinstance(part, Parameter)}
        vars(self).update(named)  # so that messages call them by name

    def forward(self, X):
        return self.layer.plan(X, training=True)(X)

    def plan(self, like, training=True):
        return self.layer.plan(like, training=True)

    def plan_input(self, like, training=True):
        return self.layer.plan_input(like, training=True)


def rewound(layer):
    """A copy that shares the parameters; its random state starts from the layer's present one."""
    return copy.deepcopy(layer, {id(parameter): parameter for parameter in layer.parameters})


def run_pass(layer, forward, X, arrange=np.asarray):
    """Run forward and backward on arguments that cannot be written; copy all that comes out."""
    for parameter in layer.parameters:
        parameter.gradient.fill(0)
    X = frozen(arrange(X))
    Y, backward = forward(X)
    D = frozen(arrange(random_like(Y)))
    results = {"Y": Y.copy()}
    dX = backward(D)
    results["dX"] = None if dX is None else dX.copy()
    for label, parameter in labelled(layer).items():
        results[f"{label}.gradient"] = parameter.gradient.copy()
    return results


def labelled(layer):
    """Map the name of each parameter to it: that of the attribute, where there is one."""
    names = {id(value): name for name, value in vars(layer).items()}
    parameters = dict.fromkeys(layer.parameters)
    return {names.get(id(p), f"parameters[{i}]"): p for i, p in enumerate(parameters)}


def random_like(array):
    """Numbers that depend only on the array's shape and dtype; they cannot be written."""
    rng = np.random.default_rng(list(b"unlike X"))  # which often is of seed 0: D must not equal it
    return frozen(rng.standard_normal(array.shape).astype(array.dtype))


def frozen(array):
    """A view of an array that cannot be written."""
    array = array.view()
    array.setflags(write=False)
    return array


def agree(a, b, tol):
    """Whether no difference exceeds a tolerance, relative to the largest number, or to one."""
    return a.shape == b.shape and np.abs(a - b).max(initial=0.0) <= tol * np.abs(b).max(initial=1.0)


def pickled(thing, by_reference):
    """Pickle a thing; return the bytes, and by name those parts that went by reference instead."""
    parts, file = {}, io.BytesIO()

    class Pickler(pickle.Pickler):
        def persistent_id(self, part):
            if by_reference(part):
                parts[str(id(part))] = part
                return str(id(part))

    Pickler(file).dump(thing)
    return file.getvalue(), parts


def unpickled(data, parts):
    """Unpickle what `pickled` returned: the thing, with the same parts in it."""

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, name):
            return parts[name]

    return Unpickler(io.BytesIO(data)).load()


def expect(condition, part, message):
    """Raise an AssertionError about a part unless a condition holds, also under `python -O`."""
    if not condition:
        raise AssertionError(f"{name_of(part)}: {message}")


@contextmanager
def arguments_read_only(part):
    """Turn NumPy's error about writing into a read-only array into one that names the part."""
    try:
        yield
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise AssertionError(
            f"{name_of(part)}: it writes into its arguments. Only read them, others may need them."
        ) from error


def name_of(part):
    """Name of a function, or of the class of an object."""
    return getattr(part, "__name__", type(part).__name__)
