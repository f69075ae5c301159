"""The page of labellings: `saddlescape regions labellings --html PAGE`."""

from typing import Any

import numpy as np

from saddlescape.regions import Labellings
from saddlescape.report._arrangement_page import box_of
from saddlescape.report._clipping import clipped
from saddlescape.report._figures import (
    Axis,
    Column,
    Curve,
    Figure,
    Lines,
    Page,
    Points,
    Section,
    Table,
)
from saddlescape.report._numbers import count


def labellings_page(found: Labellings, told: dict[str, Any], *, command: str = "") -> Page:
    """Return the page of what one hidden layer can make of the regions of hyperplanes.

    Args:
        found: labellings of all hyperplanes.
        told: the counts, as `saddlescape regions labellings --json` tells them.
        command: what reproduces the numbers.

    Returns:
        a page of figures and tables as data.
    """
    parity = (_parity(told),) if told["parity"] else ()
    settings = (("hyperplanes", str(told["hyperplanes"])), ("dimension", str(told["dimension"])))
    return Page(
        title="What one hidden layer can and cannot do",
        finding=f"One hidden layer has {count(told['realizable'])} of "
        f"{count(told['labellings'])} labellings of {told['regions']} regions; "
        "one more layer has them all",
        sections=(*_xor(found), _fractions(told), *parity),
        settings=settings,
        command=command,
    )


def _xor(found: Labellings) -> tuple[Section, ...]:
    """Return the regions with the labels of XOR, in the plane."""
    cut = found.cut
    if cut.weights.shape[1] != 2:
        return ()
    box = box_of(cut)
    segments = [clipped(w, float(b), box) for w, b in zip(cut.weights, cut.biases, strict=True)]
    x, y = cut.points.T
    seen = (x > box[0][0]) & (x < box[0][1]) & (y > box[1][0]) & (y < box[1][1])
    marks = [
        Points(x[seen & chosen], y[seen & chosen], name, tone)
        for name, tone, chosen in (
            ("1", 1, found.checkerboard), ("0", 0, ~found.checkerboard)
        )
        if (seen & chosen).any()
    ]  # fmt: skip
    can = "can" if found.has(found.checkerboard) else "cannot"
    figure = Figure(
        f"XOR, neighbours always differ: one hidden layer {can} have it",
        Axis("input 1", limits=box[0]),
        Axis("input 2", limits=box[1]),
        (Lines([s for s in segments if s], "hidden neuron", -1), *marks),
        height=420,
        is_equal=True,
    )
    return (
        Section(
            "XOR on these lines",
            "A neuron is on, on one side of its line. Crossing a line changes the readout by "
            "the same amount wherever it is crossed; XOR wants opposite changes.",
            figures=(figure,),
        ),
    )


def _fractions(told: dict[str, Any]) -> Section:
    """Return how few labellings can be had as lines are added."""
    rows = told["table"]
    names = ("hyperplanes", "regions", "labellings", "realizable", "fraction", "xor_is_realizable")
    formats = ("count", "count", "count", "count", "number", "text")
    titles = ("hyperplanes", "regions", "labellings", "one hidden layer has", "fraction", "XOR")
    columns = tuple(Column(t, format=f) for t, f in zip(titles, formats, strict=True))
    cells = [tuple(row[name] for name in names) for row in rows]
    figure = Figure(
        "The share of labellings that one hidden layer has falls with every line",
        Axis("hyperplanes", ticks=tuple((r["hyperplanes"], str(r["hyperplanes"])) for r in rows)),
        Axis("share of all labellings, power of ten"),
        (Curve([r["hyperplanes"] for r in rows], np.log10([r["fraction"] for r in rows])),),
    )
    return Section(
        "How many labellings",
        "Weights and bias of the readout are a point; every region of the input is a hyperplane in "
        "their space, and every region of those hyperplanes one labelling: exact, by enumeration. "
        "With a second hidden layer, one neuron for each region labelled 1 gives any of them.",
        figures=(figure,) if len(rows) > 1 else (),
        tables=(Table("Exact numbers", columns, cells, is_sortable=False),),
    )


def _parity(told: dict[str, Any]) -> Section:
    """Return how many neurons parity needs."""
    columns = (
        Column("bits", format="count"),
        Column("neurons needed", format="count"),
        Column("smaller sets of neurons excluded", format="count"),
    )
    rows = [(r["bits"], r["neurons"], sum(r["sets_excluded"])) for r in told["parity"]]
    title = "Least hidden layer of threshold neurons for parity, by exhaustive search"
    return Section(
        "Parity, with lines where you like",
        tables=(Table(title, columns, rows, is_sortable=False),),
    )
