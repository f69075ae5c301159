"""Polygons in parameter space: their length, and the loss on and between their corners."""

import itertools

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.core import Landscape

_BETWEEN = 4  # places looked at inside every edge


def lengths(corners: Float[np.ndarray, "f p"]) -> Float[np.ndarray, " f"]:
    """Return the length of a polygon up to each corner."""
    edges = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(edges)])


def losses(landscape: Landscape, thetas: Float[np.ndarray, "f p"]) -> Float[np.ndarray, " f"]:
    """Return the loss at every point, one after the other."""
    return np.array([float(landscape.loss(jnp.asarray(theta))) for theta in thetas])


def highest_loss(landscape: Landscape, corners: Float[np.ndarray, "f p"]) -> float:
    """Return the highest loss on a polygon: at its corners and four places inside each edge."""
    inner = np.linspace(0, 1, _BETWEEN + 2)[1:-1, None]
    places = [start + inner * (end - start) for start, end in itertools.pairwise(corners)]
    return float(losses(landscape, np.concatenate([corners, *places])).max())
