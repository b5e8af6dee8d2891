"""Optimizers: they change a parameter's tensor by its gradient."""

from functools import partial
from types import MappingProxyType
from weakref import WeakKeyDictionary

import numpy as np
from sklearn.base import BaseEstimator

from .arrays import aligned_zeros

__all__ = ["Optimizer", "PlannedOptimizer"]


class Optimizer(BaseEstimator):
    """Base of the optimizers: override `step`.

    A constructor stores its arguments untouched. What an optimizer remembers of a parameter from
    one step to the next (momentum, moments) is kept apart from both, in a plain dict.
    """

    def update(self, param):
        """Change a parameter's tensor by its gradient, then zero the gradient.

        Parameters
        ----------
        param : Parameter
        """
        self.step(param, self.state_of(param))
        param.gradient.fill(0)

    def step(self, param, state):
        """Change ``param.tensor`` in place.

        Parameters
        ----------
        param : Parameter
            If several are packed in one, each of its `parts` has one ``lr_scale``.
        state : dict
            What this optimizer remembers of the parameter: empty at the first step.
        """
        raise NotImplementedError(f"{type(self).__name__} must override step(param, state).")

    def plan(self, param):
        """Look up all that updating a parameter many times needs.

        Parameters
        ----------
        param : Parameter

        Returns
        -------
        plans : list of (Parameter, callable)
            The parts in which the parameter is updated, perhaps a single one, and for each a
            function ``update()``. Calling all of them in this order does what `Optimizer.update`
            does, as long as the parameter and what is remembered of it keep their arrays. The
            learning rate may change.
        """
        return [(param, partial(self.update, param))]

    def state_of(self, param):
        """Return the dict in which the optimizer keeps what it remembers of a parameter.

        Parameters
        ----------
        param : Parameter

        Returns
        -------
        state : dict
        """
        if not hasattr(self, "_states"):  # the constructor stores its arguments only
            self._states = WeakKeyDictionary()
        return self._states.setdefault(param, {})

    def __getstate__(self):  # states belong to live parameters, they do not travel
        return {name: value for name, value in super().__getstate__().items() if name != "_states"}


class PlannedOptimizer(Optimizer):
    """An optimizer that overrides `plan_step`; `step` follows from it, so they cannot differ.

    How it changes a number must not depend on the other numbers. So a large parameter can be
    updated in parts that fit a core's cache.

    Attributes
    ----------
    remembers : tuple of str
        Names of the arrays to remember of a parameter, each of its shape and zero at first. Not
        "t", by which the steps are counted.

    Raises
    ------
    TypeError
        At the first step, if `remembers` is a single str, or `plan_step` returns no function.
    """

    remembers = ()

    def plan_step(self, param, memory):
        """Make ready to change ``param.tensor`` many times.

        Parameters
        ----------
        param : Parameter
            A part of what is learned, all of it at one ``param.lr_scale``.
        memory : mapping of str to ndarray
            What is remembered of it, by name. The arrays are to be changed in place.

        Returns
        -------
        step : callable
            ``step(t)`` takes the t-th step, counted from 1. The gradient, which is zeroed after it,
            may serve as scratch.
        """
        raise NotImplementedError(f"{type(self).__name__} must override plan_step(param, memory).")

    def step(self, param, state):
        for _, update in self._plan_parts(param, state):
            update()

    def plan(self, param):
        kind = type(self)
        if kind.step is not PlannedOptimizer.step or kind.update is not Optimizer.update:
            return super().plan(param)  # a subclass overrides what is to be called at each step
        return self._plan_parts(param, self.state_of(param))

    def _plan_parts(self, param, state):
        if isinstance(self.remembers, str):
            raise TypeError(
                f"{type(self).__name__} must name what it remembers in a tuple: "
                f"remembers = ({self.remembers!r},), not {self.remembers!r}."
            )
        state.setdefault("t", 0)
        shape, dtype = param.tensor.shape, param.tensor.dtype
        # Of an array of another dtype or layout, BLAS would change a copy.
        param.gradient = np.require(param.gradient, dtype, "CW")
        for name in self.remembers:
            if name in state:
                state[name] = np.require(state[name], dtype, "CW")
            else:
                state[name] = aligned_zeros(shape, dtype)
        return [(part, self._plan_part(part, state, i == 0)) for i, part in enumerate(param.parts)]

    def _plan_part(self, part, state, is_first):
        memory = MappingProxyType({name: state[name][part.place] for name in self.remembers})
        step, gradient = self.plan_step(part, memory) if part.lr_scale else _stay, part.gradient
        if not callable(step):
            name = type(self).__name__
            raise TypeError(
                f"The plan_step of {name} must return a function step(t), not {step!r}."
            )

        def update():
            if is_first:  # all parts take the same step
                state["t"] += 1
            step(state["t"])
            gradient.fill(0)

        return update


def _stay(t):
    """Take no step, with what is not learned."""
