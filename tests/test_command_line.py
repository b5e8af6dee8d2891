"""The command line: it prints a table, or says in a line what is wrong, without a traceback."""

import io
import re
import runpy
import subprocess
import sys

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression

from sknumpynn import comparison
from sknumpynn.__main__ import main

pd = pytest.importorskip("pandas")

RNG = np.random.default_rng(0)
N = 60
TABLE = pd.DataFrame(
    {
        "size": RNG.normal(size=N),
        "color": RNG.choice(["red", "blue", None], N),
        "kind": RNG.choice(["a", "b"], N),
        "price": RNG.normal(size=N),
    }
)


@pytest.fixture
def quick(monkeypatch):
    """Only quick estimators, for the others are tested elsewhere."""

    def default_estimators(X, y, *, task, random_state):
        return {"dummy": DummyClassifier() if task == "classification" else DummyRegressor()}

    monkeypatch.setattr(comparison._compare, "default_estimators", default_estimators)


@pytest.fixture
def file(tmp_path):
    TABLE.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


def run(*args):
    return main(["compare", *map(str, args)])


@pytest.mark.parametrize("target, metric", [("kind", "accuracy"), ("price", "r2")])
def test_prints_a_table(target, metric, file, quick, capsys):
    assert run(file, "--target", target, "--cv", 3) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split()[:2] == ["estimator", metric]
    assert out.splitlines()[1].startswith("dummy ")
    assert err.startswith("1/1 dummy ... ") and err.endswith(" s\n")


def test_a_bar_where_there_is_a_terminal(file, quick, monkeypatch):
    pytest.importorskip("rich")

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert run(file, "--target", "kind", "--cv", 3) == 0
    told = re.sub(r"\x1b\[[?\d;]*\w", "", terminal.getvalue())
    assert "1/1 dummy ... 0." in told and "━━━" in told


def test_where_output_goes_may_lack_characters(file, quick, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert run(file, "--target", "price", "--quiet") == 0
    out.flush()
    assert b"r2" in out.buffer.getvalue() and b" ? " in out.buffer.getvalue()


def test_there_may_be_no_output(file, quick, monkeypatch):
    page = file.parent / "page.html"
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert run(file, "--target", "price", "--html", page) == 0
    assert page.exists()


def test_options(file, quick, capsys):
    page = file.parent / "page.html"
    options = ["--drop", "size", "color", "--scoring", "f1_macro", "--quiet", "--html", page]
    assert run(file, "--target", "kind", *options) == 0
    out, err = capsys.readouterr()
    assert "f1_macro" in out and err == ""
    html = page.read_text(encoding="utf-8")
    assert "<h1>kind of table.csv</h1>" in html and "60 rows and 1 columns" in html


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
def test_the_separator_is_seen(sep, file, quick):
    TABLE.assign(color="light, dark").to_csv(file, index=False, sep=sep)
    assert run(file, "--target", "kind") == run(file, "--target", "kind", "--sep", sep) == 0


def test_another_separator(file, quick, capsys):
    TABLE.to_csv(file, index=False, sep=":")
    assert run(file, "--target", "kind", "--sep", ":") == 0
    says_in_a_line([file, "--target", "kind"], "no column 'kind'", capsys)


def test_decimal_commas(file, quick, monkeypatch):
    tables = []
    monkeypatch.setattr("sknumpynn.__main__.compare", lambda X, y, **options: tables.append(X))
    assert run(file, "--target", "kind") == 0
    TABLE.to_csv(file, index=False, sep=";", decimal=",")
    assert run(file, "--target", "kind", "--decimal", ",") == 0
    pd.testing.assert_frame_equal(*tables)


def test_encodings(file, quick, capsys):
    TABLE.assign(color="grün").to_csv(file, index=False, encoding="latin-1")
    says_in_a_line([file, "--target", "kind"], "no text in utf-8: give its --encoding", capsys)
    says_in_a_line([file, "--target", "kind", "--encoding", "x"], "unknown encoding", capsys)
    assert run(file, "--target", "kind", "--encoding", "latin-1") == 0
    TABLE.to_csv(file, index=False, encoding="utf-8-sig")  # with a byte order mark
    assert run(file, "--target", "size") == 0


def test_parquet(file, quick, capsys):
    pytest.importorskip("pyarrow")
    path = file.with_suffix(".parquet")
    TABLE.to_parquet(path)
    assert run(path, "--target", "kind") == 0
    loud = path.rename(path.with_suffix(".PARQUET"))
    assert run(loud, "--target", "kind") == 0
    TABLE.set_axis([2021, 2022, 2023, 2024], axis=1).to_parquet(path)
    assert run(path, "--target", 2023) == 0
    says_in_a_line([path, "--target", 2025], "no column '2025'. Did you mean '202", capsys)
    path.write_bytes(b"PAR1")
    says_in_a_line([path, "--target", "kind"], "Parquet", capsys)


def test_in_a_process_of_its_own(file):
    command = [sys.executable, "-m", "sknumpynn", "compare", str(file), "--target"]
    done = subprocess.run([*command, "kin"], capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.splitlines() == [
        "sknumpynn compare: error: there is no column 'kin'. Did you mean 'kind'?"
    ]


def test_the_package_is_run_as_a_module(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["sknumpynn", "compare", "no.csv", "--target", "kind"])
    monkeypatch.delitem(sys.modules, "sknumpynn.__main__")
    with pytest.raises(SystemExit) as exit:
        runpy.run_module("sknumpynn", run_name="__main__")
    assert exit.value.code == 2 and "no.csv" in capsys.readouterr().err


def with_missing_target(table):
    return table.assign(kind=table["kind"].where(table["size"] > 0))


@pytest.mark.parametrize(
    "change, message",
    [
        (with_missing_target, "The target is missing in [0-9]+ of 60 rows"),
        (lambda table: table.assign(empty=None), "Column 'empty' has no value"),
        (lambda table: table.assign(kind="a"), "a single value, 'a'"),
        (lambda table: table.assign(kind=["a"] * 57 + ["b"] * 3), "Class 'b' has 3 .* for cv=5"),
        (lambda table: table[:0], "shape is .0, 3."),
        (lambda table: table[["kind"]], "shape is .60, 0."),
        (lambda table: table.rename(columns={"kind": "x"}), "no column 'kind'. There are 'size'"),
        (lambda table: table.assign(size=np.inf), "'size' .* infinity"),
    ],
)
def test_tables_that_cannot_be_compared_on(change, message, file, capsys):
    change(TABLE).to_csv(file, index=False)
    says_in_a_line([file, "--target", "kind"], message, capsys)


def says_in_a_line(args, message, capsys):
    capsys.readouterr()
    assert run(*args) == 2
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert line.startswith("sknumpynn compare: error: ") and out == ""
    assert re.search(message, line)


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\x89PNG\r\n\x1a\n\x00\xff\xfe", b'a,kind\n1,"x\n', b"a,b\n1,2,3\n4"]
)
def test_files_that_are_no_tables(content, file, capsys):
    file.write_bytes(content)
    message = "not a CSV file|no text|no column|more values in a line"
    says_in_a_line([file, "--target", "kind"], message, capsys)


def test_values_without_a_name(file, capsys):
    """Here pandas would give each column the values of the one before."""
    file.write_text("kind,size\n" + "a,1,\nb,2,\n" * 30)
    says_in_a_line([file, "--target", "kind"], "more values in a line than .* names", capsys)


def test_paths_that_lead_nowhere(file, capsys):
    says_in_a_line([file.parent / "none.csv", "--target", "kind"], "No such file", capsys)
    says_in_a_line([file.parent, "--target", "kind"], "directory", capsys)
    page = file.parent / "none" / "page.html"
    says_in_a_line([file, "--target", "kind", "--html", page], "there is no folder", capsys)
    for page in (file.parent, ""):
        says_in_a_line([file, "--target", "kind", "--html", page], "is a folder", capsys)


def test_wrong_options(file, capsys):
    says_in_a_line([file, "--target", "kind", "--drop", "x"], "no column 'x'", capsys)
    says_in_a_line([file, "--target", "kind", "--cv", 1], "cv=1 is too small", capsys)
    says_in_a_line([file, "--target", "kind", "--scoring", "luck"], "luck", capsys)
    says_in_a_line([file, "--target", "kind", "--task", "regression"], "takes numbers", capsys)
    for args in ([file], [file, "--target", "kind", "--cv", "x"], []):
        with pytest.raises(SystemExit) as exit:
            run(*args)
        assert exit.value.code == 2
        assert "error:" in capsys.readouterr().err


def test_pandas_is_needed_to_read(file, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pandas", None)
    says_in_a_line([file, "--target", "kind"], "takes pandas. You can install it with", capsys)


def test_what_fails_while_comparing_is_told(file, monkeypatch, capsys):
    def default_estimators(X, y, **_):
        return {"good": DummyClassifier(), "bad": LogisticRegression()}  # which takes no strings

    monkeypatch.setattr(comparison._compare, "default_estimators", default_estimators)
    assert run(file, "--target", "kind") == 0
    out, err = capsys.readouterr()
    assert "bad: failed: ValueError" in out and "2/2 bad ... failed: ValueError" in err
