"""Stacking: several networks of one architecture train in lock-step, with an axis of networks.

In a small network, calling NumPy costs more than the arithmetic. A stack makes each call once for K
networks: row k of its parameters, of shape (K, P), is the packed tensor of network k, and arrays of
batches have a leading axis. So layers, losses, optimizers and the learner do for a stack what they
do for one network, and nothing is written twice.
"""

from .keys import stack_key, stack_size
from .sharing import part_batches, share_batches
from .stack import Stack

__all__ = ["Stack", "part_batches", "share_batches", "stack_key", "stack_size"]
