"""Where a function is zero in a rectangle: exact for a ReLU network, else traced on a grid."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from saddlescape.decisions._learn import Learned
from saddlescape.decisions._plane import Box, Plane
from saddlescape.regions import PlaneRegions, Planes, plane_regions, zero_lines

_STEPS = 160  # cells of the grid on each side
_HALVINGS = 60  # of an edge of the grid: down to rounding

Segments = Float[np.ndarray, "_ 4"]


def regions_of(learned: Learned, plane: Plane, depth: int | None = None) -> PlaneRegions:
    """Return the linear regions of a ReLU network in a plane.

    Args:
        learned: the network.
        plane: of its inputs.
        depth: regions of the layers below this one, which takes the readout's place; all of them by
            default.

    Returns:
        polygons, with what that layer's neurons see before their activation.
    """
    last = len(learned.layers) - 1 if depth is None else depth
    first = plane.traces(learned.layers[0])
    layers = [first, *learned.layers[1 : last + 1]]
    if len(layers) == 1:
        # Two neurons that are active everywhere in the box cut nothing.
        low = np.array([limits[0] - 1.0 for limits in plane.box])
        below = Planes(np.eye(2), -low)
        layers = [below, Planes(first.weights, first.biases + first.weights @ low)]
    return plane_regions(layers, plane.box)


def neuron_zeros(learned: Learned, plane: Plane, depth: int) -> list[Segments]:
    """Return, for each neuron of a layer, where in the plane it is neither active nor silent.

    Args:
        learned: the network.
        plane: of its inputs.
        depth: 0 for the first hidden layer.

    Returns:
        segments ``(x0, y0, x1, y1)`` for each neuron.
    """
    weights, biases = learned.layers[depth]
    if learned.is_relu or depth == 0:
        found = regions_of(learned, plane, depth)
        return [zero_lines(found, i) for i in range(len(biases))]

    def values(at: np.ndarray) -> np.ndarray:
        return learned.activities(plane.places(at))[depth] @ weights.T + biases

    return traced(values, plane.box, len(biases))


def separating(learned: Learned, plane: Plane) -> dict[tuple[int, int], Segments]:
    """Return where two classes part, for every pair of classes that do.

    Args:
        learned: the network.
        plane: of its inputs.

    Returns:
        segments by pair; those of a ReLU network are exact, one per region crossed.
    """
    pairs = learned.pairs

    def outputs(at: np.ndarray) -> np.ndarray:
        return learned.outputs(plane.places(at))

    if learned.is_relu:
        found = regions_of(learned, plane)
        lines = [_parted(found, learned.parting(pair, found.outputs)) for pair in pairs]
    else:

        def partings(at: np.ndarray) -> np.ndarray:
            told = outputs(at)
            return np.stack([learned.parting(pair, told) for pair in pairs], axis=1)

        lines = traced(partings, plane.box, len(pairs))
    told = {}
    for pair, every in zip(pairs, lines, strict=True):
        kept = every if learned.level is not None else _where_highest(every, pair[0], outputs)
        if len(kept):
            told[pair] = kept
    return told


def _parted(found: PlaneRegions, values: Float[np.ndarray, " v"]) -> Segments:
    """Return where values given at the corners are zero."""
    whole = PlaneRegions(
        found.box, found.places, found.corners, found.begins, found.patterns, values[:, None]
    )
    return zero_lines(whole)


def _where_highest(lines: Segments, output: int, outputs: Callable) -> Segments:
    """Return the parts of lines on which no other output is higher; outputs are linear on each."""
    if not len(lines):
        return lines
    a, b = outputs(lines[:, :2]), outputs(lines[:, 2:])
    low, high = np.zeros(len(lines)), np.ones(len(lines))
    # Two outputs are equal on the line: they only differ by rounding there.
    noise = 1e-9 * np.maximum(np.abs(a).max(axis=1), np.abs(b).max(axis=1))
    for other in range(a.shape[1]):
        start = a[:, output] - a[:, other] + noise
        end = b[:, output] - b[:, other] + noise
        with np.errstate(divide="ignore", invalid="ignore"):
            share = start / (start - end)
        high = np.where((start >= 0) & (end < 0), np.minimum(high, share), high)
        low = np.where((start < 0) & (end >= 0), np.maximum(low, share), low)
        high = np.where((start < 0) & (end < 0), -1.0, high)
    kept = low < high
    start, step = lines[kept, :2], lines[kept, 2:] - lines[kept, :2]
    ends = [start + share[kept, None] * step for share in (low, high)]
    return np.hstack(ends)


def traced(
    values: Callable[[np.ndarray], np.ndarray], box: Box, count: int, steps: int = _STEPS
) -> list[Segments]:
    """Return where smooth functions are zero: ends of segments are zeros up to rounding.

    Args:
        values: of the functions at places (n, 2), shape (n, count).
        box: limits of both coordinates.
        count: how many functions there are.
        steps: cells of the grid on each side.

    Returns:
        segments for each function, one per cell that its zero set crosses, two at a saddle.
    """
    sides = [np.linspace(*limits, steps + 1) for limits in box]
    grid = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1)
    found = values(grid.reshape(-1, 2)).reshape(steps + 1, steps + 1, count)
    return [_contour(grid, found[..., i] > 0, values, i) for i in range(count)]


def _contour(grid: np.ndarray, above: np.ndarray, values: Callable, which: int) -> Segments:
    """Return the zero set of one function, cell by cell."""
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    n = len(above) - 1
    signs = [above[i : n + i, j : n + j] for i, j in corners]
    low, high, cell, edge = [], [], [], []
    for e in range(4):
        (i, j), (k, m) = corners[e], corners[(e + 1) % 4]
        at = np.argwhere(signs[e] != signs[(e + 1) % 4])
        low.append(grid[at[:, 0] + i, at[:, 1] + j])
        high.append(grid[at[:, 0] + k, at[:, 1] + m])
        cell.append(at[:, 0] * n + at[:, 1])
        edge.append(np.full(len(at), e))
    a, b = np.concatenate(low), np.concatenate(high)
    if not len(a):
        return np.zeros((0, 4))
    ends = _bisected(a, b, lambda at: values(at)[:, which])
    order = np.lexsort((np.concatenate(edge), np.concatenate(cell)))
    # A cell has two crossings, or four at a saddle: neighbours in turn are joined.
    return ends[order].reshape(-1, 4)


def _bisected(a: np.ndarray, b: np.ndarray, value: Callable) -> np.ndarray:
    """Return zeros between places of opposite sign."""
    # Both cells at an edge take its ends in the same order, and find the same zero.
    swap = (a[:, 0] > b[:, 0]) | (a[:, 1] > b[:, 1])
    a, b = np.where(swap[:, None], b, a), np.where(swap[:, None], a, b)
    is_above = value(a) > 0
    for _ in range(_HALVINGS):
        middle = (a + b) / 2
        same = ((value(middle) > 0) == is_above)[:, None]
        a, b = np.where(same, middle, a), np.where(same, b, middle)
    return (a + b) / 2
