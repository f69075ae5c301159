"""Points sorted into groups: by intervals on a line, by canonical forms, by assignment at last."""

import dataclasses
import math
import zlib

import numpy as np

from saddlescape.core import Network
from saddlescape.symmetry._align import closest
from saddlescape.symmetry._group import move
from saddlescape.symmetry._layers import split
from saddlescape.symmetry._uncertainty import Points, Uncertainty

# Projections on which different points are told apart before any two are compared, and rows
# projected at once.
_PROJECTIONS = 4
_BLOCK = 4096


@dataclasses.dataclass(frozen=True, eq=False)
class Grouping:
    """For each point the row that represents its class, and the distance to it modulo symmetry."""

    leader: np.ndarray
    distance: np.ndarray

    @staticmethod
    def alone(num_points: int) -> "Grouping":
        """Return the grouping in which every point is its own class."""
        return Grouping(np.arange(num_points), np.zeros(num_points))

    def join(self, members: np.ndarray, leader: int, distance: np.ndarray) -> None:
        """Put members into the class of a leader."""
        self.leader[members] = leader
        self.distance[members] = distance


@dataclasses.dataclass(frozen=True, eq=False)
class Candidates:
    """What the comparison of points needs: canonical forms, errors, and the points themselves."""

    network: Network | None
    forms: np.ndarray
    error: Uncertainty
    points: Points

    def blocks(self, rows: np.ndarray, groups: np.ndarray) -> list[np.ndarray]:
        """Return the rows of each group with several members, lowest gradient norm first."""
        ordered = rows[np.lexsort((self.points.gradient_norm[rows], groups))]
        _, starts = np.unique(np.sort(groups), return_index=True)
        parts = np.split(ordered, starts[1:])
        return [part for part in parts if len(part) > 1]


def cut(groups: np.ndarray, values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return finer groups: within each, the connected unions of the intervals value +- error.

    Two points whose values differ by less than the sum of their errors are never separated.
    """
    count = len(values)
    ends = np.concatenate([values - errors, values + errors])
    closes = np.repeat([False, True], count)
    # A sweep along the line: a union of intervals ends where no interval is open.
    sweep = np.lexsort((closes, ends, np.tile(groups, 2)))
    num_open = np.cumsum(np.where(closes[sweep], -1, 1))
    finer = np.empty(2 * count, dtype=np.int64)
    finer[sweep] = np.cumsum(num_open == 0)
    return finer[:count]


def gather_families(
    grouping: Grouping, candidates: Candidates, rows: np.ndarray, groups: np.ndarray
) -> None:
    """Join the rows of each group, whatever their positions."""
    for block in candidates.blocks(rows, groups):
        offsets = candidates.forms[block] - candidates.forms[block[0]]
        grouping.join(block, int(block[0]), np.linalg.norm(offsets, axis=1))


def gather_isolated(
    grouping: Grouping, candidates: Candidates, rows: np.ndarray, groups: np.ndarray
) -> None:
    """Join the rows of each group that some symmetry makes equal within their errors."""
    projections = _invariants(candidates.network, candidates.forms[rows])
    for values in projections.T:
        groups = cut(groups, values, candidates.error.position[rows])
    for block in candidates.blocks(rows, groups):
        _gather_block(grouping, candidates, block)


def adopt(grouping: Grouping, candidates: Candidates, rows: np.ndarray) -> np.ndarray:
    """Join points that seem flat to the isolated class they are in; return the rows left.

    A less accurate search may take a small eigenvalue for zero. Where a class is isolated, with
    smallest eigenvalue s, a gradient g puts a point within |g| / s of it; the eigenvalues in doubt
    may account for a difference of index.

    Returns:
        the rows that belong to no isolated class.
    """
    points, error = candidates.points, candidates.error
    isolated = np.ones(len(points.loss), dtype=bool)
    isolated[rows] = False
    rows = rows[np.argsort(points.loss[rows], kind="stable")]
    for leader in np.unique(grouping.leader[isolated]).tolist() if len(rows) else []:
        largest = error.gradient[rows].max(initial=0)
        width = 2 * error.loss[leader] + largest**2 / error.smallest[leader]
        ends = points.loss[leader] + width * np.array([-1.0, 1.0])
        near = rows[slice(*np.searchsorted(points.loss[rows], ends))]
        fewer = points.index[leader] - points.index[near]
        near = near[(fewer >= 0) & (fewer <= points.nullity[near])]
        distance = np.linalg.norm(candidates.forms[near] - candidates.forms[leader], axis=1)
        reach = error.gradient[near] / error.smallest[leader] + 2 * error.position[leader]
        members = near[distance <= reach]
        grouping.join(members, leader, distance[distance <= reach])
        rows = rows[~np.isin(rows, members)] if len(members) else rows
    return rows


def _gather_block(grouping: Grouping, candidates: Candidates, block: np.ndarray) -> None:
    """Join points with equal canonical forms, then try to align what is left with each class."""
    leaders: list[int] = []
    while len(block):
        first = int(block[0])
        offsets = candidates.forms[block] - candidates.forms[first]
        error = candidates.error.position
        near = np.linalg.norm(offsets, axis=1) <= error[block] + error[first]
        near[0] = True
        members, block = block[near], block[~near]
        leader, distance = _settle(candidates, members, leaders)
        grouping.join(members, leader, distance)
        if leader == first:
            leaders.append(first)


def _settle(
    candidates: Candidates, members: np.ndarray, leaders: list[int]
) -> tuple[int, np.ndarray]:
    """Return the leader of the class of members with one canonical form, and their distances."""
    forms, first = candidates.forms[members], int(members[0])
    network = candidates.network
    for leader in leaders:
        if network is None:
            break
        # Near ties in the canonical order end here: an assignment decides.
        goal = candidates.forms[leader]
        element = closest(network, forms[:1], goal[None])
        distance = np.linalg.norm(move(network, element, forms) - goal, axis=1)
        if distance[0] <= candidates.error.position[[first, leader]].sum():
            return leader, distance
    return first, np.linalg.norm(forms - candidates.forms[first], axis=1)


def _invariants(network: Network | None, forms: np.ndarray) -> np.ndarray:
    """Return projections (m, 4) of numbers that no symmetry changes and that move less than theta.

    Sorting the sizes of a weight matrix's entries forgets how neurons are numbered and their signs,
    and never increases a Euclidean distance; neither does a unit projection.
    """
    random = np.random.default_rng(zlib.crc32(b"invariants"))
    directions = random.normal(size=(forms.shape[1], _PROJECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    blocks = [forms[start : start + _BLOCK] for start in range(0, len(forms), _BLOCK)]
    if network is not None:
        blocks = (_sorted_sizes(network, block) for block in blocks)
    return np.concatenate([np.zeros((0, _PROJECTIONS)), *(b @ directions for b in blocks)])


def _sorted_sizes(network: Network, rows: np.ndarray) -> np.ndarray:
    """Return the absolute values of each layer's weights, and of its biases, in ascending order."""
    parts = []
    for weight, bias in split(network, rows):
        parts.append(
            np.sort(np.abs(weight.reshape(len(rows), math.prod(weight.shape[1:]))), axis=1)
        )
        parts += [] if bias is None else [np.sort(np.abs(bias), axis=1)]
    return np.concatenate(parts, axis=1)
