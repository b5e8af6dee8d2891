"""RealMLP: training that leaves the range of numbers."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from sknumpynn.schedules import Schedule
from tests.estimators.test_realmlp_rows import BOTH, TINY, make_data, output


@pytest.mark.parametrize("Estimator", BOTH)
def test_divergence_is_no_silent_matter(Estimator):
    X, y = make_data(Estimator)
    with pytest.raises(ValueError, match="non-finite"):
        Estimator(**TINY, learning_rate="constant", learning_rate_init=1e38).fit(X, y)


class Leap(Schedule):
    """From the middle of training on, the learning rate is beyond all bounds."""

    def factor(self, progress):
        return 1.0 if progress < 0.5 else 1e30


@pytest.mark.parametrize("Estimator", BOTH)
def test_a_member_that_diverges_keeps_its_best_weights(Estimator):
    X, y = make_data(Estimator)
    params = {**TINY, "n_members": 1, "max_iter": 4, "learning_rate": Leap()}
    with pytest.warns(ConvergenceWarning, match="diverged in epoch 4. .* those of epoch 2"):
        est = Estimator(**params).fit(X, y)
    (scores,), (losses,) = est.score_curves_, est.loss_curves_
    assert len(losses) == len(scores) == 3 and np.isfinite(losses).all()
    assert est.best_iters_ == [1 + int(np.argmax(scores))] == [2]
    assert np.isfinite(output(est, X)).all()
