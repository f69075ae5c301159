"""Tables of search algorithms on every function."""

from saddlescape.nofreelunch import Performance, SearchTable, counted
from saddlescape.report._figures import Column, Table
from saddlescape.report._nfl_search_figures import order
from saddlescape.report._numbers import number


def means(table: SearchTable, evaluations: int) -> Table:
    """Return the mean best value of each algorithm on each class."""
    groups = order(table)
    rows = [
        (
            policy.name,
            number(float(whole.mean_best[evaluations - 1]), 5),
            *(_mean(row[i].on_class, evaluations) for i in groups),
        )
        for policy, whole, row in zip(
            table.policies, table.everywhere, table.contrasts, strict=True
        )
    ]
    names = ("all functions", *(table.classes[i].name for i in groups))
    drawn = any(not whole.is_exact for whole in table.everywhere)
    return Table(
        title=f"Mean best value after {counted(evaluations)}",
        columns=(Column("algorithm", format="text"), *(Column(n, format="text") for n in names)),
        rows=rows,
        note="Exact, rounded to five digits"
        + (
            "; those with ± are estimates from drawn random numbers, with one standard error."
            if drawn
            else "."
        ),
    )


def _mean(found: Performance, evaluations: int) -> str:
    """Return a mean as text, with its standard error where it has one."""
    mean = number(float(found.mean_best[evaluations - 1]), 5)
    return mean if found.error is None else f"{mean} ± {number(found.error[evaluations - 1], 2)}"


def classes(table: SearchTable, evaluations: int) -> Table:
    """Return what the classes are, and whether the theorem holds on them."""
    rows = []
    for i in order(table):
        group = table.classes[i]
        values = [row[i].on_class.mean_best[evaluations - 1] for row in table.contrasts]
        distances = [row[i].distance for row in table.contrasts]
        rows.append(
            (
                group.name, group.description, group.size, group.is_closed,
                float(max(values) - min(values)), float(max(distances)),
            )
        )  # fmt: skip
    agree = sum(all(row[i].distance == 0 for row in table.contrasts) for i in order(table))
    closed = sum(group.is_closed for group in table.classes)
    return Table(
        title=f"{closed} of {len(rows)} classes are closed under permutation; on {agree} all "
        "algorithms see the same sequences",
        columns=(
            Column("class", format="text"),
            Column("what is in it", format="text"),
            Column("functions", format="count"),
            Column("closed", format="text", note="under permutations of the points, by counting"),
            Column("spread", note="largest mean best value less the smallest"),
            Column("distance", note="largest total variation to the sequences of the first one"),
        ),
        rows=[(*row[:3], "yes" if row[3] else "no", *row[4:]) for row in rows],
        note="Distance 0: no measure of performance of any kind can tell the algorithms apart.",
    )


def everywhere(table: SearchTable, evaluations: int) -> Table:
    """Return each algorithm on all functions, as exact ratios."""
    rows = [
        (
            policy.name,
            table.num_runs[i],
            "every one equally often" if table.is_uniform[i] else "NOT equally often",
            str(whole.mean_best[evaluations - 1]),
            str(whole.mean_evaluations),
        )
        for i, (policy, whole) in enumerate(zip(table.policies, table.everywhere, strict=True))
    ]
    return Table(
        title="The theorem fails"
        if table.is_free_lunch_found
        else "Exact ratios, the same in every row",
        columns=(
            Column("algorithm", format="text"),
            Column("runs", format="count", note="functions times random choices"),
            Column("sequences of values", format="text"),
            Column(f"mean best after {evaluations}", format="text"),
            Column("mean evaluations to the optimum", format="text"),
        ),
        rows=rows,
    )


def payments(table: SearchTable, group: int, evaluations: int) -> Table:
    """Return gain, loss and their sum on one class; the title tells of all classes."""
    rows = []
    for policy, row in zip(table.policies, table.contrasts, strict=True):
        gain, loss = row[group].gain[evaluations - 1], row[group].loss[evaluations - 1]
        rows.append((policy.name, float(gain), float(loss), str(gain + loss)))
    sums = [
        gain + loss
        for row in table.contrasts
        for contrast in row
        for gain, loss in zip(contrast.gain, contrast.loss, strict=True)
    ]
    lost = sum(total != 0 for total in sums)
    return Table(
        title=f"{lost:,} of {len(sums):,} sums are not zero"
        if lost
        else f"Gain and loss add to zero, exactly, in all {len(sums):,} cases",
        columns=(
            Column("algorithm", format="text"),
            Column("gain on the class", digits=6, note="sum of best values, less the average"),
            Column("gain elsewhere", digits=6),
            Column("exact sum", format="text"),
        ),
        rows=rows,
        note="Counted for all algorithms, classes and numbers of evaluations; shown is one class.",
    )


def algorithms(table: SearchTable) -> Table:
    """Return what the algorithms do."""
    rows = [
        (
            i,
            policy.name,
            policy.description,
            "all of them followed" if whole.is_exact else "drawn",
        )
        for i, (policy, whole) in enumerate(zip(table.policies, table.everywhere, strict=True), 1)
    ]
    return Table(
        title="What they do",
        columns=(
            Column("number", format="count"),
            Column("algorithm", format="text"),
            Column("evaluates next", format="text"),
            Column("random choices", format="text"),
        ),
        rows=rows,
    )
