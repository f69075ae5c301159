"""Starts at what the lecture draws: one neuron on each face of the box."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import Network, key_for
from saddlescape.setups import Setup

_STEEP = 4.0  # soft faces: steep ones would be far from any minimum with weight decay
_NOISE = 0.1  # of each weight: an exactly symmetric start may end at a symmetric saddle


def has_faces(setup: Setup) -> bool:
    """Return whether a student can stand on the six faces of the box."""
    network = setup.network
    if setup.problem.name != "box" or network is None or network.widths != (3, 6, 2):
        return False
    return network.activations[0].name in {"sigmoid", "tanh"} and all(network.biases)


def faces(
    network: Network, first: int, count: int, seed: int, scale: float = _NOISE
) -> Float[Array, "m p"]:
    """Return starts with one neuron on each face, perturbed; row i depends on seed and i alone.

    Args:
        network: 3-6-2 with biases, sigmoid or tanh.
        first: the number of the first start.
        count: how many.
        seed: of the named stream ``"faces"``.
        scale: standard deviation of what is added to every weight.

    Returns:
        shape (count, p).
    """
    normals = np.concatenate([-np.eye(3), np.eye(3)])
    steep, outgoing, bias = _STEEP, np.full(6, 2.0), -10.5
    if network.activations[0].is_odd:
        # sigmoid(z) = (1 + tanh(z / 2)) / 2.
        steep, outgoing, bias = steep / 2, outgoing / 2, bias + outgoing.sum() / 2
    readout = (np.stack([-outgoing, outgoing]) / 2, np.array([-bias, bias]) / 2)
    middle = network.flatten([(steep * normals, np.full(6, steep)), readout])
    numbers = jnp.arange(first, first + count)
    draw = jax.vmap(lambda i: jax.random.normal(key_for(seed, "faces", i), middle.shape))
    return middle[None] + scale * draw(numbers)
