"""Losses: gradient, sample weights and shapes."""

import inspect

import numpy as np

from ..core import Loss
from ._tools import ROUNDING, agree, arguments_read_only, expect, frozen
from .gradients import check_derivative

__all__ = ["check_loss"]

ADVICE = "Begin with Yt = align(Yp, Yt), from sknumpynn.core."


def check_loss(loss, n_outputs=None, make_targets=None, rng=None, tol=1e-7):
    """Check a loss: its gradient, its weights, and what it does with shapes.

    The gradient agrees with central differences in float64, without and with sample weights.
    Weights that are whole numbers do what repeated rows do, and only their proportions count.
    Targets of shape (n,) and (n, 1) are the same; shapes that do not match raise a ValueError.
    Arguments are only read. A plain function that takes no weights is checked without them. A loss
    with several outputs for each target says how many in ``outputs_per_target``.

    Parameters
    ----------
    loss : Loss or callable
        ``loss(Yp, Yt)`` or ``loss(Yp, Yt, sample_weight)`` returns the value and dvalue/dYp.
    n_outputs : int, default=None
        Columns of the predictions; by default those of one target.
    make_targets : callable, default=None
        ``make_targets(rng, shape)`` draws targets such as the loss takes; by default they are
        standard normal.
    rng : int, numpy.random.Generator or None, default=None
    tol : float, default=1e-7
        Of the gradient, see `check_gradients`.

    Raises
    ------
    AssertionError
        If a rule is broken; says which, and what to do.
    TypeError
        If it is neither a loss nor a function, but for instance a class.

    Examples
    --------
    >>> from sknumpynn.losses import HalfPoissonLoss, mse_loss
    >>> from sknumpynn.testing import check_loss
    >>> check_loss(mse_loss, n_outputs=3)
    >>> check_loss(HalfPoissonLoss(), make_targets=lambda rng, shape: rng.poisson(2.0, shape))
    """
    if isinstance(loss, type) or not callable(loss):
        raise TypeError(
            f"check_loss takes a Loss, such as HuberLoss(), or a function; got {loss!r}."
        )
    rng = np.random.default_rng(rng)
    per_target = getattr(loss, "outputs_per_target", 1)
    n_outputs = per_target if n_outputs is None else n_outputs
    Yp = frozen(rng.standard_normal((7, n_outputs)))
    draw = make_targets or np.random.Generator.standard_normal
    Yt = frozen(np.asarray(draw(rng, (7, n_outputs // per_target))))
    with arguments_read_only(loss):
        if isinstance(loss, Loss):
            _check_rows(loss, Yp, loss.align(Yp, Yt))
        else:
            _check_pair(loss, Yp, Yt)
        _check_loss_gradient(loss, Yp, Yt, (), rng, tol)
        if Yt.shape[1] == 1:
            _check_vectors(loss, Yp, Yt)
        _check_mismatches(loss, Yp, Yt)
        if len(inspect.signature(loss).parameters) > 2:
            weights = frozen(rng.uniform(0.5, 2, len(Yp)))
            _check_loss_gradient(loss, Yp, Yt, (weights,), rng, tol)
            _check_sample_weight(loss, Yp, Yt)


def _check_rows(loss, Yp, Yt):
    shape = np.shape(loss.row_loss(Yp, Yt))
    expect(
        shape == (len(Yp),),
        loss,
        f"row_loss gives shape {shape} for predictions {Yp.shape}. It must return a number for "
        "each row: add up over axis=1 alone.",
    )
    D = loss.row_gradient(Yp, Yt)
    is_floating = isinstance(D, np.ndarray) and D.dtype.kind == "f"
    expect(
        is_floating and D.shape == Yp.shape,
        loss,
        f"row_gradient gives {_kind(D)} for predictions {Yp.shape}. It must return floating "
        "numbers of their shape.",
    )


def _kind(thing):
    is_array = isinstance(thing, np.ndarray)
    return f"{thing.dtype} of shape {thing.shape}" if is_array else f"a {type(thing).__name__}"


def _check_pair(loss, Yp, Yt):
    returned = loss(Yp, Yt)
    is_pair = isinstance(returned, tuple | list) and len(returned) == 2
    expect(
        is_pair and np.shape(returned[0]) == (),
        loss,
        "it must return (value, gradient), a number and an array of the shape of the predictions.",
    )


def _check_loss_gradient(loss, Yp, Yt, weights, rng, tol):
    what = f"the gradient{' with sample weights' if weights else ''}"
    _, D = loss(Yp, Yt, *weights)
    expect(np.shape(D) == Yp.shape, loss, f"{what} is not of the shape of the predictions.")
    moved = Yp.copy()
    check_derivative(lambda: float(loss(moved, Yt, *weights)[0]), moved, D, loss, what, rng, tol)
    _, D = loss(Yp.astype(np.float32), Yt.astype(np.float32), *weights)
    expect(D.dtype == np.float32, loss, f"{what} is {D.dtype} where predictions are float32.")


def _check_vectors(loss, Yp, Yt):
    """Check that a single column is the same as a vector."""
    value, D = loss(Yp, Yt)
    pairs = [(Yp, Yt[:, 0])]
    if Yp.shape[1] == 1:
        pairs += [(Yp[:, 0], Yt), (Yp[:, 0], Yt[:, 0])]
    for predictions, targets in pairs:
        value_here, D_here = loss(predictions, targets)
        expect(
            np.isclose(value_here, value, rtol=ROUNDING)
            and np.shape(D_here) == predictions.shape
            and agree(D_here.reshape(D.shape), D, ROUNDING),
            loss,
            f"predictions {predictions.shape} with targets {targets.shape} give something else "
            f"than {Yp.shape} with {Yt.shape}. {ADVICE}",
        )


def _check_mismatches(loss, Yp, Yt):
    """Check that targets of other shapes are not broadcast."""
    mismatches = [np.hstack([Yt, Yt]), Yt[:-1], Yt[:1]]
    if Yt.shape[1] > 1:
        mismatches += [Yt[:, :1], Yt[:, 0], Yt[0]]
    for targets in mismatches:
        try:
            loss(Yp, targets)
        except ValueError:
            continue
        expect(
            False,
            loss,
            f"predictions {Yp.shape} and targets {targets.shape} do not match, but no ValueError "
            f"is raised. {ADVICE}",
        )


def _check_sample_weight(loss, Yp, Yt):
    counts = np.arange(len(Yp)) % 4  # with a zero among them, for a row that does not count
    value, D = loss(Yp, Yt, counts.astype(float))
    value_rows, D_rows = loss(np.repeat(Yp, counts, axis=0), np.repeat(Yt, counts, axis=0))
    D_summed = np.zeros_like(D)
    np.add.at(D_summed, np.repeat(np.arange(len(Yp)), counts), D_rows)
    expect(
        np.isclose(value, value_rows, rtol=ROUNDING) and agree(D, D_summed, ROUNDING),
        loss,
        "whole weights differ from repeated rows. Weigh both the value and the gradient of each "
        "row, and divide by the sum of the weights.",
    )
    value_scaled, D_scaled = loss(Yp, Yt, 7.0 * counts)
    expect(
        np.isclose(value_scaled, value, rtol=ROUNDING) and agree(D_scaled, D, ROUNDING),
        loss,
        "weights that are 7 times as large give another loss. Divide by their sum.",
    )
