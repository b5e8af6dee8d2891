"""Resumption: what random numbers depend on, kept so that training goes on as if never stopped."""

import copy

from ..layers import Dropout

__all__ = ["randomness", "resume"]


def randomness(rng, batches, network):
    """Note the state of all that is random in training.

    Parameters
    ----------
    rng : numpy.random.RandomState
    batches : Batches
    network : Sequential

    Returns
    -------
    state : dict
        Of arrays, dicts and lists.
    """
    noise = [layer.rng.bit_generator.state for layer in _noisy(network)]
    return {"rng": rng.get_state(legacy=False), "order": batches.order, "noise": noise}


def resume(state, batches, network):
    """Put batches and noise into a state that was noted; a random state is set by its owner.

    Parameters
    ----------
    state : dict
        As `randomness` returns it.
    batches : Batches
    network : Sequential

    Raises
    ------
    ValueError
        If there are not as many rows, or layers of noise, as before.
    """
    if len(state["order"]) != len(batches) or len(state["noise"]) != len(_noisy(network)):
        raise ValueError(
            f"warm_start='exact' goes on with the same {len(state['order'])} rows and the same "
            f"dropout: there are {len(batches)} rows now, dropout behind {len(_noisy(network))} "
            f"layers, and before it was behind {len(state['noise'])}."
        )
    batches.order = state["order"].copy()
    for layer, noise in zip(_noisy(network), state["noise"], strict=True):
        layer.rng.bit_generator.state = copy.deepcopy(noise)


def _noisy(network):
    return [layer for layer in network.walk() if isinstance(layer, Dropout)]
