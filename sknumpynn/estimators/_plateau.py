"""Plateau: notice that a value has stopped improving."""

__all__ = ["Plateau"]


class Plateau:
    """Count the epochs in a row in which a value did not fall below the best by a tolerance.

    Parameters
    ----------
    best : float
        Lowest value so far.
    count : int
        Epochs in a row without improvement so far.
    tol : float
        By how much a value has to fall to be an improvement.
    patience : int or inf
        More epochs in a row without improvement are a plateau.

    Attributes
    ----------
    improved : bool
        Whether the latest value is the lowest so far, by however little.
    """

    def __init__(self, best, count, tol, patience):
        self.best, self.count, self.tol, self.patience = best, count, tol, patience
        self.improved = False

    def update(self, value):
        """Take the value of one more epoch.

        Parameters
        ----------
        value : float
        """
        self.count = 0 if value <= self.best - self.tol else self.count + 1  # nan is no better
        self.improved = value < self.best
        if self.improved:
            self.best = value

    @property
    def reached(self):
        """Whether the value is on a plateau."""
        return self.count > self.patience
