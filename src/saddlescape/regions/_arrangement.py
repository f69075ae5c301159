"""All regions of given hyperplanes, in any position."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Int

from saddlescape.core import InvalidInputError, ShapeMismatchError, require_memory
from saddlescape.regions import _any_position as any_position
from saddlescape.regions._counting import num_regions
from saddlescape.regions._general_position import Cells, general_cells
from saddlescape.regions._integers import MOST_HYPERPLANES
from saddlescape.regions._keys import find, keys_of, signatures

_MOST_REGIONS = 20_000_000
_INPUT_ULPS = 8.0
"""Error of a unit normal and its offset, in eps: of the entries given, a norm and a division; of
entries that are exact, the last two in longer numbers."""


@dataclasses.dataclass(frozen=True, eq=False)
class Arrangement:
    """Hyperplanes w.x + b = 0, and every region they cut space into.

    Args:
        weights: normals as given, shape (n, d).
        biases: offsets as given, shape (n,).
        signs: for every region, on which hyperplane's positive side it lies, shape (r, n).
        points: a point inside every region, shape (r, d).
        directions: a direction in which a region goes to infinity, NaN where it is bounded: no
            w.v has the wrong sign by more than rounding, shape (r, d).
        rank: dimension of the span of the normals.
        is_general: whether the hyperplanes are in general position, safely beyond rounding.
        closest: how near to degenerate the nearest decision was: the least number that counted as
            nonzero, in units of its error bound; infinite in general position.
    """

    weights: Float[np.ndarray, "n d"]
    biases: Float[np.ndarray, " n"]
    signs: Bool[np.ndarray, "r n"]
    points: Float[np.ndarray, "r d"]
    directions: Float[np.ndarray, "r d"]
    rank: int
    is_general: bool
    closest: float

    @property
    def num_regions(self) -> int:
        """How many regions there are."""
        return len(self.signs)

    @property
    def is_bounded(self) -> Bool[np.ndarray, " r"]:
        """Whether each region has finite extent, decided by its directions, not by a radius."""
        if self.weights.shape[1] == 0:
            return np.ones(self.num_regions, bool)
        return np.isnan(self.directions[:, 0])

    @property
    def num_bounded(self) -> int:
        """How many regions have finite extent."""
        return int(self.is_bounded.sum())

    def facets(self) -> Bool[np.ndarray, "r n"]:
        """Return which hyperplanes carry a facet of each region.

        Returns:
            shape (r, n); a hyperplane given several times is a facet in all its rows. A region and
            its neighbour across a facet differ in the sign of that one hyperplane.

        Notes:
            One look-up per region and hyperplane: about a second for 100,000 regions of 30.
        """
        return self._neighbours() >= 0

    def neighbours(self) -> Int[np.ndarray, "r n"]:
        """Return the region across each facet.

        Returns:
            shape (r, n): numbers of regions, -1 where a hyperplane carries no facet.
        """
        return self._neighbours()

    def _neighbours(self) -> Int[np.ndarray, "r n"]:
        """Return the region on the other side of each hyperplane, -1 where there is none."""
        n = self.weights.shape[0]
        numbers = signatures(n)
        keys = keys_of(self.signs, numbers)
        found = np.empty((self.num_regions, n), np.int64)
        for i, flip in enumerate(_flips(self.weights, self.biases, numbers)):
            found[:, i] = find(keys ^ flip, keys)
        return found


def _flips(weights: np.ndarray, biases: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return what crossing each hyperplane does to a key: all its copies change sign at once."""
    if not len(biases):
        return numbers
    planes, _ = _unit(weights, biases)
    _, which, _ = any_position.merged(planes, any_position.Evidence())
    together = np.zeros(len(numbers), np.uint64)
    np.bitwise_xor.at(together, which, numbers)
    return together[which]


def arrangement(
    weights: Float[np.ndarray, "n d"],
    biases: Float[np.ndarray, " n"],
    *,
    max_regions: int = _MOST_REGIONS,
) -> Arrangement:
    """Return every region that hyperplanes w.x + b = 0 cut space into, in any position.

    Parallel, concurrent and repeated hyperplanes are told from others by bounds on rounding: what
    is degenerate up to the rounding of the numbers given counts as degenerate. Whole numbers, and
    others with at most 20 binary digits after the point, are taken to be exact.

    Args:
        weights: one normal per row, shape (n, d); none of them zero.
        biases: shape (n,).
        max_regions: refuse where general position would make more.

    Returns:
        signs, inner points and directions to infinity of all regions.

    Raises:
        InvalidInputError: for values that are no hyperplanes, too many regions, or where rounding
            decides too much.
        ShapeMismatchError: where weights and biases do not fit.

    Notes:
        In general position a region costs one small linear system: a million in some seconds. In
        any other about ten times as much.

    Example:
        Two parallel lines and one across; a strip is unbounded:

        >>> import numpy as np
        >>> cut = arrangement(np.array([[1.0, 0], [1, 0], [0, 1]]), np.array([0.0, -1, 0]))
        >>> cut.num_regions, cut.num_bounded, cut.is_general
        (6, 0, False)
    """
    weights, biases = np.asarray(weights, float), np.asarray(biases, float)
    _check(weights, biases)
    planes, sizes = _unit(weights, biases)
    n, d = weights.shape
    rank = int(np.linalg.matrix_rank(planes.plain[0])) if n and d else 0
    _check_size(n, d, rank, max_regions)
    if rank == 0:
        nowhere = np.eye(1, d)
        found = Cells(np.zeros((1, 0), bool), np.zeros((1, d)), nowhere)
        return Arrangement(weights, biases, *found, rank, True, np.inf)
    span = np.eye(d) if rank == d else np.linalg.svd(planes.plain[0])[2][:rank].T
    evidence = any_position.Evidence()
    flat = planes if rank == d else _in_the_span(planes, span)
    found = general_cells(*flat.plain) if rank == min(n, d) else None
    is_general = found is not None
    if found is None:
        found = any_position.cells(flat, evidence)
    directions = found.directions @ span.T
    if rank < d:  # along what no normal sees, everything is unbounded
        directions = np.repeat(np.linalg.svd(planes.plain[0])[2][-1:], len(directions), axis=0)
    points = (found.points @ span.T) * sizes
    closest = evidence.closest
    return Arrangement(weights, biases, found.signs, points, directions, rank, is_general, closest)


def _in_the_span(planes: any_position.Planes, span: np.ndarray) -> any_position.Planes:
    """Return hyperplanes in coordinates of the space that their normals span, float64 vectors."""
    weights = planes.weights @ span
    weights /= np.sqrt((weights**2).sum(axis=1))[:, None]
    eps = any_position.LONG(np.finfo(float).eps)
    return dataclasses.replace(
        planes, weights=weights, errors=np.maximum(planes.errors, _INPUT_ULPS * eps)
    )


def _unit(
    weights: Float[np.ndarray, "n d"], biases: Float[np.ndarray, " n"]
) -> tuple[any_position.Planes, float]:
    """Return hyperplanes with unit normals, in units in which the farthest is at distance 1."""
    normals, offsets = weights.astype(any_position.LONG), biases.astype(any_position.LONG)
    lengths = np.sqrt((normals**2).sum(axis=1))
    offsets /= lengths
    scale = np.abs(offsets).max(initial=0) or any_position.LONG(1)
    is_exact = _are_short(weights) and _are_short(biases)
    eps = np.finfo(any_position.LONG if is_exact else float).eps
    errors = np.full(len(biases), _INPUT_ULPS * eps, any_position.LONG)
    return any_position.Planes(normals / lengths[:, None], offsets / scale, errors), float(scale)


def _are_short(values: np.ndarray) -> bool:
    """Return whether values are whole numbers or have few binary digits, so that they are exact."""
    return bool((np.abs(values) < 2**30).all() and (values * 2**20 % 1 == 0).all())


def _check(weights: np.ndarray, biases: np.ndarray) -> None:
    """Raise unless there are hyperplanes."""
    if weights.ndim != 2 or biases.shape != weights.shape[:1]:
        msg = (
            f"weights have shape {weights.shape}, biases {biases.shape}: give one normal per row, "
            "(n, d), and as many biases, (n,)"
        )
        raise ShapeMismatchError(msg)
    if not (np.isfinite(weights).all() and np.isfinite(biases).all()):
        msg = "weights or biases hold values that are not finite: leave those hyperplanes out"
        raise InvalidInputError(msg)
    sizes = np.abs(weights).max(axis=1, initial=0.0)
    if (sizes == 0).any():
        row = int(np.argmin(sizes))
        msg = f"row {row} has zero weights only, and is no hyperplane: leave it out"
        raise InvalidInputError(msg)


def _check_size(n: int, d: int, rank: int, max_regions: int) -> None:
    """Raise where there may be more regions than can be held."""
    if n > MOST_HYPERPLANES:
        msg = f"{n:,} hyperplanes: give at most {MOST_HYPERPLANES:,}"
        raise InvalidInputError(msg)
    most = num_regions(n, rank)
    if most > max_regions:
        words = f"{most:,}" if most < 10**15 else f"10^{len(str(most)) - 1}"
        msg = (
            f"{n} hyperplanes in {rank} dimensions may cut out {words} regions, more than "
            f"{max_regions:,}: take fewer hyperplanes or dimensions, or raise max_regions"
        )
        raise InvalidInputError(msg)
    require_memory(most * (2 * n + 40 * max(d, 1)), f"a list of {most:,} regions")
