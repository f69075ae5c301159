"""A table of learners as words and as values for JSON; ratios are exact."""

from fractions import Fraction
from typing import Any

import numpy as np

from saddlescape.nofreelunch._learn import LearningTable, Score


def learning_finding(table: LearningTable) -> str:
    """Return what was found, in a sentence or two.

    Args:
        table: what `learn` returned.

    Returns:
        whether the theorem holds, and where learners differ most.

    Example:
        >>> from saddlescape.nofreelunch import learn, learner
        >>> learning_finding(learn(2, 2, [learner("coin"), learner("majority")], classes=[]))
        'Averaged over all 16 targets, each of 2 learners is wrong on exactly 1/2 of the labels it
        has not seen.'
    """
    many = len(table.learners)
    who = "the only learner" if many == 1 else f"each of {many} learners"
    size = f"{table.num_targets:,}"
    if table.is_free_lunch_found:
        first = f"Averaged over all {size} targets, NOT every learner is wrong on 1/2"
    else:
        first = f"Averaged over all {size} targets, {who} is wrong on exactly 1/2"
    first += " of the labels it has not seen"
    group = most_separating(table)
    if group is None:
        return f"{first}."
    means = [row[group].on_class.mean for row in table.contrasts]
    low, high = means.index(min(means)), means.index(max(means))
    return (
        f"{first}. On the {table.classes[group].size:,} {table.classes[group].name} targets "
        f"{table.learners[low].name} is wrong on {100 * float(means[low]):.3g} % and "
        f"{table.learners[high].name} on {100 * float(means[high]):.3g} %; the first pays for it "
        "on the others."
    )


def most_separating(table: LearningTable) -> int | None:
    """Return the class on which learners differ most, None where they differ on none.

    Args:
        table: what `learn` returned.

    Returns:
        its number. A random sample is left out where there is another: nobody believes in one.
    """
    spread = []
    for group in range(len(table.classes)):
        means = [row[group].on_class.mean for row in table.contrasts]
        spread.append(max(means) - min(means))
    kept = [i for i, wide in enumerate(spread) if wide > 0]
    meant = [i for i in kept if table.classes[i].name != "random"]
    return max(meant or kept, key=spread.__getitem__, default=None)


def learning_summary(table: LearningTable) -> dict[str, Any]:
    """Return a table as values for JSON.

    Args:
        table: what `learn` returned.

    Returns:
        ratios as text such as ``"1/2"``, exact for the training sets that were used, with standard
        errors over training sets.
    """
    return {
        "finding": learning_finding(table),
        "bits": table.bits,
        "targets": table.num_targets,
        "train": int(table.training_sets.shape[1]),
        "training_sets": table.training_sets.tolist(),
        "are_all_training_sets": bool(table.everywhere and table.everywhere[0].is_every_set),
        "is_free_lunch_found": table.is_free_lunch_found,
        "classes": [
            {"name": group.name, "description": group.description, "targets": group.size}
            for group in table.classes
        ],
        "learners": [_learner(table, i) for i in range(len(table.learners))],
    }


def _learner(table: LearningTable, number: int) -> dict[str, Any]:
    """Return one learner as values for JSON."""
    one = table.learners[number]
    counts = table.histograms[number]
    return {
        "name": one.name,
        "description": one.description,
        "training_error": str(table.training_error[number]),
        "all_targets": _score(table.everywhere[number]),
        "errors_of_targets_and_training_sets": [
            {"error": str(Fraction(wrong, len(counts) - 1)), "count": count}
            for wrong, count in enumerate(counts)
        ],
        "standard_deviation_over_targets": float(np.std(table.by_target[number])),
        "classes": [
            {
                "name": group.name,
                **_score(contrast.on_class),
                "gain_on_class": str(contrast.gain),
                "gain_elsewhere": str(contrast.loss),
                "sum_of_gains": str(contrast.gain + contrast.loss),
            }
            for group, contrast in zip(table.classes, table.contrasts[number], strict=True)
        ],
    }


def _score(score: Score) -> dict[str, Any]:
    """Return an error as values for JSON."""
    return {"error": str(score.mean), "standard_error": score.error}
