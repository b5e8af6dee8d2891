"""What could go wrong without a word is an error, or is right."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.utils.class_weight import compute_sample_weight

from sknumpynn import Layer, Linear, MLPClassifier, MLPRegressor, Sequential
from sknumpynn.layers import Dropout, LeakyRelu
from sknumpynn.preprocessing.weights import weigh_classes

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(120, 4))
Y = X @ [1, 2, -1, 0.5] + 5
Y3 = np.column_stack([Y, 10 * Y, -Y])
LABELS = (Y > 5).astype(int)


def make(Estimator=MLPRegressor, **params):
    return Estimator(**{"random_state": 0, "max_iter": 8, "hidden_layer_sizes": (6,)} | params)


class PReLU(Layer):
    """Learns its slope."""

    def __init__(self):
        super().__init__()
        self.slope = self.build_param([0.25])

    def forward(self, X):
        mask = X > 0

        def backward(D):
            self.slope.gradient += np.sum(D * X * ~mask)
            return D * np.where(mask, 1, self.slope.tensor)

        return np.where(mask, X, self.slope.tensor * X), backward


@pytest.mark.parametrize("activation", [PReLU(), Sequential(Linear(outputs=6))])
def test_an_activation_that_learns_is_refused(activation):
    with pytest.raises(ValueError, match="has parameters of its own"):
        make(activation=activation).fit(X, Y)


def test_noise_as_an_activation_is_not_there_in_prediction():
    est = make(activation=Dropout(0.5)).fit(X, Y)
    (W1, W2), (b1, b2) = est.coefs_, est.intercepts_
    assert_allclose(est.predict(X), ((X @ W1 + b1) @ W2 + b2).ravel())


@pytest.mark.parametrize("scale_target", [False, True])
def test_targets_keep_their_number(scale_target):
    est = make(scale_target=scale_target).partial_fit(X, Y3)
    with pytest.raises(ValueError, match="y takes 1 outputs .* which has 3"):
        est.partial_fit(X, Y)
    with pytest.raises(ValueError, match="y_val takes 3 outputs .* which has 1"):
        make(scale_target=scale_target, scoring="loss").fit(X, Y, X_val=X[:50], y_val=Y3[:50])


def test_a_fitted_network_does_not_follow_its_parameters():
    layers = [LeakyRelu(0.1)]
    est = make(activation=layers).fit(X, Y)
    before = est.predict(X)
    layers[0].set_params(slope=0.9)
    assert_array_equal(est.predict(X), before)
    layers[:] = ["tanh"]
    assert_array_equal(est.predict(X), before)


def test_scorers_do_not_mind_frames_or_weights():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=list("abcd"))
    weights = np.linspace(0.5, 1, 120)
    for scoring in ("r2", "neg_max_error", lambda est, X, y: est.score(X, y)):
        est = make(early_stopping=True, scoring=scoring).fit(frame, Y, sample_weight=weights)
        assert np.isfinite(est.validation_scores_).all()


def test_a_score_that_is_nan_is_no_improvement():
    params = dict(early_stopping=True, max_iter=40, n_iter_no_change=2)
    with pytest.warns(UserWarning, match="No epoch has a validation score that is a number"):
        assert make(scoring=lambda est, X, y: float("nan"), **params).fit(X, Y).n_iter_ == 3


def test_a_fraction_in_single_precision_holds_out_as_many_rows():
    fractions = 0.25, np.float32(0.25)
    one, other = (make(early_stopping=True, validation_fraction=f).fit(X, Y) for f in fractions)
    assert one.validation_scores_ == other.validation_scores_


@pytest.mark.parametrize("score", ["much", None, [1, 2]])
def test_a_score_is_a_number(score):
    with pytest.raises(ValueError, match="scoring=.* must return a number, got "):
        make(early_stopping=True, scoring=lambda est, X, y: score).fit(X, Y)


def test_a_class_weight_is_a_number():
    with pytest.raises(ValueError, match="class_weight={0: 'much'}: could not convert"):
        make(MLPClassifier, class_weight={0: "much"}).fit(X, LABELS)


@pytest.mark.parametrize("class_weight", [{0: 0, 1: 0}, {0: -1, 1: 1}, {0: np.nan, 1: 1}])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_class_weights_are_checked(class_weight, solver):
    with pytest.raises(ValueError, match="class_weight must give"):
        make(MLPClassifier, class_weight=class_weight, solver=solver).fit(X, LABELS)


@pytest.mark.parametrize("scoring", [None, "loss"])
def test_weight_is_needed_on_both_sides_of_the_split(scoring):
    weights = np.zeros(120)
    weights[0] = 1
    with pytest.raises(ValueError, match="held out for early stopping, all have a sample_weight"):
        make(early_stopping=True, scoring=scoring).fit(X, Y, sample_weight=weights)


def test_to_sklearn_goes_by_what_was_fitted():
    est = make(scale_target=True).fit(X, Y).set_params(scale_target=False)
    with pytest.raises(ValueError, match="scale_target"):
        est.to_sklearn()
    est = make(warm_start="exact").fit(X, Y)
    theirs = est.set_params(hidden_layer_sizes=(99,)).to_sklearn()
    assert theirs.hidden_layer_sizes == (6,) and theirs.warm_start is True
    assert_allclose(theirs.predict(X), est.predict(X))


@pytest.mark.parametrize(
    "params, data, message",
    [
        ({"solver": "lbfgs", "dropout": 0.5}, {}, "dropout=0.5 does not go with solver='lbfgs'"),
        ({"solver": "lbfgs"}, {"X_val": X[:9], "y_val": Y[:9]}, "X_val does not go with"),
    ],
)
def test_what_rules_each_other_out(params, data, message):
    with pytest.raises(ValueError, match=message):
        make(**params).fit(X, Y, **data)


def test_features_without_a_hidden_layer_are_a_copy():
    assert not np.shares_memory(make(hidden_layer_sizes=()).fit(X, Y).transform(X), X)


def test_too_few_rows_to_validate_on():
    with pytest.raises(ValueError, match="The validation set is too small. Increase"):
        make(early_stopping=True).fit(X[:5], Y[:5])


def test_an_output_beyond_single_precision_is_computed_in_double():
    est = make(hidden_layer_sizes=(), dtype="float32").fit(X.astype(np.float32), Y)
    est.coefs_[0][:] = 1e38
    expected = 1e38 * X.astype(np.float32).astype(float).sum(axis=1) + est.intercepts_[0]
    few = np.abs(expected) > 3.5e38
    assert few.any()
    assert_allclose(est.predict(X.astype(np.float32)[few]), expected[few], rtol=1e-6)


def test_lbfgs_tells_what_is_too_large():
    with pytest.raises(ValueError, match="Solver produced non-finite parameter weights.*column 2"):
        make(solver="lbfgs").fit(X * [1, 1, 1e250, 1], Y)


def test_balanced_classes_have_equal_totals():
    rng = np.random.default_rng(0)
    y, weights = rng.choice(["a", "b", "c"], 50, p=[0.6, 0.3, 0.1]), rng.uniform(1, 2, 50)
    columns = np.c_[y == "a", y == "b"].astype(int)
    for target in (y, columns):
        assert_allclose(
            weigh_classes("balanced", target, None), compute_sample_weight("balanced", target)
        )
    balanced = weigh_classes("balanced", y, weights)
    totals = [balanced[y == label].sum() for label in "abc"]
    assert_allclose(totals, weights.sum() / 3)
    weights[y == "c"] = 0  # of no account, as if there were two classes
    balanced = weigh_classes("balanced", y, weights)
    assert_allclose([balanced[y == label].sum() for label in "ab"], weights.sum() / 2)
    assert not balanced[y == "c"].any()

    zero = weigh_classes({"a": 0, "b": 1, "c": 1}, y, None)
    assert_array_equal(zero, y != "a")
    assert_array_equal(
        weigh_classes("balanced", csr_array(columns), None),
        weigh_classes("balanced", columns, None),
    )


CURE = "Make numbers of it, for instance with sklearn.preprocessing.OneHotEncoder, or drop it."


@pytest.mark.parametrize(
    "value, kind, ends",
    [
        (np.nan, ValueError, "Column 1 holds nan in row 4; such rows: 1."),
        (np.inf, ValueError, "Column 1 holds inf in row 4; such rows: 1."),
        (None, ValueError, "Column 1 holds None in row 4; such rows: 1."),
        ("many", ValueError, f"Column 1 holds 'many' in row 4; such rows: 1. {CURE}"),
        ({}, TypeError, f"Column 1 holds {{}} in row 4; such rows: 1. {CURE}"),
    ],
)
def test_a_cure_is_named_where_there_is_one(value, kind, ends):
    other = X.astype(float if isinstance(value, float) else object)
    other[4, 1] = value
    with pytest.raises(kind) as error:
        make().fit(other, Y)
    assert str(error.value).endswith("\n" + ends)
    assert type(error.value) is kind


def test_the_whole_of_a_message():
    with pytest.raises(
        ValueError,
        match="y holds the string 'a', .* convert y with astype.float., "
        "or if it names classes use a classifier.$",
    ):
        make().fit(X, np.full(120, "a"))
    with pytest.warns(UserWarning, match="would then split it as it does X.$"):
        make().fit(X, Y, X_val=X, y_val=Y)
    with pytest.raises(
        ValueError, match="^Sample weights must contain at least one non-zero number"
    ):
        make().fit(X, Y, sample_weight=np.zeros(120))


def test_lbfgs_tells_how_it_ended(capsys):
    est = make(solver="lbfgs", verbose=True).fit(X, Y)
    line = f"L-BFGS stopped after {est.n_iter_} iterations, loss = {est.loss_:.8f}\n"
    assert capsys.readouterr().out == line
