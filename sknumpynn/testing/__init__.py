"""Testing: checks for layers and losses of your own; the built-in ones have to pass them, too."""

from .gradients import check_gradients
from .layers import check_layer
from .losses import check_loss

__all__ = ["check_gradients", "check_layer", "check_loss"]
