"""LossCurveDisplay: how a network's loss, or its score, went from epoch to epoch."""

from ._curves import METRICS, read_curves, unwrap

__all__ = ["LossCurveDisplay"]

# Okabe and Ito's palette, which does not rely on telling red from green.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
PARTS = {"train": "training", "validation": "validation"}
STYLES = {"train": "-", "validation": "--"}
DOT = {"marker": "o", "linestyle": "none", "markeredgecolor": "black", "zorder": 3}


class LossCurveDisplay:
    """Loss of one or several networks by epoch, on the rows trained on and on those held out.

    A dot marks the epoch whose weights the network has: with early stopping the best one, else the
    last. Use `from_estimator` to make a display.

    The training loss is a mean over an epoch in which the weights change; it includes noise, such
    as dropout, and the penalty on the weights. The validation loss is that of the weights after the
    epoch, without noise and penalty. So it may well be the lower one at first.

    Parameters
    ----------
    curves : list of Curve
        What to draw: objects with ``name``, ``train``, ``validation`` and ``best_iter``.
    metric : {"loss", "score"}, default="loss"
        What the curves are of; names the axis.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    lines_ : list of matplotlib Line2D
        The curves, for each network that of training before that of validation.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.preprocessing import scale
    >>> from sknumpynn import MLPClassifier
    >>> from sknumpynn.inspection import LossCurveDisplay
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = MLPClassifier(early_stopping=True, random_state=0).fit(scale(X), y)
    >>> display = LossCurveDisplay.from_estimator(model)  # doctest: +SKIP
    """

    def __init__(self, curves, *, metric="loss"):
        self.curves, self.metric = curves, metric

    @classmethod
    def from_estimator(cls, estimator, *, metric="loss", name=None, ax=None, **line_kw):
        """Draw the curves of fitted estimators.

        Parameters
        ----------
        estimator : estimator, or list or dict of estimators
            Fitted: an estimator of this package, scikit-learn's `MLPClassifier` or `MLPRegressor`,
            or a pipeline or search that ends in one of those. A dict names those to compare.
        metric : {"loss", "score"}, default="loss"
            Loss, or score on the rows that are held out. On those RealMLP records its score, but
            not its loss.
        name : str or list of str, default=None
            For the legend; by default that of the class, or the dict's keys.
        ax : matplotlib Axes, default=None
            Where to draw; by default in a new figure.
        **line_kw : dict
            For all lines, such as ``linewidth``.

        Returns
        -------
        display : LossCurveDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        NotFittedError
            If an estimator is not fitted.
        ValueError
            If an estimator has no such curve, as with the solver 'lbfgs'.
        """
        _import_pyplot(f"{cls.__name__}.from_estimator")
        if metric not in METRICS:
            raise ValueError(f"metric must be one of {METRICS}, got {metric!r}.")
        curves = []
        for one_name, est in _named(estimator, name):
            curves += read_curves(est, one_name, metric)
        return cls(curves, metric=metric).plot(ax=ax, **line_kw)

    def plot(self, *, ax=None, **line_kw):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; by default in a new figure.
        **line_kw : dict
            For all lines, such as ``linewidth``.

        Returns
        -------
        display : LossCurveDisplay
            This one.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        plt = _import_pyplot(f"{type(self).__name__}.plot")
        if ax is None:
            _, ax = plt.subplots()
        self.ax_, self.figure_, self.lines_ = ax, ax.figure, []
        names = list(dict.fromkeys(curve.name for curve in self.curves))
        for curve in self.curves:
            for part in ("train", "validation"):
                if getattr(curve, part) is not None:
                    self._plot_line(curve, part, names, line_kw)
        ax.set(xlabel="Epoch", ylabel="Loss" if self.metric == "loss" else "Validation score")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(alpha=0.25)
        if any(curve.best_iter is not None for curve in self.curves):
            ax.plot([], [], **DOT, color="grey", label="epoch whose weights are kept")
        by_label = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
        ax.legend(by_label.values(), by_label.keys())  # each label once
        return self

    def _plot_line(self, curve, part, names, line_kw):
        is_only = len(names) == 1
        color = COLORS[(names.index(curve.name) + (is_only and part == "validation")) % len(COLORS)]
        label = PARTS[part] if is_only else f"{curve.name}, {PARTS[part]}"
        style = "-" if curve.train is None else STYLES[part]
        kw = {"color": color, "linestyle": style, "label": label} | line_kw
        values = getattr(curve, part)
        lines = self.ax_.plot(range(1, len(values) + 1), values, **kw)
        self.lines_ += lines
        if curve.best_iter is not None:
            at = [curve.best_iter], [values[curve.best_iter - 1]]
            self.ax_.plot(*at, **DOT, color=lines[0].get_color())


def _named(estimator, name):
    """List (name, estimator) of one or several."""
    names = [name] if isinstance(name, str) else name
    if isinstance(estimator, dict):
        ests = list(estimator.values())
        names = list(map(str, estimator)) if names is None else names
    else:
        ests = list(estimator) if isinstance(estimator, list | tuple) else [estimator]
        names = _names_of(ests) if names is None else names
    if len(names) != len(ests):
        raise ValueError(f"{len(names)} names were given for {len(ests)} estimators.")
    return list(zip(names, ests, strict=True))


def _names_of(ests):
    """Names of their classes, numbered where several are of one."""
    names = [type(unwrap(est)).__name__ for est in ests]
    return [
        f"{name} {1 + names[:i].count(name)}" if names.count(name) > 1 else name
        for i, name in enumerate(names)
    ]


def _import_pyplot(caller):
    try:
        import matplotlib.pyplot as plt  # optional, and slow to import
    except ImportError as error:
        raise ImportError(
            f"{caller} requires matplotlib. You can install matplotlib with "
            "`pip install matplotlib`"
        ) from error
    return plt
