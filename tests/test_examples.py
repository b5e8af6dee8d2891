"""The examples have the form of a gallery's pages. `make gallery` runs them."""

import ast
import importlib
import re
from functools import wraps
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.exceptions import ConvergenceWarning

import sknumpynn

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = sorted(FOLDER.glob("plot_*.py"))


@pytest.fixture(params=EXAMPLES, ids=lambda example: example.stem)
def source(request):
    return request.param.read_text(encoding="utf-8")


def test_an_example_has_a_title_and_says_what_it_shows(source):
    title, underline, blank, *text = ast.get_docstring(ast.parse(source)).split("\n")
    assert underline == "=" * len(title)
    assert blank == ""
    assert text


def test_an_example_is_divided_in_cells_with_underlined_titles(source):
    assert source.count("\n# %%\n") >= 3
    for title, underline in re.findall(r"^# (.+)\n# (-+)$", source, re.M):
        assert len(underline) == len(title)


def test_an_example_shows_figures_with_labelled_axes(source):
    assert "plt.show()" in source
    assert re.search(r"xlabel|ylabel", source)


def test_an_example_draws_from_no_source_without_a_seed(source):
    assert "default_rng()" not in source
    assert "random_state=None" not in source
    assert not re.search(r"np\.random\.(?!default_rng\()", source)


def test_every_idea_can_be_taken_out(monkeypatch):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # as the benchmarks set it, but to be undone
    monkeypatch.syspath_prepend(FOLDER / "benchmarks")
    ablation = importlib.import_module("ablation")
    net = ablation.Net(30, 3, (4,), 10, epochs=2)
    X, y = net.data()
    losses, called = {}, []

    def watched(function):
        @wraps(function)
        def plainer(*args, **kwargs):
            called.append(function)
            return function(*args, **kwargs)

        return plainer

    for idea, change in ablation.IDEAS.items():
        if idea != "nothing":
            *place, plainer = change
            monkeypatch.setitem(ablation.IDEAS, idea, (*place, watched(plainer)))
        called.clear()
        with ablation.without(idea), pytest.warns(ConvergenceWarning):
            losses[idea] = net.estimator(sknumpynn).fit(X.astype(np.float32), y).loss_
        assert called or idea == "nothing"
    assert_allclose(list(losses.values()), losses["nothing"], rtol=1e-5)
