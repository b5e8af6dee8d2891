"""Progress of a comparison, told on stderr: by a bar in a terminal with rich, else by lines."""

import sys
from importlib.util import find_spec

__all__ = ["Silence", "tell_progress"]


def tell_progress(n_steps, n_parts, verbose):
    """Make a context that reports the progress of so many steps, or nothing unless it is verbose.

    For each step call ``begin(name)``, then ``advance()`` after each of its parts, unless these run
    in other processes, and ``end(outcome)``.
    """
    if not verbose or sys.stderr is None:  # as in a program without a console
        return Silence()
    if sys.stderr.isatty() and find_spec("rich"):
        return Bar(n_steps, n_parts)
    return Lines(n_steps)


class Silence:
    """Report nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def begin(self, name):
        pass

    def advance(self):
        pass

    def end(self, outcome):
        pass


class Lines(Silence):
    """Print a line for each step."""

    def __init__(self, n_steps):
        self.n_steps, self.n_begun = n_steps, 0

    def begin(self, name):
        self.n_begun += 1
        self._print(f"{self.n_begun}/{self.n_steps} {name} ... ", end="")

    def end(self, outcome):
        self._print(outcome)

    def _print(self, text, **options):
        print(text, file=sys.stderr, flush=True, **options)


class Bar(Lines):
    """Show, below the lines, a bar with the name of the present step."""

    def __init__(self, n_steps, n_parts):
        from rich.console import Console  # optional, and slow to import
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        super().__init__(n_steps)
        self.n_parts = n_parts
        columns = BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}")
        self.bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self.task = self.bar.add_task("", total=n_steps * n_parts)

    def __enter__(self):
        self.bar.start()
        return self

    def __exit__(self, *error):
        self.bar.stop()

    def begin(self, name):
        self.n_begun += 1
        self.name = f"{self.n_begun}/{self.n_steps} {name}"
        self.bar.update(self.task, description=self.name)

    def advance(self):
        self.bar.advance(self.task)

    def end(self, outcome):
        self.bar.console.print(f"{self.name} ... {outcome}", markup=False, highlight=False)
        self.bar.update(self.task, completed=self.n_begun * self.n_parts)
