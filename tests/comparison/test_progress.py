"""Progress of a comparison: what is told, and how far a bar is."""

import io
import sys

import pytest
from joblib import parallel_config
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier

from sknumpynn.comparison import compare
from sknumpynn.comparison._progress import Bar, Lines, Silence, tell_progress

ITEMS = {"first": DummyClassifier(), "second": DummyClassifier()}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def compare_in_a_terminal(ests, monkeypatch, **options):
    """Compare, and return the bar, which notes how far it has come."""
    pytest.importorskip("rich")
    made = []

    class Noted(Bar):
        def __init__(self, *args):
            super().__init__(*args)
            self.notes = []
            made.append(self)

        def begin(self, name):
            super().begin(name)
            self.notes.append(name)

        def advance(self):
            super().advance()
            self.notes.append(self.completed())

        def end(self, outcome):
            super().end(outcome)
            self.notes.append((outcome, self.completed()))

        def completed(self):
            return self.bar.tasks[0].completed

    monkeypatch.setattr("sknumpynn.comparison._progress.Bar", Noted)
    monkeypatch.setattr(sys, "stderr", Terminal())
    compare(*load_iris(return_X_y=True), ests, cv=3, verbose=True, **options)
    (bar,) = made
    return bar


def test_a_bar_advances_with_each_fold(monkeypatch):
    bar = compare_in_a_terminal(ITEMS, monkeypatch)
    first, *one, (outcome, _), second = bar.notes[:6]
    assert (first, one, second) == ("first", [1, 2, 3], "second")
    assert " in " in outcome and bar.bar.finished
    assert not bar.bar.live.is_started


def test_folds_that_fail_or_run_beside_each_other_count_at_the_end(monkeypatch):
    failing = {"bad": DummyClassifier(strategy="none"), "good": DummyClassifier()}
    with parallel_config("threading"):
        bar = compare_in_a_terminal(failing, monkeypatch, n_jobs=2)
    bad, (outcome, after_bad), good, (_, after_good) = bar.notes
    assert (bad, after_bad, good, after_good) == ("bad", 3, "good", 6)
    assert outcome.startswith("failed: ")


def test_without_a_terminal_or_rich_there_are_lines(monkeypatch, capsys):
    compare(*load_iris(return_X_y=True), ITEMS, cv=3, verbose=True)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ... ")[0] for line in lines] == ["1/2 first", "2/2 second"]
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr("sknumpynn.comparison._progress.find_spec", lambda name: None)
    assert type(tell_progress(2, 3, True)) is Lines
    assert type(tell_progress(2, 3, False)) is Silence


def test_nothing_is_told_unless_asked_for(capsys):
    compare(*load_iris(return_X_y=True), ITEMS, cv=3)
    assert capsys.readouterr() == ("", "")
