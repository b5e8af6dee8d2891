"""Parameters of parts that come as objects are checked as an estimator's own are."""

import inspect
import re

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from sknumpynn import (
    MLPRegressor,
    NetworkRegressor,
    RealMLPRegressor,
    losses,
    optimizers,
    schedules,
)
from sknumpynn.core import Loss
from sknumpynn.estimators._rules import PART_RULES
from sknumpynn.losses import HalfSquaredError, HuberLoss, QuantileLoss
from sknumpynn.optimizers import (
    AdamOptimizer,
    AdamWOptimizer,
    RMSpropOptimizer,
    SGDOptimizer,
)
from sknumpynn.schedules import (
    AdaptiveSchedule,
    CosineLogSchedule,
    CosineSchedule,
    FlatCosineSchedule,
    InverseScalingSchedule,
    OneCycleSchedule,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(20, 3))
y = X[:, 0]

BAD_PARTS = [
    *(AdamOptimizer(lr=lr) for lr in (-0.1, np.nan, np.inf, "a", None, True)),
    *(AdamOptimizer(beta_1=1.0), AdamOptimizer(beta_2=-0.1), AdamOptimizer(epsilon=0.0)),
    *(AdamWOptimizer(lr=-1), AdamWOptimizer(weight_decay=-1)),
    *(RMSpropOptimizer(rho=1), RMSpropOptimizer(momentum=1.0), RMSpropOptimizer(epsilon=-1)),
    *(SGDOptimizer(momentum=1.1), SGDOptimizer(nesterov="no")),
    *(AdaptiveSchedule(divisor=1), AdaptiveSchedule(lr_min=-1)),
    *(CosineSchedule(warmup=1.0), CosineSchedule(warmup=-0.1), CosineSchedule(lr_min=-0.1)),
    *(OneCycleSchedule(warmup="a"), OneCycleSchedule(start=-1), OneCycleSchedule(end=np.nan)),
    *(CosineLogSchedule(cycles=0), FlatCosineSchedule(flat=1), InverseScalingSchedule(power_t=-1)),
    HalfSquaredError(summed_gradient=None),
    *(HuberLoss(delta=0), HuberLoss(delta=-1), HuberLoss(delta="a")),
]


def with_part(part):
    """Estimators that have it, by the parameter that takes it."""
    if isinstance(part, Loss):
        return [MLPRegressor(part), NetworkRegressor(loss=part), MLPRegressor(part, n_members=2)]
    if isinstance(part, schedules.Schedule):
        names = "learning_rate", "weight_decay_schedule", "dropout_schedule"
        return [MLPRegressor(learning_rate=part), *(RealMLPRegressor(**{n: part}) for n in names)]
    return [MLPRegressor(solver=part), NetworkRegressor(optimizer=part)]


@pytest.mark.parametrize("part", BAD_PARTS, ids=repr)
def test_a_bad_value_is_named(part):
    defaults = type(part)().get_params()
    [(name, value)] = [(k, v) for k, v in part.get_params().items() if v is not defaults[k]]
    message = f"The {name!r} parameter of {type(part).__name__} must be "
    for est in with_part(part):
        with pytest.raises(ValueError, match=re.escape(message)) as caught:
            est.fit(X, y)
        assert str(caught.value).endswith(f"Got {value!r} instead.")
        with pytest.raises(NotFittedError):
            check_is_fitted(est)


def test_a_bad_value_leaves_a_fitted_estimator_alone():
    est = MLPRegressor(solver=SGDOptimizer(lr=0.01), max_iter=2, tol=1).fit(X, y)
    before = est.predict(X)
    with pytest.raises(ValueError, match="'lr' parameter of SGDOptimizer"):
        est.set_params(solver__lr=-1).partial_fit(X, y)
    np.testing.assert_array_equal(est.predict(X), before)


def test_all_parts_with_parameters_have_rules():
    """But QuantileLoss, which looks at its quantiles itself."""
    classes = {
        kind
        for module in (losses, optimizers, schedules)
        for kind in vars(module).values()
        if inspect.isclass(kind) and hasattr(kind, "get_params") and kind().get_params()
    }
    assert classes - {QuantileLoss} == set(PART_RULES)
    for kind, rules in PART_RULES.items():
        assert set(kind().get_params()) == set(rules)


def test_values_at_the_edge_and_of_ones_own():
    class Uphill(SGDOptimizer):
        """Its rate may mean what it likes."""

    for optimizer in (SGDOptimizer(lr=0, momentum=1), Uphill(lr=-1e-9)):
        est = MLPRegressor(solver=optimizer, learning_rate=CosineSchedule(lr_min=0), max_iter=2)
        assert np.isfinite(est.fit(X, y).predict(X)).all()
