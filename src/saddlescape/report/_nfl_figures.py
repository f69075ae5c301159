"""Figures that searches and learners share: flat rows beside rows that are not."""

from collections.abc import Sequence
from fractions import Fraction

from saddlescape.report._figures import Axis, Figure, Heatmap, Points

Rows = Sequence[tuple[str, Sequence[Fraction]]]
"""The name of a set of problems, and a number for each method."""


def less_the_mean(rows: Rows) -> list[tuple[str, list[Fraction]]]:
    """Return the rows less their means: exactly zero where all methods agree."""
    means = [sum(each, Fraction(0)) / len(each) for _, each in rows]
    return [(name, [x - m for x in each]) for (name, each), m in zip(rows, means, strict=True)]


def strips(rows: Rows, methods: Sequence[str], figure: Figure) -> Figure:
    """Return one line of marks for each row, together or apart, in the frame of a figure."""
    marks = [
        (float(value), -line, method, name, _way(value, values))
        for line, (name, values) in enumerate(rows)
        for method, value in zip(methods, values, strict=True)
    ]
    layers = []
    for way, title, tone in ((1, "best there", 0), (0, "the others", 2), (-1, "worst there", 1)):
        kept = [mark for mark in marks if mark[-1] == way]
        layers.append(
            Points(
                [mark[0] for mark in kept],
                [mark[1] for mark in kept],
                name=title,
                tone=tone,
                labels=[mark[2] if way else "" for mark in kept],
                notes=[f"{mark[2]}, {mark[3]}" for mark in kept],
            )
        )
    ticks = tuple((-line, name) for line, (name, _) in enumerate(rows))
    return Figure(
        title=figure.title,
        x_axis=figure.x_axis,
        y_axis=Axis("", ticks=ticks, limits=(-len(rows) + 0.4, 0.6)),
        layers=tuple(layers),
        caption=figure.caption,
        height=120 + 50 * len(rows),
    )


def _way(value: Fraction, values: Sequence[Fraction]) -> int:
    """Return 1 for the largest of a row, -1 for the smallest, 0 for others and where all agree."""
    top, low = max(values), min(values)
    return 0 if top == low else 1 if value == top else -1 if value == low else 0


def matrix(rows: Rows, methods: Sequence[str], figure: Figure, label: str) -> Figure:
    """Return the same numbers as shades, a row for each row and a column for each method."""
    told = ", ".join(f"{i} {name}" for i, name in enumerate(methods, 1))
    upwards = rows[::-1]
    columns = range(1, len(methods) + 1)
    return Figure(
        title=figure.title,
        x_axis=Axis(figure.x_axis.label, ticks=tuple((i, str(i)) for i in columns)),
        y_axis=Axis("", ticks=tuple((i, name) for i, (name, _) in enumerate(upwards))),
        layers=(
            Heatmap(
                columns,
                range(len(rows)),
                [[float(value) for value in values] for _, values in upwards],
                label=label,
            ),
        ),
        caption=f"{told}. {figure.caption}",
        height=80 + 40 * len(rows),
    )


def num_flat(rows: Rows) -> int:
    """Return on how many rows all methods agree, exactly."""
    return sum(len(set(values)) == 1 for _, values in rows)
