"""The core: what the article describes, in NumPy alone."""

from .batches import Batches, row_slices
from .inference import run
from .layer import Composite, Layer, PlannedLayer
from .learner import Learner
from .loss import FunctionLoss, Loss, align, row_sum
from .objective import Objective
from .optimizer import Optimizer
from .parameter import Block, PackedParameter, Parameter, pack

__all__ = [
    "Batches",
    "Block",
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
    "align",
    "pack",
    "row_slices",
    "row_sum",
    "run",
]
