"""How Sphinx makes the site of these pages, the docstrings and the examples. `make docs` runs it.

Nothing is fetched: neither while the site is built, nor by the pages when they are read.
"""

import sys
from pathlib import Path

import sknumpynn

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "sknumpynn"
author = "The sknumpynn developers"
copyright = author
version = release = sknumpynn.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "sphinx_design",
    "sphinx_copybutton",
    "myst_parser",
    "mathml",
    "reference",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]
default_role = "py:obj"

# In single backticks may be a parameter, or a name of another library. Our own names must exist.
nitpick_ignore_regex = [("py:obj", r"(?!sknumpynn\.).*")]

# The reference

autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False  # a method that only overrides is described where it comes from
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False  # the template lists them

# The gallery

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "within_subsection_order": "gallery_order.place",
    "abort_on_example_error": True,
    "image_srcset": ["2x"],
    "doc_module": ("sknumpynn",),
    "reference_url": {"sknumpynn": None},
    "backreferences_dir": "generated/backreferences",
    "show_signature": False,
    "write_computation_times": False,
    "download_all_examples": False,
    "remove_config_comments": True,
}
# Estimators that the examples show link to the pages beside them, wherever those are.
sknumpynn.estimators._links.site = lambda: ".."

# How it looks

html_theme = "pydata_sphinx_theme"
html_title = "sknumpynn"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_logo = "_static/logo.svg"
html_favicon = "_static/logo.svg"
html_context = {"default_mode": "auto"}  # light or dark, as the system is
html_math_renderer = "mathml"
html_show_sourcelink = False
ALONE = [page.stem for page in Path(__file__).parent.glob("*.rst") if page.stem != "api"]
html_sidebars = {name: [] for name in [*ALONE, "genindex", "py-modindex", "search"]}
html_theme_options = {
    "logo": {"text": "sknumpynn"},
    "navbar_align": "left",
    "navbar_persistent": [],
    "navbar_end": ["search-button", "theme-switcher"],
    "header_links_before_dropdown": 6,
    "show_prev_next": False,
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "footer_start": ["copyright"],
    "footer_end": [],
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
