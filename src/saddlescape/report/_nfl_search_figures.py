"""Figures of search algorithms on every function."""

from fractions import Fraction

from saddlescape.nofreelunch import SearchTable, counted, ranking
from saddlescape.report._figures import Axis, Bars, Curve, Figure, Lines, Points
from saddlescape.report._nfl_figures import less_the_mean, matrix, num_flat, strips
from saddlescape.report._numbers import number

_ALL = "all functions"


def order(table: SearchTable) -> list[int]:
    """Return the classes, those on which the theorem holds first."""
    return sorted(range(len(table.classes)), key=lambda i: not table.classes[i].is_closed)


def advantages(table: SearchTable, evaluations: int) -> list[tuple[str, list[Fraction]]]:
    """Return for all functions, then each class: best values less their mean over algorithms."""
    rows = [(_ALL, [whole.mean_best[evaluations - 1] for whole in table.everywhere])]
    rows += [
        (
            table.classes[i].name,
            [row[i].on_class.mean_best[evaluations - 1] for row in table.contrasts],
        )
        for i in order(table)
    ]
    return less_the_mean(rows)


def strip_figure(table: SearchTable, evaluations: int) -> Figure:
    """Return one line of marks for each set of functions: together, or apart."""
    methods = [policy.name for policy in table.policies]
    frame = Figure(
        title="One point where nothing is assumed, a spread where functions have structure",
        x_axis=Axis("advantage in mean best value"),
        y_axis=Axis(""),
        layers=(),
        caption=f"One mark for each of {len(methods)} algorithms: its mean best value after "
        f"{counted(evaluations)}, less the mean over algorithms. On the upper rows, closed under "
        "permutation, all marks lie on one another.",
    )
    return strips(advantages(table, evaluations), methods, frame)


def matrix_figure(table: SearchTable, evaluations: int) -> Figure:
    """Return the same numbers as shades: flat rows and others."""
    rows = advantages(table, evaluations)
    frame = Figure(
        title=f"{num_flat(rows)} of {len(rows)} rows are flat: no algorithm is better there",
        x_axis=Axis("algorithm"),
        y_axis=Axis(""),
        layers=(),
        caption=f"Shades: mean best value after {counted(evaluations)}, less the mean of the row.",
    )
    return matrix(rows, [policy.name for policy in table.policies], frame, "advantage")


def evaluations_to_optimum(table: SearchTable) -> Figure:
    """Return the distribution that all algorithms share."""
    whole = table.everywhere[0]
    heights = [float(share) for share in whole.evaluations]
    mean = number(float(whole.mean_evaluations))
    same = len({found.evaluations for found in table.everywhere}) == 1
    who = "every algorithm" if same else table.policies[0].name
    return Figure(
        title=f"On all functions {who} needs {mean} evaluations on average to see the optimum",
        x_axis=Axis("evaluations until the highest value of the function is first seen"),
        y_axis=Axis("share of functions"),
        layers=(
            Bars(
                heights,
                categories=[str(m) for m in range(1, len(heights) + 1)],
                texts=[f"{100 * height:.1f} %" for height in heights],
            ),
        ),
        caption="Exact; " + ("one histogram, counted for each algorithm and the same for all." if
        same else "the first algorithm's."),
    )  # fmt: skip


def curves(table: SearchTable, group: int, evaluations: int) -> Figure:
    """Return the best value over evaluations on a class, for the best and the worst algorithm."""
    ranked = ranking(table, group, evaluations)
    steps = range(1, table.space.points + 1)
    name = table.classes[group].name
    best, worst = ranked[0], ranked[-1]
    drawn = [
        Curve(
            steps,
            [float(x) for x in table.contrasts[i][group].on_class.mean_best],
            name=table.policies[i].name,
            tone=tone,
        )
        for i, tone in ((best, 0), (worst, 1))
    ]
    usual = [float(x) for x in table.everywhere[0].mean_best]
    return Figure(
        title=f"On {name} functions {table.policies[best].name} is ahead of "
        f"{table.policies[worst].name} after {counted(evaluations)}",
        x_axis=Axis("evaluations", ticks=tuple((m, str(m)) for m in steps)),
        y_axis=Axis("mean best value so far"),
        layers=(Curve(steps, usual, name="all functions, any algorithm", tone=-2), *drawn),
        caption="The dotted line is the same for all algorithms. It may lie above the others: such "
        "functions have lower maxima.",
    )


def payment(table: SearchTable, group: int, evaluations: int) -> Figure:
    """Return gains on a class and elsewhere, relative to the mean over algorithms."""
    contrasts = [row[group] for row in table.contrasts]
    gains = [contrast.gain[evaluations - 1] for contrast in contrasts]
    losses = [contrast.loss[evaluations - 1] for contrast in contrasts]
    zero = all(gain + loss == 0 for gain, loss in zip(gains, losses, strict=True))
    # What the class itself gives, to everybody, is not what tells algorithms apart.
    usual = sum(gains) / len(gains)
    own, other = [float(gain - usual) for gain in gains], [float(loss + usual) for loss in losses]
    lines = [-i for i in range(len(own))]
    name = table.classes[group].name
    names = [policy.name for policy in table.policies]
    return Figure(
        title="Every gain is paid for: the marks of each algorithm are equally far from 0"
        if zero
        else "Gains and losses do not cancel",
        x_axis=Axis("sum of best values, less the mean over algorithms"),
        y_axis=Axis(
            "",
            ticks=tuple(zip(lines, names, strict=True)),
            limits=(lines[-1] - 0.6, 0.6),
        ),
        layers=(
            Lines([(a, y, b, y) for a, b, y in zip(own, other, lines, strict=True)], tone=-2),
            Points(own, lines, name=f"on {name} functions", notes=names),
            Points(other, lines, name="on all others", tone=1, notes=names),
        ),
        caption=f"After {counted(evaluations)}. The table has the exact sums.",
        height=120 + 36 * len(names),
    )
