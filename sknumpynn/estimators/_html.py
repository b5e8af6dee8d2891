"""HTML: a notebook shows the layers of a fitted network beneath scikit-learn's diagram."""

from html import escape

__all__ = ["LayersHTML"]


class LayersHTML:
    """Add the table of `summary` to what IPython shows; a subclass has `_layer_table`."""

    @property
    def _repr_html_(self):
        diagram = super()._repr_html_  # an AttributeError where scikit-learn is to show text
        return lambda: diagram() + self._layers_html()

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += self._layers_html()
        return bundle

    def _layers_html(self):
        if not self.__sklearn_is_fitted__():
            return ""
        lines = "".join(
            f"<tr>{_cell(row[0], 'left')}{''.join(map(_cell, row[1:]))}</tr>"
            for row in self._layer_table()
        )
        return f"<details><summary>Layers</summary><table>{lines}</table></details>"


def _cell(text, side="right"):
    return f'<td style="text-align: {side}">{escape(text)}</td>'
