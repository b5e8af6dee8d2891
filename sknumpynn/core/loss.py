"""Losses: the weighted mean over rows of a row's loss, and its gradient."""

import numpy as np
from sklearn.base import BaseEstimator

__all__ = ["FunctionLoss", "Loss", "align", "row_sum"]


class Loss(BaseEstimator):
    r"""Weighted mean over rows of a differentiable row loss.

    .. math:: L = \frac{1}{\sum_i s_i} \sum_i s_i\, \ell(Y_{p,i}, Y_{t,i})

    Override `row_loss` and `row_gradient`. Called like a function, ``loss(Yp, Yt)`` returns the
    value and the gradient; training takes the gradient for each batch and the value for a whole
    block of them, because on small networks the value costs as much as a layer.

    Attributes
    ----------
    outputs_per_target : int
        Columns of the predictions for each column of the targets, 1 unless a loss says otherwise.
        The columns for one target stand side by side.
    log_link : bool
        Whether the columns are logarithms of what is predicted: a regressor then predicts their
        exp. False unless a loss says otherwise.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynn import mse_loss
    >>> value, D = mse_loss(np.array([[1.0], [2.0]]), np.array([0.0, 2.0]))
    >>> float(value), D.ravel().tolist()
    (0.5, [1.0, 0.0])
    """

    outputs_per_target = 1
    log_link = False

    def row_loss(self, Yp, Yt):
        """Loss of each row.

        Parameters
        ----------
        Yp, Yt : ndarray of shape (n_samples, n_outputs)
            Predictions and targets.

        Returns
        -------
        losses : ndarray of shape (n_samples,)
        """
        raise NotImplementedError(f"{type(self).__name__} must override row_loss(Yp, Yt).")

    def row_gradient(self, Yp, Yt):
        """Gradient of each row's loss with respect to its predictions.

        Parameters
        ----------
        Yp, Yt : ndarray of shape (n_samples, n_outputs)

        Returns
        -------
        D : ndarray of shape (n_samples, n_outputs)
            A new array.
        """
        raise NotImplementedError(f"{type(self).__name__} must override row_gradient(Yp, Yt).")

    def value(self, Yp, Yt, sample_weight=None):
        """Weighted mean of the rows' losses.

        Parameters
        ----------
        Yp, Yt : ndarray of shape (n_samples, n_outputs)
        sample_weight : ndarray of shape (n_samples,), default=None

        Returns
        -------
        value : float
        """
        losses = self.row_loss(Yp, Yt)
        try:
            if sample_weight is None:
                return float(np.add.reduce(losses) / len(losses))
            return float(np.average(losses, weights=sample_weight))
        except TypeError as error:  # checking the shape before would take longer than the mean
            raise ValueError(
                f"row_loss of {self!r} gives shape {np.shape(losses)} for predictions of shape "
                f"{Yp.shape}. It must return a number for each row."
            ) from error

    def gradient(self, Yp, Yt, sample_weight=None):
        """Gradient of the value with respect to the predictions.

        Parameters
        ----------
        Yp, Yt : ndarray of shape (n_samples, n_outputs)
        sample_weight : ndarray of shape (n_samples,), default=None

        Returns
        -------
        D : ndarray of the shape of Yp
        """
        D = self.row_gradient(Yp, Yt)
        if sample_weight is None:
            D *= 1 / len(D)
        else:
            D *= (sample_weight / sample_weight.sum())[:, np.newaxis]
        return D

    def __call__(self, Yp, Yt, sample_weight=None):
        Yp = np.asarray(Yp)
        if Yp.dtype.kind != "f":
            Yp = Yp.astype(np.float64)
        columns, Yt = _as_columns(Yp), _as_columns(self.align(Yp, Yt))
        value = self.value(columns, Yt, sample_weight)
        D = self.gradient(columns, Yt, sample_weight)
        self.check_gradient(D, columns)
        return value, D.reshape(Yp.shape)

    def check_gradient(self, D, Yp):
        """Raise an error unless a gradient has the shape of the predictions.

        Parameters
        ----------
        D, Yp : ndarray

        Raises
        ------
        ValueError
            If it has another.
        """
        if np.shape(D) != Yp.shape:
            raise ValueError(
                f"The gradient of {self!r} has shape {np.shape(D)} for predictions of shape "
                f"{Yp.shape}. It must have theirs."
            )

    def align(self, Yp, Yt):
        """Give targets the shape that goes with the predictions, see the function `align`.

        Parameters
        ----------
        Yp : ndarray
        Yt : array-like

        Returns
        -------
        Yt : ndarray
        """
        return align(Yp, Yt, self.outputs_per_target)


def row_sum(L):
    """Sum each row.

    Parameters
    ----------
    L : ndarray of shape (n_rows, n_columns)

    Returns
    -------
    sums : ndarray of shape (n_rows,)
    """
    if L.shape[1] == 1:
        return L[:, 0]
    return np.add.reduce(np.ascontiguousarray(L.T))  # NumPy is slow at reducing many short rows


def align(Yp, Yt, outputs_per_target=1):
    """Give targets the shape of the predictions: (n,) and (n, 1) are the same, nothing else is.

    NumPy would broadcast (n,) against (n, 1) to (n, n), and a network would learn nonsense.

    Parameters
    ----------
    Yp : ndarray
        Predictions.
    Yt : array-like
        Targets.
    outputs_per_target : int, default=1
        If k > 1, predictions of shape (n, k m) go with targets of shape (n, m), and nothing else.

    Returns
    -------
    Yt : ndarray of the shape of Yp, or of shape (n, m)

    Raises
    ------
    ValueError
        If the shapes do not go together.
    """
    Yt = np.asarray(Yt)
    if outputs_per_target > 1:
        columns = _as_columns(Yt)
        if columns.ndim == 2 and Yp.shape == (len(Yt), outputs_per_target * columns.shape[1]):
            return columns
    elif Yt.shape == Yp.shape:
        return Yt
    elif {Yt.shape, Yp.shape} == {(len(Yp),), (len(Yp), 1)}:
        return Yt.reshape(Yp.shape)
    raise ValueError(
        f"Predictions of shape {Yp.shape} and targets of shape {Yt.shape} do not match."
    )


def _as_columns(array):
    return array[:, np.newaxis] if array.ndim == 1 else array


class FunctionLoss(Loss):
    """A plain function, made a loss.

    Parameters
    ----------
    function : callable
        ``function(Yp, Yt)``, and ``function(Yp, Yt, sample_weight)`` where weights are given,
        returns the value and dvalue/dYp.
    """

    def __init__(self, function):
        self.function = function

    def value(self, Yp, Yt, sample_weight=None):
        return float(self(Yp, Yt, sample_weight)[0])

    def gradient(self, Yp, Yt, sample_weight=None):
        return self(Yp, Yt, sample_weight)[1]

    def __call__(self, Yp, Yt, sample_weight=None):
        weights = () if sample_weight is None else (sample_weight,)
        result = self.function(Yp, Yt, *weights)
        shapes = [np.shape(part) for part in result] if isinstance(result, tuple | list) else None
        if shapes != [(), Yp.shape]:
            what = "no tuple" if shapes is None else f"shapes {shapes}"
            raise ValueError(
                f"A loss must return (value, gradient), here of shapes {[(), Yp.shape]}, and "
                f"{self.function!r} returns {what}."
            )
        return result
