"""All regions of an arrangement in any position, by adding hyperplanes one at a time.

A new hyperplane H parts exactly the regions whose restriction to H is a region of the arrangement
restricted to H, one dimension lower: the tilting argument as an algorithm. The recursion ends in
dimension 1, where breakpoints are sorted. No linear program is solved, and every decision whether
something is parallel or coincides is taken on one number with a bound on its rounding error.

Hyperplanes are restricted in the longest floating-point numbers of the machine (64 binary digits on
x86), whose cost is nothing beside that of the regions; points and directions are float64.
"""

import dataclasses

import numpy as np
import scipy.linalg
from jaxtyping import Bool, Float, Int, Shaped

from saddlescape.core import InvalidInputError
from saddlescape.regions._general_position import Cells
from saddlescape.regions._keys import find, keys_of, signatures

LONG = np.longdouble
_ULPS = 16.0
"""Rounding of one restriction, in eps times the size of what is subtracted: two products of unit
vectors and a difference make less than 8 in the dimensions that can be enumerated."""


@dataclasses.dataclass
class Evidence:
    """How near to degenerate the nearest decision was.

    Args:
        closest: the least number that counted as nonzero, in units of its error bound.
    """

    closest: float = np.inf

    def nonzero(
        self, sizes: Shaped[np.ndarray, " k"], bounds: Shaped[np.ndarray, " k"]
    ) -> Bool[np.ndarray, " k"]:
        """Return which sizes are beyond their bounds, and remember the closest of them."""
        beyond = sizes > bounds
        if beyond.any():
            self.closest = min(self.closest, float((sizes[beyond] / bounds[beyond]).min()))
        return beyond


@dataclasses.dataclass(frozen=True)
class Planes:
    """Hyperplanes w.x + b = 0 with unit normals, and a bound on the error of w and of b."""

    weights: Shaped[np.ndarray, "n d"]  # of LONG, as the others
    biases: Shaped[np.ndarray, " n"]
    errors: Shaped[np.ndarray, " n"]

    @property
    def plain(self) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
        """Weights and biases as float64."""
        return self.weights.astype(float), self.biases.astype(float)

    def take(self, rows: Int[np.ndarray, " k"]) -> "Planes":
        """Return some of them."""
        return Planes(self.weights[rows], self.biases[rows], self.errors[rows])


def merged(
    planes: Planes, evidence: Evidence
) -> tuple[Int[np.ndarray, " k"], Int[np.ndarray, " n"], Bool[np.ndarray, " n"]]:
    """Return the rows of distinct hyperplanes, which of them each one is, and if it is flipped."""
    n = len(planes.biases)
    slack = planes.errors[:, None] + planes.errors
    is_same = np.zeros((n, n), bool)
    is_flipped = np.zeros((n, n), bool)
    for sign, target in ((1, is_same), (-1, is_flipped)):
        gap = np.abs(planes.biases[:, None] - sign * planes.biases)
        for column in planes.weights.T:
            gap = np.maximum(gap, np.abs(column[:, None] - sign * column))
        upper = np.triu_indices(n, 1)
        target[upper] = ~evidence.nonzero(gap[upper], slack[upper])
    twin = is_same | is_flipped
    first = np.where(twin.any(axis=0), twin.argmax(axis=0), np.arange(n))
    # A twin of a twin: errors add up, so chains are followed to their first member.
    flipped = is_flipped[first, np.arange(n)]
    for i in range(n):
        if first[i] != i:
            flipped[i] ^= flipped[first[i]]
            first[i] = first[first[i]]
    rows, which = np.unique(first, return_inverse=True)
    return rows, which, flipped


def cells(planes: Planes, evidence: Evidence) -> Cells:
    """Return all regions of hyperplanes whose normals span the space, in any position.

    Raises:
        InvalidInputError: where rounding decides too much.
    """
    rows, which, flipped = merged(planes, evidence)
    distinct = planes.take(rows)
    found = _on_a_line(distinct) if planes.weights.shape[1] == 1 else _grown(distinct, evidence)
    return Cells(found.signs[:, which] ^ flipped, found.points, found.directions)


def _on_a_line(planes: Planes) -> Cells:
    """Return the intervals between distinct breakpoints."""
    weights, biases = planes.plain
    places = -biases / weights[:, 0]
    order = np.argsort(places)
    sorted_places, n = places[order], len(places)
    room = 1.0 + np.abs(sorted_places[[0, -1]])
    ends = np.concatenate([
        [sorted_places[0] - room[0]], sorted_places, [sorted_places[-1] + room[1]]
    ])  # fmt: skip
    points = (ends[:-1] + ends[1:]) / 2
    points[[0, -1]] = ends[[0, -1]]
    rank = np.empty(n, int)
    rank[order] = np.arange(n)
    signs = (np.arange(n + 1)[:, None] > rank) ^ (weights[:, 0] < 0)
    directions = np.full((n + 1, 1), np.nan)
    directions[0], directions[-1] = -1.0, 1.0
    return Cells(signs, points[:, None], directions)


def _grown(planes: Planes, evidence: Evidence) -> Cells:
    """Return the regions, hyperplane by hyperplane, from the 2^d orthants of d independent ones."""
    n, d = planes.weights.shape
    order = np.asarray(scipy.linalg.qr(planes.plain[0].T, mode="r", pivoting=True)[-1])
    ordered = planes.take(order)
    numbers = signatures(n)
    found = _orthants(ordered, d)
    for i in range(d, n):
        found = _added(found, ordered, i, numbers, evidence)
    signs = np.empty_like(found.signs)
    signs[:, order] = found.signs
    return Cells(signs, found.points, found.directions)


def _orthants(planes: Planes, d: int) -> Cells:
    """Return the regions of the first d hyperplanes, which meet in one point."""
    weights, biases = planes.plain
    edges = np.linalg.inv(weights[:d])
    vertex = -edges @ biases[:d]
    signs = (np.arange(2**d)[:, None] >> np.arange(d) & 1).astype(bool)
    inward = np.where(signs, 1.0, -1.0) @ (edges / np.linalg.norm(edges, axis=0)).T
    scale = 1.0 + np.abs(vertex).max()
    return Cells(signs, vertex + scale * inward, inward)


def _added(found: Cells, planes: Planes, i: int, numbers: np.ndarray, evidence: Evidence) -> Cells:
    """Return the regions after hyperplane number i: those it meets are parted in two."""
    walls = _walls(planes, i, evidence)
    normal, bias = (part[i] for part in planes.plain)
    parted = find(keys_of(walls.signs, numbers[:i]), keys_of(found.signs, numbers[:i]))
    if (parted < 0).any() or len(np.unique(parted)) < len(parted):
        msg = (
            "some hyperplanes are parallel or concurrent up to rounding, and others nearly so: "
            "which regions exist cannot be told; give weights with more digits, or round them"
        )
        raise InvalidInputError(msg)
    # Both halves get a point half the way from the wall to what is nearest on that side.
    upper, lower = (
        walls.points + _room(walls.points, planes.take(np.arange(i)), side * normal)
        for side in (1, -1)
    )
    above, below = _parted_directions(found.directions[parted], walls.directions, normal)
    points, directions = found.points.copy(), found.directions.copy()
    is_above = points @ normal + bias > 0
    is_above[parted], points[parted], directions[parted] = True, upper, above
    half = np.column_stack([found.signs[parted], np.zeros(len(parted), bool)])
    return Cells(
        np.concatenate([np.column_stack([found.signs, is_above]), half]),
        np.concatenate([points, lower]),
        np.concatenate([directions, below]),
    )


def _parted_directions(
    whole: Float[np.ndarray, "f d"], wall: Float[np.ndarray, "f d"], normal: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return directions to infinity of both halves of regions, NaN where a half is bounded.

    Both are unbounded where the wall between them is. Where it is bounded, nothing at infinity is
    parallel to it, and the whole cone of directions lies on one side: it contains no line, since
    the d hyperplanes that came first are independent.
    """
    is_open, slopes = ~np.isnan(wall[:, :1]), (whole @ normal)[:, None]
    above, below = (
        np.where(is_open, wall, np.where(side * slopes > 0, whole, np.nan)) for side in (1, -1)
    )
    return above, below


def _walls(planes: Planes, i: int, evidence: Evidence) -> Cells:
    """Return the regions that hyperplanes 0 to i - 1 make of hyperplane i, in the whole space."""
    normal, bias, error = planes.weights[i], planes.biases[i], planes.errors[i]
    before = planes.take(np.arange(i))
    across, foot = _complement(normal), -bias * normal
    weights, offsets = before.weights @ across, before.weights @ foot + before.biases
    size = 1 + np.abs(bias) + np.abs(before.biases)
    bounds = before.errors + 2 * error * size + _ULPS * np.finfo(LONG).eps * size
    lengths = np.sqrt((weights**2).sum(axis=1))
    crossing = np.flatnonzero(evidence.nonzero(lengths, bounds))
    long, offset = lengths[crossing], offsets[crossing] / lengths[crossing]
    errors = bounds[crossing] / long * (1 + np.abs(offset))
    found = cells(Planes(weights[crossing] / long[:, None], offset, errors), evidence)
    signs = np.repeat(offsets[None] > 0, len(found.signs), axis=0)  # of those that are parallel
    signs[:, crossing] = found.signs
    up, foot = across.astype(float).T, foot.astype(float)
    return Cells(signs, foot + found.points @ up, found.directions @ up)


def _complement(normal: Shaped[np.ndarray, " d"]) -> Shaped[np.ndarray, "d e"]:
    """Return an orthonormal basis of what is perpendicular to a unit vector, by a reflection."""
    mirror = normal.copy()
    mirror[0] += 1 if normal[0] >= 0 else -1
    reflection = np.eye(len(normal), dtype=LONG)
    reflection -= 2 * np.outer(mirror, mirror) / (mirror @ mirror)
    return reflection[:, 1:]


def _room(
    points: Float[np.ndarray, "f d"], planes: Planes, direction: Float[np.ndarray, " d"]
) -> Float[np.ndarray, "f d"]:
    """Return steps from points along a direction, half the way to the first hyperplane."""
    weights, biases = planes.plain
    values, slopes = points @ weights.T + biases, weights @ direction
    with np.errstate(divide="ignore", invalid="ignore"):
        reached = np.where(values * slopes < 0, -values / slopes, np.inf)
    far = 2.0 * (1.0 + np.abs(biases).max() + np.abs(points).max(axis=1))
    return np.minimum(0.5 * reached.min(axis=1), far)[:, None] * direction
