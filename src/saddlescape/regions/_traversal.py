"""The linear regions of a ReLU network in any dimension, visited facet by facet.

The inequalities of a region are those of all neurons on their side. In coordinates about a point
inside, inequality i reads p_i.x <= 1, and it is a facet exactly where p_i is a corner of the convex
hull of all p and the origin; the region is bounded where the origin is inside that hull. So one
hull gives all facets; where Qhull cannot make it, linear programs do.
"""

import dataclasses
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, QhullError

from saddlescape.core import InvalidInputError
from saddlescape.regions._deep import Layers, checked_layers
from saddlescape.regions._files import Planes

_MOST_HULL_DIMENSIONS = 6  # beyond, hulls of a hundred points have millions of facets
_ULPS = 4096.0
"""A slope or a distance of a hull counts as zero below this many eps of the largest: Qhull's own
rounding, measured at some hundred eps, with room."""
_FEASIBLE = 1e-6  # HiGHS answers to 1e-7 in units of the distances that it is given


@dataclasses.dataclass(frozen=True, eq=False)
class NetworkRegions:
    """Regions of a ReLU network, as far as they were visited.

    Args:
        patterns: which hidden neurons are active, shape (r, N).
        points: a point inside every region, shape (r, d).
        is_bounded: whether a region has finite extent, shape (r,); decided by its inequalities.
        num_facets: of every region, shape (r,); the sides of the box among them.
        is_complete: whether these are all regions, of the whole space or of those meeting the box.
    """

    patterns: Bool[np.ndarray, "r N"]
    points: Float[np.ndarray, "r d"]
    is_bounded: Bool[np.ndarray, " r"]
    num_facets: np.ndarray
    is_complete: bool

    @property
    def num_regions(self) -> int:
        """How many regions were visited."""
        return len(self.patterns)


class _Faces(NamedTuple):
    """The facets of a region: numbers of inequalities, a point on each; whether it is bounded."""

    numbers: list[int]
    feet: list[Float[np.ndarray, " d"]]
    is_bounded: bool


def network_regions(
    layers: Layers,
    *,
    box: tuple[float, float] | None = None,
    start: Float[np.ndarray, " d"] | None = None,
    max_regions: int = 100_000,
    is_over: Callable[[int], bool] = lambda _: False,
) -> NetworkRegions:
    """Return the regions of a ReLU network, by crossing facet after facet from a start.

    Args:
        layers: (weights, biases) per layer, the readout last.
        box: limits of every input; the whole space without. Regions are then cut off by its sides,
            and all of them are bounded.
        start: a point to begin from, inside the box.
        max_regions: stop after so many.
        is_over: called with the number visited, before each; true ends the walk.

    Returns:
        patterns, points, boundedness and numbers of facets.

    Raises:
        InvalidInputError: for layers, a box or a start that cannot be used.

    Notes:
        One convex hull per region up to dimension 6, one linear program per neuron and region
        beyond: about a millisecond for tens of neurons in three dimensions.

    Example:
        >>> import numpy as np
        >>> octants = [(np.eye(3), np.zeros(3)), (np.ones((1, 3)), np.zeros(1))]
        >>> found = network_regions(octants)
        >>> found.num_regions, int(found.is_bounded.sum()), found.num_facets.tolist()
        (8, 0, [3, 3, 3, 3, 3, 3, 3, 3])
    """
    made = checked_layers(layers)
    d = made[0].weights.shape[1]
    sides = _sides(d, box)
    begin = _start(made, d, box, start)
    first = _pattern(made, begin)
    points = {first.tobytes(): (first, begin)}
    queue, told = deque([first.tobytes()]), {}
    while queue and len(told) < max_regions and not (told and is_over(len(told))):
        key = queue.popleft()
        pattern, inside = points[key]
        faces = _faces(made, pattern, inside, sides)
        told[key] = (faces.is_bounded, len(faces.numbers))
        for number, foot in zip(faces.numbers, faces.feet, strict=True):
            if number >= len(pattern):
                continue  # a side of the box
            across = pattern.copy()
            across[number] = ~across[number]
            if across.tobytes() in points:
                continue
            found = _crossed(made, pattern, number, foot, sides)
            name = found[0].tobytes()
            if name not in points:
                points[name] = found
                queue.append(name)
    kept = list(told)
    return NetworkRegions(
        np.array([points[key][0] for key in kept]),
        np.array([points[key][1] for key in kept]),
        np.array([told[key][0] for key in kept]),
        np.array([told[key][1] for key in kept]),
        not queue,
    )


def _sides(d: int, box: tuple[float, float] | None) -> Planes:
    """Return the sides of a box as inequalities w.x + b >= 0; none without a box."""
    if box is None:
        return Planes(np.zeros((0, d)), np.zeros(0))
    if not (np.isfinite(box).all() and box[0] < box[1]):
        msg = f"the box is {box}: give two numbers, the lower first"
        raise InvalidInputError(msg)
    return Planes(np.vstack([np.eye(d), -np.eye(d)]), np.repeat([-box[0], box[1]], d))


def _start(
    layers: tuple[Planes, ...], d: int, box: tuple[float, float] | None, start: np.ndarray | None
) -> np.ndarray:
    """Return a point inside a region: the one given, or nothing special near the middle."""
    low, high = (-1.0, 1.0) if box is None else box
    if start is None:
        draws = np.random.default_rng(d).uniform(0.45, 0.55, size=d)
        return low + (high - low) * draws
    begin = np.asarray(start, float)
    if begin.shape != (d,) or (box is not None and not ((low < begin) & (begin < high)).all()):
        msg = f"the start is {begin.tolist()}: give {d} coordinates inside the box"
        raise InvalidInputError(msg)
    weights, offsets = _rows(layers, _pattern(layers, begin))
    moving = np.abs(weights).max(axis=1) > 0
    if (weights @ begin + offsets == 0)[moving].any():
        msg = "the start lies on the border of a region: move it a little"
        raise InvalidInputError(msg)
    return begin


def _pattern(layers: tuple[Planes, ...], point: np.ndarray) -> Bool[np.ndarray, " N"]:
    """Return which hidden neurons are active at a point."""
    active, values = [], point
    for weights, biases in layers[:-1]:
        raw = weights @ values + biases
        active.append(raw > 0)
        values = np.maximum(raw, 0.0)
    return np.concatenate(active)


def _rows(layers: tuple[Planes, ...], pattern: np.ndarray) -> Planes:
    """Return the preactivation of every hidden neuron as a linear function of the input."""
    d, first = layers[0].weights.shape[1], 0
    slopes, offsets, rows, ends = np.eye(d), np.zeros(d), [], []
    for weights, biases in layers[:-1]:
        slopes, offsets = weights @ slopes, weights @ offsets + biases
        rows.append(slopes)
        ends.append(offsets)
        active = pattern[first : first + len(biases)]
        slopes, offsets = slopes * active[:, None], offsets * active
        first += len(biases)
    return Planes(np.concatenate(rows), np.concatenate(ends))


def _walls(
    layers: tuple[Planes, ...], pattern: np.ndarray, sides: Planes
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return numbers, unit normals and offsets of all inequalities w.x + b >= 0 of a region."""
    weights, offsets = _rows(layers, pattern)
    turned = np.where(pattern, 1.0, -1.0)
    weights = np.vstack([weights * turned[:, None], sides.weights])
    offsets = np.concatenate([offsets * turned, sides.biases])
    lengths = np.linalg.norm(weights, axis=1)
    # A neuron whose inputs are all off does not change, and bounds nothing.
    moving = np.flatnonzero(lengths > _ULPS * np.finfo(float).eps * lengths.max(initial=0.0))
    long = lengths[moving]
    return moving, weights[moving] / long[:, None], offsets[moving] / long


def _faces(
    layers: tuple[Planes, ...], pattern: np.ndarray, inside: np.ndarray, sides: Planes
) -> _Faces:
    """Return the facets of the region around a point."""
    numbers, weights, offsets = _walls(layers, pattern, sides)
    if not len(numbers):
        return _Faces([], [], False)
    room = weights @ inside + offsets
    once = _apart(weights, room)
    numbers, weights, offsets, room = (x[once] for x in (numbers, weights, offsets, room))
    if len(inside) == 1:
        return _ends(numbers, weights[:, 0], room, inside)
    if len(inside) <= _MOST_HULL_DIMENSIONS and (room > 0).all():
        try:
            return _by_hull(numbers, weights, room, inside)
        except QhullError:
            pass  # too few inequalities, or all of them in one plane
    return _by_programs(numbers, weights, offsets, inside)


def _apart(weights: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Return one number for each wall that is there several times, the last: a side of the box.

    Otherwise linear programs find no point of a wall that is off its double, and a neuron that
    turns at a side of the box leads out of it.
    """
    rows = np.column_stack([weights, room])
    # Equal rows have equal images; rows that differ have different ones, with probability 1.
    images = rows @ np.random.default_rng(len(rows[0])).uniform(1.0, 2.0, len(rows[0]))
    order = np.argsort(images, kind="stable")
    noise = _ULPS * np.finfo(float).eps * np.abs(rows[order]).max(axis=1, initial=1.0)
    # Images fall in runs of equal ones; a stable sort alone would not keep the last of each.
    runs = np.cumsum(np.append(False, np.diff(images[order]) > noise[1:]))
    last = np.zeros(runs[-1] + 1, int)
    np.maximum.at(last, runs, order)
    return np.sort(last)


def _ends(numbers: np.ndarray, weights: np.ndarray, room: np.ndarray, inside: np.ndarray) -> _Faces:
    """Return the ends of an interval."""
    found, feet = [], []
    for side in (1.0, -1.0):
        facing = np.flatnonzero(weights == side)
        if len(facing):
            nearest = facing[room[facing].argmin()]
            found.append(int(numbers[nearest]))
            feet.append(inside - side * room[nearest])
    return _Faces(found, feet, len(found) == 2)


def _by_hull(
    numbers: np.ndarray, weights: np.ndarray, room: np.ndarray, inside: np.ndarray
) -> _Faces:
    """Return facets from the hull of the dual points and the origin."""
    unit = room.min()
    duals = -weights * (unit / room)[:, None]  # the longest has length 1
    hull = ConvexHull(np.vstack([duals, np.zeros(len(inside))]))
    origin = len(duals)
    normals, heights = hull.equations[:, :-1], -hull.equations[:, -1]
    finite = heights > _ULPS * np.finfo(float).eps
    corners = inside + unit * normals[finite] / heights[finite][:, None]
    found, feet = [], []
    for i in hull.vertices:
        if i == origin:
            continue
        touching = (hull.simplices == i).any(axis=1)
        near = corners[touching[finite]]
        if not len(near):
            raise QhullError
        foot = near.mean(axis=0)
        rays = normals[touching & ~finite]
        if len(rays):
            foot = foot + rays.sum(axis=0) * np.linalg.norm(foot - inside)
        found.append(int(numbers[i]))
        feet.append(foot)
    return _Faces(found, feet, bool(finite.all()))


def _by_programs(
    numbers: np.ndarray, weights: np.ndarray, offsets: np.ndarray, inside: np.ndarray
) -> _Faces:
    """Return facets from one linear program each: the point of a wall farthest from the rest."""
    d = len(inside)
    scale = 1.0 + float(np.abs(weights @ inside + offsets).max())
    found, feet = [], []
    for i in range(len(numbers)):
        others = np.arange(len(numbers)) != i
        # In units of scale about the point, at most 1 from every other wall.
        best = linprog(
            np.append(np.zeros(d), -1.0),
            A_ub=np.column_stack([-weights[others], np.ones(others.sum())]),
            b_ub=(weights[others] @ inside + offsets[others]) / scale,
            A_eq=np.append(weights[i], 0.0)[None],
            b_eq=[-(weights[i] @ inside + offsets[i]) / scale],
            bounds=[(None, None)] * d + [(None, 1.0)],
        )
        if best.status == 0 and best.x[-1] > _FEASIBLE:
            found.append(int(numbers[i]))
            feet.append(inside + scale * best.x[:-1])
    # Unbounded where some direction, of length about 1, leaves no wall: sum of slopes is then > 0.
    slopes = linprog(-weights.sum(axis=0), A_ub=-weights, b_ub=np.zeros(len(weights)),
                     bounds=[(-1, 1)] * d)  # fmt: skip
    spans = np.linalg.matrix_rank(weights) == d
    return _Faces(found, feet, bool(spans and -slopes.fun < _FEASIBLE))


def _crossed(
    layers: tuple[Planes, ...], pattern: np.ndarray, number: int, foot: np.ndarray, sides: Planes
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pattern and a point of the region beyond a facet."""
    across = pattern.copy()
    across[number] = ~across[number]
    numbers, weights, offsets = _walls(layers, across, sides)
    own = int(np.flatnonzero(numbers == number)[0])
    inward = weights[own]
    room, slopes = weights @ foot + offsets, weights @ inward
    noise = _ULPS * np.finfo(float).eps * (1.0 + float(np.abs(foot).max()))
    closing = (slopes < 0) & (np.arange(len(numbers)) != own) & (room > noise)
    with np.errstate(divide="ignore", invalid="ignore"):
        reached = np.where(closing, -room / slopes, np.inf)
    step = min(0.5 * float(reached.min(initial=np.inf)), 1.0 + float(np.abs(foot).max()))
    point = foot + step * inward
    # Where several neurons turn at one wall, what lies beyond is told by the network itself.
    return _pattern(layers, point), point
