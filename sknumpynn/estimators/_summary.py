"""What an estimator shows of its network: a table of layers, as text and in notebooks."""

from html import escape
from typing import NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ._links import page_of

__all__ = ["Summarized"]

HEADER = ("layer", "outputs", "parameters")


class Row(NamedTuple):
    """What is shown in each column, and the class of the layer; None for a whole network."""

    texts: tuple[str, str, str]
    cls: type | None = None


class Summarized:
    """An estimator that has a `summary`; a subclass has `_network_to_show`."""

    def summary(self):
        """Describe the fitted network: a line for each layer.

        Returns
        -------
        summary : str
        """
        check_is_fitted(self)
        lines = [HEADER, *(row.texts for row in self._layer_table())]
        width = max(16, *(len(name) for name, *_ in lines))
        return "\n".join(f"{name:<{width}}{outputs:>9}{n:>12}" for name, outputs, n in lines)

    def _layer_table(self):
        network, n_inputs, n_networks = self._network_to_show()
        rows, X = [], np.zeros((1, n_inputs), network.parameters[0].tensor.dtype)
        for layer in network.layers:
            with np.errstate(all="ignore"):  # only the shape matters
                X, _ = layer.forward(X)
            cls = type(layer)
            rows.append(Row((cls.__name__, f"{X.shape[1]:,}", _count(layer.parameters)), cls))
        total = "total" if n_networks == 1 else f"total, each of {n_networks}"
        return [*rows, Row((total, "", _count(network.parameters)))]

    # What scikit-learn asks for when it draws an estimator, alone or within another one.

    def _get_doc_link(self):
        return page_of(type(self))

    def _get_fitted_attr_html(self, doc_link=""):
        attributes = super()._get_fitted_attr_html(doc_link)
        if not self.__sklearn_is_fitted__():  # shown as a part of something fitted
            return attributes
        html = attributes._html_repr() + _html_of(self._layer_table())
        attributes._html_repr = lambda: html
        return attributes


def _count(parameters):
    return f"{sum(parameter.tensor.size for parameter in dict.fromkeys(parameters)):,}"


def _html_of(rows):
    """A table that looks like scikit-learn's of parameters and fitted attributes."""
    header = "".join(f"<th>{name.capitalize()}</th>" for name in HEADER)
    lines = f"<tr>{header}</tr>" + "".join(map(_html_row, rows))
    table = f'<table class="parameters-table"><tbody>{lines}</tbody></table>'
    return f'<div class="estimator-table"><details><summary>Layers</summary>{table}</details></div>'


def _html_row(row):
    name, outputs, n_parameters = map(escape, row.texts)
    if url := row.cls and page_of(row.cls):
        link = f'rel="noreferrer" target="_blank" href="{url}"'
    else:
        link = 'style="text-decoration: none"'
    name = f'<a class="param-doc-link" {link}>{name}</a>'
    cells = f'<td class="param">{name}</td><td>{outputs}</td><td>{n_parameters}</td>'
    return f'<tr class="default">{cells}</tr>'
