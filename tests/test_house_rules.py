"""House rules: what imports what, what is documented, and how long a file may be."""

import ast
import importlib.util
import pkgutil
import re
import sys
import types
from pathlib import Path

import pytest

import sknumpynn

PACKAGE = Path(sknumpynn.__file__).parent
ROOT = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# From the ground up: a part imports from lower levels only, so not from its siblings either.
LEVELS = [
    {"_version", "core", "blas"},
    {"initializers", "layers", "losses", "optimizers", "penalties", "schedules", "testing"},
    {"architectures", "stacking"},
    {"preprocessing"},
    {"tasks"},
    {"estimators"},
    {"chunks", "inspection", "model_selection", "saving"},
    {"comparison"},
    {"__init__", "__main__"},
]
LEVEL_OF = {part: level for level, parts in enumerate(LEVELS) for part in parts}
EXCEPTIONS = {("layers", "initializers")}

THIRD_PARTIES = {"joblib", "numpy", "scipy", "sklearn", "threadpoolctl"}
OPTIONAL = {  # imported when they are asked for, not with the package
    "__main__": {"pandas"},
    "comparison": {"matplotlib", "pandas", "rich"},
    "inspection": {"matplotlib"},
}

PUBLIC = ["sknumpynn"] + [
    f"sknumpynn.{module.name}"
    for module in pkgutil.iter_modules([str(PACKAGE)])
    if not module.name.startswith("_")
]


def path_of(module):
    return str(module.relative_to(ROOT))


def part_of(module):
    """The part of the package that a file belongs to: its folder's name, or its own."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(module):
    """Yield the absolute name of all that a file imports, wherever in the file."""
    package = ".".join(module.parent.relative_to(ROOT).parts)
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{source.rstrip('.')}.{alias.name}" for alias in node.names)


def parts_imported_by(module):
    """The other parts of the package that a file imports from."""
    names = [name.split(".") for name in imports_of(module)]
    parts = {name[1] for name in names if name[0] == "sknumpynn"}
    return parts - {part_of(module)}


def public_objects():
    """Yield (qualified name, object) of all that is public."""
    for name in PUBLIC:
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", []):
            yield f"{name}.{public}", getattr(module, public)


# Imports


@pytest.mark.parametrize("module", MODULES, ids=path_of)
def test_imports_point_downward(module):
    part = part_of(module)
    assert part in LEVEL_OF, f"Give {part!r} a level in {__name__}.LEVELS."
    for imported in parts_imported_by(module):
        lower = LEVEL_OF.get(imported, len(LEVELS)) < LEVEL_OF[part]
        assert lower or (part, imported) in EXCEPTIONS, f"{part} imports from {imported}."


def test_imports_are_seen():
    linear = PACKAGE / "layers" / "linear.py"
    assert {"core", "initializers"} <= parts_imported_by(linear)
    assert "numpy" in set(imports_of(linear))


@pytest.mark.parametrize("module", MODULES, ids=path_of)
def test_third_parties(module):
    for name in imports_of(module):
        top = name.split(".")[0]
        if top == "sknumpynn" or top in sys.stdlib_module_names:
            continue
        allowed = THIRD_PARTIES | OPTIONAL.get(part_of(module), set())
        assert top in allowed, f"{path_of(module)} imports {name}."
        if part_of(module) == "core":
            assert name in ("numpy", "sklearn.base.BaseEstimator"), f"The core imports {name}."


# Names


@pytest.mark.parametrize("name", PUBLIC)
def test_all_is_sorted_and_has_no_name_twice(name):
    names = importlib.import_module(name).__all__
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    "name", [name for name in PUBLIC if hasattr(importlib.import_module(name), "__path__")]
)
def test_all_of_a_package_is_what_it_imports(name):
    package = importlib.import_module(name)
    bound = {
        public
        for public, thing in vars(package).items()
        if not public.startswith("_") and not isinstance(thing, types.ModuleType)
    }
    assert bound == set(package.__all__)


def test_no_types_are_promised_that_are_not_there():
    """A checker that finds py.typed infers nothing: editors would know less, and see errors."""
    promised = (PACKAGE / "py.typed").exists()
    promised = promised or "Typing :: Typed" in (ROOT / "setup.cfg").read_text(encoding="utf-8")
    nodes = (ast.walk(ast.parse(module.read_text(encoding="utf-8"))) for module in MODULES)
    functions = [node for file in nodes for node in file if isinstance(node, ast.FunctionDef)]
    assert len(functions) > 100
    assert not promised or all(node.returns for node in functions)


def test_every_estimator_can_be_imported_from_the_top():
    estimators = importlib.import_module("sknumpynn.estimators")
    assert set(estimators.__all__) <= set(sknumpynn.__all__)


# Documentation


@pytest.mark.parametrize("module", MODULES, ids=path_of)
def test_a_file_says_what_it_is_for_in_its_first_line(module):
    doc = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    assert doc, f"{path_of(module)} has no docstring."
    assert doc.split("\n")[0].endswith("."), f"The first line of {path_of(module)} goes on."


def api_page():
    """Yield (module, name) of each line in the reference."""
    module = None
    for line in (ROOT / "docs" / "api.rst").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"\.\. module:: (\S+)", line):
            module = match[1]
        elif match := re.match(r"\.\. py:data:: (\w+)|   (\w+)$", line):
            yield module, match[1] or match[2]


def test_all_that_is_public_has_a_line_in_the_reference():
    lines = list(api_page())
    assert len(lines) == len(set(lines))
    listed = {id(getattr(importlib.import_module(module), name)) for module, name in lines}
    missing = [name for name, thing in public_objects() if id(thing) not in listed]
    assert not missing, f"Add these to docs/api.rst: {missing}"


def test_the_reference_lists_nothing_else():
    for module, name in api_page():
        assert name in importlib.import_module(module).__all__, f"{module}.{name} is not public."


# Size


def source_files():
    folders = ["sknumpynn", "tests", "examples", "docs"]
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("file", source_files(), ids=path_of)
def test_no_file_is_longer_than_400_lines(file):
    n_lines = len(file.read_text(encoding="utf-8").splitlines())
    assert n_lines <= 400, f"{path_of(file)} has {n_lines} lines. Give it less to do."
