"""Parameters of a stack: those of several networks, a row each."""

import numpy as np

from ..core import Parameter, aligned_empty
from ..core.parameter import Part, check_housed

__all__ = ["StackedParameters"]

ROWS = slice(None)


class StackedParameters(Parameter):
    """The packed parameters of several networks, a row each.

    Parameters
    ----------
    packs : list of PackedParameter

    Attributes
    ----------
    members : list of Parameter
        One for each member of a pack, with a leading axis; vectors are matrices of one row.
    are_lent : bool
        Whether the networks' own parameters are views of their rows between `gather` and
        `release`, for layers that are called one by one.
    """

    segments = parts = None  # stored, not computed

    def __init__(self, packs):
        self.packs, self.members, self.are_lent, first = packs, [], False, packs[0]
        self._lent = []
        shape = len(packs), first.tensor.size
        super().__init__(aligned_empty(shape, first.tensor.dtype))
        np.stack([pack.tensor for pack in packs], out=self.tensor)
        for member, place in zip(first.members, first.places, strict=True):
            shape = (len(packs), *(1,) * (2 - member.tensor.ndim), *member.tensor.shape)
            stacked = Parameter(self.tensor[:, place].reshape(shape), *member.treatment)
            stacked.gradient = self.gradient[:, place].reshape(shape)
            self.members.append(stacked)
        self.segments = _in_all_rows(first.segments)
        self.parts = [
            Part(self, (ROWS, part.place), _in_all_rows(part.segments)) for part in first.parts
        ]

    def gather(self):
        """Copy the networks' tensors into the rows, wherever their parameters are housed."""
        for pack in self.packs:
            pack.gather()
        self.take_in()

    def check_arrays(self):
        """Check nothing: the optimizers that are stacked are the package's own."""

    def check_members(self):
        """Check that layers that are called one by one have kept the arrays that they were lent."""
        for lent in self._lent:
            check_housed(*lent)

    def take_in(self):
        """Copy the networks' tensors into the rows; their packs house all parameters already."""
        np.stack([pack.tensor for pack in self.packs], out=self.tensor)
        if self.are_lent:
            self._lend()

    def release(self):
        """Copy each row back to its network."""
        for pack, tensor in zip(self.packs, self.tensor, strict=True):
            pack.tensor[...] = tensor
            if self.are_lent:
                pack.gather()

    def _lend(self):
        self._lent = []
        for k, pack in enumerate(self.packs):
            for own, stacked in zip(pack.members, self.members, strict=True):
                shape = own.tensor.shape
                own.tensor = stacked.tensor[k].reshape(shape)
                own.gradient = stacked.gradient[k].reshape(shape)
                self._lent.append((own, own.tensor, own.gradient))


def _in_all_rows(segments):
    return {treatment: (ROWS, segment) for treatment, segment in segments.items()}
