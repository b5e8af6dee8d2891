"""The command line: ``python -m sknumpynn compare table.csv --target y``."""

import argparse
import difflib
import sys
from pathlib import Path

from .comparison import compare

__all__ = ["main"]


def main(argv=None):
    """Run a command.

    Parameters
    ----------
    argv : list of str, default=None
        Its arguments; by default those of the command line.

    Returns
    -------
    code : int
        0, or 2 if something is wrong with the arguments or the file: stderr says what.
    """
    args = _parser().parse_args(argv)
    try:
        _compare(args)
    except (OSError, ValueError, TypeError, ImportError) as error:
        print(f"sknumpynn compare: error: {_in_one_line(error)}", file=sys.stderr)
        return 2
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="sknumpynn", description="Neural networks in NumPy.")
    commands = parser.add_subparsers(required=True, metavar="command")
    command = commands.add_parser(
        "compare",
        help="cross-validate networks, gradient boosting and a linear model on a file",
        description="Cross-validate networks, gradient boosting and a linear model on a table.",
    )
    command.add_argument("file", help="a CSV file with a line of column names, or a .parquet file")
    command.add_argument("--target", required=True, help="name of the column to predict")
    command.add_argument("--cv", type=int, default=5, help="number of folds (default: 5)")
    command.add_argument(
        "--task",
        choices=["auto", "classification", "regression"],
        default="auto",
        help="by default classification for labels and few whole numbers",
    )
    command.add_argument("--scoring", help="a scorer of scikit-learn's (default: accuracy, or r2)")
    command.add_argument(
        "--drop", nargs="+", default=[], metavar="COLUMN", help="not to learn from"
    )
    command.add_argument("--sep", help="between the columns (default: the one in the first line)")
    command.add_argument("--decimal", default=".", help="mark of fractions (default: .)")
    command.add_argument("--encoding", default="utf-8", help="of a CSV file (default: utf-8)")
    command.add_argument("--seed", type=int, default=0, help="of all that is random (default: 0)")
    command.add_argument("--html", metavar="PAGE", help="where to write a report with plots")
    command.add_argument("--quiet", action="store_true", help="do not tell of the progress")
    return parser


def _compare(args):
    if args.html is not None:
        _check_page(Path(args.html).absolute())
    table = _read(args.file, args.sep, args.decimal, args.encoding)
    for column in [args.target, *args.drop]:
        _check_column(table, column)
    comparison = compare(
        table.drop(columns=[args.target, *args.drop]),
        table[args.target],
        cv=args.cv,
        task=args.task,
        scoring=args.scoring,
        random_state=args.seed,
        verbose=not args.quiet,
    )
    _print(str(comparison))
    if args.html is not None:
        title = f"{args.target} of {Path(args.file).name}"
        Path(args.html).write_text(comparison.to_html(title), encoding="utf-8")


def _print(text):
    """Print a text, with a question mark for what the terminal's encoding does not have."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))


def _check_page(path):
    if path.is_dir():
        raise ValueError(f"{path} is a folder: --html takes the name of a file.")
    if not path.parent.is_dir():
        raise ValueError(f"there is no folder {path.parent}.")


def _read(file, sep, decimal, encoding):
    try:
        import pandas as pd  # optional
    except ImportError as error:
        raise ImportError(
            "to read a file takes pandas. You can install it with `pip install pandas`"
        ) from error
    if file.lower().endswith(".parquet"):
        return pd.read_parquet(file).rename(columns=str)
    try:
        options = {"decimal": decimal, "encoding": encoding, "low_memory": False}
        sep = sep or _separator(pd.read_csv(file, nrows=0, **options).columns)
        table = pd.read_csv(file, sep=sep, **options)
    except UnicodeError as error:
        raise ValueError(f"{file} is no text in {encoding}: give its --encoding.") from error
    except (ValueError, LookupError) as error:
        raise ValueError(f"{file} is not a CSV file that can be read: {error}") from error
    if not isinstance(table.index, pd.RangeIndex):  # pandas took the first values for an index
        raise ValueError(f"{file} has more values in a line than there are names in the first one.")
    return table


def _separator(columns):
    """Guess the separator, from the column names that result if it is a comma."""
    return "," if len(columns) > 1 else max(",;\t|", key=columns[0].count)


def _check_column(table, name):
    if name not in table.columns:
        close = difflib.get_close_matches(name, table.columns, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"There are {_some(table.columns)}."
        raise ValueError(f"there is no column {name!r}. {hint}")


def _some(names, n=10):
    return ", ".join(map(repr, names[:n])) + (", ..." if len(names) > n else "")


def _in_one_line(error):
    return " ".join(str(error).split())


if __name__ == "__main__":
    sys.exit(main())
