"""Tasks: encoding and decoding are inverse, probabilities are probabilities, scores are metrics."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import expit
from sklearn.metrics import accuracy_score, r2_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import type_of_target, unique_labels

from sknumpynn.losses import (
    BinaryCrossEntropy,
    HalfPoissonLoss,
    HalfSquaredError,
    QuantileLoss,
    SoftmaxCrossEntropy,
)
from sknumpynn.tasks import (
    ClassificationTask,
    RegressionTask,
    location_and_scale,
    raise_if_missing,
)

TARGETS = {
    "numbers": np.array([3, 1, 1, 3, 1]),
    "floats": np.array([2.0, 0.0, 1.0, 1.0, 0.0]),
    "booleans": np.array([True, False, False, True, True]),
    "words": np.array(["b", "a", "c", "c", "a"]),
    "objects": np.array(["yes", "no", "no", "yes", "no"], dtype=object),
    "one class": np.array([7, 7, 7]),
    "several labels": np.array([[1, 0, 1], [0, 0, 0], [1, 1, 0], [0, 1, 1]]),
    "two labels": np.array([[1, 0], [1, 1], [0, 1]]),
}
KINDS_OF_NUMBERS = [bool, np.int8, np.uint64, np.int64, np.float32, np.float64]
SINGLE = [name for name in TARGETS if "labels" not in name]
SEVERAL = [name for name in TARGETS if "labels" in name]


@pytest.mark.parametrize("dtype", [*KINDS_OF_NUMBERS, "U2", object])
@pytest.mark.parametrize("n_classes", [1, 2, 5, 12])
def test_classes_are_those_that_scikit_learn_finds(dtype, n_classes, rng):
    y = rng.permutation(np.repeat(np.arange(n_classes)[::-1], 4))
    y = (y.astype(str) if dtype is object else y).astype(dtype)
    task = ClassificationTask.of(y)
    assert task.target_type == type_of_target(y)
    expected = unique_labels(y)
    assert task.classes.dtype == (expected if dtype is object else y).dtype
    assert_array_equal(task.classes, expected)


def sure(Y):
    """Logits of a network that has no doubts about an encoded target."""
    return 20.0 * (2 * Y - 1)


# Classification


@pytest.mark.parametrize("name", TARGETS)
def test_encode_is_scikit_learn_s_label_binarizer(name):
    y = TARGETS[name]
    task = ClassificationTask.of(y)
    Y = task.encode(y)
    assert Y.dtype == bool
    assert_array_equal(Y, LabelBinarizer().fit_transform(y))
    assert_array_equal(task.classes, LabelBinarizer().fit(y).classes_)


@pytest.mark.parametrize("name", TARGETS)
def test_decode_is_the_way_back(name):
    y = TARGETS[name]
    task = ClassificationTask.of(y)
    decoded = task.decode(sure(task.encode(y)))
    assert_array_equal(decoded, y)
    assert task.score(sure(task.encode(y)), task.encode(y)) == 1.0


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csr_matrix, sparse.csc_array])
def test_a_sparse_indicator_is_a_dense_one(make):
    y = TARGETS["several labels"]
    task = ClassificationTask.of(make(y))
    assert task.target_type == "multilabel-indicator"
    assert_array_equal(task.encode(make(y)), y)


@pytest.mark.parametrize(
    "name, loss, activation, n_outputs",
    [
        ("numbers", BinaryCrossEntropy, "logistic", 1),
        ("words", SoftmaxCrossEntropy, "softmax", 3),
        ("several labels", BinaryCrossEntropy, "logistic", 3),
    ],
)
def test_the_target_decides_loss_and_output(name, loss, activation, n_outputs):
    task = ClassificationTask.of(TARGETS[name])
    assert type(task.loss) is loss
    assert task.stochastic_loss is task.loss
    assert task.out_activation == activation
    assert task.encode(TARGETS[name]).shape[1] == n_outputs


def test_only_two_classes_are_split_in_proportion():
    for name, y in TARGETS.items():
        task = ClassificationTask.of(y)
        Y = task.encode(y)
        strata = task.strata(Y)
        if name in ("numbers", "booleans", "objects", "one class"):
            assert strata.tolist() == [str(value) for value in Y.ravel()]
        else:
            assert strata is None


@pytest.mark.parametrize("name", ["numbers", "words", "several labels"])
@pytest.mark.parametrize("size", [1.0, 30.0, 1e4, 1e30, 1e300])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_are_probabilities_of_any_finite_output(name, size, dtype, rng):
    task = ClassificationTask.of(TARGETS[name])
    Z = rng.standard_normal((200, task.encode(TARGETS[name]).shape[1]))
    Z = np.clip(Z * size, np.finfo(dtype).min, np.finfo(dtype).max).astype(dtype)
    P, log_P = task.probabilities(Z), task.log_probabilities(Z)
    assert P.shape == log_P.shape == (200, len(task.classes))
    assert P.dtype == dtype
    assert ((P > 0) & (P < 1)).all()
    assert np.isfinite(log_P).all()
    if name != "several labels":
        assert_allclose(P.sum(axis=1), 1, rtol=10 * np.finfo(dtype).eps)
        assert_array_equal(task.classes[P.argmax(axis=1)], task.decode(Z))
        assert_array_equal(task.classes[log_P.argmax(axis=1)], task.decode(Z))
    eps = np.finfo(dtype).eps
    assert_allclose(np.exp(log_P), P, rtol=100 * eps, atol=4 * eps)


def test_the_logarithm_of_a_small_probability_keeps_its_digits():
    binary, three = ClassificationTask.of([0, 1]), ClassificationTask.of([0, 1, 2])
    assert_allclose(binary.log_probabilities(np.array([[-800.0]])), [[0, -800]], atol=1e-15)
    assert_allclose(binary.log_probabilities(np.array([[800.0]])), [[-800, 0]], atol=1e-15)
    Z = np.array([[0.0, 900, 0]])
    assert_allclose(three.log_probabilities(Z), [[-900, 0, -900]], atol=1e-15)


def test_two_classes_are_the_logistic_function(rng):
    Z = rng.standard_normal((20, 1))
    P = ClassificationTask.of(["a", "b"]).probabilities(Z)
    assert_allclose(P, np.hstack([1 - expit(Z), expit(Z)]), rtol=1e-14)


@pytest.mark.parametrize("name", ["numbers", "words", "several labels"])
@pytest.mark.parametrize("weighted", [False, True])
def test_score_is_accuracy(name, weighted, rng):
    y = np.concatenate([TARGETS[name]] * 8)
    task, weights = ClassificationTask.of(y), rng.random(len(y)) if weighted else None
    Y = task.encode(y)
    Z = 2.0 * Y + rng.standard_normal(Y.shape) - 1
    expected = accuracy_score(y, task.decode(Z), sample_weight=weights)
    assert 0 < expected < 1
    assert task.score(Z, Y, weights) == pytest.approx(expected, rel=1e-14)
    assert isinstance(task.score(Z, Y, weights), float)


@pytest.mark.parametrize("y", [[0, 1], [[0, 1], [1, 1]]])
def test_a_label_applies_where_it_is_more_likely_than_not(y):
    task, n_outputs = ClassificationTask.of(np.array(y)), np.ndim(y)
    Z = np.tile([[-0.01], [0.0], [0.01]], (1, n_outputs))
    decoded = task.decode(Z).reshape(3, -1)
    assert_array_equal(decoded, np.tile([[0], [0], [1]], (1, n_outputs)))
    assert task.score(Z, decoded.astype(bool)) == 1.0


def test_one_class_is_always_predicted(rng):
    task, Z = ClassificationTask.of(TARGETS["one class"]), rng.standard_normal((4, 1))
    assert_array_equal(task.decode(Z), [7, 7, 7, 7])
    assert task.score(Z, np.zeros((4, 1), bool)) == 1.0


@pytest.mark.parametrize("name, stranger", [("numbers", 5), ("words", "z"), ("objects", "perhaps")])
def test_strange_classes_are_named(name, stranger):
    task = ClassificationTask.of(TARGETS[name])
    y = TARGETS[name].copy()
    y[1] = stranger
    with pytest.raises(ValueError, match=f"`y` has classes not in `self.classes_`.*{stranger}"):
        task.encode(y)


@pytest.mark.parametrize("name", SINGLE)
def test_a_part_of_the_classes_is_encoded_as_all_are(name):
    y = TARGETS[name]
    task = ClassificationTask.of(y)
    for i in range(len(y)):
        assert_array_equal(task.encode(y[i : i + 1]), task.encode(y)[i : i + 1])


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("other", [np.array([0, 1]), np.eye(4, dtype=int)])
def test_an_indicator_matrix_keeps_its_columns(name, other):
    with pytest.raises(ValueError, match=r"indicator matrix of \d columns, as before; got"):
        ClassificationTask.of(TARGETS[name]).encode(other)


@pytest.mark.parametrize("y", [[0.5, 1.5, 2.5], [[0.5, 1.2], [1.0, 2.0]], [[1, 2], [3, 4]]])
def test_numbers_are_no_classes(y):
    with pytest.raises(ValueError, match="Unknown label type"):
        ClassificationTask.of(np.array(y))


def test_objects_are_no_classes_and_what_to_do_is_said():
    codes = np.array([0, 1], dtype=object)
    with pytest.raises(ValueError, match=r"Unknown label type: unknown.*use astype\(int\)"):
        ClassificationTask.of(codes)
    assert ClassificationTask.of(codes.astype(int)).classes.tolist() == [0, 1]


@pytest.mark.parametrize("missing", [None, np.nan, np.float32("nan"), np.datetime64("NaT", "s")])
def test_a_missing_label_is_counted_and_placed(missing):
    y = np.array(["a", missing, "b", missing], dtype=object)
    for check in (
        raise_if_missing,
        ClassificationTask.of,
        ClassificationTask.of(["a", "b"]).encode,
    ):
        with pytest.raises(ValueError, match="2 of them, first in row 1"):
            check(y)
    raise_if_missing(np.array(["a", "b"], dtype=object))


# Regression


@pytest.mark.parametrize("loss, summed", [("squared_error", True), ("poisson", False)])
def test_regression_losses(loss, summed):
    task = RegressionTask(loss)
    kind = {"squared_error": HalfSquaredError, "poisson": HalfPoissonLoss}[loss]
    assert type(task.loss) is type(task.stochastic_loss) is kind
    assert getattr(task.loss, "summed_gradient", False) is False
    assert getattr(task.stochastic_loss, "summed_gradient", False) is summed


@pytest.mark.parametrize("loss, inverse", [("squared_error", lambda y: y), ("poisson", np.log)])
@pytest.mark.parametrize("shape", [(6,), (6, 2)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_there_and_back(loss, inverse, shape, dtype, rng):
    y = rng.uniform(1, 3, shape).astype(dtype)
    task = RegressionTask(loss)
    Y = task.encode(y)
    assert Y.shape == (6, 2 if len(shape) == 2 else 1)
    assert Y.dtype == dtype
    assert task.strata(Y) is None
    decoded = task.decode(inverse(Y))
    assert decoded.shape == y.shape
    assert_allclose(decoded, y, rtol=1e-6)


@pytest.mark.parametrize("y", [np.array([1, 2, 3]), np.array([True, False, True])])
def test_whole_numbers_become_floats(y):
    Y = RegressionTask("squared_error").encode(y)
    assert Y.dtype == np.float64
    assert_array_equal(Y[:, 0], y)


def test_encode_does_not_copy_floats(rng):
    y = rng.standard_normal(5)
    assert np.shares_memory(RegressionTask("squared_error").encode(y), y)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_score_is_r2(loss, weighted, rng):
    task, Z, Y = RegressionTask(loss), rng.standard_normal((9, 2)), rng.uniform(0, 2, (9, 2))
    weights = rng.random(9) if weighted else None
    expected = r2_score(Y, task.decode(Z), sample_weight=weights)
    assert task.score(Z, Y, weights) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_the_score_of_an_output_that_is_not_finite_is_nan(bad):
    score = RegressionTask("squared_error").score(np.array([[1.0], [bad]]), np.ones((2, 1)))
    assert np.isnan(score)


def test_poisson_rejects_negative_targets():
    with pytest.raises(ValueError, match="non-negative y, but its smallest value is -2.0"):
        RegressionTask("poisson").encode(np.array([1.0, -2.0]))
    assert_array_equal(RegressionTask("poisson").encode(np.array([0.0, 1.0])), [[0], [1]])


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_targets_must_be_finite(bad):
    with pytest.raises(ValueError, match="Input y contains"):
        RegressionTask("squared_error").encode(np.array([1.0, bad]))


@pytest.mark.parametrize("weighted", [False, True])
def test_location_and_scale_are_mean_and_standard_deviation(weighted, rng):
    Y = rng.normal(size=(50, 3)) * [1, 1e4, 1e-4] + [0, 1, -2]
    weights = rng.integers(0, 3, 50) if weighted else None
    location, scale = location_and_scale(Y, weights)
    repeated = np.repeat(Y, weights, axis=0) if weighted else Y
    assert_allclose(location, repeated.mean(axis=0), rtol=1e-13)
    assert_allclose(scale, repeated.std(axis=0), rtol=1e-13)


@pytest.mark.parametrize("size", [1e-310, 1e-200, 1e200, 1e308])
def test_a_scale_of_any_size_and_none(size):
    Y = np.array([[1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]]) * size
    location, scale = location_and_scale(Y)
    assert_allclose(location / size, [0, 0, 1])
    assert_allclose(scale[0], size)
    assert scale[1] == 1 <= scale[2] < max(2, 1e-10 * size)


@pytest.mark.parametrize("loss", [QuantileLoss((0.9, 0.1)), HalfPoissonLoss()])
def test_the_loss_decides_not_its_name(loss):
    task = RegressionTask(loss)
    assert task.several_quantiles == isinstance(loss, QuantileLoss)
    if task.several_quantiles:
        assert_array_equal(task.decode(np.array([[3.0, 1.0]])), [[1, 3]])
    else:
        assert_array_equal(task.decode(np.array([[0.0]])), [1])
        with pytest.raises(ValueError, match="needs a non-negative y"):
            task.encode(np.array([1.0, -2.0]))
