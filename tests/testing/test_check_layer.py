"""check_gradients and check_layer: the right pass, and each rule is broken once, on purpose."""

import copy
import re

import numpy as np
import pytest

from sknumpynn import Layer, Learner, Linear, ReLu, Sequential, SGDOptimizer, Tanh, mse_loss
from sknumpynn.core import Composite
from sknumpynn.layers import BatchNorm, LayerNorm
from sknumpynn.testing import check_gradients, check_layer
from tests.testing import careless_layers as careless
from tests.testing import wrong_layers as wrong
from tests.testing.right_layers import (
    ArticleLinear,
    BuildsItsLayers,
    Centering,
    Gated,
    GroupNorm,
    Noise,
    Scale,
    SeededNoise,
    Stack,
    Standardizing,
    Unbuilt,
)

RIGHT = [
    Layer,
    ArticleLinear,
    Scale,
    Unbuilt,
    Standardizing,
    Noise,
    SeededNoise,
    Centering,
    BuildsItsLayers,
    lambda: Sequential(Linear(outputs=2), SeededNoise(), Centering()),
    lambda: Gated(Standardizing()),
    lambda: Gated(Linear(outputs=2)),
    lambda: Stack([Scale(), Linear(3, 2), Tanh()]),
    lambda: Stack(),
    lambda: Sequential(Unbuilt(), Tanh(), Linear(outputs=1)),
]


@pytest.mark.parametrize("make", RIGHT)
def test_a_right_layer_passes(make, rng):
    X = rng.standard_normal((5, 3))
    check_layer(make(), X)
    check_layer(make(), X.tolist(), rng=3)
    check_gradients(make(), X.astype(np.float32))


@pytest.mark.parametrize("layer", [BatchNorm(), LayerNorm()])
@pytest.mark.parametrize("seed", [0, 1, 42])
def test_the_gradient_is_not_asked_for_along_X_itself(layer, seed):
    """There a normalization has none, and errors would be compared with roundings."""
    X = np.random.default_rng(seed).standard_normal((120, 5))
    check_layer(layer, X, rng=0)


def test_the_layer_and_the_input_are_left_as_they_were(rng):
    X, layer, unbuilt = rng.standard_normal((5, 3)), Scale(), Linear(outputs=2)
    layer.gain.gradient += 3
    before, X_before = copy.deepcopy(layer.gain.tensor), X.copy()
    check_layer(layer, X)
    check_layer(unbuilt, X)
    np.testing.assert_array_equal(layer.gain.tensor, before)
    np.testing.assert_array_equal(layer.gain.gradient, 3)
    np.testing.assert_array_equal(X, X_before)
    assert unbuilt.parameters == []


def test_a_large_layer_is_checked_quickly_and_along_all_its_numbers(rng):
    X = rng.standard_normal((50, 40))

    class Slip(Linear):
        def forward(self, X):
            Y, backward = super().forward(X)

            def wrong(D):
                dX = backward(D)
                self.weights.gradient[17, 29] += 0.01
                return dX

            return Y, wrong

    check_gradients(Linear(40, 30), X)
    with pytest.raises(AssertionError, match="weights is wrong along a random direction"):
        check_gradients(Slip(40, 30), X, rng=0)


WRONG = [
    (wrong.WrongX, r"gradient with respect to X is wrong at \(\d, \d\)"),
    (wrong.WrongGain, r"gradient with respect to gain is wrong at \(\d,\)"),
    (wrong.TakesDForX, r"gradient with respect to gain is wrong at \(\d,\)"),
    (wrong.Replaces, r"gain.gradient \+= ..., not ="),
    (wrong.Rebinds, r"binds a new array to gain.gradient"),
    (wrong.Trains, "changes gain.tensor"),
    (wrong.WritesX, "writes into its arguments"),
    (wrong.WritesD, "writes into its arguments"),
    (wrong.Unlisted, r"gain has parameters that are not in the layer's list.*build_param"),
    (wrong.UnlistedLayer, r"layers has parameters that are not.*extend\(layer.parameters\)"),
    (wrong.NoBackward, r"must return \(Y, backward\)"),
    (wrong.Squeezes, r"gives Y of shape \(3,\) for X of shape \(1, 3\).*only one"),
    (wrong.Flattens, r"gives Y of shape \(5,\) for X of shape \(5, 3\)"),
    (wrong.ReturnsNothing, r"backward gives shape \(\) for X of shape \(5, 3\)"),
    (wrong.ForgetsWidth, "build returns 3, but Y has 6 columns"),
    (wrong.OneArray, "second pass changes what the first one returned"),
    (wrong.LastX, "second pass changes what the first one returned"),
    (wrong.LastXOfGain, "forward, forward, backward, backward gives gain.gradient another value"),
    (wrong.TwoWays, r"plan\(X\)\(X\) differs from forward\(X\).*\(It is Y that differs.\)"),
    (wrong.Accumulates, r"plan\(X\)\(X\) differs from forward\(X\).*begin anew"),
    (wrong.WrongForData, r"plan_input\(X\)\(X\) differs.*\(It is gain.gradient that differs.\)"),
    (wrong.Captures, "a plan does not see that its parameters have changed"),
    (wrong.NeedsOrder, "depends on how X and D lie in memory"),
    (wrong.NeedsOrderOfD, "depends on how X and D lie in memory"),
    (wrong.Affine, "must be linear in D"),
    (wrong.KeepsClosure, "cannot be pickled after use.*Keep no closure"),
    (wrong.RedrawnFromPickle, "another result once it has been pickled"),
    (wrong.AlwaysFloat64, "Y is float64 where X and parameters are float32"),
    (wrong.WrongSign, r"gradient with respect to X is wrong at \(\d, \d\)"),
    (wrong.TracksInPrediction, "changes mean.tensor.*in training, and only then"),
    (wrong.NaNForOneRow, r"NaN or infinity for X of shape \(1, 3\).*divided by zero"),
    (wrong.Float64Backward, "dX is float64 where X and parameters are float32"),
]


CARELESS = [
    (careless.FloatingWidth, "build returns 3.0, but Y has 3 columns"),
    (careless.BuildsUpon, r"build called twice adds.*self.parameters = \[\]"),
    (careless.OtherNumbers, "build makes other numbers of the same seed"),
    (careless.GlobalNumbers, "build makes other numbers of the same seed.*not from np.random"),
    (careless.GlobalButTheSame, "draws from np.random itself"),
    (careless.GlobalNoise, "draws from np.random itself.*make a generator of it in build"),
    (careless.NeedsAGenerator, "'integers'.* fit of an estimator gives it a RandomState"),
    (careless.AdaptsByAGenerator, "'integers'.* fit of an estimator gives it a RandomState"),
    (careless.KeepsWhatItDraws, "numbers that build draws or adapt finds.*with lr_scale=0"),
    (careless.KeepsWhatItAdaptsTo, "numbers that build draws or adapt finds.*with lr_scale=0"),
    (careless.Forgets, "cannot be cloned, which estimators and searches.*'factor'"),
    (careless.Converts, "cannot be cloned, which estimators.*modifies parameter factors"),
    (careless.CopiesItself, "clone has the very same Parameters"),
    (careless.CentersRows, "depends on the other rows, but it may be predicted alone"),
    (careless.Remembers, "a prediction changes Remembers.last_shape"),
    (careless.RemembersInPlan, "a prediction changes RemembersInPlan.like"),
    (careless.AdaptsSilently, "adapt.* of 5 rows does not return what forward then makes of X"),
    (careless.AdaptsAndReturnsX, "adapt.* of 5 rows does not return what forward then makes"),
    (careless.AdaptsToOneRow, "adapted to 1 rows, it gives NaN or infinity"),
    (careless.AdaptsX, "writes into its arguments"),
    (careless.AdaptsToFloat64, r"adapt changes the dtype.*parameter.tensor\[...\] = ..."),
    (careless.HidesInDict, "HidesInDict.parts has parameters that are not in the layer's list"),
    (careless.HidesWhatAdapts, "HidesWhatAdapts.parts has a layer that adapts to the data, but is"),
]


WRONG_IN_TRAINING = [
    (wrong.ForgetsBatchMean, r"gradient with respect to X is wrong at \(\d, \d\)"),
    (wrong.WrongSignInTraining, r"gradient with respect to X is wrong at \(\d, \d\)"),
    (wrong.ReplacesInTraining, r"gain.gradient \+= ..., not ="),
    (wrong.TrainsInTraining, "changes gain.tensor.*only then, is a Parameter with lr_scale=0"),
    (wrong.LastXInTraining, "second pass changes what the first one returned"),
    (wrong.NaNForOneRowInTraining, r"NaN or infinity for X of shape \(1, 3\).*single row"),
    (wrong.Float64InTraining, "Y is float64 where X and parameters are float32"),
    (wrong.CapturesInTraining, "a plan does not see that its parameters have changed"),
    (wrong.AccumulatesInTraining, r"plan\(X\)\(X\) differs from forward\(X\).*begin anew"),
    (wrong.WrongNoise, r"gradient with respect to X is wrong at \(\d, \d\)"),
    (wrong.DrawsOnceAPlan, r"plan\(X\)\(X\) differs from forward\(X\).*begin anew"),
    (wrong.NoiseOfFloat64, "Y is float64 where X and parameters are float32"),
    (careless.CentersInTraining, "depends on the other rows, or on noise.*depends_on_batch = True"),
    (careless.SaysNothingOfNoise, "depends on the other rows, or on noise"),
    (careless.BindsStatistics, r"binds a new array to mean.tensor.*mean.tensor\[...\] = "),
    (careless.ArrayOfStatistics, "changes ArrayOfStatistics.mean, which is lost.*lr_scale=0"),
]


def failure(make, rng):
    with np.errstate(invalid="ignore"), pytest.raises(AssertionError) as raised:
        check_layer(make(), rng.standard_normal((5, 3)))
    return str(raised.value)


@pytest.mark.parametrize(
    "make, message", WRONG + CARELESS, ids=lambda case: getattr(case, "__name__", "")
)
def test_a_wrong_layer_is_told_what_is_wrong(make, message, rng):
    assert re.search(f"(?s)^{make.__name__}: .*{message}", failure(make, rng))


@pytest.mark.parametrize(
    "make, message", WRONG_IN_TRAINING, ids=lambda case: getattr(case, "__name__", "")
)
def test_a_layer_that_is_wrong_in_training_only(make, message, rng):
    assert re.search(f"(?s)^{make.__name__} in training: .*{message}", failure(make, rng))


def test_what_a_layer_raises_itself_comes_through(rng):
    class Misspells(Scale):
        def build(self, inputs, rng, dtype):
            if isinstance(rng, np.random.RandomState):
                return rng.standard_normal(inputs).shpae[0]
            return super().build(inputs, rng, dtype)

    with pytest.raises(AttributeError, match="'numpy.ndarray'.*'shpae'"):
        check_layer(Misspells(), rng.standard_normal((5, 3)))


@pytest.mark.parametrize("make", [wrong.WritesXInTraining, wrong.NoiseWritesX])
def test_arguments_are_not_written_in_training(make, rng):
    assert "it writes into its arguments" in failure(make, rng)


def test_what_is_wrong_deep_inside_is_found(rng):
    with pytest.raises(AssertionError, match=r"^Sequential: .*parameters\[2\]"):
        model = Sequential(Linear(3, 3), wrong.WrongGain(), Tanh())
        check_layer(model, rng.standard_normal((5, 3)))


def test_a_composite_that_misses_a_child_is_found(rng):
    class Half(Composite):
        def __init__(self, first, second):
            super().__init__()
            self.first, self.second = first, second

        @property
        def children(self):
            return [self.first]

        def plan(self, like, training=False):
            return Sequential(self.first, self.second).plan(like, training)

    with pytest.raises(AssertionError, match="^Half: Half.second has parameters that are not"):
        check_layer(Half(Scale(), Scale()), rng.standard_normal((5, 3)))


def test_a_composite_that_does_not_adapt_its_children_is_told_how(rng):
    class Forgetful(Gated):
        adapt_children = Composite.adapt_children

    with pytest.raises(NotImplementedError, match="Override adapt_children.*call child.adapt"):
        check_layer(Forgetful(Standardizing()), rng.standard_normal((5, 3)))
    check_layer(Forgetful(Linear(outputs=2)), rng.standard_normal((5, 3)))


def test_what_is_careless_within_is_found(rng):
    with pytest.raises(AssertionError, match=r"^Sequential: .* changes Remembers.last_shape"):
        check_layer(Sequential(Linear(3, 3), careless.Remembers()), rng.standard_normal((5, 3)))


def test_a_layer_without_clones_trains_in_a_learner(rng):
    X, layer = rng.standard_normal((20, 3)), careless.Forgets(5.0)
    losses = Learner(Sequential(layer, Linear(3, 1, rng=0)), mse_loss, SGDOptimizer(0.05)).fit(
        X, X[:, 0], epochs=30, bs=5
    )
    assert losses[-1] < losses[0] / 2


def test_a_sharp_bend_is_no_kink(rng):
    X = np.array([[0.1, 0.11, 0.1], [0.2, 0.23, 0.21]])
    check_gradients(GroupNorm(), np.vstack([X, 3 * rng.standard_normal((3, 3))]))


def test_a_kink_is_recognised():
    with pytest.raises(AssertionError, match="There seems to be a kink: try another point"):
        check_gradients(ReLu(), np.zeros((2, 2)))


def test_errors_of_the_layer_itself_come_through(rng):
    with pytest.raises(ValueError, match="could not be broadcast"):
        check_layer(Stack([Scale(3), Scale(4)]), rng.standard_normal((5, 3)))


def test_classes_defined_in_a_function_can_be_checked_but_not_lambdas(rng):
    class Local(Linear):
        pass

    X = rng.standard_normal((5, 3))
    check_layer(Sequential(Local(outputs=2)), X)
    layer = Linear(outputs=2, initializer=lambda rng, i, o: (np.ones((i, o)), np.ones(o)))
    with pytest.raises(AssertionError, match="an argument should be defined in a module"):
        check_layer(layer, X)


@pytest.mark.parametrize("shape", [(1, 3), (0, 3), (3,)])
def test_rows_that_could_show_nothing_are_refused(shape):
    with pytest.raises(ValueError, match="a matrix of several rows"):
        check_layer(ReLu(), np.ones(shape))


@pytest.mark.parametrize("thing", [Layer, Layer().forward, "relu", None])
def test_what_is_no_layer(thing, rng):
    with pytest.raises(TypeError, match="check_layer takes a layer, .* got"):
        check_layer(thing, rng.standard_normal((5, 3)))
