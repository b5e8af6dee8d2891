"""The core: parameters, layers, losses, optimizers and the learner that trains with them."""

from .arrays import aligned_empty, aligned_zeros
from .batches import Batches
from .inference import chunk_size, run
from .layer import Composite, Layer, PlannedLayer
from .learner import Learner
from .loss import FunctionLoss, Loss, align, row_sum
from .objective import Objective
from .optimizer import Optimizer, PlannedOptimizer
from .parameter import PackedParameter, Parameter, pack
from .rows import gather, is_mapped, row_parts, row_slices, take_rows, walk

__all__ = [
    "Batches",
    "Composite",
    "FunctionLoss",
    "Layer",
    "Learner",
    "Loss",
    "Objective",
    "Optimizer",
    "PackedParameter",
    "Parameter",
    "PlannedLayer",
    "PlannedOptimizer",
    "align",
    "aligned_empty",
    "aligned_zeros",
    "chunk_size",
    "gather",
    "is_mapped",
    "pack",
    "row_parts",
    "row_slices",
    "row_sum",
    "run",
    "take_rows",
    "walk",
]
