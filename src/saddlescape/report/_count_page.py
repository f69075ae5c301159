"""The page of counts: `saddlescape count --html PAGE`."""

import math
from collections import Counter
from typing import Any

from saddlescape.passages import BuiltOrder
from saddlescape.report._figures import Axis, Bars, Column, Figure, Page, Points, Section, Table
from saddlescape.report._numbers import count
from saddlescape.symmetry import Counts, Subspaces, digits, ratio_text

_MOST_BARS = 40


def count_page(
    counts: Counts,
    num_parameters: int | None = None,
    subspaces: Subspaces | None = None,
    built: tuple[BuiltOrder, ...] = (),
    where: dict[str, Any] | None = None,
    *,
    command: str = "",
) -> Page:
    """Return the page of an architecture's minima and permutation points.

    Args:
        counts: minima and orders.
        num_parameters: of the network, where known.
        subspaces: of a student with a narrower teacher, where asked for.
        built: what the points are on a loss, where they were built.
        where: what they were built on, by name: problem, activation, starts, seed.
        command: what reproduces the numbers.

    Returns:
        a page of figures and tables as data; `write_page` makes the file.

    Example:
        >>> from saddlescape.symmetry import count_points
        >>> count_page(count_points([5])).finding
        '120 equivalent minima, and 240 permutation points of order 1, 2 for each minimum'
    """
    shape = "-".join(map(str, counts.hidden))
    settings = [("hidden widths", ", ".join(map(str, counts.hidden)))]
    settings += [("symmetries", "permutations, sign flips" if counts.is_odd else "permutations")]
    settings += [] if num_parameters is None else [("parameters", f"{num_parameters:,}")]
    settings += [(name.replace("_", " "), f"{value}") for name, value in (where or {}).items()]
    return Page(
        title=f"Minima and permutation points: hidden layers of {shape} neurons",
        finding=_finding(counts),
        sections=(*_orders(counts), *_wider(subspaces), *_measured(built)),
        settings=tuple(settings),
        command=command,
    )


def _finding(counts: Counts) -> str:
    """Return the first numbers, as a sentence."""
    minima = _said(counts.minima)
    if not counts.orders:
        return f"{minima} {'minimum' if counts.minima == 1 else 'equivalent minima'}"
    first = counts.orders[0]
    return (
        f"{minima} equivalent minima, and {_said(first.points)} permutation points of order "
        f"{first.order}, {ratio_text(first.ratio)} for each minimum"
    )


def _said(value: int) -> str:
    """Return an integer as pages write it."""
    return count(digits(value))


def _orders(counts: Counts) -> tuple[Section, ...]:
    """Return the permutation points by order: bars and a table."""
    if not counts.orders:
        return ()
    return (
        Section(
            "Permutation points by order",
            "A permutation point of order K is a critical point of a network with K neurons fewer, "
            "each of whose neurons stands for one or several that coincide. One narrower critical "
            "point gives that many. Order K is not the index: how many directions lead down from "
            "such a point depends on the loss.",
            figures=(_bars(counts),),
            tables=(_table(counts),),
        ),
    )


def _bars(counts: Counts) -> Figure:
    """Return the logarithms of the numbers as bars, minima first."""
    shown = counts.orders[:_MOST_BARS]
    numbers = [counts.minima, *(order.points for order in shown)]
    most = max(range(len(numbers)), key=numbers.__getitem__)
    title = (
        f"Permutation points are most numerous at order {shown[most - 1].order}"
        if most
        else "Minima outnumber the permutation points of every order"
    )
    cut = len(counts.orders) - len(shown)
    return Figure(
        title=title + (" of those shown" if counts.orders[-1].order < counts.max_order else ""),
        x_axis=Axis("order"),
        y_axis=Axis("number, power of ten"),
        layers=(
            Bars(
                heights=[math.log10(number) for number in numbers],
                categories=["minima", *(f"K = {order.order}" for order in shown)],
                texts=[_said(number) for number in numbers] if len(numbers) <= 12 else (),
            ),
        ),
        caption="A bar one unit higher stands for ten times as many."
        + (f" The {cut:,} further orders are in the table." if cut else ""),
    )


def _table(counts: Counts) -> Table:
    """Return one row per order."""
    columns = (
        Column("order", format="count"),
        Column("permutation points", format="count", note="(n - K)! S(n, n - K) in one layer"),
        Column("of pairs only", format="count", note="at most two neurons coincide at a place"),
        Column("theorem: at least", format="count", note="K pairs in one layer"),
        Column("per minimum", format="text", note="permutation points to minima"),
    )
    rows = [
        (
            order.order,
            *(digits(value) for value in (order.points, order.pairs_only, order.lower_bound)),
            ratio_text(order.ratio),
        )
        for order in counts.orders
    ]
    left = counts.max_order - counts.orders[-1].order
    return Table(
        title="Exact numbers: the theorem counts pairs in one layer, so it is a lower bound",
        columns=columns,
        rows=rows,
        is_sortable=False,
        note=f"{left:,} more orders were not asked for." if left else "",
    )


def _wider(subspaces: Subspaces | None) -> tuple[Section, ...]:
    """Return the subspaces of a student that is wider than its teacher."""
    if subspaces is None:
        return ()
    columns = (
        Column("narrower width", format="count"),
        Column("subspaces of critical points", format="count", note="per narrower critical point"),
        Column("per subspace of minima", format="text"),
    )
    pairs = zip(subspaces.critical, subspaces.ratios, strict=True)
    rows = [(width, digits(number), ratio_text(ratio)) for (width, number), ratio in pairs]
    title = (
        f"A student of {subspaces.student} neurons has {_said(subspaces.minima)} subspaces of "
        f"global minima for a teacher of {subspaces.teacher}"
    )
    return (
        Section(
            "A student wider than its teacher",
            "Minima and other critical points then fill affine subspaces: neurons that copy one "
            "neuron share its outgoing weight, and neurons that copy none cancel out.",
            tables=(Table(title, columns, rows, is_sortable=False),),
        ),
    )


def _measured(built: tuple[BuiltOrder, ...]) -> tuple[Section, ...]:
    """Return what the points are on a loss: their index against their order."""
    if not built:
        return ()
    return (
        Section(
            "The points on a loss",
            "Every permutation point was built from the lowest minimum found of each narrower "
            "network, outgoing weights shared equally, and classified by its own Hessian. Sign "
            "flips of an odd activation only make copies of these points, and were left out.",
            figures=(_index_figure(built),) if any(entry.built for entry in built) else (),
            tables=(_index_table(built),),
        ),
    )


def _index_figure(built: tuple[BuiltOrder, ...]) -> Figure:
    """Return the measured index against the order, areas following the number of points."""
    total: Counter = Counter()
    for entry in built:
        total.update({(entry.order, index): number for index, number in entry.index})
    marks = sorted(total)
    agree = sum(number for (order, index), number in total.items() if order == index)
    every = sum(total.values())
    ticks = tuple((order, str(order)) for order in sorted({order for order, _ in marks}))
    levels = range(max(index for _, index in marks) + 1)
    return Figure(
        title=f"Index equals order at {agree:,} of {every:,} permutation points",
        x_axis=Axis("order", ticks=ticks, limits=(ticks[0][0] - 0.5, ticks[-1][0] + 0.5)),
        y_axis=Axis("index", ticks=tuple((i, str(i)) for i in levels)),
        layers=(
            Points(
                x=[order for order, _ in marks],
                y=[index for _, index in marks],
                sizes=[total[mark] for mark in marks],
                labels=[f"{total[mark]:,}" for mark in marks],
                measure="points",
            ),
        ),
        caption="Areas follow the number of points. With one output, each merger adds as many "
        "downhill directions as the copied neuron has negative curvatures: none, some or all.",
    )


def _index_table(built: tuple[BuiltOrder, ...]) -> Table:
    """Return one row per narrower minimum."""
    columns = (
        Column("order", format="count"),
        Column("narrower widths", format="text"),
        Column("loss", note="of the lowest minimum found, and of all its permutation points"),
        Column("points by the formula", format="count"),
        Column("built", format="count"),
        Column("different", format="count"),
        Column("critical", format="count", note="gradient zero up to rounding"),
        Column("gradient norm", digits=2, note="largest entry of all gradients"),
        Column("index", format="text", note="value (points)"),
        Column("nullity", format="text", note="value (points)"),
    )
    rows = [
        (
            entry.order, ", ".join(map(str, entry.narrow)), entry.loss, entry.expected, entry.built,
            entry.different, entry.critical, entry.gradient_norm if entry.built else None,
            *(
                ", ".join(f"{value} ({number:,})" for value, number in pairs)
                for pairs in (entry.index, entry.nullity)
            ),
        )
        for entry in built
    ]  # fmt: skip
    good = sum(entry.critical for entry in built)
    every = sum(entry.built for entry in built)
    title = f"{good:,} of {every:,} permutation points are critical"
    return Table(title, columns, rows, is_sortable=False)
