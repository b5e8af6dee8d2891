"""Parameters are checked when fitting, not before, and the message says what is allowed."""

import re

import numpy as np
import pytest

from sknumpynn import MLPClassifier, MLPRegressor
from sknumpynn.estimators._params import (
    AnyOf,
    Boolean,
    EachOf,
    Float,
    Function,
    InstanceOf,
    Int,
    InvalidParameterError,
    Is,
    LayerSizes,
    OneOf,
    RandomState,
    validate_params,
)
from sknumpynn.layers import ACTIVATIONS as ACTIVATION_NAMES

X = np.random.default_rng(0).normal(size=(20, 3))
y = (X[:, 0] > 0).astype(int)

NAN = float("nan")
FLAG = "an instance of 'bool'"
SOLVERS = "a str among {'lbfgs', 'sgd', 'adam', 'adamw', 'rmsprop'} or an instance of 'Optimizer'"
ACTIVATIONS = (
    f"a str among {{{', '.join(map(repr, ACTIVATION_NAMES))}}} or an instance of 'Layer', "
    "or a list or tuple of such"
)
SCHEDULES = (
    "a str among {'constant', 'invscaling', 'adaptive', 'cosine', 'one_cycle'} or an instance of "
    "'Schedule'"
)
RATES = "a float in the range [0, 1), or a list or tuple of such"
QUANTILES = "a float in the range (0, 1), or a list or tuple of such with at least 1"
WEIGHTS = "a str among {'balanced'}, an instance of 'dict' or an instance of 'list' or None"
SIZES = "> 0: an int in the range [1, 2147483647], or an array-like of such"
SEED = (
    "an int in the range [0, 4294967295], an instance of 'numpy.random.mtrand.RandomState' or None"
)

# Parameter, what is allowed, values that are not.
BAD_VALUES = [
    ("hidden_layer_sizes", SIZES, [0, -1, 5.0, True, None, "100", NAN, {}, {5}]),
    ("hidden_layer_sizes", SIZES, [(0,), (5, -1), [5.0], ("a",), [True], [[3]], (3, None), "ab"]),
    ("hidden_layer_sizes", SIZES, [np.array([3.0]), np.array([[3]]), np.array([0]), np.array(3)]),
    ("activation", ACTIVATIONS, ["rleu", "", None, 1, True, ["rleu"], b"relu"]),
    ("solver", SOLVERS, ["Adam", None, 0, ["adam"]]),
    ("alpha", "a float in the range [0, inf)", [-1e-9, NAN, np.inf, True, "0", None, [1.0]]),
    ("batch_size", "a str among {'auto'} or an int in the range [1, inf)", [0, -5, 2.0, True]),
    ("batch_size", "a str among {'auto'} or an int in the range [1, inf)", ["foo", None, NAN]),
    ("learning_rate", SCHEDULES, ["cosinus", 0.1, None]),
    ("learning_rate_init", "a float in the range (0, inf)", [0, -1.0, NAN, np.inf, True, "0.1"]),
    ("power_t", "a float in the range [0, inf)", [-0.5, NAN, True, None]),
    ("max_iter", "an int in the range [1, inf)", [0, -1, 10.0, True, NAN, np.inf, None]),
    ("shuffle", FLAG, [0, 1, None, "no", "True"]),
    ("random_state", SEED, [-1, 0.5, "a", 2**32, True, np.random.default_rng(0)]),
    ("tol", "a float in the range [0, inf)", [-1e-4, NAN, np.inf, True, None]),
    ("verbose", "an int in the range [0, inf) or an instance of 'bool'", [-1, 0.5, None, "yes"]),
    ("warm_start", FLAG, [0, 1, None, "exactly", "Exact"]),
    ("momentum", "a float in the range [0, 1]", [-0.1, 1.1, NAN, True, "0.9"]),
    ("nesterovs_momentum", FLAG, [0, 1, None]),
    ("early_stopping", FLAG, [0, 1, None, "auto"]),
    ("validation_fraction", "a float in the range [0, 1)", [-0.1, 1, 1.0, NAN, False, None]),
    ("beta_1", "a float in the range [0, 1)", [-0.1, 1, NAN, False]),
    ("beta_2", "a float in the range [0, 1)", [-0.1, 1, NAN, False]),
    ("epsilon", "a float in the range (0, inf)", [0, -1e-8, NAN, True]),
    ("n_iter_no_change", "an int in the range [1, inf) or inf", [0, -1, 2.0, NAN, -np.inf, True]),
    ("n_members", "an int in the range [1, inf)", [0, -1, 2.0, True, None, "3"]),
    ("max_fun", "an int in the range [1, inf)", [0, -1, 5.0, True, np.inf]),
    ("dropout", RATES, [-0.1, 1, 1.0, NAN, True, None, "0.5", (0.5, 1.5), ["a"]]),
    ("scoring", "a function (estimator, X, y) -> score or None", ["no score", 1, True, ["r2"]]),
    ("clip_norm", "a float in the range (0, inf) or None", [0, -1.0, NAN, np.inf, True, "1"]),
    ("average", "a float in the range (0, 1) or None", [0, 1, 1.0, -0.1, NAN, True, "0.9"]),
    ("dtype", "a str among {'float32', 'float64'} or None", ["float16", np.float32, 32, True]),
]
OF_CLASSIFIERS = [
    ("class_weight", WEIGHTS, ["auto", 1, True, (1, 2)]),
    ("label_smoothing", "a float in the range [0, 1)", [-0.1, 1, NAN, True, None]),
]
LOSSES = (
    "a str among {'squared_error', 'absolute_error', 'huber', 'quantile', 'gaussian_nll', "
    "'poisson', 'gamma'}, an instance of 'Loss' or a function (Yp, Y) -> (value, gradient)"
)
OF_REGRESSORS = [
    ("loss", LOSSES, ["mse", None, 1, ["huber"]]),
    ("quantile", QUANTILES, [0, 1, -0.5, NAN, True, None, "0.5", (0.1, 1.0), (), []]),
    ("scale_target", FLAG, [0, 1, None]),
]


def label(value):
    """Name of a value, the same in all processes that the tests are shared among."""
    return re.sub(" at 0x.*", "", repr(value))


CASES = [
    pytest.param(Estimator, name, allowed, value, id=f"{Estimator.__name__}-{name}-{label(value)}")
    for Estimator, rows in (
        (MLPClassifier, [*OF_CLASSIFIERS, *BAD_VALUES]),
        (MLPRegressor, [*OF_REGRESSORS, *BAD_VALUES]),
    )
    for name, allowed, values in rows
    for value in values
]


@pytest.mark.parametrize("Estimator, name, allowed, value", CASES)
def test_bad_values(Estimator, name, allowed, value):
    # Neither the constructor nor set_params looks at values.
    est = Estimator().set_params(**Estimator(**{name: value}).get_params())
    start = re.escape(f"The {name!r} parameter of {Estimator.__name__} must be ")
    message = f"{start}.*{re.escape(f'{allowed}. Got {value!r}')}"
    with pytest.raises(ValueError, match=message) as caught:
        est.fit(X, y)
    assert isinstance(caught.value, TypeError)  # as scikit-learn's, it is both
    assert vars(est) == est.get_params()  # nothing was learned


def test_every_parameter_has_bad_values():
    for Estimator, rows in ((MLPClassifier, OF_CLASSIFIERS), (MLPRegressor, OF_REGRESSORS)):
        tested = {name for name, *_ in [*rows, *BAD_VALUES]}
        assert tested == Estimator().get_params().keys()


@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
def test_partial_fit_checks_them_too(Estimator):
    classes = {"classes": [0, 1]} if Estimator is MLPClassifier else {}
    with pytest.raises(ValueError, match="The 'alpha' parameter"):
        Estimator(alpha=-1).partial_fit(X, y, **classes)


GOOD_VALUES = {
    "hidden_layer_sizes": [4, [], (), [3], (3, 2), np.int64(3), np.array([3, 2]), range(2, 4)],
    "alpha": [0, 1, np.float32(0.5), np.int64(1)],
    "batch_size": [1, np.int32(7)],
    "learning_rate_init": [1e-300, 1, np.float32(0.1)],
    "power_t": [0],
    "max_iter": [np.int64(2)],
    "shuffle": [np.bool_(False)],
    "random_state": [None, 0, 2**32 - 1, np.int64(3), np.random.RandomState(0)],
    "tol": [0, 1000],
    "momentum": [0, 1],
    "validation_fraction": [0.3, np.float32(0.3)],
    "beta_1": [0],
    "beta_2": [0],
    "n_iter_no_change": [1, np.inf, np.float64("inf")],
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize(
    "name, value",
    [
        pytest.param(name, value, id=f"{name}-{label(value)}")
        for name, values in GOOD_VALUES.items()
        for value in values
    ],
)
def test_values_at_the_edge(name, value, solver):
    est = MLPRegressor(**{"max_iter": 2, name: value}, solver=solver).fit(X, y)
    assert np.isfinite(est.predict(X)).all()


# The rules themselves: what each allows, what not, and how it says so.
BOTH, WORDS = (dict, str), np.array(["auto", "b"])  # which are equal to a word each by itself
RULES = [
    (lambda: Int("[1, 5)"), [1, np.int8(4)], [0, 5, 2.0, True, "1"], "an int in the range [1, 5)"),
    (lambda: Int("(0, 2]"), [1, 2], [0, 3, None], "an int in the range (0, 2]"),
    (lambda: Float("(0, 1)"), [0.5, np.float32(0.5)], [0, 1, NAN], "a float in the range (0, 1)"),
    (lambda: Float("[0, inf]"), [0, 1, np.inf], [-1e-9, True], "a float in the range [0, inf]"),
    (lambda: OneOf("a", "b"), ["a", "b"], ["c", None, ["a"], WORDS], "a str among {'a', 'b'}"),
    (lambda: Is(None), [None], [0, ""], "None"),
    (lambda: Is("auto"), ["auto"], ["Auto", None, WORDS], "'auto'"),
    (lambda: Boolean(), [True, np.bool_(False)], [0, 1, None, "True"], "an instance of 'bool'"),
    (lambda: InstanceOf(dict), [{}], [[], dict], "an instance of 'dict'"),
    (lambda: InstanceOf(*BOTH), [{}, ""], [1], "an instance of 'dict' or an instance of 'str'"),
    (lambda: Function("f(x)"), [len, lambda x: x], [int, "len"], "a function f(x)"),
    (lambda: EachOf(Is(1)), [1, [1, 1], (), (1,)], [2, [1, 2]], "1, or a list or tuple of such"),
    (
        lambda: EachOf(Is(1), at_least=2),
        [[1, 1], (1, 1, 1)],
        [1, [1], []],
        "1, or a list or tuple of such with at least 2",
    ),
    (lambda: AnyOf(Is(1), Is(2), Is(3)), [1, 2, 3], [4], "1, 2 or 3"),
    (lambda: LayerSizes(), [1, [2, 3], (), range(1, 3), np.array([4])], [0, [0], 2**31], SIZES),
    (
        lambda: RandomState(),
        [None, 0, np.int64(7), 2**32 - 1, np.random.RandomState(0)],
        [-1, 2**32, 1.0, np.random],
        SEED,
    ),
]  # fmt: skip


@pytest.mark.parametrize("make_rule, allowed, others, text", RULES)
def test_a_rule_allows_what_it_says(make_rule, allowed, others, text):
    rule = make_rule()
    assert all(rule.allows(value) for value in allowed)
    assert not any(rule.allows(value) for value in others)
    assert str(rule) == text


def test_the_first_parameter_that_breaks_its_rule_is_named():
    est, rules = MLPClassifier(alpha=2, tol=3), {"max_fun": Int("[1, inf)"), "alpha": Is(1)}
    with pytest.raises(InvalidParameterError) as error:
        validate_params(est, {**rules, "tol": Is(1)})
    assert str(error.value) == "The 'alpha' parameter of MLPClassifier must be 1. Got 2 instead."
    validate_params(est, {"alpha": Is(2)})
