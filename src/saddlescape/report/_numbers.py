"""Numbers as people read them, and the numbers behind a figure as a table."""

import itertools
import math
import re
from typing import Any

from saddlescape.report._figures import (
    Arrows,
    Band,
    Bars,
    Cell,
    Column,
    Contours,
    Curve,
    Figure,
    Heatmap,
    Layer,
    Lines,
    Movie,
    Notes,
    Number,
    Picture,
    Points,
    Table,
    Trail,
)

MINUS, TIMES, DASH = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MAX_EXACT_DIGITS = 15
_WITH_EXPONENT = re.compile(r"(?<![\w.])(-?)(\d(?:\.\d+)?)e([+-]\d{2,3})(?!\w|\.\w)")
"""Python's way to write a number with a power of ten, alone in a sentence."""


def number(value: Number | None, digits: int = 4) -> str:
    """Return a number with so many significant digits, and a power of ten where that is shorter.

    Args:
        value: any number, NaN and infinity included; None gives a dash.
        digits: significant digits.

    Returns:
        text with a true minus sign.

    Example:
        >>> number(0.25), number(1681.0), number(1e-5).split()[2]
        ('0.25', '1681', '10⁻⁵')
    """
    if value is None or math.isnan(value):
        return DASH if value is None else "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{value:.{digits}g}"
    if isinstance(value, int) and abs(value) < 10**_MAX_EXACT_DIGITS:
        text = str(value)
    mantissa, _, exponent = text.partition("e")
    text = mantissa.replace("-", MINUS)
    return f"{text} {TIMES} {power_of_ten(int(exponent))}" if exponent else text


def count(value: int | str | None) -> str:
    """Return an integer exactly, or with a power of ten when it has more than 15 digits.

    Args:
        value: an integer, or its digits (Python does not print integers of 4,300 digits).

    Returns:
        text with thousands separated.

    Example:
        >>> count(1234567), count("1" + "0" * 5000).split()
        ('1,234,567', ['1.000', '...', '10⁵⁰⁰⁰'])
    """
    if value is None:
        return DASH
    digits = str(value)
    if len(digits) <= _MAX_EXACT_DIGITS:
        return f"{int(digits):,}".replace("-", MINUS)
    # Round the leading digits as an integer, so that 9.9996 carries into the exponent.
    leading, exponent = round(int(digits[:8]) / 10**4), len(digits) - 1
    if leading == 10_000:
        leading, exponent = 1_000, exponent + 1
    return f"{leading / 1000:.3f} {TIMES} {power_of_ten(exponent)}"


def power_of_ten(exponent: int) -> str:
    """Return 10 to an exponent, as text."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def in_powers(words: str) -> str:
    """Return a sentence with its very small and very large numbers as people write them.

    Args:
        words: any text; file names and options such as ``1e-3`` stay as they are.

    Returns:
        text.

    Example:
        >>> in_powers("the barrier is 7.001e-05").split("is ")[1].split()[::2]
        ['7.001', '10⁻⁵']
    """
    return _WITH_EXPONENT.sub(
        lambda found: (
            f"{MINUS if found[1] else ''}{found[2]} {TIMES} {power_of_ten(int(found[3]))}"
        ),
        words,
    )


def shown(cell: Cell, column: Column) -> str:
    """Return a cell as its column wants it shown."""
    if cell is None:
        return DASH
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if column.format == "count" and not isinstance(cell, float):
        return count(cell)
    if column.format == "number" and not isinstance(cell, str):
        return number(cell, column.digits)
    return str(cell)


def numbers_of(figure: Figure | Movie, most: int = 2_000) -> Table:
    """Return the numbers a figure shows as a table, the first `most` rows.

    Args:
        figure: any figure, or a movie: of this every so many frames, the last one too.
        most: how many rows at most; the table's note says how many there are.

    Returns:
        one row per mark, bar, segment or grid cell; of a movie one per frame and item that moves.
    """
    if isinstance(figure, Movie):
        return _numbers_of_movie(figure, most)
    columns = _columns(figure)
    every = itertools.chain.from_iterable(_rows(layer, len(columns)) for layer in figure.layers)
    rows = list(itertools.islice(every, most))
    left_out = sum(1 for _ in every)
    note = f"The first {most:,} of {most + left_out:,} rows." if left_out else ""
    return Table(figure.title, columns, rows, is_sortable=False, note=note)


def _numbers_of_movie(movie: Movie, most: int) -> Table:
    """Return what moves, frame by frame; panels share columns, as wide as the widest needs."""
    last = len(movie.frames) - 1
    in_one = max(1, sum(1 for _ in _moving_rows(movie, 0)))
    step = max(1, math.ceil(len(movie.frames) * in_one / most))
    kept = sorted({*range(0, last + 1, step), last})
    rows = [row for frame in kept for row in _moving_rows(movie, frame)]
    width = max((len(row) for row in rows), default=0)
    names = ("across", "up", "across, to", "up, to", "label")[: max(0, width - 4)]
    columns = (
        Column("frame", format="count"),
        *(Column(name, format="text") for name in ("position", "picture", "series")),
        *(Column(name, digits=6) for name in names),
    )
    padded = [(*row, *[None] * (width - len(row))) for row in rows]
    axes = "; ".join(
        f"{panel.title}: {panel.x_axis.text} across, {panel.y_axis.text} up"
        for panel in movie.panels
    )
    note = f"{axes}." + (f" {len(kept)} of {last + 1:,} frames." if step > 1 else "")
    return Table(movie.title, columns, padded, is_sortable=False, note=note)


def _moving_rows(movie: Movie, frame: int) -> list[tuple[Any, ...]]:
    """Return one row per item of one frame."""
    return [
        (frame + 1, movie.captions[frame], panel.title, *row)
        for panel, layers in zip(movie.panels, movie.frames[frame], strict=True)
        for layer in layers
        for row in _rows(layer)
    ]


def _columns(figure: Figure) -> tuple[Column, ...]:
    """Return the columns that fit the figure's layers."""
    x = Column(figure.x_axis.label, figure.x_axis.unit, digits=6)
    y = Column(figure.y_axis.label, figure.y_axis.unit, digits=6)
    if any(isinstance(layer, Lines | Arrows) for layer in figure.layers):
        ends = [
            Column(f"{c.name}, {end}", c.unit, digits=6) for end in ("from", "to") for c in (x, y)
        ]
        return (Column("line", format="text"), *ends, Column("label", format="text"))
    if all(isinstance(layer, Bars) for layer in figure.layers):
        # Bars over categories have one coordinate, bars over intervals two ends.
        flat = [layer for layer in figure.layers if isinstance(layer, Bars)]
        if any(layer.is_horizontal for layer in flat):
            x, y = y, x
        if any(layer.categories for layer in flat):
            return (Column("series", format="text"), x, y)
        ends = [Column(f"{x.name}, {end}", x.unit, digits=6) for end in ("from", "to")]
        return (Column("series", format="text"), *ends, y)
    measures = [layer.label for layer in figure.layers if isinstance(layer, Heatmap | Contours)]
    measures += [layer.measure for layer in figure.layers if isinstance(layer, Points)]
    value = next(filter(None, measures), "label")
    return (Column("series", format="text"), x, y, Column(value, digits=6))


def _rows(layer: Layer, width: int = 0) -> list[tuple[Cell, ...]]:
    """Return one row per item of a layer, at least as wide as the table."""
    if getattr(layer, "is_backdrop", False):
        return []
    match layer:
        case Picture():
            return []
        case Notes():
            return []
        case Points():
            extra = layer.shade or layer.sizes or layer.labels
            cells = itertools.zip_longest(layer.x, layer.y, extra)
        case Curve():
            cells = zip(layer.x, layer.y, strict=True)
        case Trail(upto=upto):
            cells = list(zip(layer.x, layer.y, strict=True))[upto - 1 : upto]
        case Band():
            edges = ((layer.low, "lower edge"), (layer.high, "upper edge"))
            cells = ((x, y, w) for e, w in edges for x, y in zip(layer.x, e, strict=True))
        case Bars():
            places = (layer.categories,) if layer.categories else (layer.lefts, layer.rights)
            cells = zip(*places, layer.heights, strict=True)
        case Heatmap() | Contours():
            grid = zip(layer.y, layer.z, strict=True)
            cells = ((x, y, z) for y, row in grid for x, z in zip(layer.x, row, strict=True))
        case Lines(segments=segments) | Arrows(arrows=segments):
            cells = ((*s, n) for s, n in itertools.zip_longest(segments, layer.labels))
    name = getattr(layer, "name", "")
    return [(name, *row, *[None] * (width - 1 - len(row))) for row in map(tuple, cells)]
