"""The automorphisms of a layered graph with signed integer weights, all of them.

A neuron whose sign may be flipped stands in the graph twice, as itself and as its negative, so that
signed permutations become permutations that respect the pairs. Colour refinement tells most neurons
apart; what it leaves is decided by individualizing one neuron after the other (McKay 1981).
"""

import dataclasses
from typing import NamedTuple

import numpy as np

Colors = list[np.ndarray]
Images = list[np.ndarray]  # for each layer, where each vertex goes


class _Pair(NamedTuple):
    """A vertex in one search and a vertex in the other that might be its image."""

    layer: int
    vertex: int


@dataclasses.dataclass(frozen=True, eq=False)
class Graph:
    """A layered graph: weights between doubled layers, first colors, each vertex's negative."""

    weights: list[np.ndarray]
    colors: Colors
    negatives: list[np.ndarray]

    @staticmethod
    def of(weights: list[np.ndarray], marks: list[np.ndarray], flips: list[bool]) -> "Graph":
        """Return the graph of a network with integer weights; marks are (size,) or (size, bias)."""
        doubled, colors, negatives = [], [], []
        widths = [weights[0].shape[1], *(w.shape[0] for w in weights)]
        can_flip = [False, *flips, False]
        for number, weight in enumerate(weights):
            doubled.append(_double(weight, can_flip[number + 1], can_flip[number]))
        for number, width in enumerate(widths):
            twice = can_flip[number]
            places = np.arange(width * (1 + twice))
            negatives.append((places + width) % len(places) if twice else places)
            inner = 0 < number < len(widths) - 1
            # Inputs and outputs stay where they are: each has a color of its own.
            colors.append(_start(marks[number - 1], twice) if inner else _mix(places, places + 1))
        return Graph(doubled, colors, negatives)


def automorphisms(graph: Graph) -> list[list[Images]]:
    """Return transversals down a stabilizer chain: each automorphism is a product of one of each.

    So the order of the group is the product of ``1 + len(transversal)`` (the identity is left out),
    and all of them together generate it (Sims 1970).
    """
    found, colors = [], _refine(graph, graph.colors)
    while (cell := _smallest_cell(colors)) is not None:
        layer, members = cell
        fixed = _individualize(graph, colors, _Pair(layer, int(members[0])))
        images = [
            _extend(graph, fixed, _individualize(graph, colors, _Pair(layer, other)))
            for other in members[1:].tolist()
        ]
        found.append([image for image in images if image is not None])
        colors = fixed
    return found


def _extend(graph: Graph, left: Colors, right: Colors) -> Images | None:
    """Return an automorphism that carries one coloring to the other, if there is one."""
    if any((np.sort(a) != np.sort(b)).any() for a, b in zip(left, right, strict=True)):
        return None
    cell = _smallest_cell(left)
    if cell is None:
        # The map that matches colors, all different.
        images = [
            np.argsort(b)[np.argsort(np.argsort(a))] for a, b in zip(left, right, strict=True)
        ]
        return images if _is_automorphism(graph, images) else None
    layer, members = cell
    fixed = _individualize(graph, left, _Pair(layer, int(members[0])))
    for image in np.flatnonzero(right[layer] == left[layer][members[0]]).tolist():
        moved = _individualize(graph, right, _Pair(layer, image))
        if (found := _extend(graph, fixed, moved)) is not None:
            return found
    return None


def _is_automorphism(graph: Graph, images: Images) -> bool:
    """Return whether a map of vertices keeps the graph."""
    keeps_weights = all(
        (w[np.ix_(images[i + 1], images[i])] == w).all() for i, w in enumerate(graph.weights)
    )
    pairs = list(zip(graph.negatives, images, strict=True))
    keeps_negatives = all((negative[f] == f[negative]).all() for negative, f in pairs)
    starts = zip(graph.colors, images, strict=True)
    return keeps_weights and keeps_negatives and all((c[f] == c).all() for c, f in starts)


def _individualize(graph: Graph, colors: Colors, pair: _Pair) -> Colors:
    """Return the refined colors after one vertex was given a color of its own."""
    marked = [c.copy() for c in colors]
    chosen = marked[pair.layer][pair.vertex : pair.vertex + 1]
    chosen[:] = _mix(chosen, np.ones(1, dtype=np.int64))
    return _refine(graph, marked)


def _refine(graph: Graph, colors: Colors) -> Colors:
    """Return colors that also tell vertices apart by what they connect to, however far away."""
    count = _num_colors(colors)
    while True:
        colors = [_neighborhood(graph, colors, number) for number in range(len(colors))]
        refined = _num_colors(colors)
        if refined == count:
            return colors
        count = refined


def _neighborhood(graph: Graph, colors: Colors, number: int) -> np.ndarray:
    """Return new colors of a layer from its own, its negatives' and its neighbors' colors."""
    color = _mix(colors[number], colors[number][graph.negatives[number]])
    if number > 0:
        weight = graph.weights[number - 1]
        color = _mix(color, _mix(weight, colors[number - 1][None, :]).sum(axis=1))
    if number < len(colors) - 1:
        weight = graph.weights[number]
        color = _mix(color, _mix(weight, colors[number + 1][:, None]).sum(axis=0))
    return color


def _smallest_cell(colors: Colors) -> tuple[int, np.ndarray] | None:
    """Return the layer and members of the smallest color shared by several vertices, if any."""
    best = None
    for layer, color in enumerate(colors):
        kinds, counts = np.unique(color, return_counts=True)
        if (counts > 1).any():
            size = counts[counts > 1].min()
            if best is None or size < len(best[1]):
                best = (layer, np.flatnonzero(color == kinds[counts == size][0]))
    return best


def _num_colors(colors: Colors) -> int:
    """Return how many colors the layers show in all."""
    return sum(len(np.unique(color)) for color in colors)


def _start(marks: np.ndarray, twice: bool) -> np.ndarray:
    """Return the first colors of a hidden layer, from group sizes and biases."""
    sizes, *bias = np.atleast_2d(marks)
    bias = bias[0] if bias else np.zeros_like(sizes)
    if twice:
        sizes, bias = np.concatenate([sizes, sizes]), np.concatenate([bias, -bias])
    return _mix(sizes, bias)


def _double(weight: np.ndarray, rows: bool, columns: bool) -> np.ndarray:
    """Return the weights between layers whose vertices stand beside their negatives."""
    weight = np.concatenate([weight, -weight], axis=0) if rows else weight
    return np.concatenate([weight, -weight], axis=1) if columns else weight


def _mix(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return 64 well-mixed bits of two arrays of 64-bit integers (the finalizer of splitmix64)."""
    x = first.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + second.astype(np.uint64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
