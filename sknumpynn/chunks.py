"""Chunks: predict rows that do not fit in memory, some at a time, into an array that need not."""

import numpy as np

from .core import row_slices, walk

__all__ = ["predict_in_chunks"]


def predict_in_chunks(estimator, X, *, method="predict", chunk_size=4096, out=None):
    """Predict some rows at a time, in memory that does not grow with them.

    If X and `out` are in files, no more than a chunk of each is in memory. Both may be anything
    that can be sliced by rows. Up to rounding, the predictions are those of all rows at once.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator in scikit-learn's style, such as a pipeline.
    X : array-like of shape (n_samples, n_features)
        Anything with a shape and slices ``X[start:stop]``: an array, a `numpy.memmap`, a sparse CSR
        matrix, an array of dask, HDF5 or Zarr; or a DataFrame.
    method : str, default="predict"
        Method of the estimator: "predict", "predict_proba", "decision_function", "transform" ...
    chunk_size : int, default=4096
        Rows to predict at a time.
    out : array of shape (n_samples,) or (n_samples, n_outputs), default=None
        Where to write the predictions, for instance a `numpy.memmap`; by default into a new array.
        Its dtype has to hold whatever the method returns, except that float32 may hold float64.

    Returns
    -------
    out : ndarray, or what was given
        The predictions.

    Raises
    ------
    ValueError
        If `chunk_size` is below 1, if X does not know its length, if the method does not return
        one prediction a row, or if `out` has the wrong shape.
    TypeError
        If the dtype of `out` cannot hold the predictions.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sknumpynn import MLPClassifier, predict_in_chunks
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier(solver="lbfgs", max_iter=500, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     P = np.lib.format.open_memmap(Path(folder) / "P.npy", "w+", np.float32, (150, 3))
    ...     P = predict_in_chunks(model, X, method="predict_proba", chunk_size=64, out=P)
    ...     bool(np.allclose(P, model.predict_proba(X)))
    True
    """
    if chunk_size < 1:
        raise ValueError(f"chunk_size must be at least 1; got {chunk_size!r}.")
    X = X if hasattr(X, "shape") else np.asarray(X)
    n_samples = X.shape[0]
    if n_samples != n_samples:  # as of a dask array made from a DataFrame
        raise ValueError("X does not know how many rows it has. Call X.compute_chunk_sizes().")
    predict, rows = getattr(estimator, method), getattr(X, "iloc", X)
    for place in walk(out, walk(X, row_slices(max(n_samples, 1), chunk_size))):
        Y = np.asarray(predict(rows[place]))
        _raise_if_not_one_a_row(Y, min(place.stop, n_samples) - place.start, method)
        if out is None:
            out = np.empty((n_samples, *Y.shape[1:]), Y.dtype)
        _raise_if_unfit(out, Y, (n_samples, *Y.shape[1:]))
        out[place] = Y
    return out


def _raise_if_not_one_a_row(Y, n_rows, method):
    if Y.shape[:1] != (n_rows,):
        raise ValueError(
            f"{method} of {n_rows} rows gives an array of shape {Y.shape}, which is not one "
            "prediction a row. Write the loop over the chunks yourself."
        )


def _raise_if_unfit(out, Y, shape):
    """Check that an array can take all predictions, when it is still as it was."""
    if tuple(out.shape) != shape:
        raise ValueError(f"out has shape {tuple(out.shape)}, and the predictions have {shape}.")
    both_floats = out.dtype.kind == Y.dtype.kind == "f"
    if not (both_floats or np.can_cast(Y.dtype, out.dtype, "safe")):
        raise TypeError(
            f"out is of {out.dtype}, which cannot hold predictions of {Y.dtype}: make it of that."
        )
