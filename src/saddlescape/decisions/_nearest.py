"""The nearest-neighbour rule in the plane, exactly: its cells cut with those of another rule."""

from typing import NamedTuple

import numpy as np
import scipy.spatial
from jaxtyping import Float, Int

from saddlescape.core import InvalidInputError
from saddlescape.regions import PlaneRegions

_PAIRS = 200_000  # of polygons and cells, cut at a time


class _Faces(NamedTuple):
    """Convex polygons: corners one polygon after another, and how many each has."""

    places: Float[np.ndarray, "c 2"]
    sizes: Int[np.ndarray, " f"]

    @property
    def owner(self) -> Int[np.ndarray, " c"]:
        """Which polygon each corner belongs to."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @property
    def following(self) -> Int[np.ndarray, " c"]:
        """The number of the next corner of the same polygon."""
        after = np.arange(1, len(self.places) + 1)
        ends = np.cumsum(self.sizes)
        some = self.sizes > 0
        after[ends[some] - 1] = (ends - self.sizes)[some]
        return after

    def chosen(self, which: Int[np.ndarray, " g"]) -> "_Faces":
        """Return some polygons, or one of them several times."""
        sizes = self.sizes[which]
        first = (np.cumsum(self.sizes) - self.sizes)[which]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return _Faces(self.places[np.repeat(first, sizes) + within], sizes)

    def cut(self, normals: Float[np.ndarray, "f 2"], limits: Float[np.ndarray, " f"]) -> "_Faces":
        """Return the part of each polygon on which normal . x is at most its limit."""
        owner, after = self.owner, self.following
        value = (self.places * normals[owner]).sum(axis=1) - limits[owner]
        inside = value <= 0
        crossing = np.flatnonzero(inside != inside[after])
        share = value[crossing] / (value[crossing] - value[after[crossing]])
        step = self.places[after[crossing]] - self.places[crossing]
        fresh = self.places[crossing] + share[:, None] * step
        kept = np.flatnonzero(inside)
        order = np.argsort(np.concatenate([2 * kept, 2 * crossing + 1]), kind="stable")
        places = np.concatenate([self.places[kept], fresh])[order]
        owners = np.concatenate([owner[kept], owner[crossing]])
        return _Faces(places, np.bincount(owners, minlength=len(self.sizes)))

    @property
    def areas(self) -> Float[np.ndarray, " f"]:
        """The area of each polygon."""
        owner, after = self.owner, self.following
        first = (np.cumsum(self.sizes) - self.sizes)[owner]
        # Seen from a corner of its own, so that small polygons far from the origin lose no digits.
        x, y = (self.places - self.places[first]).T
        turn = x * y[after] - x[after] * y
        return np.abs(np.bincount(owner, turn, minlength=len(self.sizes))) / 2

    def bounds(self) -> tuple[Float[np.ndarray, "f 2"], Float[np.ndarray, "f 2"]]:
        """Return the lowest and highest coordinates; upside down for polygons without corners."""
        low, high = (np.full((len(self.sizes), 2), side) for side in (np.inf, -np.inf))
        np.minimum.at(low, self.owner, self.places)
        np.maximum.at(high, self.owner, self.places)
        return low, high


class Shared(NamedTuple):
    """Areas that cells of two kinds share: numbers of both cells, and the area."""

    regions: Int[np.ndarray, " s"]
    samples: Int[np.ndarray, " s"]
    areas: Float[np.ndarray, " s"]


def nearest(
    samples: Float[np.ndarray, "n d"], at: Float[np.ndarray, "m d"]
) -> Int[np.ndarray, " m"]:
    """Return the number of the nearest sample.

    Args:
        samples: shape (n, d).
        at: places, shape (m, d).

    Returns:
        shape (m,).
    """
    return np.asarray(scipy.spatial.KDTree(samples).query(at)[1])


def shared_areas(cells: PlaneRegions, samples: Float[np.ndarray, "n 2"]) -> Shared:
    """Return the areas that polygons share with the cells of the nearest sample.

    Args:
        cells: polygons in a rectangle.
        samples: shape (n, 2), all different.

    Returns:
        the pairs that meet; areas are exact up to rounding, and their sum is the rectangle's.

    Raises:
        InvalidInputError: for samples of which some are equal.

    Example:
        >>> from saddlescape.regions import plane_regions
        >>> half = [(np.array([[1.0, 0.0]]), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))]
        >>> shared = shared_areas(plane_regions(half), np.array([[0.0, -1.0], [0.0, 1.0]]))
        >>> shared.areas.tolist()  # two halves, cut in two
        [1.0, 1.0, 1.0, 1.0]
    """
    if len(np.unique(samples, axis=0)) < len(samples):
        msg = "some samples are equal: give each place once, the nearest is not one sample there"
        raise InvalidInputError(msg)
    # Seen from the middle: bisectors far from the origin would lose digits.
    (a, b), (c, e) = cells.box
    middle = np.array([a + b, c + e]) / 2
    normals, limits, degree = _bisectors(samples - middle)
    box = _Faces(np.array([[a, c], [b, c], [b, e], [a, e]], float) - middle, np.array([4]))
    voronoi = _inside(box.chosen(np.zeros(len(samples), int)), normals, limits, degree)
    faces = _Faces(cells.places[cells.corners] - middle, cells.sizes)
    (low, high), (left, right) = faces.bounds(), voronoi.bounds()
    step = max(1, _PAIRS // max(1, len(samples)))
    parts = []
    for first in range(0, cells.num_regions, step):
        rows = slice(first, first + step)
        meet = (low[rows, None] <= right[None]) & (high[rows, None] >= left[None])
        region, sample = np.nonzero(meet.all(axis=2))
        region += first
        kept = _inside(faces.chosen(region), normals[sample], limits[sample], degree[sample])
        areas = kept.areas
        parts.append((region[areas > 0], sample[areas > 0], areas[areas > 0]))
    return Shared(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _inside(faces: _Faces, normals: np.ndarray, limits: np.ndarray, degree: np.ndarray) -> _Faces:
    """Return the part of each polygon inside a cell that is given by its bisectors."""
    order = np.argsort(-degree, kind="stable")
    faces, normals, limits = faces.chosen(order), normals[order], limits[order]
    for number in range(int(degree.max(initial=0))):
        # Past its last bisector a row repeats it, which cuts nothing more.
        faces = faces.cut(normals[:, number], limits[:, number])
    return faces.chosen(np.argsort(order, kind="stable"))


def _bisectors(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return normals (n, most, 2), limits (n, most) of the cells, and how many each has."""
    neighbours = _neighbours(samples)
    degree = np.array([len(others) for others in neighbours])
    most = int(degree.max(initial=0))
    # The first is repeated where a cell has fewer.
    table = np.array([
        np.concatenate([others, np.full(most - len(others), others[0])]) if len(others) else []
        for others in neighbours
    ]).astype(int).reshape(len(samples), most)  # fmt: skip
    normals = samples[table] - samples[:, None]
    middle = (samples[table] + samples[:, None]) / 2
    return normals, (normals * middle).sum(axis=2), degree


def _neighbours(samples: np.ndarray) -> list[np.ndarray]:
    """Return which samples are joined with each in a Delaunay triangulation."""
    n = len(samples)
    everyone = [np.delete(np.arange(n), i) for i in range(n)]
    if n < 4 or np.linalg.matrix_rank(samples - samples.mean(axis=0)) < 2:
        return everyone
    made = scipy.spatial.Delaunay(samples)
    if len(made.coplanar):  # samples so close to others that they were left out
        return everyone
    starts, others = made.vertex_neighbor_vertices
    return [others[starts[i] : starts[i + 1]] for i in range(n)]
