"""Tables of learners on every Boolean target."""

import numpy as np

from saddlescape.nofreelunch import LearningTable, Score
from saddlescape.report._figures import Column, Table
from saddlescape.report._numbers import number


def errors(table: LearningTable) -> Table:
    """Return the error of each learner on each class, the best of a class marked."""
    lowest = [
        min(row[i].on_class.mean for row in table.contrasts) for i in range(len(table.classes))
    ]
    rows = [
        (
            one.name,
            str(whole.mean),
            *(
                _percent(score.on_class, is_best=score.on_class.mean == low)
                for score, low in zip(row, lowest, strict=True)
            ),
        )
        for one, whole, row in zip(table.learners, table.everywhere, table.contrasts, strict=True)
    ]
    names = [group.name for group in table.classes]
    return Table(
        title="Wrong labels off the training set",
        columns=(
            Column("learner", format="text"),
            Column("all targets", "share", format="text"),
            *(Column(name, "%", format="text") for name in names),
        ),
        rows=rows,
        is_sortable=False,
        note="A star marks the lowest of a class. Exact for these training sets"
        + (
            "."
            if all(score.is_every_set for score in table.everywhere)
            else "; ± is the standard error over training sets, for others drawn alike."
        ),
    )


def _percent(score: Score, *, is_best: bool) -> str:
    """Return an error in percent as text."""
    text = number(100 * float(score.mean), 3)
    text += "" if score.error is None else f" ± {number(100 * score.error, 2)}"
    return text + (" *" if is_best else "")


def classes(table: LearningTable) -> Table:
    """Return what the classes are, and who wins there."""
    rows = []
    for i, group in enumerate(table.classes):
        means = [row[i].on_class.mean for row in table.contrasts]
        winners = [
            one.name for one, x in zip(table.learners, means, strict=True) if x == min(means)
        ]
        who = "all alike" if len(set(means)) == 1 else ", ".join(winners)
        rows.append((group.name, group.description, group.size, who))
    return Table(
        title="Who wins where",
        columns=(
            Column("class", format="text"),
            Column("what is in it", format="text"),
            Column("targets", format="count"),
            Column("lowest error", format="text"),
        ),
        rows=rows,
    )


def everywhere(table: LearningTable) -> Table:
    """Return each learner on all targets, as exact ratios."""
    rows = []
    for i, one in enumerate(table.learners):
        sets = set(table.everywhere[i].by_training_set)
        shares = ", ".join(sorted(map(str, sets)))
        rows.append(
            (
                one.name, str(table.everywhere[i].mean), shares, str(table.training_error[i]),
                float(np.std(table.by_target[i])),
                _share_below(table.histograms[i]),
            )
        )  # fmt: skip
    return Table(
        title="The theorem fails"
        if table.is_free_lunch_found
        else "Exact ratios: one half in every row, however well the examples were learned",
        columns=(
            Column("learner", format="text"),
            Column("mean error", format="text", note="over all targets and training sets"),
            Column("by training set", format="text", note="every value that occurs"),
            Column("error on examples", format="text", note="on the training set itself"),
            Column("deviation", digits=3, note="standard deviation over targets of their error"),
            Column("no error", "%", digits=3, note="pairs of target and training set all right"),
        ),
        rows=rows,
        note="All learners without chance have one histogram of errors, that of fair coins: they "
        "differ in which targets they are good at."
        if _is_one_histogram(table)
        else "",
    )


def _is_one_histogram(table: LearningTable) -> bool:
    """Return whether learners without chance have the same number of targets at each error."""
    pairs = zip(table.learners, table.histograms, strict=True)
    return len({told for one, told in pairs if one.num_votes == 1}) == 1


def _share_below(histogram: tuple[int, ...]) -> float:
    """Return the percentage of pairs of a target and a training set without a wrong label."""
    return 100 * histogram[0] / sum(histogram)


def payments(table: LearningTable, group: int) -> Table:
    """Return gain, loss and their sum on one class; the title tells of all classes."""
    rows = [
        (one.name, float(row[group].gain), float(row[group].loss),
         str(row[group].gain + row[group].loss))
        for one, row in zip(table.learners, table.contrasts, strict=True)
    ]  # fmt: skip
    sums = [score.gain + score.loss for row in table.contrasts for score in row]
    lost = sum(total != 0 for total in sums)
    return Table(
        title=f"{lost} of {len(sums)} sums are not zero"
        if lost
        else f"Gain and loss add to zero, exactly, in all {len(sums)} cases",
        columns=(
            Column("learner", format="text"),
            Column("gain on the class", "labels", digits=6),
            Column("gain elsewhere", "labels", digits=6),
            Column("exact sum", format="text"),
        ),
        rows=rows,
        note="Counted for all learners and classes; shown is one class.",
    )


def learners(table: LearningTable) -> Table:
    """Return what the learners do."""
    rows = [
        (i, one.name, one.description, "none" if one.num_votes == 1 else "a coin, exactly averaged")
        for i, one in enumerate(table.learners, 1)
    ]
    return Table(
        title="What they do",
        columns=(
            Column("number", format="count"),
            Column("learner", format="text"),
            Column("predicts", format="text"),
            Column("chance", format="text"),
        ),
        rows=rows,
    )
