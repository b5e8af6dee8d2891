"""Parameters: the tensors an optimizer may change, and `pack`, which houses many of them in one."""

from functools import cached_property
from numbers import Real

import numpy as np

from .arrays import aligned_empty, aligned_zeros

__all__ = ["PackedParameter", "Parameter", "Part", "check_housed", "pack"]

PART_SIZE = 32768  # numbers: a tensor's part, its gradient's and two moments' fit a core's cache


class Parameter:
    """A tensor that is learned, and the gradient of the loss with respect to it.

    Parameters
    ----------
    tensor : array-like of real numbers
        The initial values. A floating array is kept as it is, not copied, unless its byte order is
        not this machine's; integers and booleans become float64.
    lr_scale : float, default=1.0
        Factor that an optimizer applies to its learning rate for this parameter; 0 for what is
        kept and averaged with the others but not learned, such as running statistics.
    decay_scale : float, default=1.0
        Factor that a weight penalty or decay applies to its strength for this parameter; 0 for
        what should not be shrunk, such as biases.

    Attributes
    ----------
    tensor : ndarray
    gradient : ndarray
        Of the tensor's shape and dtype, zero at first. Layers add into it; optimizers use it and
        zero it again.
    treatment : tuple of float
        ``(lr_scale, decay_scale)``.
    place : index
        Where a `Part` lies in the arrays of the whole; everything, for other parameters.
    adds_up : bool
        Whether a layer has to add its gradient to what is there. False, in a stack of networks,
        for a parameter that a single layer uses: its gradient is zero before, and may be
        overwritten, which is quicker.

    Raises
    ------
    TypeError
        If the tensor does not hold real numbers.
    ValueError
        If a scale is not a finite number, or negative.

    Examples
    --------
    >>> from sknumpynn import Parameter
    >>> Parameter([1, 2]).gradient
    array([0., 0.])
    """

    adds_up = True
    place = ...

    def __init__(self, tensor, lr_scale=1.0, decay_scale=1.0):
        for name, scale in (("lr_scale", lr_scale), ("decay_scale", decay_scale)):
            if not (isinstance(scale, Real) and 0 <= scale < np.inf):
                raise ValueError(f"{name} must be a number from 0 up, got {scale!r}.")
        self.tensor = _as_floating(tensor)
        self.treatment = (lr_scale, decay_scale)

    @cached_property
    def gradient(self):
        """Gradient of the loss; made when first asked for, since prediction never does."""
        return aligned_zeros(self.tensor.shape, self.tensor.dtype)

    @property
    def segments(self):
        """Map each treatment to the place in the tensor that it applies to; here all of it."""
        return {self.treatment: ...}

    @property
    def lr_scale(self):
        """Factor for the learning rate, where there is one for all of the tensor."""
        lr_scales = {lr_scale for lr_scale, _ in self.segments} or {1.0}
        if len(lr_scales) > 1:
            raise ValueError(
                f"{self} has no single lr_scale, but {sorted(lr_scales)}: go through its parts."
            )
        return lr_scales.pop()

    @property
    def parts(self):
        """List of Parameter: the whole of it, in parts of one `lr_scale`; here it is one."""
        return [self]

    def clear_unlearned(self):
        """Zero the gradient where `lr_scale` is 0, so that it does not count in a norm."""
        for (lr_scale, _), place in self.segments.items():
            if lr_scale == 0:
                self.gradient[place] = 0

    def __repr__(self):
        return f"Parameter(shape={self.tensor.shape}, dtype={self.tensor.dtype})"

    def __getstate__(self):  # a gradient is scratch space: it need not travel
        return {"tensor": self.tensor, "treatment": self.treatment}

    def __setstate__(self, state):
        vars(self).update(state)


class Part(Parameter):
    """A part of a larger Parameter, of one `lr_scale`: its arrays are views of the whole's.

    Parameters
    ----------
    whole : Parameter
    place : index
        Where in the arrays of the whole it is.
    segments : dict
        Where in the arrays of the part each treatment applies.
    """

    segments = None  # stored, not computed

    def __init__(self, whole, place, segments):
        self.tensor, self.gradient = whole.tensor[place], whole.gradient[place]
        self.place, self.segments = place, segments


class PackedParameter(Parameter):
    """One flat Parameter that houses others: their tensors and gradients are views of its own.

    An optimizer that updates it updates them all, in a handful of calls; a snapshot, a restore or
    a gradient norm is one line. Made by `pack`.

    Parameters
    ----------
    members : iterable of Parameter

    Attributes
    ----------
    members : list of Parameter
        Ordered by treatment, so that each treatment is one slice.
    places : list of slice
        Where in the flat tensor each member is.
    segments : dict
        Each treatment's slice of the flat tensor.
    parts : list of Part
        All of the flat tensor, cut small enough for a part to stay in cache while penalty and
        optimizer pass over it.
    """

    segments = parts = None  # stored, not computed

    def __init__(self, members):
        self.members = sorted(members, key=lambda member: member.treatment)
        tensors = [member.tensor for member in self.members]
        dtype = np.result_type(*tensors) if tensors else np.float64
        super().__init__(aligned_empty((sum(t.size for t in tensors),), dtype))
        self.places, self._views, self.segments, lr_segments, end = [], [], {}, {}, 0
        for member in self.members:
            start, end = end, end + member.tensor.size
            place, shape = slice(start, end), member.tensor.shape
            self.places.append(place)
            self._views.append([a[place].reshape(shape) for a in (self.tensor, self.gradient)])
            _extend(self.segments, member.treatment, place)
            _extend(lr_segments, member.treatment[0], place)
        self.parts = [
            Part(self, place, _within(place, self.segments))
            for segment in lr_segments.values()
            for place in _cut(segment)
        ]
        # Without a reference to itself, or it would be in memory until garbage is collected.
        self._arrays = [(whole.tensor, whole.gradient) for whole in (self, *self.parts)]
        self.gather()

    def check_arrays(self):
        """Check that the arrays of the pack, and of its parts, are those that its members see.

        Raises
        ------
        ValueError
            If other arrays were bound to it.
        """
        for whole, (tensor, gradient) in zip((self, *self.parts), self._arrays, strict=True):
            if whole.tensor is not tensor or whole.gradient is not gradient:
                raise ValueError(
                    "Another array was bound to the tensor or the gradient of a PackedParameter, "
                    "as by an optimizer, and the layers do not see it. Change it in place: "
                    "param.tensor -= ..., not param.tensor = ..."
                )

    def check_members(self):
        """Check that the arrays of all members are still views of the pack's.

        Raises
        ------
        ValueError
            If another array was bound to a member since they were gathered.
        """
        for member, views in zip(self.members, self._views, strict=True):
            check_housed(member, *views)

    def gather(self):
        """Take in every member whose arrays are not views of this pack, at its present values.

        That is so at the start, after another array was bound to the member, and after another
        pack has housed it: two learners may train the same layers in turn.

        Raises
        ------
        ValueError
            As `check_arrays` does.
        """
        self.check_arrays()
        for member, (tensor, gradient) in zip(self.members, self._views, strict=True):
            if member.tensor is not tensor:
                tensor[...] = member.tensor
                member.tensor = tensor
            own = vars(member).get("gradient")  # it has none yet if nobody asked for it
            if own is not gradient:
                gradient[...] = 0 if own is None else own
                member.gradient = gradient

    def __getstate__(self):
        return {"members": self.members}

    def __setstate__(self, state):
        self.__init__(state["members"])


def pack(parameters):
    """House parameters in one flat Parameter, of which their tensors and gradients become views.

    Parameters
    ----------
    parameters : iterable of Parameter
        A parameter that appears more than once is housed once.

    Returns
    -------
    packed : PackedParameter

    Examples
    --------
    >>> from sknumpynn import Linear
    >>> from sknumpynn.core import pack
    >>> layer = Linear(3, 2)
    >>> packed = pack(layer.parameters)
    >>> packed.tensor[:] = 1
    >>> layer.bias.tensor
    array([1., 1.])
    """
    return PackedParameter(dict.fromkeys(parameters))


def check_housed(member, tensor, gradient):
    """Check that a parameter has the arrays that it was given by those who train it.

    Parameters
    ----------
    member : Parameter
    tensor, gradient : ndarray

    Raises
    ------
    ValueError
        If another array was bound to it.
    """
    if member.tensor is not tensor or member.gradient is not gradient:
        raise ValueError(
            f"Another array was bound to the tensor or the gradient of {member} in a step, as by a "
            "layer, and the optimizer does not see it. Change it in place: "
            "parameter.gradient += ..., parameter.tensor[...] = ..."
        )


def _extend(segments, key, place):
    """Let the segment of a key reach to the end of a place that follows it."""
    segments[key] = slice(segments.get(key, place).start, place.stop)


def _cut(segment):
    for start in range(segment.start, segment.stop, PART_SIZE):
        yield slice(start, min(start + PART_SIZE, segment.stop))


def _within(place, segments):
    """The parts of some segments that lie at a place, counted from its start."""
    cut = {
        key: slice(max(segment.start, place.start), min(segment.stop, place.stop))
        for key, segment in segments.items()
    }
    return {
        key: slice(segment.start - place.start, segment.stop - place.start)
        for key, segment in cut.items()
        if segment.start < segment.stop
    }


def _as_floating(tensor):
    tensor = np.asarray(tensor)
    if tensor.dtype.kind in "iub":
        return tensor.astype(np.float64)
    if tensor.dtype.kind != "f":
        raise TypeError(f"A Parameter holds real numbers, got an array of dtype {tensor.dtype}.")
    if not tensor.dtype.isnative:  # perhaps read from a file; BLAS would change a copy of it
        return tensor.astype(tensor.dtype.newbyteorder("="))
    return tensor
