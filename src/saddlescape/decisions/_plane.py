"""Planes on which a space of many dimensions is shown."""

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from saddlescape.core import InvalidInputError
from saddlescape.regions import Planes

Box = tuple[tuple[float, float], tuple[float, float]]

_MARGIN = 0.08  # of the range of the points, on each side


@dataclasses.dataclass(frozen=True, eq=False)
class Plane:
    """A plane in a space: coordinates (s, t) stand for origin + s first + t second.

    Args:
        frame: origin and two orthonormal directions, shape (3, d).
        box: limits of both coordinates.
        shown: in words, what is seen.
        names: of the coordinates.
        share: of the points' variance that lies in the plane, from 0 to 1.
    """

    frame: Float[np.ndarray, "3 d"]
    box: Box
    shown: str
    names: tuple[str, str]
    share: float = 1.0

    @property
    def is_whole(self) -> bool:
        """Whether the plane is all of the space."""
        return self.frame.shape[1] <= 2

    def coordinates(self, points: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n 2"]:
        """Return where points are seen: their feet on the plane.

        Args:
            points: shape (n, d).

        Returns:
            shape (n, 2).
        """
        return (points - self.frame[0]) @ self.frame[1:].T

    def places(self, coordinates: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n d"]:
        """Return the points of the space that coordinates stand for.

        Args:
            coordinates: shape (n, 2).

        Returns:
            shape (n, d).
        """
        return self.frame[0] + coordinates @ self.frame[1:]

    def traces(self, planes: Planes) -> Planes:
        """Return the lines in which hyperplanes meet the plane.

        Args:
            planes: hyperplanes of the space.

        Returns:
            lines in its coordinates.
        """
        weights, biases = planes
        return Planes(weights @ self.frame[1:].T, biases + weights @ self.frame[0])


def whole_plane(points: Float[np.ndarray, "n d"], names: tuple[str, ...]) -> Plane:
    """Return the plane of two coordinates, or of one beside zero.

    Args:
        points: that should be seen, with one or two coordinates.
        names: of the coordinates.

    Returns:
        the plane.
    """
    d = points.shape[1]
    frame = np.vstack([np.zeros(d), np.eye(2)[:, :d]])
    both = (*names, "")[:2]
    return Plane(frame, _box(points @ frame[1:].T), "plain coordinates", (both[0], both[1]))


def principal_plane(points: Float[np.ndarray, "n d"]) -> Plane:
    """Return the plane through the mean in the two directions in which points vary most.

    Args:
        points: shape (n, d), d at least 3.

    Returns:
        the plane.
    """
    mean = points.mean(axis=0)
    _, sizes, rows = np.linalg.svd(points - mean, full_matrices=False)
    frame = np.vstack([mean, _oriented(rows[:2])])
    total = float((sizes**2).sum())
    share = float((sizes[:2] ** 2).sum()) / total if total else 1.0
    box = _box((points - mean) @ frame[1:].T)
    words = f"the plane of the two principal directions ({share:.0%} of the variance)"
    return Plane(frame, box, words, ("first principal direction", "second"), share)


def plane_of(points: Float[np.ndarray, "n d"], planes: Planes) -> Plane:
    """Return a plane on which hyperplanes and samples are seen as they are, or the principal one.

    Args:
        points: shape (n, d), d at least 3.
        planes: hyperplanes of the space.

    Returns:
        the plane of the normals where these span two dimensions at most: every sample is then seen
        on its side, and at its distance. A second direction is the one in which points vary most
        perpendicular to the first. The principal plane where normals span more.
    """
    _, sizes, rows = np.linalg.svd(planes.weights, full_matrices=False)
    noise = np.finfo(float).eps * max(planes.weights.shape) * sizes.max(initial=0.0)
    rank = int((sizes > noise).sum())
    if not 1 <= rank <= 2:
        return principal_plane(points)
    mean, normals = points.mean(axis=0), rows[:rank]
    if len(planes.weights) == 1:
        normals = planes.weights / sizes[0]
    away = points - mean
    rest = away - (away @ normals.T) @ normals
    beside = np.linalg.svd(rest, full_matrices=False)[2][: 2 - rank]
    frame = np.vstack([mean, normals, _oriented(beside)])
    seen = away @ frame[1:].T
    total = float((away**2).sum())
    share = float((seen**2).sum()) / total if total else 1.0
    if rank == 1:
        # The first coordinate is the distance from the first hyperplane.
        first = planes.weights[0] @ mean + planes.biases[0]
        frame[0] = mean - normals[0] * first / np.linalg.norm(planes.weights[0])
        seen = (points - frame[0]) @ frame[1:].T
        names = ("distance from the hyperplane", "direction of most variance along it")
        return Plane(frame, _box(seen), "the plane of the normal", names, share)
    names = ("first direction of the normals", "second")
    return Plane(frame, _box(seen), "the plane of the normals", names, share)


def sample_plane(points: Float[np.ndarray, "n d"], labels: Int[np.ndarray, " n"]) -> Plane:
    """Return the plane through three samples, of different classes where there are three.

    Args:
        points: shape (n, d), d at least 3.
        labels: their classes.

    Returns:
        the plane; the first sample of each class is taken, then others in order.

    Raises:
        InvalidInputError: where all samples lie on a line.
    """
    first = [int(np.flatnonzero(labels == label)[0]) for label in np.unique(labels)]
    order = first + [i for i in range(len(points)) if i not in first]
    chosen = order[:1]
    directions = np.zeros((0, points.shape[1]))
    for i in order[1:]:
        step = points[i] - points[order[0]]
        rest = step - directions.T @ (directions @ step)
        if np.linalg.norm(rest) > 1e-3 * np.linalg.norm(step):
            directions = np.vstack([directions, rest / np.linalg.norm(rest)])
            chosen.append(i)
        if len(chosen) == 3:
            break
    else:
        msg = "all samples lie on a line: there is no plane through three of them"
        raise InvalidInputError(msg)
    frame = np.vstack([points[order[0]], directions])
    box = _box((points[chosen] - frame[0]) @ directions.T, margin=0.5)
    words = "the plane through samples {}, {} and {}".format(*chosen)
    away = points - points.mean(axis=0)
    total = float((away**2).sum())
    share = float(((away @ directions.T) ** 2).sum()) / total if total else 1.0
    return Plane(frame, box, words, ("along the plane", "across"), share)


def _oriented(rows: Float[np.ndarray, "r d"]) -> Float[np.ndarray, "r d"]:
    """Return directions whose largest entry is positive: a sign that does not depend on chance."""
    largest = np.abs(rows).argmax(axis=1)
    return rows * np.where(rows[np.arange(len(rows)), largest] < 0, -1.0, 1.0)[:, None]


def _box(points: Float[np.ndarray, "n 2"], margin: float = _MARGIN) -> Box:
    """Return the range of points, a little wider; of length 2 where they do not vary."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = high - low
    room = np.where(span > 1e-9 * max(span.max(), 1e-300), margin * span, 1.0)
    (a, c), (b, d) = (low - room).tolist(), (high + room).tolist()
    return (a, b), (c, d)
