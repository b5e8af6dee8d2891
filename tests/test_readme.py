"""The README's code runs, and its links lead somewhere."""

import re
from pathlib import Path

import pytest

from sknumpynn.__main__ import _parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE_BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
LINKS = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]


def run(block, capsys):
    exec(compile(block, "README.md", "exec"), {})
    return [float(number) for number in capsys.readouterr().out.split()]


def test_drop_in_pipeline(capsys):
    (accuracy,) = run(CODE_BLOCKS[0], capsys)
    assert 0.96 < accuracy <= 1


def test_more_than_scikit_learn_has(capsys):
    accuracy, coverage = run(CODE_BLOCKS[1], capsys)
    assert accuracy > 0.9
    assert 0.84 < coverage < 0.95


def test_search_over_layers(capsys):
    (accuracy,) = run(CODE_BLOCKS[2], capsys)
    assert accuracy > 0.9


def test_table_as_it_is(capsys):
    pytest.importorskip("pandas")
    (r2,) = run(CODE_BLOCKS[3], capsys)
    assert r2 > 0.9


def test_network_without_an_estimator(capsys):
    first, last = run(CODE_BLOCKS[4], capsys)
    assert last < 0.1 * first


def test_the_command_line_takes_what_is_shown():
    (command,) = re.findall(r"^python -m sknumpynn (.+)$", README, flags=re.MULTILINE)
    assert _parser().parse_args(command.split()).html == "report.html"


def test_every_block_is_tested():
    assert len(CODE_BLOCKS) == 5


@pytest.mark.parametrize("link", LINKS)
def test_links_lead_to_files(link):
    assert (ROOT / link).is_file()
