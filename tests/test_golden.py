"""Golden models: estimators that were fitted and pickled by a released version answer as then."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import sknumpynn
from tests.models import MAKERS, TABLE_MAKERS, X, answers, target

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FOLDER = Path(__file__).parent / "golden"
FILES = sorted(FOLDER.glob("*/*.pickle"))


def name_of(file):
    return f"{file.parent.name}-{file.stem}"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_it_answers_as_then(file):
    est = pickle.loads(file.read_bytes())
    with np.load(file.with_suffix(".npz")) as then:
        found = answers(est, then["X"])
        assert found.keys() == set(then) - {"X"}
        for method, answer in found.items():
            if answer.dtype.kind == "f":
                assert_allclose(answer, then[method], rtol=1e-7, atol=1e-9)
            else:
                assert_array_equal(answer, then[method])


@pytest.mark.parametrize("file", [file for file in FILES if file.stem in MAKERS], ids=name_of)
def test_it_can_be_trained_further(file):
    y = target(file.stem)
    est = pickle.loads(file.read_bytes())
    n_epochs = len(est.loss_curve_)
    assert est.fit(X, y).loss_curve_[-1] < est.loss_curve_[0]
    assert n_epochs < len(est.loss_curve_) <= 2 * n_epochs
    before = len(est.loss_curve_)
    est.set_params(warm_start=False).partial_fit(X, y)
    assert len(est.history_["loss"]) == len(est.loss_curve_) == before + 1
    assert np.isfinite(est.score(X, y))


@pytest.mark.parametrize("file", [file for file in FILES if file.stem in TABLE_MAKERS], ids=name_of)
def test_it_can_be_fitted_anew(file):
    est = pickle.loads(file.read_bytes())
    assert np.isfinite(est.fit(X, target(file.stem)).score(X, target(file.stem)))


def test_this_version_has_its_own():
    """``python -m tests.golden.make`` makes them."""
    made = {file.stem for file in FILES if file.parent.name == sknumpynn.__version__}
    assert made == {*MAKERS, *TABLE_MAKERS}


def test_they_are_small():
    for folder in {file.parent for file in FILES}:
        assert sum(file.stat().st_size for file in folder.iterdir()) < 60_000
        assert max(file.stat().st_size for file in folder.iterdir()) < 30_000
