"""Optimizers: what makes of a parameter's gradient a change of its tensor."""

from functools import partial
from weakref import WeakKeyDictionary

from sklearn.base import BaseEstimator

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
        state : dict
            What this optimizer remembers of the parameter: empty at the first step.
        """
        raise NotImplementedError(f"{type(self).__name__} must override step(param, state).")

    def plan(self, param):
        """Make ready to update a parameter many times.

        Parameters
        ----------
        param : Parameter

        Returns
        -------
        update : callable
            ``update()`` does to the parameter what `Optimizer.update` does, as long as neither the
            parameter nor what is remembered of it gets other arrays. A learning rate may change.
        """
        return partial(self.update, param)

    def state_of(self, param):
        """Return the dict in which the optimizer keeps what it remembers of a parameter.

        Parameters
        ----------
        param : Parameter

        Returns
        -------
        state : dict
        """
        try:
            return self._states[param]
        except AttributeError:  # the constructor stores its arguments only
            self._states = WeakKeyDictionary()
        except KeyError:
            pass
        self._states[param] = {}
        return self._states[param]

    def __getstate__(self):  # states belong to live parameters, they do not travel
        return {name: value for name, value in super().__getstate__().items() if name != "_states"}


class PlannedOptimizer(Optimizer):
    """An optimizer that overrides `plan_step`; `step` follows from it, so they cannot differ."""

    def plan_step(self, param, state):
        """Make ready to change ``param.tensor`` many times.

        Parameters
        ----------
        param : Parameter
        state : dict
            What this optimizer remembers of the parameter: empty before the first step.

        Returns
        -------
        step : callable
            ``step()`` does what `Optimizer.step` does. The gradient, which is zeroed after it, may
            serve as scratch.
        """
        raise NotImplementedError(f"{type(self).__name__} must override plan_step(param, state).")

    def step(self, param, state):
        self.plan_step(param, state)()

    def plan(self, param):
        kind = type(self)
        if kind.step is not PlannedOptimizer.step or kind.update is not Optimizer.update:
            return super().plan(param)  # of a subclass, which wants to be asked at each step
        step, gradient = self.plan_step(param, self.state_of(param)), param.gradient

        def update():
            step()
            gradient.fill(0)

        return update
