"""The examples of the documentation's pages do what the pages say."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("page, least", [("differences", 20), ("extending", 20)])
def test_examples(page, least):
    results = doctest.testfile(
        str(DOCS / f"{page}.rst"), module_relative=False, optionflags=doctest.ELLIPSIS
    )
    assert results.attempted >= least
    assert results.failed == 0
