"""A table of searches as words and as values for JSON; ratios are exact."""

from fractions import Fraction
from typing import Any

from saddlescape.core import InvalidInputError
from saddlescape.nofreelunch._performance import Performance
from saddlescape.nofreelunch._search import Contrast, SearchTable


def search_finding(table: SearchTable, evaluations: int) -> str:
    """Return what was found, in a sentence or two.

    Args:
        table: what `search` returned.
        evaluations: after how many evaluations algorithms are compared, from 1.

    Returns:
        whether the theorem holds, and where algorithms differ most.

    Example:
        >>> from saddlescape.nofreelunch import SearchSpace, search
        >>> search_finding(search(SearchSpace(4, 2), classes=["needle"]), 2)
        'On all 16 functions together 8 algorithms fare exactly alike: best value 3/4 after 2
        evaluations.'
    """
    size, many = f"{table.space.num_functions:,}", len(table.policies)
    algorithms = "1 algorithm" if many == 1 else f"{many} algorithms"
    if table.is_free_lunch_found:
        first = f"On all {size} functions together {algorithms} do NOT fare alike"
    else:
        mean = table.everywhere[0].mean_best[evaluations - 1]
        first = (
            f"On all {size} functions together {algorithms} fare exactly alike: best value {mean} "
            f"after {counted(evaluations)}"
        )
    widest = widest_class(table, evaluations)
    if widest is None:
        return f"{first}."
    ranked = ranking(table, widest, evaluations)
    best, worst = (table.policies[i].name for i in (ranked[0], ranked[-1]))
    high, low = (
        table.contrasts[i][widest].on_class.mean_best[evaluations - 1]
        for i in (ranked[0], ranked[-1])
    )
    group = table.classes[widest]
    return (
        f"{first}. On the {group.size:,} {group.name} ones {best} gets {float(high):.4g} and "
        f"{worst} {float(low):.4g}; what is gained there is lost on the others."
    )


def counted(evaluations: int) -> str:
    """Return a number of evaluations in words.

    Args:
        evaluations: how many.

    Returns:
        the number with its noun.

    Example:
        >>> counted(1), counted(2)
        ('1 evaluation', '2 evaluations')
    """
    return f"{evaluations} evaluation" + "s" * (evaluations != 1)


def widest_class(table: SearchTable, evaluations: int) -> int | None:
    """Return the class on which algorithms differ most, relative to what is usual there.

    Args:
        table: what `search` returned.
        evaluations: after how many evaluations.

    Returns:
        its number; None where they are alike on every class. A random sample is left out where
        there is another: nobody believes in one.
    """
    spread = [_spread(table, group, evaluations) for group in range(len(table.classes))]
    kept = [i for i, wide in enumerate(spread) if wide > 0]
    meant = [i for i in kept if table.classes[i].name != "random sample"]
    return max(meant or kept, key=spread.__getitem__, default=None)


def _spread(table: SearchTable, group: int, evaluations: int) -> Fraction:
    """Return the difference between the best and the worst algorithm on a class."""
    means = [row[group].on_class.mean_best[evaluations - 1] for row in table.contrasts]
    return max(means) - min(means)


def ranking(table: SearchTable, group: int, evaluations: int) -> tuple[int, ...]:
    """Return the algorithms from best to worst on a class.

    Args:
        table: what `search` returned.
        group: number of the class.
        evaluations: after how many evaluations.

    Returns:
        numbers of algorithms; equals in their order.
    """
    means = [row[group].on_class.mean_best[evaluations - 1] for row in table.contrasts]
    return tuple(sorted(range(len(means)), key=lambda i: -means[i]))


def search_summary(table: SearchTable, evaluations: int) -> dict[str, Any]:
    """Return a table as values for JSON.

    Args:
        table: what `search` returned.
        evaluations: after how many evaluations algorithms are compared, from 1.

    Returns:
        ratios as text such as ``"5/3"``, exact, with standard errors beside those that rest on
        drawn tapes.

    Raises:
        InvalidInputError: for more evaluations than points.
    """
    require_evaluations(table.space.points, evaluations)
    return {
        "finding": search_finding(table, evaluations),
        "points": table.space.points,
        "values": table.space.values,
        "functions": table.space.num_functions,
        "evaluations": evaluations,
        "is_free_lunch_found": table.is_free_lunch_found,
        "classes": [
            {
                "name": group.name, "description": group.description, "functions": group.size,
                "is_closed_under_permutation": group.is_closed,
                "algorithms_agree": all(row[i].distance == 0 for row in table.contrasts),
            }
            for i, group in enumerate(table.classes)
        ],
        "algorithms": [_algorithm(table, i) for i in range(len(table.policies))],
    }  # fmt: skip


def require_evaluations(points: int, evaluations: int) -> None:
    """Raise unless so many evaluations can be made.

    Args:
        points: of the space.
        evaluations: how many are wanted.

    Raises:
        InvalidInputError: when they cannot.
    """
    if not 1 <= evaluations <= points:
        msg = f"{evaluations} evaluations of {points} points: give 1 to {points}"
        raise InvalidInputError(msg)


def _algorithm(table: SearchTable, number: int) -> dict[str, Any]:
    """Return one algorithm as values for JSON."""
    policy, whole = table.policies[number], table.everywhere[number]
    return {
        "name": policy.name,
        "description": policy.description,
        "runs": table.num_runs[number],
        "random_choices": "all, exact" if whole.is_exact else "drawn",
        "every_sequence_equally_often": table.is_uniform[number],
        "all_functions": _performance(whole),
        "classes": [
            {"name": group.name, **_contrast(contrast)}
            for group, contrast in zip(table.classes, table.contrasts[number], strict=True)
        ],
    }


def _performance(found: Performance) -> dict[str, Any]:
    """Return a performance as values for JSON."""
    return {
        "mean_best": list(map(str, found.mean_best)),
        "mean_best_standard_error": None if found.is_exact else list(found.error or ()),
        "best": [list(map(str, row)) for row in found.best],
        "mean_evaluations_to_optimum": str(found.mean_evaluations),
        "mean_evaluations_to_optimum_standard_error": found.error_evaluations,
        "evaluations_to_optimum": list(map(str, found.evaluations)),
    }


def _contrast(contrast: Contrast) -> dict[str, Any]:
    """Return an algorithm on a class as values for JSON."""
    sums = [gain + loss for gain, loss in zip(contrast.gain, contrast.loss, strict=True)]
    return {
        **_performance(contrast.on_class),
        "gain_on_class": list(map(str, contrast.gain)),
        "gain_elsewhere": list(map(str, contrast.loss)),
        "sum_of_gains": list(map(str, sums)),
        "distance_of_sequences_to_first_algorithm": str(contrast.distance),
    }
