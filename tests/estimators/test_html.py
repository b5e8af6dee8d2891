"""What a notebook shows of a network."""

import re

import pytest
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline

from sknumpynn import Layer, Linear, MLPClassifier, NetworkRegressor, Sequential

X, Y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]], [0, 1, 0, 1]
ROW = re.compile(r"<td[^>]*>([^<]*)</td>")


def fit(est):
    with pytest.warns(ConvergenceWarning):
        return est.fit(X, Y)


def layers(html):
    table = html.partition("<details><summary>Layers</summary>")[2]
    return [tuple(ROW.findall(line)) for line in table.split("</tr>")[:-1]]


@pytest.mark.parametrize("est", [MLPClassifier((3,), max_iter=1), NetworkRegressor(max_iter=1)])
def test_layers_of_a_fitted_network(est):
    assert layers(est._repr_html_()) == []
    html = fit(est)._repr_html_()
    assert [" ".join(row).split() for row in layers(html)] == [
        line.split() for line in est.summary().splitlines()
    ]
    assert layers(est._repr_mimebundle_()["text/html"]) == layers(html)


class Odd(Layer):
    pass


def test_names_are_escaped():
    Odd.__name__ = "<Odd>"
    est = fit(NetworkRegressor(Sequential(Linear(outputs=2), Odd()), max_iter=1))
    assert ("&lt;Odd&gt;", "2", "0") in layers(est._repr_html_())


def test_scikit_learn_may_be_set_to_show_text():
    est = fit(MLPClassifier((3,), max_iter=1))
    with sklearn.config_context(display="text"):
        assert not hasattr(est, "_repr_html_")
        assert list(est._repr_mimebundle_()) == ["text/plain"]


def test_within_a_pipeline_the_diagram_is_scikit_learns():
    pipeline = fit(make_pipeline(MLPClassifier((3,), max_iter=1)))
    assert "MLPClassifier" in pipeline._repr_html_() and layers(pipeline._repr_html_()) == []
