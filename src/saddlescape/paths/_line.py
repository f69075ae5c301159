"""Other ways between two points: the straight line, and an elastic band that has settled."""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError, Landscape
from saddlescape.paths._network_of import vector_of
from saddlescape.paths._polygon import highest_loss, lengths, losses

Vector = Float[np.ndarray, " p"]
Band = Float[np.ndarray, "f p"]

_MAX_STEPS = 80
_SETTLED = 1e-3  # of the band's length: images that move less have settled
_STRIDE = 0.5  # of the distance of images: the longest step of one
_DAMPING = 1e-3  # of the largest curvature


@dataclasses.dataclass(frozen=True, eq=False)
class Line:
    """A polygon between two points, and the loss on it.

    Args:
        theta: its corners, shape (f, p).
        arclength: Euclidean length up to each corner, shape (f,).
        loss: at the corners, shape (f,).
        barrier: the highest loss at the corners and at four places inside each edge.
    """

    theta: Float[np.ndarray, "f p"]
    arclength: Float[np.ndarray, " f"]
    loss: Float[np.ndarray, " f"]
    barrier: float


def straight_line(landscape: Landscape, start: Any, end: Any, *, num_corners: int = 101) -> Line:
    """Return the straight line between two points.

    Args:
        landscape: the loss.
        start: shape (p,).
        end: shape (p,).
        num_corners: where the loss is taken, both ends included.

    Returns:
        the line.

    Raises:
        InvalidInputError: for fewer than two corners.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> wells = FunctionLandscape(lambda v: (v[0] ** 2 - 1) ** 2, num_parameters=1)
        >>> straight_line(wells, np.array([-1.0]), np.array([1.0])).barrier
        1.0
    """
    start, end = vector_of(landscape, start), vector_of(landscape, end)
    if not isinstance(num_corners, int) or num_corners < 2:
        msg = f"num_corners is {num_corners}: a line has at least its two ends"
        raise InvalidInputError(msg)
    share = np.linspace(0, 1, num_corners)[:, None]
    return line_through(landscape, start + share * (end - start))


def line_through(landscape: Landscape, corners: Band) -> Line:
    """Return the polygon through given corners.

    Args:
        landscape: the loss.
        corners: shape (f, p).

    Returns:
        the line.
    """
    return Line(
        corners, lengths(corners), losses(landscape, corners), highest_loss(landscape, corners)
    )


def elastic_band(
    landscape: Landscape, start: Any, end: Any, *, num_images: int = 17, max_steps: int = _MAX_STEPS
) -> Line:
    """Return a band between two points that has slid down until the loss falls along it only.

    Args:
        landscape: the loss.
        start: a fixed end, shape (p,).
        end: the other, shape (p,).
        num_images: corners of the band, both ends included.
        max_steps: after which it is left as it is.

    Returns:
        the band with the lowest highest loss that was met on the way.

    Raises:
        InvalidInputError: for fewer than three images.

    Notes:
        Images move orthogonally to the band by damped saddle-free Newton steps and are then spread
        evenly along it: a nudged elastic band (Henkelman & Jonsson 2000) with stiff springs, which
        is the string method (E, Ren & Vanden-Eijnden 2007). Each step costs a Hessian an image.

    Example:
        >>> from saddlescape import problems
        >>> surface = problems.load("two-minima")
        >>> low, high, saddle = (np.asarray(point.theta) for point in surface.known_points)
        >>> band = elastic_band(surface.landscape, low, high)
        >>> bool(band.barrier < straight_line(surface.landscape, low, high).barrier + 1e-12)
        True
    """
    if num_images < 3:
        msg = f"num_images is {num_images}: a band has two ends and something between them"
        raise InvalidInputError(msg)
    start, end = vector_of(landscape, start), vector_of(landscape, end)
    share = np.linspace(0, 1, num_images)[:, None]
    band = start + share * (end - start)
    best, lowest = band, np.inf
    for _ in range(max_steps):
        moved, highest = _slid(landscape, band)
        if highest < lowest:
            best, lowest = band, highest
        moved = _spread(moved)
        shift, band = float(np.abs(moved - band).max()), moved
        if not np.isfinite(band).all() or shift < _SETTLED * lengths(band)[-1] / num_images:
            break
    settled, straight = line_through(landscape, best), straight_line(landscape, start, end)
    return settled if settled.barrier < straight.barrier else straight


def _slid(landscape: Landscape, band: Band) -> tuple[Band, float]:
    """Return the band after one step of every inner image across it, and its highest loss before.

    What counts is the loss at the images; the ends do not move.
    """
    moved, highest = band.copy(), -np.inf
    stride = _STRIDE * lengths(band)[-1] / (len(band) - 1)
    for number in range(1, len(band) - 1):
        along = band[number + 1] - band[number - 1]
        along /= max(float(np.linalg.norm(along)), np.finfo(float).tiny)
        place = jnp.asarray(band[number])
        loss, gradient, hessian = map(np.asarray, landscape.derivatives(place))
        highest = max(highest, float(loss))
        eigenvalues, vectors = np.linalg.eigh(hessian)
        size = np.abs(eigenvalues) + _DAMPING * np.abs(eigenvalues).max()
        across = gradient - along * (along @ gradient)
        step = -vectors @ ((vectors.T @ across) / size)
        step -= along * (along @ step)
        length = float(np.linalg.norm(step))
        moved[number] += step * min(1.0, stride / max(length, np.finfo(float).tiny))
    return moved, highest if np.isfinite(highest) else np.inf


def _spread(band: Band) -> Band:
    """Return as many corners evenly along the same polygon."""
    at = lengths(band)
    wanted = np.linspace(0, at[-1], len(band))
    return np.stack([np.interp(wanted, at, column) for column in band.T], axis=1)
