"""scikit-learn's own tests of its MLP, with ours in its place.

The file is read from the installed scikit-learn, and one line of it changed: the import. It is run
five times over, because some of its tests take whatever random numbers come.
"""

import importlib.util
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

import sknumpynn

NOT_APPLICABLE = {
    "test_fit": "assembles a half-fitted estimator by hand, of private attributes",
    "test_gradient": "calls the private _loss_grad_lbfgs; tests/layers and tests/losses check ours",
    "test_learning_rate_warmstart": "reads the private _optimizer",
    "test_adaptive_learning_rate": "reads the private _optimizer",
}

IMPORT = "from sklearn.neural_network import MLPClassifier, MLPRegressor\n"

CONFTEST = """
import pytest

@pytest.fixture(autouse=True, params=range(5))
def repetition(request):
    return request.param

@pytest.fixture
def global_random_seed(repetition):
    return repetition
"""


def run_own_suite(folder):
    """Run the suite; return for each test function the outcome of each of its runs."""
    found = importlib.util.find_spec("sklearn.neural_network.tests.test_mlp")
    source = Path(found.origin).read_text(encoding="utf-8")
    assert source.count(IMPORT) == 1
    swapped = source.replace(IMPORT, IMPORT.replace("sklearn.neural_network", "sknumpynn"))
    (folder / "test_mlp.py").write_text(swapped, encoding="utf-8")
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "pytest.ini").write_text("[pytest]\n")  # of ours nothing is to apply
    report = folder / "report.xml"
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    paths = [str(Path(sknumpynn.__file__).parents[1]), env.get("PYTHONPATH", "")]
    env["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml", str(report)]
    command += ["-W", "error::RuntimeWarning"]  # no overflow is for users to hear of
    result = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert report.exists(), result.stdout + result.stderr
    outcomes = defaultdict(list)
    for case in ET.parse(report).iter("testcase"):
        problems = [child for child in case if child.tag in ("failure", "error", "skipped")]
        outcome = problems[0].get("message") if problems else "passed"
        if "could not import 'pandas'" in outcome:
            outcome = "passed"  # without pandas there is nothing to test
        outcomes[case.get("name").split("[")[0]].append(outcome)
    return outcomes


def test_own_suite(tmp_path):
    outcomes = run_own_suite(tmp_path)
    assert len(outcomes) > 35  # the file has not moved, nor lost its tests
    assert all(len(runs) >= 5 for runs in outcomes.values())
    failed = {
        name: [outcome for outcome in runs if outcome != "passed"]
        for name, runs in outcomes.items()
        if name not in NOT_APPLICABLE and set(runs) != {"passed"}
    }
    assert not failed
    stale = [name for name in NOT_APPLICABLE if "passed" in outcomes.get(name, [])]
    assert not stale
