"""A tidy representative of each class of equivalent parameter vectors."""

import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import Network
from saddlescape.symmetry._inputs import Thetas, as_rows, require_network
from saddlescape.symmetry._layers import join, move_layer, normalize, split
from saddlescape.symmetry._signatures import signatures

# Rows handled at once: a block of a few hundred parameters a row stays within a few megabytes.
_BLOCK = 4096

# What arrives from the inputs and from the outputs is added in an irrational ratio: a neuron alone
# in its layer has signatures 1 and -1 half of the time, whose sum has no sign.
_MIXTURE = np.array([1.0, (1 + math.sqrt(5)) / 2])


def canonical(network: Network, theta: Thetas) -> Float[Array, "*m p"]:
    """Return the canonical representative of each theta.

    Neurons are sorted by a fixed generic functional of all their incoming and outgoing weights
    (not by single coordinates), signs make it positive, scales make incoming norms 1.

    Args:
        network: the network theta belongs to.
        theta: parameters, shape (p,), or a batch, shape (m, p).

    Returns:
        equivalent parameters, of theta's shape. Equal canonical forms mean equivalent points.

    Raises:
        InvalidInputError: when theta does not hold finite real numbers.
        ShapeMismatchError: when theta does not have p entries.

    Notes:
        Equivalent points have equal forms up to rounding unless two *different* neurons tie in the
        functional to within the noise, which for noise 1e-9 happens to about one pair in 1e9. No
        continuous choice exists, so no sort avoids this; `distance` and `classes` decide by
        assignment and are safe there. Neurons that are (nearly) equal do no harm.

    Example:
        >>> network = Network((1, 2, 1), "sigmoid", bias=False)
        >>> a, b = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 1.0, 4.0, 3.0])
        >>> bool((canonical(network, a) == canonical(network, b)).all())
        True
    """
    require_network(network)
    rows = canonical_rows(network, as_rows(network, theta))
    return jnp.asarray(rows.reshape(np.shape(theta)))


def canonical_rows(network: Network | None, rows: np.ndarray) -> np.ndarray:
    """Return the canonical form of every row; with no network, the rows."""
    if network is None or not network.hidden or not len(rows):
        return rows
    blocks = range(0, len(rows), _BLOCK)
    return np.concatenate([_block(network, rows[start : start + _BLOCK]) for start in blocks])


def scores(network: Network, rows: np.ndarray) -> list[np.ndarray]:
    """Return the number (m, h) by which each hidden layer is sorted, before signs are fixed."""
    layers, _ = normalize(network, split(network, rows))
    return [features @ _MIXTURE for features in signatures(network, layers, 1)]


def _block(network: Network, rows: np.ndarray) -> np.ndarray:
    """Return the canonical form of a block of rows."""
    layers, _ = normalize(network, split(network, rows))
    for number, features in enumerate(signatures(network, layers, 1)):
        score = features @ _MIXTURE
        signs = np.ones_like(score)
        if network.activations[number].is_odd:
            signs = np.where(score < 0, -1.0, 1.0)
        chosen = np.argsort(score * signs, axis=1, kind="stable")
        layers = move_layer(layers, number, chosen, np.take_along_axis(signs, chosen, axis=1))
    return join(layers)
