"""The linear regions of a ReLU network in a rectangle of the plane, and on a segment: exact."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from saddlescape.core import InvalidInputError, ShapeMismatchError
from saddlescape.regions._files import Planes
from saddlescape.regions._polygons import Polygons, cut_by_layer, unpacked

_PART = 1024  # polygons that a layer cuts at a time: the values at their corners stay in the cache

Layers = Sequence[tuple[np.ndarray, np.ndarray]]
Box = tuple[tuple[float, float], tuple[float, float]]


@dataclasses.dataclass(frozen=True, eq=False)
class PlaneRegions:
    """The regions of a ReLU network of two inputs in a rectangle.

    A region is a set of inputs on which the same hidden neurons are active; the network is linear
    there. Regions are convex polygons.

    Args:
        box: limits of the first and of the second input.
        places: of the corners of all regions, shape (v, 2).
        corners: numbers of corners, region by region, in turn around it, shape (c,).
        begins: where in `corners` each region begins, shape (r,).
        patterns: which hidden neurons are active, layer after layer, shape (r, N).
        outputs: of the network at the corners, shape (v, k).
    """

    box: Box
    places: Float[np.ndarray, "v 2"]
    corners: Int[np.ndarray, " c"]
    begins: Int[np.ndarray, " r"]
    patterns: Bool[np.ndarray, "r N"]
    outputs: Float[np.ndarray, "v k"]

    @property
    def num_regions(self) -> int:
        """How many regions there are in the rectangle."""
        return len(self.begins)

    @property
    def sizes(self) -> Int[np.ndarray, " r"]:
        """How many corners each region has."""
        return np.diff(self.begins, append=len(self.corners))

    @property
    def points(self) -> Float[np.ndarray, "r 2"]:
        """A point inside each region: the mean of its corners."""
        sums = np.add.reduceat(self.places[self.corners], self.begins, axis=0)
        return sums / self.sizes[:, None]

    @property
    def areas(self) -> Float[np.ndarray, " r"]:
        """The area of each region, in the rectangle."""
        # Seen from a point inside, so that thin regions far from the origin lose no digits.
        x, y = (self.places[self.corners] - np.repeat(self.points, self.sizes, axis=0)).T
        following = np.arange(1, len(self.corners) + 1)
        ends = np.append(self.begins[1:], len(self.corners))
        following[ends - 1] = self.begins
        return np.abs(np.add.reduceat(x * y[following] - x[following] * y, self.begins)) / 2

    @property
    def is_whole(self) -> Bool[np.ndarray, " r"]:
        """Whether each region keeps away from the rectangle's sides: bounded, and all seen."""
        on_side = np.zeros(len(self.places), bool)
        for column, limits in zip(self.places.T, self.box, strict=True):
            on_side |= np.isin(column, limits)
        return ~np.logical_or.reduceat(on_side[self.corners], self.begins)

    def polygon(self, region: int) -> Float[np.ndarray, "s 2"]:
        """Return the corners of a region, in turn.

        Args:
            region: its number.

        Returns:
            shape (corners, 2).
        """
        begin = self.begins[region]
        return self.places[self.corners[begin : begin + self.sizes[region]]]

    def meets_ball(self, center: tuple[float, float], radius: float) -> Bool[np.ndarray, " r"]:
        """Return which regions reach into a disk.

        Args:
            center: of the disk, which should lie in the rectangle.
            radius: of the disk.

        Returns:
            shape (r,).
        """
        starts = self.places[self.corners] - np.asarray(center)
        following = np.arange(1, len(self.corners) + 1)
        ends = np.append(self.begins[1:], len(self.corners))
        following[ends - 1] = self.begins
        edges = starts[following] - starts
        lengths = np.maximum((edges**2).sum(axis=1), np.finfo(float).tiny)
        share = np.clip(-(starts * edges).sum(axis=1) / lengths, 0, 1)[:, None]
        near = np.sqrt(((starts + share * edges) ** 2).sum(axis=1)) < radius
        turn = starts[:, 0] * edges[:, 1] - starts[:, 1] * edges[:, 0]
        inside = [f.reduceat(turn, self.begins) for f in (np.minimum, np.maximum)]
        contains = (inside[0] >= 0) | (inside[1] <= 0)
        return np.logical_or.reduceat(near, self.begins) | contains


def checked_layers(layers: Layers, inputs: int | None = None) -> tuple[Planes, ...]:
    """Return layers as arrays that fit onto each other.

    Raises:
        InvalidInputError: for fewer than two layers.
        ShapeMismatchError: where a layer does not fit onto the one below, or onto the inputs.
    """
    made = tuple(Planes(np.asarray(w, float), np.asarray(b, float)) for w, b in layers)
    if len(made) < 2:
        msg = f"{len(made)} layers: give at least one hidden layer and the readout"
        raise InvalidInputError(msg)
    below = made[0].weights.shape[1] if inputs is None else inputs
    for number, layer in enumerate(made):
        if layer.weights.shape[1] != below or layer.biases.shape != layer.weights.shape[:1]:
            msg = (
                f"layer {number} has weights {layer.weights.shape}, biases {layer.biases.shape}, "
                f"and {below} inputs: give (outputs, inputs) and (outputs,)"
            )
            raise ShapeMismatchError(msg)
        below = len(layer.biases)
    return made


def plane_regions(
    layers: Layers, box: Box = ((-1.0, 1.0), (-1.0, 1.0)), *, plane: np.ndarray | None = None
) -> PlaneRegions:
    """Return the regions of a ReLU network in a rectangle, or in one on a plane through its inputs.

    Args:
        layers: (weights, biases) per layer, the readout last; two inputs, unless a plane is given.
        box: limits of the two coordinates.
        plane: origin and two directions in the space of the inputs, shape (3, d): coordinates
            (s, t) then stand for origin + s first + t second.

    Returns:
        polygons, patterns and the outputs at their corners.

    Raises:
        InvalidInputError: for layers, a box or a plane that cannot be used.

    Notes:
        Costs microseconds for each region. Parts whose corners are on one side up to rounding are
        not cut off.

    Example:
        >>> import numpy as np
        >>> xor = [(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]
        >>> plane_regions(xor).num_regions
        4
    """
    made = checked_layers(layers, 2 if plane is None else np.shape(plane)[-1])
    if not all(np.isfinite(side).all() and side[0] < side[1] for side in box):
        msg = f"the box is {box}: give ((low, high), (low, high))"
        raise InvalidInputError(msg)
    if plane is not None:
        weights, biases = made[0]
        at = np.asarray(plane, float)
        made = (Planes(weights @ at[1:].T, biases + weights @ at[0]), *made[1:])
    (a, b), (c, e) = box
    places = np.array([[a, c], [b, c], [b, e], [a, e]], float)
    square = Polygons(places, np.arange(4), np.zeros(1, np.int64))
    pieces = list(_cut(made, square, places, np.zeros((1, 0), bool), 0))
    counts = np.cumsum([0, *(len(piece.polygons.places) for piece in pieces)])
    lengths = np.cumsum([0, *(len(piece.polygons.corners) for piece in pieces)])
    return PlaneRegions(
        box,
        np.concatenate([p.polygons.places for p in pieces]),
        np.concatenate([p.polygons.corners + k for p, k in zip(pieces, counts, strict=False)]),
        np.concatenate([p.polygons.begins + k for p, k in zip(pieces, lengths, strict=False)]),
        np.concatenate([piece.patterns for piece in pieces]),
        np.concatenate([piece.outputs for piece in pieces]),
    )


class _Piece(NamedTuple):
    """Finished regions with corners of their own."""

    polygons: Polygons
    patterns: Bool[np.ndarray, "f N"]
    outputs: Float[np.ndarray, "v k"]


def _cut(
    layers: tuple[Planes, ...],
    polygons: Polygons,
    values: Float[np.ndarray, "v m"],
    patterns: Bool[np.ndarray, "f n"],
    depth: int,
) -> Iterator[_Piece]:
    """Yield the regions in some polygons, from a layer on; some polygons at a time."""
    weights, biases = layers[depth]
    if depth == len(layers) - 1:
        yield _Piece(polygons, patterns, values @ weights.T + biases)
        return
    for first in range(0, len(polygons.begins), _PART):
        part, kept = polygons.part(first, first + _PART)
        cut = cut_by_layer(part, values[kept] @ weights.T + biases)
        signs = unpacked(cut.signs, len(biases))
        below = patterns[first : first + _PART][cut.parents]
        after = np.hstack([below, signs])
        yield from _cut(layers, cut.polygons, np.maximum(cut.values, 0.0), after, depth + 1)


def segment_regions(
    layers: Layers, start: Float[np.ndarray, " d"], end: Float[np.ndarray, " d"]
) -> tuple[Float[np.ndarray, " r_plus_1"], Bool[np.ndarray, "r N"]]:
    """Return where a ReLU network changes its linear piece on a segment, and its patterns.

    Args:
        layers: (weights, biases) per layer, the readout last.
        start: one end.
        end: the other.

    Returns:
        positions from 0 at the start to 1 at the end, both included, increasing; and which hidden
        neurons are active between them.

    Raises:
        InvalidInputError: for layers that cannot be used.

    Example:
        >>> import numpy as np
        >>> kinks = np.ones((2, 1)), np.array([0.0, -1.0])
        >>> fold = [kinks, (np.ones((1, 2)), np.zeros(1))]
        >>> segment_regions(fold, np.array([-2.0]), np.array([2.0]))[0].tolist()
        [0.0, 0.5, 0.75, 1.0]
    """
    start, end = np.asarray(start, float), np.asarray(end, float)
    made = checked_layers(layers, len(start))
    knots = np.array([0.0, 1.0])
    values = np.stack([start, end])
    patterns = np.zeros((1, 0), bool)
    for weights, biases in made[:-1]:
        raw = values @ weights.T + biases
        noise = 256 * np.finfo(float).eps * np.abs(raw).max(axis=0)
        raw[np.abs(raw) <= noise] = 0.0
        row, neuron = np.nonzero(raw[:-1] * raw[1:] < 0)
        low, high = raw[row, neuron], raw[row + 1, neuron]
        share = low / (low - high)
        crossed = knots[row] + share * (knots[row + 1] - knots[row])
        fresh = raw[row] + share[:, None] * (raw[row + 1] - raw[row])
        fresh[np.abs(fresh) <= noise] = 0.0
        fresh[np.arange(len(row)), neuron] = 0.0
        # Where two neurons change at one place there is one knot, not two.
        every, kept = np.unique(np.concatenate([knots, crossed]), return_index=True)
        parent = np.searchsorted(knots, every[:-1], side="right") - 1
        knots, raw = every, np.concatenate([raw, fresh])[kept]
        signs = (raw[:-1] > 0) | (raw[1:] > 0)
        patterns = np.hstack([patterns[parent], signs])
        values = np.maximum(raw, 0.0)
    return knots, patterns


def affine_maps(
    layers: Layers, patterns: Bool[np.ndarray, "r N"]
) -> tuple[Float[np.ndarray, "r k d"], Float[np.ndarray, "r k"]]:
    """Return the linear map that a ReLU network is on each region.

    Args:
        layers: (weights, biases) per layer, the readout last.
        patterns: which hidden neurons are active, shape (r, N).

    Returns:
        slopes of shape (r, k, d) and offsets of shape (r, k): outputs are slopes . x + offsets.

    Raises:
        InvalidInputError: for layers that cannot be used.
    """
    made = checked_layers(layers)
    d, first = made[0].weights.shape[1], 0
    slopes = np.repeat(np.eye(d)[None], len(patterns), axis=0)
    offsets = np.zeros((len(patterns), d))
    for number, (weights, biases) in enumerate(made):
        slopes, offsets = weights @ slopes, offsets @ weights.T + biases
        if number < len(made) - 1:
            active = patterns[:, first : first + len(biases)]
            slopes, offsets = slopes * active[:, :, None], offsets * active
            first += len(biases)
    return slopes, offsets
