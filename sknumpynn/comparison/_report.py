"""The report of a comparison: one page of HTML that needs no other file."""

import base64
import io
from html import escape
from importlib.util import find_spec

import numpy as np

from ..inspection import LossCurveDisplay

__all__ = ["page", "table_of"]

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 60em; margin: 2em auto;
       padding: 0 1em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { padding: .3em .8em; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; }
svg, img { max-width: 100%; height: auto; }
"""
PLOT, ROW, LETTER, GAP = 500, 32, 9, 30  # sizes in the plot of scores, in pixels
COLOR = "#0072B2"


def page(comparison, title):
    """Make the page of a Comparison, with a title."""
    n_rows, n_columns = comparison.shape
    n_folds = len(next(iter(comparison.results.values()))["score"])
    notes = "".join(
        f"<li>{escape(name)}: {escape(note)}</li>" for name, note in comparison.notes.items()
    )
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{comparison.task.capitalize()} on {n_rows:,} rows and {n_columns:,} columns, "
        f"{n_folds} folds. Mean ± standard deviation over the folds; seconds are those of one fold."
        "</p>",
        table_of(comparison._cells()),
        f"<ul>{notes}</ul>" if notes else "",
        f"<h2>{escape(comparison.metrics[0])}</h2>",
        "<p>A small dot for each fold, a large one for their mean. The greater, the better.</p>",
        scores_plot(comparison.results, comparison.metrics[0]),
        _loss_curves(comparison.results),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


def table_of(cells):
    """Make a table of lists of texts, of which the first names the columns."""
    header, *lines = cells
    rows = [_row("th", header), *(_row("td", line) for line in lines)]
    return f"<table>\n{chr(10).join(rows)}\n</table>"


def _row(tag, texts):
    return f"<tr>{''.join(f'<{tag}>{escape(text)}</{tag}>' for text in texts)}</tr>"


def scores_plot(results, metric):
    """Draw, in SVG, the scores of each fold and their mean, of a Comparison's results."""
    scores = {name: r["score"] for name, r in results.items() if np.isfinite(r["score"]).all()}
    if not scores:
        return "<p>No estimator has a score in every fold.</p>"
    ticks = _round_numbers(np.concatenate(list(scores.values())))
    low, high = ticks[0], ticks[-1]

    left = LETTER * max(map(len, scores)) + GAP  # room for the longest name
    width = left + PLOT + GAP

    def x_of(value):
        return left + PLOT * (value - low) / (high - low)

    bottom = ROW * len(scores) + 10
    parts = []
    for value in ticks:
        x = f"{x_of(value):.1f}"
        parts.append(f'<line x1="{x}" y1="0" x2="{x}" y2="{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{value:.6g}</text>')
    for i, (name, folds) in enumerate(scores.items()):
        y = ROW * (i + 0.5) + 5
        parts.append(f'<text x="{left - 12}" y="{y + 5}" text-anchor="end">{escape(name)}</text>')
        for value, radius, opacity in [*((v, 3, 0.4) for v in folds), (folds.mean(), 6, 1)]:
            place = f'cx="{x_of(value):.1f}" cy="{y}"'
            parts.append(f'<circle {place} r="{radius}" fill="{COLOR}" opacity="{opacity}"/>')
    middle, height = left + PLOT / 2, bottom + 48
    parts.append(
        f'<text x="{middle}" y="{bottom + 40}" text-anchor="middle">{escape(metric)}</text>'
    )
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    font = 'font-family="system-ui, sans-serif" font-size="14"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>{"".join(parts)}</svg>'


def _round_numbers(values):
    """About five round numbers, equally spaced, the first and last of which enclose the values."""
    low, high = values.min(), values.max()
    span = high - low or 1.0
    magnitude = 10.0 ** np.floor(np.log10(span / 4))
    step = magnitude * next(factor for factor in (1, 2, 5, 10) if 4 * factor * magnitude >= span)
    return step * np.arange(np.floor(low / step), np.ceil(high / step) + 1)


def _loss_curves(results):
    """Loss curves of the networks that were fitted last, or nothing without matplotlib."""
    if find_spec("matplotlib") is None:
        return ""
    from matplotlib.figure import Figure  # optional, and slow to import

    networks = {}
    for name, result in results.items():
        try:
            networks[name] = LossCurveDisplay.from_estimator(
                result["estimators"][-1], ax=Figure().subplots()
            )
        except (ValueError, IndexError):  # it is no network, or it failed
            continue
    if not networks:
        return ""
    figure = Figure(figsize=(10, 4 * -(-len(networks) // 2)), layout="constrained")
    axes = figure.subplots(-(-len(networks) // 2), 2, squeeze=False).ravel()
    for ax, (name, display) in zip(axes, networks.items(), strict=False):
        display.plot(ax=ax, linewidth=1)
        ax.set_title(name)
    for ax in axes[len(networks) :]:
        ax.set_axis_off()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=100)
    data = base64.b64encode(picture.getvalue()).decode()
    return (
        "<h2>Loss curves</h2>\n<p>Of the networks fitted to the last fold.</p>\n"
        f'<img alt="Loss of each network by epoch." src="data:image/png;base64,{data}">'
    )
