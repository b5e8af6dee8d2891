"""RealMLP: activations that are layers of a user's own."""

import numpy as np
from numpy.testing import assert_array_equal

from sknumpynn import Layer, RealMLPRegressor


class RandomSlope(Layer):
    """An activation that draws its first weights in one way or another."""

    def __init__(self, draw):
        self.draw = draw

    def build(self, inputs, rng, dtype):
        self.parameters = []
        self.slope = self.build_param(np.full(inputs, self.draw(rng), dtype))
        return inputs

    def forward(self, X):
        def backward(D):
            self.slope.gradient += np.einsum("ij,ij->j", X, D)
            return D * self.slope.tensor

        return X * self.slope.tensor, backward


def draw_into_an_array(rng):
    rng.standard_normal(out=(drawn := np.empty(1)))
    return drawn.item()


def test_an_activation_may_draw_as_it_likes():
    X = np.random.default_rng(0).standard_normal((120, 4))
    params = dict(hidden_layer_sizes=(4,), max_iter=3, activation_lr_scale=0, random_state=0)
    ways = (
        lambda rng: rng.standard_normal(1).item(),
        lambda rng: rng.standard_normal(),
        draw_into_an_array,
    )
    expected, *others = (
        RealMLPRegressor(**params, activation=RandomSlope(way)).fit(X, X[:, 0]).predict(X)
        for way in ways
    )
    for predictions in others:
        assert_array_equal(predictions, expected)
