"""The examples of the documentation's pages do what the pages say, and its links lead somewhere."""

import doctest
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris

import sknumpynn

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "user_guide"
PAGES = sorted(GUIDE.glob("*.rst"))
TOP = ("getting_started", "differences", "extending")
WITH_EXAMPLES = [ROOT / "docs" / f"{name}.rst" for name in TOP]
WITH_EXAMPLES += [page for page in PAGES if page.stem != "index"]


def name_of(page):
    return page.stem


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=name_of)
def test_examples(page):
    if "sklearn.callback" in page.read_text(encoding="utf-8"):
        pytest.importorskip("sklearn.callback", reason="new in scikit-learn 1.9")
    if "inspection" in page.read_text(encoding="utf-8"):
        pytest.importorskip("matplotlib").use("agg")
    if "pyarrow" in page.read_text(encoding="utf-8"):
        pytest.importorskip("pyarrow")
        pytest.importorskip("dask.array")
    results = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert results.attempted >= 15
    assert results.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pictures_come_from_examples_that_are_there(page):
    names = re.findall(
        r"sphx_glr_(?:auto_examples_)?(plot_\w+?)(?:\.py|_\d{3}\.png)", page.read_text()
    )
    names += re.findall(r"auto_examples/(plot_\w+)\.html", page.read_text(encoding="utf-8"))
    assert ("sphx_glr" in page.read_text(encoding="utf-8")) == bool(names)
    for name in names:
        assert (ROOT / "examples" / f"{name}.py").is_file()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_refer_to_pages_that_are_there(page):
    for target in re.findall(r":doc:`(?:[^`<]*<)?([^`>]+)>?`", page.read_text(encoding="utf-8")):
        folder = ROOT / "docs" if target.startswith("/") else GUIDE
        assert (folder / f"{target.lstrip('/')}.rst").is_file()


def test_the_guide_lists_all_its_pages():
    listed = re.findall(r"^   (\w+)$", (GUIDE / "index.rst").read_text(encoding="utf-8"), re.M)
    assert sorted([*listed, "index"]) == [page.stem for page in PAGES]


def test_a_model_is_saved_with_skops_as_the_guide_says():
    pytest.importorskip("skops")
    page = (GUIDE / "saving.rst").read_text(encoding="utf-8")
    (code,) = re.findall(r"\.\. code-block:: python\n\n((?:   .+\n|\n)+)", page)
    X, y = load_iris(return_X_y=True)
    model = sknumpynn.MLPClassifier(solver="lbfgs", max_iter=500, random_state=0).fit(X, y)
    names = {"model": model}
    exec(textwrap.dedent(code), names)
    assert str(names["unknown"]) in code
    assert np.array_equal(names["again"].predict_proba(X), model.predict_proba(X))


def test_the_version_to_cite_is_that_of_the_package():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", citation, re.M)[1] == sknumpynn.__version__
