"""Parameter rules: what a parameter may be, checked when fitting, in scikit-learn's words."""

from numbers import Integral, Real

import numpy as np

__all__ = [
    "AnyOf",
    "Boolean",
    "EachOf",
    "Float",
    "Function",
    "InstanceOf",
    "Int",
    "InvalidParameterError",
    "Is",
    "LayerSizes",
    "OneOf",
    "RandomState",
    "SetParamsMixin",
    "keep_arguments",
    "validate_params",
]


class InvalidParameterError(ValueError, TypeError):
    """A parameter of an estimator has a value that it cannot have."""


def keep_arguments(est, arguments):
    """Store a constructor's arguments on the estimator, untouched, as scikit-learn asks."""
    vars(est).update((k, v) for k, v in arguments.items() if k not in ("self", "__class__"))


def validate_params(estimator, rules):
    """Check an estimator's parameters.

    Parameters
    ----------
    estimator : BaseEstimator
    rules : dict
        For each parameter a rule: an object with ``allows(value)``, whose str says what it allows.

    Raises
    ------
    InvalidParameterError
        For the first parameter that breaks its rule.
    """
    for name, rule in rules.items():
        value = getattr(estimator, name)
        if not rule.allows(value):
            raise InvalidParameterError(
                f"The {name!r} parameter of {type(estimator).__name__} must be {rule}. "
                f"Got {value!r} instead."
            )


class _Number:
    """A number in an interval such as "[0, 1)"; "inf" stands for no bound."""

    def __init__(self, interval):
        low, high = interval[1:-1].split(",")
        self.low, self.high = float(low), float(high)
        self.closed_low, self.closed_high = interval[0] == "[", interval[-1] == "]"
        self.interval = interval

    def allows(self, value):
        if not isinstance(value, self.kind) or isinstance(value, bool | np.bool_):
            return False
        above = value >= self.low if self.closed_low else value > self.low
        below = value <= self.high if self.closed_high else value < self.high
        return bool(above and below)

    def __str__(self):
        return f"{self.name} in the range {self.interval}"


class Int(_Number):
    """An integer in an interval."""

    kind, name = Integral, "an int"


class Float(_Number):
    """A real number in an interval; never nan."""

    kind, name = Real, "a float"


class OneOf:
    """A string out of some."""

    def __init__(self, *options):
        self.options = options

    def allows(self, value):
        return isinstance(value, str) and value in self.options

    def __str__(self):
        return "a str among {" + ", ".join(map(repr, self.options)) + "}"


class Is:
    """One value, by equality."""

    def __init__(self, value):
        self.value = value

    def allows(self, value):
        return isinstance(value, type(self.value)) and value == self.value

    def __str__(self):
        return repr(self.value)


class Boolean:
    """True or False."""

    def allows(self, value):
        return isinstance(value, bool | np.bool_)

    def __str__(self):
        return "an instance of 'bool'"


class RandomState:
    """What `sklearn.utils.check_random_state` takes."""

    def allows(self, value):
        is_seed = Int("[0, 4294967295]").allows(value)
        return value is None or is_seed or isinstance(value, np.random.RandomState)

    def __str__(self):
        return (
            "an int in the range [0, 4294967295], an instance of "
            "'numpy.random.mtrand.RandomState' or None"
        )


class LayerSizes:
    """A positive integer, or a one-dimensional array-like of such."""

    size = Int("[1, 2147483647]")  # as BLAS counts

    def allows(self, value):
        is_several = isinstance(value, list | tuple | range | np.ndarray) and np.iterable(value)
        sizes = list(value) if is_several else [value]
        return all(self.size.allows(size) for size in sizes)

    def __str__(self):
        return f"> 0: {self.size}, or an array-like of such"


class InstanceOf:
    """An object of a class, or of one of several."""

    def __init__(self, *classes):
        self.classes = classes

    def allows(self, value):
        return isinstance(value, self.classes)

    def __str__(self):
        return " or ".join(f"an instance of {cls.__name__!r}" for cls in self.classes)


class Function:
    """A function, described by its arguments and what it returns."""

    def __init__(self, signature):
        self.signature = signature

    def allows(self, value):
        return callable(value) and not isinstance(value, type)

    def __str__(self):
        return f"a function {self.signature}"


class EachOf:
    """What a rule allows, or a list or tuple of such, perhaps of some at least."""

    def __init__(self, rule, at_least=0):
        self.rule, self.at_least = rule, at_least

    def allows(self, value):
        values = value if isinstance(value, list | tuple) else [value]
        return len(values) >= self.at_least and all(self.rule.allows(one) for one in values)

    def __str__(self):
        least = f" with at least {self.at_least}" if self.at_least else ""
        return f"{self.rule}, or a list or tuple of such{least}"


class AnyOf:
    """What any of several rules allows."""

    def __init__(self, *rules):
        self.rules = rules

    def allows(self, value):
        return any(rule.allows(value) for rule in self.rules)

    def __str__(self):
        *first, last = map(str, self.rules)
        return f"{', '.join(first)} or {last}"


class SetParamsMixin:
    """An estimator that names a parameter which one of its parameters does not have."""

    def set_params(self, **params):
        """Set parameters; they take effect in the next fit.

        Parameters
        ----------
        **params : dict
            Names as `get_params` gives them.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        for name in params:
            part, _, rest = name.partition("__")
            value = params.get(part, getattr(self, part, None))
            if rest and hasattr(self, part) and not hasattr(value, "set_params"):
                raise ValueError(
                    f"Invalid parameter {name!r}: {part}={value!r} has no parameter {rest!r}. Set "
                    f"{part} to an object that has."
                )
        return super().set_params(**params)
