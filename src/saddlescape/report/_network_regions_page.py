"""The page of a network's linear regions: `saddlescape regions network --html PAGE`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from saddlescape.regions import PlaneRegions, Planes, borders, plane_regions, zero_lines
from saddlescape.report._figures import (
    Axis,
    Bars,
    Column,
    Curve,
    Figure,
    Heatmap,
    Layer,
    Lines,
    Page,
    Section,
    Table,
)
from saddlescape.report._numbers import count

_MOST_DRAWN = 3_000  # regions whose borders can be told apart
_STEPS = 121
_WHERE = {
    "rectangle": "in the rectangle", "plane": "in a rectangle on the plane",
    "segment": "on the segment", "box": "in the box", "everywhere": "in the whole space",
}  # fmt: skip


def network_regions_page(
    layers: Sequence[Planes],
    told: dict[str, Any],
    plane: PlaneRegions | None = None,
    *,
    command: str = "",
) -> Page:
    """Return the page of a network's linear regions.

    Args:
        layers: of the network, the readout last.
        told: the counts, as `saddlescape regions network --json` tells them.
        plane: its regions as polygons, where they were cut out of a rectangle.
        command: what reproduces the numbers.

    Returns:
        a page of figures and tables as data.
    """
    shape = "-".join(map(str, told["widths"]))
    sections = [*_pictures(layers, told, plane), _bounds(told), *_along(told)]
    settings = [("network", shape), ("where", told["where"])]
    settings += [("limits", " to ".join(f"{x:g}" for x in told["box"]))] if "box" in told else []
    more = "" if told["is_complete"] else "at least "
    return Page(
        title=f"Linear regions of the ReLU network {shape}",
        finding=f"The ReLU network {shape} has {more}{told['regions']:,} linear regions "
        f"{_WHERE[told['where']]}",
        sections=tuple(sections),
        settings=tuple(settings),
        command=command,
    )


def _pictures(
    layers: Sequence[Planes], told: dict[str, Any], plane: PlaneRegions | None
) -> tuple[Section, ...]:
    """Return the regions as a picture, layer by layer, and how large they are."""
    if plane is None:
        return ()
    name = "input" if told["where"] == "rectangle" else "coordinate"
    axes = Axis(f"{name} 1", limits=plane.box[0]), Axis(f"{name} 2", limits=plane.box[1])
    figures = []
    if told["where"] == "rectangle":
        figures += [_after(layers, depth, plane, axes) for depth in range(1, len(layers))]
    figures += [*_output(layers, told, plane, axes), _areas(plane)]
    return (
        Section(
            "The regions, layer by layer",
            "Every neuron of the first layer is a straight line. One of a higher layer is straight "
            "within each region of the layers below and bends on their borders.",
            figures=tuple(figure for figure in figures if figure is not None),
        ),
    )


def _after(
    layers: Sequence[Planes], depth: int, plane: PlaneRegions, axes: tuple[Axis, Axis]
) -> Figure | None:
    """Return the borders that the first layers make; the last one's stronger."""
    found = plane_regions([*layers[:depth], _nothing(layers[depth - 1])], plane.box)
    if found.num_regions > _MOST_DRAWN:
        return None
    every = borders(found)
    drawn: list[Layer] = [Lines(every, f"borders of layer {depth}", 0)]
    if depth > 1:
        below = plane_regions([*layers[: depth - 1], _nothing(layers[depth - 2])], plane.box)
        old = borders(below)
        drawn.append(Lines(old, "borders of the layers below", -1))
    return Figure(
        f"{'Layer 1' if depth == 1 else f'Layers 1 to {depth}'}: {found.num_regions:,} regions",
        *axes,
        tuple(drawn),
        height=260,
        is_equal=True,
        is_small=True,
    )


def _nothing(layer: Planes) -> Planes:
    """Return a readout of zero."""
    return Planes(np.zeros((1, len(layer.biases))), np.zeros(1))


def _output(
    layers: Sequence[Planes],
    told: dict[str, Any],
    plane: PlaneRegions,
    axes: tuple[Axis, Axis],
) -> list[Figure]:
    """Return the output with the line where it is zero; for two inputs and one output."""
    if plane.outputs.shape[1] != 1 or told["where"] != "rectangle":
        return []
    sides = [np.linspace(low, high, _STEPS) for low, high in plane.box]
    values = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    for number, (weights, biases) in enumerate(layers):
        values = values @ weights.T + biases
        values = values if number == len(layers) - 1 else np.maximum(values, 0)
    zero = zero_lines(plane)
    shown = Heatmap(sides[0], sides[1], values.reshape(_STEPS, _STEPS), "output")
    surface = Lines(zero, "output 0", 1)
    return [
        Figure(
            f"The output is zero on {len(zero):,} straight pieces, one per region crossed",
            *axes,
            (shown, surface) if len(zero) else (shown,),
            height=460,
            is_equal=True,
        )
    ]


def _areas(plane: PlaneRegions) -> Figure:
    """Return the areas of the regions, in powers of ten."""
    areas = np.log10(np.maximum(plane.areas, np.finfo(float).tiny))
    edges = np.arange(np.floor(areas.min() * 2), np.ceil(areas.max() * 2) + 1) / 2
    edges = edges if len(edges) > 1 else np.array([edges[0], edges[0] + 0.5])
    heights, _ = np.histogram(areas, edges)
    return Figure(
        f"Half of the regions are smaller than {np.median(plane.areas):.2g}",
        Axis("area of a region, power of ten"),
        Axis("regions"),
        (Bars(heights=heights, lefts=edges[:-1], rights=edges[1:]),),
    )


def _bounds(told: dict[str, Any]) -> Section:
    """Return the count beside the bounds."""
    rows = [
        (f"counted {_WHERE[told['where']]}", count(str(told["regions"])), ""),
        ("order of what is usual", f"{told['typical']:,.0f}",
         "Hanin & Rolnick 2019: N^d / d!, in the whole space"),
        ("some network of this shape has at least",
         count(told["reachable"]), "Montúfar et al. 2014"),
        ("none of this shape has more than", count(told["upper_bound"]), "Serra et al. 2018"),
    ]  # fmt: skip
    columns = (
        Column("", format="text"), Column("regions", format="text"), Column("source", format="text")
    )  # fmt: skip
    title = f"{told['neurons_that_cut']:,} of {told['neurons']:,} hidden neurons change sign there"
    return Section("Beside the bounds", tables=(Table(title, columns, rows, is_sortable=False),))


def _along(told: dict[str, Any]) -> tuple[Section, ...]:
    """Return the counts of several networks, such as checkpoints."""
    entries = told["along"]
    if len(entries) < 2:
        return ()
    counts = [entry["regions"] for entry in entries]
    columns = (Column("network", format="text"), Column("regions", format="count"))
    rows = [(entry["network"], entry["regions"]) for entry in entries]
    title = f"From {counts[0]:,} regions in the first network to {counts[-1]:,} in the last"
    axes = Axis("network, in the order given"), Axis("regions", limits=(0, 1.1 * max(counts)))
    figure = Figure(title, *axes, (Curve(range(1, len(counts) + 1), counts, "regions", 0),))
    table = Table("Every network", columns, rows, is_sortable=False)
    return (Section("Along the networks", figures=(figure,), tables=(table,)),)
