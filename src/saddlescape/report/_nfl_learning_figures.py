"""Figures of learners on every Boolean target."""

from fractions import Fraction

import numpy as np

from saddlescape.nofreelunch import LearningTable
from saddlescape.report._figures import Axis, Bars, Figure, Lines, Points
from saddlescape.report._nfl_figures import matrix, num_flat, strips


def rights(table: LearningTable) -> list[tuple[str, list[Fraction]]]:
    """Return for all targets, then each class: the share of right labels beyond one half."""
    half = Fraction(1, 2)
    rows = [("all targets", [half - score.mean for score in table.everywhere])]
    rows += [
        (group.name, [half - row[i].on_class.mean for row in table.contrasts])
        for i, group in enumerate(table.classes)
    ]
    return rows


def strip_figure(table: LearningTable) -> Figure:
    """Return one line of marks for each set of targets: together, or apart."""
    rows = [(name, [100 * x for x in values]) for name, values in rights(table)]
    frame = Figure(
        title="One point over all targets, a spread where targets have structure",
        x_axis=Axis("unseen labels right, less 50", "%"),
        y_axis=Axis(""),
        layers=(),
        caption=f"One mark for each of {len(table.learners)} learners, averaged over the targets "
        "of the row and the training sets. On the first row all marks lie on one another at 0.",
    )
    return strips(rows, [one.name for one in table.learners], frame)


def matrix_figure(table: LearningTable) -> Figure:
    """Return the same numbers as shades."""
    rows = [(name, [100 * x for x in values]) for name, values in rights(table)]
    frame = Figure(
        title=f"{num_flat(rows)} of {len(rows)} rows {'are' if num_flat(rows) != 1 else 'is'} flat",
        x_axis=Axis("learner"),
        y_axis=Axis(""),
        layers=(),
        caption="Shades: unseen labels right beyond one half, in percent. A class may be flat too: "
        "where so few examples say nothing about the other labels of its targets.",
    )
    return matrix(rows, [one.name for one in table.learners], frame, "right beyond half [%]")


def spread(table: LearningTable) -> Figure:
    """Return how far the errors on single targets are from one half, for each learner."""
    deviations = [100 * float(np.std(errors)) for errors in table.by_target]
    names = [one.name for one in table.learners]
    widest, narrowest = (names[deviations.index(end(deviations))] for end in (max, min))
    return Figure(
        title=f"Equal averages, unequal spreads: {widest} varies most from target to target, "
        f"{narrowest} least",
        x_axis=Axis("standard deviation over targets of the error", "%"),
        y_axis=Axis("learner"),
        layers=(
            Bars(
                deviations,
                categories=names,
                texts=[f"{value:.1f}" for value in deviations],
                is_horizontal=True,
            ),
        ),
        caption="Exact. The error on a target is averaged over the training sets first; its mean "
        "over targets is 50 % for each learner.",
        height=100 + 30 * len(names),
    )


def payment(table: LearningTable, group: int) -> Figure:
    """Return gains on a class and elsewhere."""
    gains = [row[group].gain for row in table.contrasts]
    losses = [row[group].loss for row in table.contrasts]
    zero = all(gain + loss == 0 for gain, loss in zip(gains, losses, strict=True))
    own, other = [float(x) for x in gains], [float(x) for x in losses]
    lines = [-i for i in range(len(own))]
    names = [one.name for one in table.learners]
    return Figure(
        title="Every win is paid for: the marks of each learner are equally far from 0"
        if zero
        else "Gains and losses do not cancel",
        x_axis=Axis("right labels beyond one half, summed over targets"),
        y_axis=Axis("", ticks=tuple(zip(lines, names, strict=True)), limits=(lines[-1] - 0.6, 0.6)),
        layers=(
            Lines([(a, y, b, y) for a, b, y in zip(own, other, lines, strict=True)], tone=-2),
            Points(own, lines, name=f"on {table.classes[group].name} targets", notes=names),
            Points(other, lines, name="on all others", tone=1, notes=names),
        ),
        caption="Averaged over training sets. The table has the exact sums.",
        height=120 + 34 * len(names),
    )
