"""The pictures of a layer whose pairs have all been merged: ranks, profiles, graph, tree."""

import itertools
import math

import numpy as np

from saddlescape.passages import LayerGraph, Passages
from saddlescape.report._figures import Axis, Curve, Figure, Layer, Lines, Notes, Points
from saddlescape.report._numbers import number
from saddlescape.report._path_figures import loss_axis

_MOST_PAIRS = 45
_MOST_PROFILES = 12
_OUTSIDE = 0.09  # how far the name of a minimum stands from it
_APART = 0.26  # of the marks of one pair, in rows


def ranking(passages: Passages) -> Figure:
    """Return the losses of the permutation points and the barriers, pair by pair, ranked."""
    rows = sorted(
        passages.passages, key=lambda p: (float(f"{p.lowest.barrier:.9e}"), not p.path.reached)
    )[:_MOST_PAIRS]
    reached = [(i, p) for i, p in enumerate(rows) if p.path.saddle is not None]
    names = [("{} {}").format(*p.pair) for p in rows]
    points = [p.path.saddle.loss for _, p in reached if p.path.saddle is not None]
    layers: list[Layer] = [
        # A little apart, as two or all three are often the same loss.
        Points(points, [i - _APART for i, _ in reached], "permutation point", 2),
        Points([p.path.barrier for _, p in reached], [i for i, _ in reached], "merging path", 0),
        Points(
            [p.lowest.barrier for p in rows],
            [i + _APART for i in range(len(rows))],
            "lowest pass known",
            1,
        ),
    ]
    first = rows[0]
    return Figure(
        title=f"The lowest pass exchanges neurons {names[0].replace(' ', ' and ')} at loss "
        f"{number(first.lowest.barrier, 6)}",
        x_axis=loss_axis(passages),
        y_axis=Axis(
            "pair of neurons",
            ticks=tuple((float(i), name) for i, name in enumerate(names)),
            limits=(len(rows) - 0.4, -0.6),
        ),
        layers=tuple(layer for layer in layers if not isinstance(layer, Points) or tuple(layer.x)),
        caption="For each pair: where its two neurons meet, the highest loss on the merging path, "
        "and the highest loss on the best way known. Pairs that do not meet have the last only.",
        height=150 + 34 * len(rows),
    )


def profiles(passages: Passages) -> tuple[Figure, ...]:
    """Return the loss against the distance for every pair, small, side by side."""
    figures = []
    axis = loss_axis(passages)
    every = [loss for p in passages.passages for loss in p.path.loss if loss > (axis.floor or 0)]
    limits = (min(every), max(every)) if every else None
    for passage in passages.passages[:_MOST_PROFILES]:
        path = passage.path
        half = slice(0, path.turn + 1)
        i, j = path.pair
        end = (
            f"meet at loss {number(path.saddle.loss, 6)}"
            if path.saddle is not None
            else "do not meet"
        )
        folds = [Points([f.distance for f in path.folds], [f.loss for f in path.folds], "fold", 1)]
        figures.append(
            Figure(
                title=f"Neurons {i} and {j} {end}, {len(path.folds)} "
                f"fold{'' if len(path.folds) == 1 else 's'}",
                x_axis=Axis("distance", limits=(float(path.distance[0]) * 1.03, -0.02)),
                y_axis=Axis("loss", scale="log", floor=axis.floor, floor_label="0", limits=limits),
                layers=(
                    Curve(path.distance[half], path.loss[half], "", 0),
                    *(folds if path.folds else ()),
                ),
                height=230,
                is_small=True,
            )
        )
    return tuple(figures)


def graph_figure(graph: LayerGraph) -> Figure | None:
    """Return every permuted minimum and which passage joins which; None beyond four neurons."""
    if not graph.permutations:
        return None
    places = _places(graph)
    pairs = sorted({edge.pair for edge in graph.edges}, key=lambda p: _barrier(graph, p))
    layers: list[Layer] = []
    for tone, pair in enumerate(pairs):
        segments = [
            (*places[edge.start], *places[edge.end]) for edge in graph.edges if edge.pair == pair
        ]
        words = f"{pair[0]} and {pair[1]} at loss {number(_barrier(graph, pair), 6)}"
        layers.append(
            Lines(segments, words, tone, tone % 2 == 1, [2.4 - 0.25 * tone] * len(segments))
        )
        x, y = (np.array(segments)[:, [k, k + 2]].mean(axis=1) for k in (0, 1))
        layers.append(Points(x[:1], y[:1], words, tone))
    labels = ["".join(map(str, permutation)) for permutation in graph.permutations]
    x, y = (np.array(axis) for axis in zip(*places, strict=True))
    layers.append(Points(x, y, "minimum", -1))
    # Outside of its ring, where fewer lines cross.
    out = 1 + _OUTSIDE / np.hypot(x, y)
    layers.append(Notes(x * out, y * out, labels, side="center"))
    return Figure(
        title=f"{graph.num_minima} equal minima, {len(graph.edges)} passages between them",
        x_axis=Axis("", limits=(-1.35, 1.35), is_hidden=True),
        y_axis=Axis("", limits=(-1.2, 1.2), is_hidden=True),
        layers=tuple(layers),
        caption="A minimum is labelled by which neuron of the first one stands at each place. "
        "Lines exchange two neurons; their colours tell which, lowest pass first in the key.",
        height=560,
        is_equal=True,
    )


def _barrier(graph: LayerGraph, pair: tuple[int, int]) -> float:
    """Return the barrier of a pair."""
    return next(edge.barrier for edge in graph.edges if edge.pair == pair)


def _places(graph: LayerGraph) -> list[tuple[float, float]]:
    """Return where the permutations are drawn: those of four on two rings, fewer on one."""
    count = len(graph.permutations)
    if count <= 6:
        rings = [graph.permutations]
    else:
        even = [p for p in graph.permutations if _sign(p) > 0]
        rings = [even, [p for p in graph.permutations if _sign(p) < 0]]
    where = {}
    for ring, radius in zip(rings, (1.0, 0.52), strict=False):
        for number_on, permutation in enumerate(ring):
            angle = 2 * math.pi * (number_on + 0.5 * (radius < 1)) / len(ring) + math.pi / 2
            where[permutation] = (radius * 1.15 * math.cos(angle), radius * math.sin(angle))
    return [where[permutation] for permutation in graph.permutations]


def _sign(permutation: tuple[int, ...]) -> int:
    """Return the sign of a permutation."""
    return (-1) ** sum(a > b for a, b in itertools.combinations(permutation, 2))


def tree(passages: Passages, graph: LayerGraph) -> Figure | None:
    """Return the disconnectivity tree: at which losses sets of minima are joined."""
    if not graph.permutations or not graph.levels:
        return None
    segments, leaves = _branches(graph)
    labels = ["".join(map(str, graph.permutations[leaf])) for leaf in leaves]
    top = graph.levels[-1].loss
    words = f"All {graph.num_minima} minima are joined at loss {number(top, 6)}"
    notes: list[Layer] = []
    if graph.valley is not None:
        words += ", through the flat valley" if top <= graph.valley * (1 + 1e-9) else ""
        ends = (0.0, len(leaves) - 1.0)
        notes = [
            Curve(ends, (graph.valley,) * 2, "", 2),
            Notes(ends[:1], (graph.valley,), ("flat valley",), 2, "right"),
        ]
    return Figure(
        title=words,
        x_axis=Axis("", ticks=tuple((float(i), name) for i, name in enumerate(labels)))
        if len(leaves) <= 6
        else Axis("permuted minima", ticks=()),
        y_axis=Axis(loss_axis(passages).label),
        layers=(Lines(segments, "minima", 0), *notes),
        caption="Each line at the bottom is a permutation of the minimum. Two branches join at the "
        "highest loss on the lowest pass known between them. The dotted line is where the "
        "outgoing weights of a merged pair can be shared at will: from there every permutation is "
        "reached at equal loss.",
    )


def _branches(graph: LayerGraph) -> tuple[list[tuple[float, float, float, float]], list[int]]:
    """Return the tree's segments, and the minima in the order in which they stand."""
    merges: list[tuple[float, list[int], list[int]]] = []
    sets = [[i] for i in range(len(graph.permutations))]
    for edge in sorted(graph.edges, key=lambda edge: edge.barrier):
        a = next(s for s in sets if edge.start in s)
        b = next(s for s in sets if edge.end in s)
        if a is not b:
            merges.append((edge.barrier, a, b))
            sets = [s for s in sets if s is not a and s is not b] + [a + b]
    leaves = sets[0]
    place = {leaf: float(i) for i, leaf in enumerate(leaves)}
    tops = {leaf: (place[leaf], graph.loss) for leaf in leaves}
    segments = []
    for barrier, a, b in merges:
        (x0, y0), (x1, y1) = tops[a[0]], tops[b[0]]
        segments += [(x0, y0, x0, barrier), (x1, y1, x1, barrier), (x0, barrier, x1, barrier)]
        for leaf in a + b:
            tops[leaf] = ((x0 + x1) / 2, barrier)
    return segments, leaves
