"""Parameters of a stack: those of several networks, a row each."""

import numpy as np

from ..core import Parameter

__all__ = ["StackedParameters"]


class StackedParameters(Parameter):
    """The packed parameters of several networks, a row each.

    Parameters
    ----------
    packs : list of PackedParameter

    Attributes
    ----------
    members : list of Parameter
        What is a member in each pack, with a leading axis; vectors as matrices of one row.
    """

    def __init__(self, packs):
        self.packs = packs
        super().__init__(np.stack([pack.tensor for pack in packs]))
        self.members, self._rows = [], []
        places = _places(packs[0].members)
        for member, place in zip(packs[0].members, places, strict=True):
            shape = (len(packs), *(1,) * (2 - member.tensor.ndim), *member.tensor.shape)
            stacked = Parameter(self.tensor[:, place].reshape(shape), *member.treatment)
            stacked.gradient = self.gradient[:, place].reshape(shape)
            self.members.append(stacked)
        segments = packs[0].segments.items()
        self._segments = {treatment: (slice(None), place) for treatment, place in segments}
        ends = {lr_scale: place.stop for (lr_scale, _), place in segments}
        starts = {lr_scale: place.start for (lr_scale, _), place in reversed(segments)}
        self._blocks = [
            (lr_scale, (slice(None), slice(starts[lr_scale], end)))
            for lr_scale, end in ends.items()
            if lr_scale
        ]

    @property
    def segments(self):
        return self._segments

    @property
    def blocks(self):
        return self._blocks

    def gather(self):
        """Take in the networks as they are: until `release` their parameters are views of rows."""
        for k, pack in enumerate(self.packs):
            pack.gather()
            self.tensor[k], self.gradient[k] = pack.tensor, pack.gradient
            for own, stacked in zip(pack.members, self.members, strict=True):
                shape = own.tensor.shape
                own.tensor = stacked.tensor[k].reshape(shape)
                own.gradient = stacked.gradient[k].reshape(shape)

    def release(self):
        """Give back to each network what is in its row."""
        for pack in self.packs:
            pack.gather()


def _places(members):
    ends = np.cumsum([member.tensor.size for member in members], dtype=int)
    return [slice(int(end - m.tensor.size), int(end)) for end, m in zip(ends, members, strict=True)]
