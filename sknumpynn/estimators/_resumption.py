"""Resumption: the state of all that is random, kept so that training can go on exactly."""

import copy

import numpy as np

from ..layers import Dropout

__all__ = ["randomness", "reseed", "resume"]


def randomness(rng, batches, network):
    """Copy the state of all that is random in training, into a dict."""
    noise = [layer.rng.bit_generator.state for layer in _noisy(network)]
    rng = batches.rng or rng  # the same, but in a stack, and where rows are not shuffled
    return {"rng": rng.get_state(legacy=False), "order": batches.order.copy(), "noise": noise}


def reseed(network, rng):
    """Give a network's noise new seeds; without a random generator leave it as it is."""
    for layer in _noisy(network) if rng else ():
        layer.reseed(rng)


def resume(state, rng, batches, network):
    """Restore the state of all that is random.

    Parameters
    ----------
    state : dict
        As `randomness` returns it.
    rng : numpy.random.RandomState
    batches : Batches
    network : Sequential

    Raises
    ------
    ValueError
        If there are not the same rows, or as many layers of noise, as before.
    """
    if len(state["order"]) != len(batches):
        raise ValueError(
            f"warm_start='exact' goes on with the same rows: there were {len(state['order'])}, now "
            f"there are {len(batches)}."
        )
    if not np.array_equal(np.sort(state["order"]), np.sort(batches.order)):
        raise ValueError(
            "warm_start='exact' goes on with the same rows: now others have a sample_weight of "
            "zero, and a layer that depends on the batch is not given those."
        )
    if len(state["noise"]) != len(_noisy(network)):
        raise ValueError(
            "warm_start='exact' goes on with the same dropout: it was behind "
            f"{len(state['noise'])} layers, now it is behind {len(_noisy(network))}."
        )
    rng.set_state(state["rng"])
    if batches.rng is not None:  # else the order is that of the rows
        batches.order = state["order"].copy()
    for layer, noise in zip(_noisy(network), state["noise"], strict=True):
        layer.rng.bit_generator.state = copy.deepcopy(noise)


def _noisy(network):
    return [layer for layer in network.walk() if isinstance(layer, Dropout)]
