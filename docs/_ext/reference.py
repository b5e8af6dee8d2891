"""The reference: what is left out of it, and which page a name leads to."""

from docutils import nodes
from sphinx import addnodes
from sphinx.ext.autosummary import autosummary_table
from sphinx.util.nodes import make_refnode

KINDS = {"class", "data", "function"}


def skip_member(app, what, name, member, skip, options):
    """Leave out what scikit-learn's own base classes bring; its documentation describes it."""
    home = getattr(getattr(member, "fget", member), "__module__", None) or ""
    return True if home.startswith("sklearn.") else None


def resolve_name(app, env, node, text):
    """Find the page of what is imported from elsewhere than where the reference lists it."""
    package, _, name = node.get("reftarget", "").rpartition(".")
    bare_class = not package and name[:1].isupper()
    if node.get("refdomain") != "py" or not (bare_class or package.startswith("sknumpynn")):
        return None
    pages = [
        (full, page)
        for full, page in env.get_domain("py").objects.items()
        if full.rpartition(".")[2] == name and page.objtype in KINDS and not page.aliased
    ]
    if len(pages) != 1:
        return None
    ((full, page),) = pages
    return make_refnode(app.builder, node["refdoc"], page.docname, page.node_id, text, full)


def remove_citations(app, doctree):
    """Leave the numbers of references out of the tables, away from what they refer to."""
    for table in doctree.findall(autosummary_table):
        for number in list(table.findall(addnodes.pending_xref)):
            if number["refdomain"] != "citation":
                continue
            text = number.parent[number.parent.index(number) - 1]
            number.parent.replace(text, nodes.Text(text.rstrip()))
            number.parent.remove(number)


def setup(app):
    """Connect these to Sphinx's events."""
    app.connect("autodoc-skip-member", skip_member)
    app.connect("missing-reference", resolve_name)
    app.connect("doctree-read", remove_citations)
    return {"parallel_read_safe": True}
