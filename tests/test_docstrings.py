"""Public docstrings have the sections that numpydoc asks for, and describe what there is."""

import inspect
import re
from math import inf, nan

import numpy
import pytest

from sknumpynn.estimators._docs import document
from tests.models import MAKERS, TABLE_MAKERS, fitted, make
from tests.test_house_rules import public_objects

numpydoc = pytest.importorskip("numpydoc.validate")

CHECKS = {
    *("GL03", "GL05", "GL06", "GL07", "GL08", "GL09", "GL10"),  # sections
    *("SS01", "SS03", "SS04", "SS06"),  # the summary, in one line
    *("PR01", "PR02", "PR03", "PR04", "PR05", "PR10"),  # parameters
    "RT01",  # what is returned
    *("SA02", "SA03", "SA04"),  # "See Also"
}


def is_to_be_described(name, method):
    """Whether a method is ours, and no override of one that is described where it comes from."""
    if name.startswith("_") or not method.__module__.startswith("sknumpynn."):
        return False
    return method.__doc__ or not inspect.getdoc(method)


def documented():
    """Yield (qualified name, function, class or method) of what users may call, each once."""
    seen = set()
    for name, thing in public_objects():
        if not inspect.isroutine(thing) and not inspect.isclass(thing):
            continue
        things = [(name, thing)]
        if inspect.isclass(thing):
            things += [
                (f"{name}.{method_name}", method)
                for method_name, method in inspect.getmembers(thing, inspect.isroutine)
                if is_to_be_described(method_name, method)
            ]
        for full_name, one in things:
            if getattr(one, "__func__", one) not in seen:
                seen.add(getattr(one, "__func__", one))
                yield full_name, one


THINGS = dict(documented())


def described_defaults(thing):
    """Defaults that a docstring tells; a line of it may be about several parameters."""
    for parameter in numpydoc.get_doc_object(thing)["Parameters"]:
        names, (_, *told) = parameter.name.split(", "), parameter.type.split("default=")
        values = re.split(", | and ", told[0]) if told else []
        if len(values) == 1:
            values *= len(names)
        for name, value in zip(names, values, strict=bool(told)):
            yield name, eval(value, {"inf": inf, "nan": nan, "numpy": numpy})


@pytest.mark.parametrize("name", THINGS)
def test_docstring_is_as_numpydoc_asks(name):
    errors = numpydoc.validate(name)["errors"]
    assert not [error for error in errors if error[0] in CHECKS]


@pytest.mark.parametrize("name", [name for name, thing in THINGS.items() if callable(thing)])
def test_defaults_are_as_described(name):
    parameters = inspect.signature(THINGS[name]).parameters.items()
    defaults = {name: repr(p.default) for name, p in parameters if p.default is not p.empty}
    described = {name: repr(value) for name, value in described_defaults(THINGS[name])}
    assert described == {name: value for name, value in defaults.items() if name in described}
    assert all(value == "None" or name in described for name, value in defaults.items())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", [*MAKERS, *TABLE_MAKERS])
def test_fitted_attributes_are_described(name):
    fit_attributes = {attribute for attribute in vars(fitted(name)) if attribute.endswith("_")}
    described = numpydoc.get_doc_object(type(make(name)))["Attributes"]
    assert fit_attributes <= {attribute.name for attribute in described}


def test_methods_are_among_them_wherever_they_are_defined():
    assert {"sknumpynn.Layer", "sknumpynn.Learner.fit"} <= set(THINGS)
    assert sum(name.endswith("Classifier.input_gradients") for name in THINGS) == 1


def test_a_class_without_docstring_is_left_as_it_is():
    class Stripped:  # as all are under python -OO
        pass

    assert document("n_iter_")(Stripped) is Stripped
    assert Stripped.__doc__ is None
