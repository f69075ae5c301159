"""Convex polygons cut by all neurons of a layer, many at a time.

Polygons are rows of corner numbers; corners keep the values of every neuron, which are linear along
an edge. A polygon is cut by the first neuron that has both signs on it, and both halves go back on
the list until no neuron cuts them: so the work is that of the polygons made, not of neurons times
polygons. Which neurons still cut a polygon is read off from the signs of its corners, 64 at a time.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt64

_ULPS = 256.0
"""A corner lies on a line where its value is below this many eps of the largest value: corners come
out of interpolations, each of a few eps, on tens of lines one after another."""


class Polygons(NamedTuple):
    """Convex polygons: places of corners, corner numbers in turn, where each polygon begins."""

    places: Float[np.ndarray, "v 2"]
    corners: Int[np.ndarray, " c"]
    begins: Int[np.ndarray, " f"]

    @property
    def sizes(self) -> Int[np.ndarray, " f"]:
        """How many corners each polygon has."""
        return np.diff(self.begins, append=len(self.corners))

    def part(self, first: int, last: int) -> tuple["Polygons", Int[np.ndarray, " k"]]:
        """Return polygons `first` to `last - 1` with corners of their own, and which these were."""
        ends = np.append(self.begins, len(self.corners))
        start, stop = ends[first], ends[min(last, len(self.begins))]
        kept, corners = np.unique(self.corners[start:stop], return_inverse=True)
        begins = self.begins[first:last] - start
        return Polygons(self.places[kept], corners.reshape(-1), begins), kept


class Cut(NamedTuple):
    """Polygons after a layer: which they were before, and on which neurons' positive side."""

    polygons: Polygons
    values: Float[np.ndarray, "v m"]
    parents: Int[np.ndarray, " f"]
    signs: UInt64[np.ndarray, "f w"]


class _Corners:
    """Places, values and packed signs of corners, in arrays that grow by doubling."""

    def __init__(self, places: np.ndarray, values: np.ndarray):
        size = np.abs(values).max(axis=0, initial=0.0)
        self.threshold = _ULPS * np.finfo(float).eps * size
        self.count = len(places)
        self.places, self.values = places, np.where(np.abs(values) <= self.threshold, 0.0, values)
        self.above, self.below = _packed(self.values > 0), _packed(self.values < 0)

    def extend(self, places: np.ndarray, values: np.ndarray) -> None:
        """Add corners."""
        values[np.abs(values) <= self.threshold] = 0.0
        end = self.count + len(places)
        for name, rows in (
            ("places", places), ("values", values),
            ("above", _packed(values > 0)), ("below", _packed(values < 0)),
        ):  # fmt: skip
            array = getattr(self, name)
            if end > len(array):
                grown = np.empty((max(end, 2 * len(array)), *array.shape[1:]), array.dtype)
                grown[: self.count] = array[: self.count]
                setattr(self, name, grown)
                array = grown
            array[self.count : end] = rows
        self.count = end


def _packed(bits: np.ndarray) -> UInt64[np.ndarray, "v w"]:
    """Return rows of bits as 64-bit words."""
    rows, width = bits.shape
    words = max(1, -(-width // 64))
    padded = np.zeros((rows, 8 * words), np.uint8)
    packed = np.packbits(bits, axis=1, bitorder="little")
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)


def unpacked(words: UInt64[np.ndarray, "f w"], width: int) -> np.ndarray:
    """Return 64-bit words as rows of that many bits."""
    flat = np.unpackbits(
        np.ascontiguousarray(words).view(np.uint8), axis=1, bitorder="little", count=width
    )
    return flat.astype(bool)


def cut_by_layer(polygons: Polygons, values: Float[np.ndarray, "v m"]) -> Cut:
    """Return the parts into which neurons cut polygons, given their values at the corners."""
    pool = _Corners(polygons.places, values)
    corners, begins = polygons.corners, polygons.begins
    parents = np.arange(len(begins))
    done: list[tuple[np.ndarray, ...]] = []
    while len(begins):
        above = np.bitwise_or.reduceat(pool.above[corners], begins, axis=0)
        below = np.bitwise_or.reduceat(pool.below[corners], begins, axis=0)
        sizes = np.diff(begins, append=len(corners))
        crossing = above & below
        cut = crossing.any(axis=1)
        done.append((
            corners[np.repeat(~cut, sizes)], sizes[~cut], parents[~cut], above[~cut]
        ))  # fmt: skip
        corners, sizes, parents = corners[np.repeat(cut, sizes)], sizes[cut], parents[cut]
        if not len(sizes):
            break
        corners, sizes = _halved(pool, corners, sizes, _lowest_bit(crossing[cut]))
        begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        parents = np.concatenate([parents, parents])
    corners, sizes, parents, signs = (np.concatenate(parts) for parts in zip(*done, strict=True))
    begins = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    places = pool.places[: pool.count]
    return Cut(Polygons(places, corners, begins), pool.values[: pool.count], parents, signs)


def _lowest_bit(words: UInt64[np.ndarray, "f w"]) -> Int[np.ndarray, " f"]:
    """Return the number of the lowest bit that is set in each row; one is."""
    first = (words != 0).argmax(axis=1)
    word = words[np.arange(len(words)), first]
    lowest = word & (~word + np.uint64(1))
    # A power of two is exact as a float, and its exponent is the number of the bit.
    return 64 * first + np.frexp(lowest.astype(float))[1] - 1


def _halved(
    pool: _Corners,
    corners: Int[np.ndarray, " c"],
    sizes: Int[np.ndarray, " f"],
    neurons: Int[np.ndarray, " f"],
) -> tuple[np.ndarray, np.ndarray]:
    """Return corners and sizes of the positive halves, then of the negative ones."""
    face = np.repeat(np.arange(len(sizes)), sizes)
    ends = np.cumsum(sizes)
    following = np.arange(1, len(corners) + 1)
    following[ends - 1] = ends - sizes
    column = neurons[face]
    value = pool.values[corners, column]
    after = value[following]
    at = np.flatnonzero(value * after < 0)
    a, b = corners[at], corners[following[at]]
    share = (value[at] / (value[at] - after[at]))[:, None]
    places = pool.places[a] + share * (pool.places[b] - pool.places[a])
    values = pool.values[a] + share * (pool.values[b] - pool.values[a])
    values[np.arange(len(at)), column[at]] = 0.0
    new = np.arange(pool.count, pool.count + len(at))
    pool.extend(places, values)
    # A new corner stands right after the corner whose edge it divides.
    where = at + 1
    corners = np.insert(corners, where, new)
    face, value = np.insert(face, where, face[at]), np.insert(value, where, 0.0)
    upper, lower = value >= 0, value <= 0
    halves = [np.bincount(face[half], minlength=len(sizes)) for half in (upper, lower)]
    return np.concatenate([corners[upper], corners[lower]]), np.concatenate(halves)
