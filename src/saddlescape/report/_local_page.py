"""The page of `saddlescape regions local`: regions of a network beside the nearest neighbour."""

import numpy as np

from saddlescape.decisions import (
    Beside,
    Local,
    accuracy_gap,
    local_finding,
    nearest,
    statements,
)
from saddlescape.regions import borders
from saddlescape.report._figures import (
    Axis,
    Column,
    Curve,
    Figure,
    Heatmap,
    Layer,
    Lines,
    Page,
    Points,
    Section,
    Table,
)
from saddlescape.report._survey import pairs_of

_STEPS = 161  # of the shades, on each side
_TONES = 6
_MOST_DRAWN = 3_000


def local_page(found: Local) -> Page:
    """Return the page of networks beside the nearest neighbour.

    Args:
        found: what `decisions.beside` returned.

    Returns:
        a page of figures and tables as data.
    """
    header = found.setup.header()
    told = found.settings.model_dump(mode="json", exclude_defaults=True)
    used = {**told, "held out": found.held_from, "source": header["problem"]["source"]}
    return Page(
        title=f"Distributed against local: {found.setup.problem.name}",
        finding=local_finding(found),
        sections=(_grown(found), _pictures(found)),
        settings=tuple(pairs_of(used)),
        command=found.settings.command(),
        versions=tuple(pairs_of(header["versions"])),
    )


def _grown(found: Local) -> Section:
    """Return the counts and the accuracies as neurons are added."""
    rows, last = found.networks, found.networks[-1]
    n = [row.neurons for row in rows]
    neurons = Axis("hidden neurons", scale="log", ticks=tuple((x, str(x)) for x in n))
    counts = Figure(
        f"{last.neurons} neurons cut {last.regions.num_regions:,} regions, "
        f"{int(last.is_empty.sum()):,} without a training sample",
        neurons,
        Axis("regions", scale="log"),
        (
            Curve(n, [row.regions.num_regions for row in rows], "regions", 0),
            Curve(n, [max(int(row.is_empty.sum()), 0.5) for row in rows], "without a sample", 1),
            Curve(n, [row.learned.num_parameters for row in rows], "parameters", 2),
            Curve(n, [len(found.samples)] * len(n), "cells of the nearest neighbour", 3),
        ),
        "In the box of the training samples. Zero is drawn at one half.",
    )
    gap, error = accuracy_gap(found, last)
    right = Figure(
        f"At {last.neurons} neurons the network is {abs(gap):.2%} "
        f"{'above' if gap > 0 else 'below'} the nearest neighbour, standard error {error:.2%}",
        neurons,
        Axis("held-out points labelled rightly"),
        (
            Curve(n, [row.right.mean() for row in rows], "network", 0),
            Curve(n, [found.near_right.mean()] * len(n), "nearest neighbour", 3),
        ),
        f"Held out: {found.held_from}.",
    )
    area = Figure(
        f"The rules label {last.different:.2%} of the area differently at {last.neurons} neurons",
        neurons,
        Axis("share of the box's area", limits=(0, 1.1 * max(row.different for row in rows))),
        (
            Curve(n, [row.different for row in rows], "labelled differently", 0),
            Curve(n, [row.different_empty for row in rows], "of it, without a sample", 1),
        ),
        "Exact: every polygon of the network is cut with every cell of the nearest sample.",
    )
    return Section(
        "As neurons are added",
        " ".join(statements(found)),
        figures=(counts, right, area),
        tables=(_table(found),),
        tables_first=True,
    )


def _table(found: Local) -> Table:
    """Return one row for every network."""
    columns = (
        Column("neurons", format="count"), Column("parameters", format="count"),
        Column("regions", format="count"), Column("without a sample", format="count"),
        Column("their labels", format="text", note="regions without a sample, class by class"),
        Column("unlike the nearest", format="count", note="of them, at a point inside"),
        Column("their area"), Column("area labelled differently"),
        Column("held out right"), Column("beyond the nearest neighbour"), Column("standard error"),
        Column("numbers per region", note="parameters divided by regions"),
    )  # fmt: skip
    rows = []
    for row in found.networks:
        gap, error = accuracy_gap(found, row)
        by_label = np.bincount(row.labels[row.is_empty]).tolist()
        rows.append((
            row.neurons, row.learned.num_parameters, row.regions.num_regions,
            int(row.is_empty.sum()), ", ".join(map(str, by_label)),
            int((row.labels != row.near)[row.is_empty].sum()), row.empty_area, row.different,
            float(row.right.mean()), gap, error,
            row.learned.num_parameters / row.regions.num_regions,
        ))  # fmt: skip
    d, n = found.samples.shape[1], len(found.samples)
    note = (
        f"The nearest neighbour has {n:,} cells of {d + 1} numbers each and is right on "
        f"{found.near_right.mean():.1%} of the held-out points."
    )
    return Table("Every network", columns, rows, is_sortable=False, note=note)


def _pictures(found: Local) -> Section:
    """Return the labels by both rules, and where they differ."""
    last = found.networks[-1]
    box = last.regions.box
    sides = [np.linspace(low, high, _STEPS) for low, high in box]
    at = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    own = last.learned.labels(last.learned.outputs(at))
    near = found.labels[nearest(found.samples, at)]
    names = found.setup.problem.input_names or ("input 1", "input 2")
    axes = Axis(names[0], limits=box[0]), Axis(names[1], limits=box[1])
    marks = tuple(
        Points(
            found.samples[found.labels == label, 0],
            found.samples[found.labels == label, 1],
            str(found.setup.problem.target_names[label])
            if label < len(found.setup.problem.target_names)
            else f"class {label}",
            int(label) % _TONES,
        )
        for label in np.unique(found.labels)
    )

    def tints(labels: np.ndarray) -> Heatmap:
        grid = labels.reshape(_STEPS, _STEPS) % _TONES
        return Heatmap(sides[0], sides[1], grid, has_scale=False, is_backdrop=True, has_tones=True)

    def picture(title: str, *layers: Layer) -> Figure:
        return Figure(title, *axes, layers, height=460, is_equal=True)

    figures = [
        picture(f"The network of {last.neurons} neurons", tints(own), *marks),
        picture("The nearest neighbour", tints(near), *marks),
        picture(
            f"They differ on {last.different:.2%} of the area (second tint)",
            tints((own != near).astype(int)),
            *marks,
        ),
    ]
    if last.regions.num_regions <= _MOST_DRAWN:
        figures.append(_visited(last, picture, tints, at, marks))
    return Section(
        f"Both rules, {last.neurons} neurons",
        "Tints are the labels that each rule gives.",
        figures=tuple(figures),
    )


def _visited(last: Beside, picture, tints, at: np.ndarray, marks: tuple[Points, ...]) -> Figure:
    """Return which regions hold no training sample."""
    hidden = np.hstack(last.learned.activities(at)[1:]) > 0
    empty = {row.tobytes() for row in last.regions.patterns[last.is_empty]}
    inside = np.array([row.tobytes() in empty for row in np.ascontiguousarray(hidden)])
    return picture(
        f"{int(last.is_empty.sum()):,} of {last.regions.num_regions:,} regions hold no training "
        f"sample (second tint): {last.empty_area:.1%} of the area",
        tints(inside.astype(int)),
        Lines(borders(last.regions), "border between regions", -1),
        *marks,
    )
