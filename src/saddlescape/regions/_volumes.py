"""Vertices and volumes of single regions inside a box."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, HalfspaceIntersection

from saddlescape.core import InvalidInputError
from saddlescape.regions._arrangement import Arrangement

_THIN = 2.0**-40
"""A part of a region has no volume where its inscribed ball is less than this share of the box;
Qhull answers to some eps."""


class Polytope(NamedTuple):
    """A bounded polytope: its vertices, shape (v, d), and its volume."""

    vertices: Float[np.ndarray, "v d"]
    volume: float


def polytope_in_box(
    cut: Arrangement, region: int, low: Float[np.ndarray, " d"], high: Float[np.ndarray, " d"]
) -> Polytope:
    """Return the part of a region that lies in a box.

    Args:
        cut: hyperplanes and their regions.
        region: the number of the region.
        low: the lower corner.
        high: the upper corner.

    Returns:
        vertices and volume; none and 0 where the region misses the box.

    Raises:
        InvalidInputError: for fewer than two dimensions, or a box that is empty.

    Notes:
        One linear program for the largest inscribed ball, then Qhull: milliseconds.

    Example:
        >>> import numpy as np
        >>> from saddlescape.regions import arrangement
        >>> cross = arrangement(np.eye(2), np.zeros(2))
        >>> round(polytope_in_box(cross, 0, -np.ones(2), np.ones(2)).volume, 9)
        1.0
    """
    d = cut.weights.shape[1]
    if d < 2 or low.shape != (d,) or high.shape != (d,) or not (low < high).all():
        msg = f"a box from {low.tolist()} to {high.tolist()}: give corners of {d} >= 2 dimensions"
        raise InvalidInputError(msg)
    side = np.where(cut.signs[region], -1.0, 1.0)[:, None]
    lengths = np.linalg.norm(cut.weights, axis=1, keepdims=True)
    walls = side * np.hstack([cut.weights, cut.biases[:, None]]) / lengths
    box = np.vstack([
        np.hstack([np.eye(d), -high[:, None]]), np.hstack([-np.eye(d), low[:, None]])
    ])  # fmt: skip
    halfspaces = np.vstack([walls, box])
    inner = linprog(
        np.append(np.zeros(d), -1.0),
        A_ub=np.hstack([halfspaces[:, :-1], np.ones((len(halfspaces), 1))]),
        b_ub=-halfspaces[:, -1],
        bounds=[(None, None)] * d + [(0, None)],
    )
    if inner.status != 0 or inner.x[-1] < _THIN * (high - low).max():
        return Polytope(np.empty((0, d)), 0.0)
    vertices = HalfspaceIntersection(halfspaces, inner.x[:-1]).intersections
    return Polytope(np.unique(vertices, axis=0), float(ConvexHull(vertices).volume))
