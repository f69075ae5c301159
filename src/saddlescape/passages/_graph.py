"""Which permuted minima are joined at which loss: the graph of a layer and its tree.

A permutation of a minimum says which of its neurons stands at each place. The passage of neurons a
and b joins every permutation with the one in which a and b have changed places, and costs the same
everywhere. So below a loss E those permutations are joined that the passages below E generate: if
they link the neurons into groups of sizes s, there are n! / prod s! separate sets of minima.
"""

import dataclasses
import itertools
import math
from typing import NamedTuple

import numpy as np

from saddlescape import paths
from saddlescape.passages._cross import Passages

Permutation = tuple[int, ...]

_SAME_LOSS = 1e-9  # relative
MOST_DRAWN = 4  # neurons: 24 minima and 72 passages


class Edge(NamedTuple):
    """A passage between two permuted minima."""

    start: int
    end: int
    pair: tuple[int, int]
    barrier: float


class Level(NamedTuple):
    """From this loss on so many sets of minima are separate."""

    loss: float
    pair: tuple[int, int]
    num_separate: int


@dataclasses.dataclass(frozen=True, eq=False)
class LayerGraph:
    """The permuted minima of one layer and the passages between them.

    Args:
        num_minima: n!, the permutations of the layer.
        loss: of the minima.
        permutations: all of them, for at most 4 neurons; else none.
        edges: all of them, for at most 4 neurons; else none.
        levels: at which losses sets of minima are joined, ascending, by the lowest passages known.
        valley: the loss at which the flat valley of a permutation point joins all; None where no
            permutation point is known.
        variation: how much the loss was seen to vary on walks through that valley.
    """

    num_minima: int
    loss: float
    permutations: tuple[Permutation, ...]
    edges: tuple[Edge, ...]
    levels: tuple[Level, ...]
    valley: float | None
    variation: float | None


def graph_of(passages: Passages) -> LayerGraph:
    """Return the graph of a layer whose pairs have all been crossed.

    Args:
        passages: of all pairs of the layer.

    Returns:
        the graph, with the losses at which minima are joined.
    """
    width = passages.network.hidden[passages.settings.layer]
    barriers = {passage.pair: passage.lowest.barrier or 0.0 for passage in passages.passages}
    # Neurons that coincide are exchanged at no cost.
    barriers |= dict.fromkeys(passages.merged, passages.start.loss)
    permutations, edges = _drawn(width, barriers)
    valley, variation = _valley(passages, width)
    return LayerGraph(
        num_minima=math.factorial(width),
        loss=passages.start.loss,
        permutations=permutations,
        edges=edges,
        levels=tuple(_levels(width, barriers)),
        valley=valley,
        variation=variation,
    )


def _drawn(
    width: int, barriers: dict[tuple[int, int], float]
) -> tuple[tuple[Permutation, ...], tuple[Edge, ...]]:
    """Return every permutation and passage, where there are few."""
    if width > MOST_DRAWN:
        return (), ()
    permutations = tuple(itertools.permutations(range(width)))
    number = {permutation: i for i, permutation in enumerate(permutations)}
    edges = []
    for permutation, (pair, barrier) in itertools.product(permutations, barriers.items()):
        a, b = pair
        exchange = {a: b, b: a}
        other = tuple(exchange.get(neuron, neuron) for neuron in permutation)
        if number[permutation] < number[other]:
            edges.append(Edge(number[permutation], number[other], pair, barrier))
    return permutations, tuple(edges)


def _levels(width: int, barriers: dict[tuple[int, int], float]) -> list[Level]:
    """Return where groups of neurons join, lowest passage first (Kruskal's algorithm)."""
    groups = [{neuron} for neuron in range(width)]
    levels = []
    for pair, barrier in sorted(barriers.items(), key=lambda item: item[1]):
        first, second = (next(g for g in groups if neuron in g) for neuron in pair)
        if first is second:
            continue
        groups = [g for g in groups if g is not first and g is not second] + [first | second]
        sizes = math.prod(math.factorial(len(group)) for group in groups)
        if levels and barrier <= levels[-1].loss * (1 + _SAME_LOSS):
            levels.pop()  # joined at one loss: only what is left then counts
        levels.append(Level(barrier, pair, math.factorial(width) // sizes))
    return levels


def _valley(passages: Passages, width: int) -> tuple[float | None, float | None]:
    """Return the lowest barrier into a flat valley, and how level walks through it are."""
    through = [way for p in passages.passages for way in p.connecting if way.saddle and way.barrier]
    if not through or passages.settings.weight_decay:
        return None, None
    way = min(through, key=lambda way: way.barrier or 0.0)
    merged, landscape = way.saddle, passages.setup.landscape
    if merged is None:
        return None, None
    others = [neuron for neuron in range(width) if neuron not in merged.pair]
    walks = [paths.valley_walk(landscape, merged, neuron).loss for neuron in others]
    variation = max((float(np.ptp(losses)) for losses in walks), default=0.0)
    return way.barrier, variation
