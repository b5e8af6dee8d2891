"""What a notebook shows of a network: its layers, and links to the documentation."""

import re
from email.message import Message

import pytest
import sklearn
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sknumpynn.layers
from sknumpynn import Layer, Linear, MLPClassifier, NetworkRegressor, Sequential
from sknumpynn.estimators import _links
from tests.models import MAKERS, TABLE_MAKERS, X, fitted, make, target
from tests.test_house_rules import api_page

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.skipif(
        not hasattr(BaseEstimator, "_get_fitted_attr_html"),
        reason="scikit-learn 1.9 is the first to show what is fitted",
    ),
]

NAMES = [*MAKERS, *TABLE_MAKERS]
CELL = re.compile(r"<t[dh][^>]*>(?:<a[^>]*>)?([^<]*)")


def layers(html):
    """Texts of the tables of layers, line by line."""
    tables = html.split("<summary>Layers</summary>")[1:]
    return [
        [" ".join(CELL.findall(line)).split() for line in table.split("</tr>")[:-1]]
        for table in (table.partition("</table>")[0] for table in tables)
    ]


def links(html):
    return re.findall(r'href="([^"#]*)', html)


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(_links, "site", lambda: "http://site")


@pytest.mark.parametrize("name", NAMES)
def test_layers_are_those_of_the_summary(name):
    assert layers(make(name)._repr_html_()) == []
    est = fitted(name)
    header, *lines = [line.split() for line in est.summary().splitlines()]
    assert layers(est._repr_html_()) == [[[word.capitalize() for word in header], *lines]]
    assert layers(est._repr_mimebundle_()["text/html"]) == layers(est._repr_html_())


def test_a_realmlp_shows_one_of_its_networks():
    est = fitted("RealMLPClassifier")
    *_, total = est.summary().splitlines()
    assert total.split() == ["total,", "each", "of", "2", str(est.weights_[0].size)]
    with pytest.raises(NotFittedError):
        make("RealMLPClassifier").summary()


@pytest.mark.parametrize("name", NAMES)
def test_layers_within_pipelines_and_searches(name):
    y = target(name)
    pipeline = make_pipeline(StandardScaler(), make(name)).fit(X, y)
    assert len(layers(pipeline._repr_html_())) == 1
    search = GridSearchCV(pipeline, {}, cv=2).fit(X, y)
    assert layers(search._repr_html_()) == layers(pipeline._repr_html_())
    kept_none = GridSearchCV(clone(pipeline), {}, cv=2, refit=False).fit(X, y)
    assert layers(kept_none._repr_html_()) == []


def test_names_are_escaped():
    class Odd(Layer):
        pass

    Odd.__name__ = "<Odd>"
    est = NetworkRegressor(Sequential(Linear(outputs=2), Odd()), max_iter=1).fit(X, X[:, 0])
    assert [["&lt;Odd&gt;", "2", "0"]] == [table[2] for table in layers(est._repr_html_())]


def test_scikit_learn_may_be_set_to_show_text():
    with sklearn.config_context(display="text"):
        assert not hasattr(fitted("MLPClassifier"), "_repr_html_")
        assert list(fitted("MLPClassifier")._repr_mimebundle_()) == ["text/plain"]


# Links


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_pages_of_the_reference(name, site):
    pages = {f"http://site/generated/{module}.{line}.html" for module, line in api_page()}
    found = set(links(fitted(name)._repr_html_()))
    assert f"http://site/generated/sknumpynn.{name}.html" in found
    assert any(".layers." in link for link in found) and found <= pages


def test_every_layer_has_a_page(site):
    pages = {f"http://site/generated/{module}.{line}.html" for module, line in api_page()}
    public = [getattr(sknumpynn.layers, name) for name in sknumpynn.layers.__all__]
    for layer in (thing for thing in public if isinstance(thing, type)):
        assert _links.page_of(layer) in pages


def test_a_class_of_the_users_has_no_page(site):
    class Mine(MLPClassifier):
        pass

    assert _links.page_of(Mine) == _links.page_of(int) == ""
    assert not any("Mine" in link for link in links(Mine()._repr_html_()))


@pytest.mark.parametrize(
    "urls, expected",
    [
        ([], ""),
        (["Source, http://source"], ""),
        (["Source, http://source", "Documentation, http://site/en/"], "http://site/en"),
    ],
)
def test_the_site_is_that_of_the_packages_metadata(urls, expected, monkeypatch):
    about = Message()
    for url in urls:
        about["Project-URL"] = url
    monkeypatch.setattr(_links, "metadata", lambda name: about)
    assert _links.site.__wrapped__() == expected


def test_without_a_site_there_are_no_links(monkeypatch):
    monkeypatch.setattr(_links, "site", lambda: "")
    assert links(fitted("MLPClassifier")._repr_html_()) == []


def test_a_package_that_is_not_installed_has_no_site(monkeypatch):
    def metadata(name):
        raise _links.PackageNotFoundError

    monkeypatch.setattr(_links, "metadata", metadata)
    assert _links.site.__wrapped__() == ""
