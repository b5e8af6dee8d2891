"""Formulas in MathML, which browsers draw by themselves: no script, no font, in any colour."""

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml


def visit_math(translator, node):
    """Write a formula that stands in a line of text."""
    translator.body.append(tex2mathml(node.astext()))
    raise SkipNode


def visit_displaymath(translator, node):
    """Write a formula that stands alone."""
    translator.body.append(f'<div class="formula">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise SkipNode


def setup(app):
    """Give Sphinx the renderer."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    return {"parallel_read_safe": True}
