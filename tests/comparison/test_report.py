"""What a comparison shows: its table, its DataFrame, and its page."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LinearRegression, LogisticRegression

from sknumpynn import MLPClassifier
from sknumpynn.comparison import compare
from sknumpynn.comparison._report import scores_plot
from tests.comparison.cases import DUMMY, LABELS, NUMBERS, Failing, X


def test_table():
    result = compare(X, LABELS, {"dummy": DUMMY, "log": LogisticRegression()}, cv=3)
    header, first, second = str(result).splitlines()
    assert header.split() == ["estimator", "accuracy", "log_loss", *"fit [s] predict [s]".split()]
    assert first.startswith("log ") and second.startswith("dummy ")
    assert f"{result.rows[0]['accuracy']:.2f}" in first
    assert len({len(line) for line in (header, first, second)}) == 1


@pytest.mark.parametrize("unit", [1e-12, 1e-4, 1.0, 1e6, 1e12])
def test_numbers_of_any_size_can_be_read(unit):
    result = compare(X, unit * NUMBERS, {"linear": LinearRegression()}, cv=3)
    _, r2, _, _, rmse, _, std, _, _ = str(result).splitlines()[1].replace(",", "").split()
    (row,) = result.rows
    assert_allclose([float(rmse), float(std)], [row["rmse"], row["rmse_std"]], rtol=0.05)
    assert_allclose(float(r2), row["r2"], rtol=0.05)
    assert len(rmse) <= 11


def test_frame():
    pytest.importorskip("pandas")
    frame = compare(X, LABELS, [DUMMY], cv=3).to_frame()
    assert frame.index.tolist() == ["DummyClassifier"]
    assert frame.columns[0] == "accuracy" and frame.shape == (1, 6)


class Tags(HTMLParser):
    """That each tag is closed, and none refers to another file."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag not in ("meta", "img"):
            self.open.append(tag)
        for name, value in attrs:
            assert name not in ("src", "href") or value.startswith("data:")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("has_matplotlib", [True, False])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_page_needs_no_other_file(has_matplotlib, monkeypatch):
    if has_matplotlib:
        pytest.importorskip("matplotlib")
    else:
        monkeypatch.setattr("sknumpynn.comparison._report.find_spec", lambda name: None)
    ests = {"<log>": LogisticRegression(), "net": MLPClassifier((2,), max_iter=2), "no": Failing()}
    result = compare(X, LABELS, ests, cv=2)
    html = result.to_html("a & b")
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    assert {"table", "svg"} <= tags.seen and ("img" in tags.seen) == has_matplotlib
    assert "&lt;log&gt;" in html and "<log>" not in html and "<title>a &amp; b</title>" in html
    assert "failed: RuntimeError: no luck<" in html
    assert result._repr_html_() in html


@pytest.mark.parametrize("folds", [[0.5, 0.9], [0.7, 0.7], [-1e6, 3.0]])
def test_plot_has_all_scores_between_its_ends(folds):
    folds = np.array(folds)
    svg = ET.fromstring(
        scores_plot({"one": {"score": folds}, "bad": {"score": folds * np.nan}}, "r2")
    )
    ticks = [line for line in svg if line.tag.endswith("line")]
    ends = [float(line.get("x1")) for line in (ticks[0], ticks[-1])]
    dots = [float(dot.get("cx")) for dot in svg if dot.tag.endswith("circle")]
    *labels, name = [text.text for text in svg if text.get("text-anchor") == "middle"]
    labels = [float(label) for label in labels]
    assert name == "r2"
    assert len(dots) == 3 and 2 <= len(ticks) <= 7
    scale = (ends[1] - ends[0]) / (labels[-1] - labels[0])
    expected = [ends[0] + scale * (v - labels[0]) for v in [*folds, folds.mean()]]
    assert_allclose(dots, expected, atol=0.1)
    assert ends[0] <= min(dots) and max(dots) <= ends[1]


def test_plot_has_room_for_names():
    """Of 8 pixels a letter, more than letters of this size take on average."""
    names = [
        "MLP",
        "HistGradientBoostingClassifier",
        "one of which much more has to be said <here>",
    ]
    svg = ET.fromstring(scores_plot({name: {"score": np.r_[0.5, 0.9]} for name in names}, "r2"))
    ends = {text.text: float(text.get("x")) for text in svg if text.get("text-anchor") == "end"}
    assert list(ends) == names
    assert all(end > 8 * len(name) for name, end in ends.items())
    dots = [dot for dot in svg if dot.tag.endswith("circle")]
    assert max(ends.values()) < min(float(dot.get("cx")) - float(dot.get("r")) for dot in dots)
    assert max(float(dot.get("cx")) for dot in dots) < float(svg.get("width"))
