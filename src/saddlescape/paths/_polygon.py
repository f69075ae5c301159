"""Polygons in parameter space: their length, and the loss on and between their corners."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize_scalar

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
    """Return the highest loss on a polygon.

    It is looked at at its corners and four places inside each edge; about the highest of these the
    maximum is then found to rounding, since a parabola's top lies between any places looked at.
    """
    share = np.arange((len(corners) - 1) * (_BETWEEN + 1) + 1) / (_BETWEEN + 1)

    def loss_at(place: float) -> float:
        edge = min(int(place), len(corners) - 2)
        theta = corners[edge] + (place - edge) * (corners[edge + 1] - corners[edge])
        return float(landscape.loss(jnp.asarray(theta)))

    seen = np.array([loss_at(place) for place in share])
    top = int(np.argmax(seen))
    low, high = share[max(top - 1, 0)], share[min(top + 1, len(share) - 1)]
    found = minimize_scalar(
        lambda place: -loss_at(place), bounds=(low, high), method="bounded", options={"xatol": 1e-7}
    )
    return max(float(seen.max()), -float(found.fun))
