"""The result of a comparison: a table to print, a DataFrame, or a page."""

import numpy as np

from ._report import page, table_of

__all__ = ["Comparison"]


class Comparison:
    """What `compare` found out.

    Parameters
    ----------
    task : {"classification", "regression"}
        What was compared.
    metrics : tuple of str
        Names of the score, the greater the better, and of the log loss or the root of the mean
        squared error, the smaller the better.
    shape : tuple of int
        Rows and columns of the table.
    results : dict
        By estimator, the best first, arrays of one value for each fold: ``score``, that of the
        second metric, ``fit_seconds`` and ``predict_seconds``; and ``estimators``, fitted to
        each fold's rows.
    notes : dict
        By estimator, for instance how many fits did not converge, or why it failed; if it failed
        its results are NaN.
    """

    def __init__(self, task, metrics, shape, results, notes):
        self.task, self.metrics, self.shape = task, metrics, shape
        best_first = sorted(
            results, key=lambda name: -np.nan_to_num(results[name]["score"].mean(), nan=-np.inf)
        )
        self.results = {name: results[name] for name in best_first}
        self.notes = {name: notes[name] for name in best_first if notes[name]}

    @property
    def rows(self):
        """List with a dict for each estimator: means and standard deviations over the folds."""
        score, second = self.metrics
        return [
            {
                "estimator": name,
                score: result["score"].mean(),
                f"{score}_std": result["score"].std(),
                second: result[second].mean(),
                f"{second}_std": result[second].std(),
                "fit_seconds": result["fit_seconds"].mean(),
                "predict_seconds": result["predict_seconds"].mean(),
            }
            for name, result in self.results.items()
        ]

    def to_frame(self):
        """Make a DataFrame of the table.

        Returns
        -------
        frame : pandas.DataFrame
            A row for each estimator, the best first.
        """
        import pandas as pd  # optional

        return pd.DataFrame(self.rows).set_index("estimator")

    def to_html(self, title="Comparison"):
        """Make a page of the table, with plots, that needs no other file.

        Where matplotlib is installed, it shows the networks' loss curves, too.

        Parameters
        ----------
        title : str, default="Comparison"
            The heading.

        Returns
        -------
        html : str
        """
        return page(self, title)

    def __str__(self):
        header, *lines = self._cells()
        widths = [max(map(len, column)) for column in zip(header, *lines, strict=True)]
        texts = [
            "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
            for line in (header, *lines)
        ]
        return "\n".join([*texts, *(f"{name}: {note}" for name, note in self.notes.items())])

    def __repr__(self):
        return f"<Comparison of {', '.join(self.results)}>"

    def _repr_html_(self):
        return table_of(self._cells())

    def _cells(self):
        """Texts of the table: a line of names, and one for each estimator."""
        score, second = self.metrics
        by_score, by_second = self._means_and_stds(score), self._means_and_stds(second)
        lines = [
            [
                row["estimator"],
                by_score[i],
                by_second[i],
                _or_dash(row["fit_seconds"], ".3g"),
                _or_dash(row["predict_seconds"], ".2g"),
            ]
            for i, row in enumerate(self.rows)
        ]
        return [["estimator", score, second, "fit [s]", "predict [s]"], *lines]

    def _means_and_stds(self, metric):
        """Texts of a metric, with two digits of its smallest standard deviation.

        Numbers that are all very small, or some very large, have an exponent.
        """
        means, stds = (
            np.array([row[key] for row in self.rows]) for key in (metric, f"{metric}_std")
        )
        least = min(stds[stds > 0], default=0.01)
        form = f",.{int(np.clip(1 - np.floor(np.log10(least)), 0, 4))}f"
        largest = max(abs(means[np.isfinite(means)]), default=0.0)
        if 0 < largest < 1e-3 or largest >= 1e9:
            form = ".2e"
        pairs = zip(means, stds, strict=True)
        return [f"{m:{form}} ± {s:{form}}" if np.isfinite(m) else "-" for m, s in pairs]


def _or_dash(value, form):
    return "-" if np.isnan(value) else f"{value:{form}}"
