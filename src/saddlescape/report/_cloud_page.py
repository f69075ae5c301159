"""The page of `saddlescape index cloud`: loss against index, spectra against chance."""

import math
from collections import Counter
from pathlib import Path

import numpy as np

from saddlescape import clouds
from saddlescape.core import Kind
from saddlescape.report._cloud_spectra import escape_section, spectra_section
from saddlescape.report._figures import Axis, Bars, Column, Figure, Page, Points, Section, Table
from saddlescape.report._html import write_page
from saddlescape.report._survey import pairs_of

_FLOOR = 1e-15  # losses below fit exactly, up to rounding
_MOST_ROWS = 200
_ENDS = ("accepted", "impostor", "runaway", "unfinished", "other")


def write_cloud_page(
    found: clouds.Cloud,
    file: str | Path,
    spectra: tuple[clouds.Spectrum, ...] = (),
    escaped: clouds.Escapes | None = None,
) -> None:
    """Write the page of a cloud.

    Args:
        found: the cloud.
        file: where to.
        spectra: tested.
        escaped: from a saddle of it.
    """
    write_page(cloud_page(found, spectra, escaped), file)


def cloud_page(
    found: clouds.Cloud,
    spectra: tuple[clouds.Spectrum, ...] = (),
    escaped: clouds.Escapes | None = None,
) -> Page:
    """Return the page of a cloud.

    Args:
        found: the cloud.
        spectra: tested.
        escaped: from a saddle of it.

    Returns:
        a page of figures and tables as data.
    """
    header, settings = found.setup.header(), found.settings
    asked = settings.model_dump(mode="json", exclude_none=True)
    sections = [_ends(found)]
    if len(found.distinct):
        sections = [_cloud(found), *sections, _points(found)]
    if spectra:
        sections.insert(-1, spectra_section(found, spectra))
    if escaped:
        sections.insert(-1, escape_section(found, escaped))
    used = {**asked, "parameters": found.num_parameters, "source": header["problem"]["source"]}
    return Page(
        title=f"Critical points of every index: {header['problem']['name']}",
        finding=clouds.finding(found),
        sections=tuple(sections),
        settings=tuple(pairs_of(used)),
        command=settings.command(),
        versions=tuple(pairs_of(header["versions"])),
    )


def _cloud(found: clouds.Cloud) -> Section:
    """Return loss against index, with the correlations."""
    points, told = found.distinct, clouds.correlations(found)
    share = np.asarray(points.index) / found.num_parameters
    loss, flat = np.asarray(points.loss), np.asarray(points.nullity) > 0
    layers = tuple(
        Points(
            share[here],
            np.maximum(loss[here], _FLOOR / 2),
            name=name,
            tone=tone,
            sizes=found.counts[here],
            measure="times found",
            notes=[_note(found, int(row)) for row in np.flatnonzero(here)],
        )
        for name, tone, here in (("isolated", 0, ~flat), ("with zero curvatures", 1, flat))
        if here.any()
    )
    first = told["index / p"]
    figure = Figure(
        title=_title(first.rho, first.permutation_p_value, first.size),
        x_axis=Axis("share of negative curvatures: index / p"),
        y_axis=Axis("loss (mean over samples)", scale="log", floor=_FLOOR),
        layers=layers,
        caption="One mark for each distinct point modulo symmetry; its area is how often it was "
        "found.",
        height=460,
    )
    columns = (
        Column("loss against", format="text"),
        Column("points", format="count"),
        Column("Spearman's rho", digits=3),
        Column("p", digits=2, note="Student's t, for independent points"),
        Column("p by permutation", digits=2),
    )
    rows = [
        (name, one.size, *map(_or_none, (one.rho, one.p_value, one.permutation_p_value)))
        for name, one in told.items()
    ]
    table = Table(
        "Rank correlations of loss and index",
        columns,
        rows,
        note="Both p-values are for independent points, and these are not: half were sought beside "
        "others, and a smaller network sits in the larger one at several points of one loss. The "
        "last row counts each loss once. What searches do not find is in no row.",
    )
    return Section("Loss against index", figures=(figure,), tables=(table,))


def _title(rho: float, p_value: float, size: int) -> str:
    """Return what the cloud shows."""
    if math.isnan(rho):
        return f"{size:,} distinct points are too alike to compare loss and index"
    numbers = f"rho = {rho:.2f} over {size:,} points, p = {p_value:.1g} by permutation"
    if p_value > 0.05:  # the usual level
        return f"Loss and index are not seen to rise together: {numbers}"
    rises = "The higher the loss, the more ways down" if rho > 0 else "Loss falls with the index"
    return f"{rises}: {numbers}"


def _ends(found: clouds.Cloud) -> Section:
    """Return points of each index, and what every finder's searches came to."""
    rows = clouds.by_index(found)
    figures = ()
    if rows:
        most = max(rows, key=lambda row: row["distinct"])
        words = [str(row["index"]) for row in rows]
        again = [row["found"] - row["distinct"] for row in rows]
        figures = (
            Figure(
                title=f"Most distinct points have index {most['index']}: {most['distinct']:,} of "
                f"{len(found.distinct):,}",
                x_axis=Axis("index"),
                y_axis=Axis("searches that ended there"),
                layers=(
                    Bars([row["distinct"] for row in rows], words, name="distinct", tone=0),
                    Bars(again, words, name="found again", tone=1),
                ),
            ),
        )
    total = Counter(found.ends)
    methods = Table(
        f"{total['impostor']:,} impostors and {total['runaway']:,} runaways are no points",
        (Column("finder", format="text"), *(Column(end, format="count") for end in _ENDS)),
        [
            (name, *(found.ends_of(name)[end] for end in _ENDS))
            for name in dict.fromkeys(found.methods)
        ],
        note="Impostor: H g = 0 with g not 0, a minimum of the gradient's length that is no "
        "critical point. Runaway: parameters grow without bound. Unfinished: out of steps.",
    )
    names = ("index", "distinct", "found", "found_per_minute", "lowest_loss", "median_loss",
             "highest_loss")  # fmt: skip
    speed = Table(
        f"{sum(row['found'] for row in rows):,} points found in "
        f"{found.seconds.sum() / 60:.2g} minutes of searching",
        tuple(
            Column(name.replace("_", " "), format="count" if name in names[:3] else "number")
            for name in names
        ),
        [tuple(row[name] for name in names) for row in rows],
        note="The first searches of each kind hold compiling.",
    )
    return Section("What was found", figures=figures, tables=(speed, methods))


def _points(found: clouds.Cloud) -> Section:
    """Return the distinct points as a table."""
    columns = (
        Column("loss", digits=6),
        Column("index", format="count"),
        Column("nullity", format="count"),
        Column("kind", format="text"),
        Column("found", format="count"),
        Column("gradient", digits=2, note="largest entry"),
    )
    rows = [
        (
            float(point.loss),
            int(point.index),
            int(point.nullity),
            Kind(int(point.kind)).label,
            int(found.counts[row]),
            float(point.gradient_norm),
        )
        for row in range(min(len(found.distinct), _MOST_ROWS))
        for point in (found.distinct[row],)
    ]
    left = len(found.distinct) - len(rows)
    note = f"The lowest {len(rows):,}; {left:,} more are in the JSON." if left > 0 else ""
    return Section("Distinct points", tables=(Table("By loss", columns, rows, note=note),))


def _note(found: clouds.Cloud, row: int) -> str:
    """Return what is shown on hovering."""
    point = found.distinct[row]
    return f"index {int(point.index)}, nullity {int(point.nullity)}, found {int(found.counts[row])}"


def _or_none(value: float) -> float | None:
    """Return a number, None where there is none."""
    return None if math.isnan(value) else value
