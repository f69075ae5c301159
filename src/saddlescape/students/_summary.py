"""Students and their solutions as sentences and as JSON values."""

import dataclasses
import math
from typing import Any

from saddlescape.students._copies import Copies
from saddlescape.students._run import Solutions, Student
from saddlescape.students._solution import Solution, Tally, apart

APART = (0.01, 0.1, 0.2, 0.3, 0.5)
"""Distances, relative to the length of theta, that solutions must keep to count as different."""


def finding(found: Solutions) -> str:
    """Return how many different solutions each student has near the best, in a sentence.

    Args:
        found: students with their solutions.

    Returns:
        a sentence without its full stop.
    """
    quoted = found.settings.quoted
    parts = [_words(student, quoted) for student in found.students]
    percent = f"{100 * quoted:g} %"
    return (
        f"Different solutions of {found.setup.problem.name} within {percent} of the best loss: "
        f"{'; '.join(parts)}"
    )


def _words(student: Student, quoted: float) -> str:
    """Return what one student found, in words."""
    neurons = f"{student.width} neuron{'s' * (student.width > 1)}"
    if not student.solutions:
        return f"{neurons}: no start reached a minimum"
    near = tally_at(student, quoted)
    low, high = near.unseen.interval
    whole = f"at least about {round(near.unseen.num_classes):,} ({_range(low, high)})"
    unseen = f", {whole} with those not yet seen" if high > near.num_solutions + 0.5 else ""
    return f"{neurons}: {near.num_solutions:,}{unseen}"


def _range(low: float, high: float) -> str:
    """Return an interval of counts in whole numbers."""
    low, high = _whole((low, high))
    return f"95 %: {low:,} to {high:,}"


def _whole(interval: tuple[float, float]) -> tuple[int, int]:
    """Return an interval of counts taken outwards to whole numbers.

    The lower end of Chao's interval lies above what was seen even where all was seen.
    """
    return math.floor(interval[0]), math.ceil(interval[1])


def tally_at(student: Student, within: float) -> Tally:
    """Return the tally of a student at one of the tolerances."""
    return next(tally for tally in student.tallies if tally.within == within)


def claim(found: Solutions) -> tuple[str, str]:
    """Return whether more neurons have more solutions, as the lecture says: verdict and numbers.

    Args:
        found: students with their solutions.

    Returns:
        "holds", "fails" or "not decided", and the numbers in a sentence; two empty strings where
        there is nothing to compare.
    """
    with_solutions = [student for student in found.students if student.solutions]
    if len(with_solutions) < 2:
        return "", ""
    few, many = with_solutions[0], with_solutions[-1]
    quoted = found.settings.quoted
    less, more = tally_at(few, quoted), tally_at(many, quoted)
    numbers = (
        f"{less.num_solutions:,} with {few.width} neurons, {more.num_solutions:,} with "
        f"{many.width}, within {100 * quoted:g} % of the best loss of each"
    )
    (low, high), (lower, upper) = _whole(less.unseen.interval), _whole(more.unseen.interval)
    if lower > high:
        return "holds", f"{numbers}; the 95 % intervals with those not yet seen do not overlap"
    if upper < low:
        return "fails", f"{numbers}; the 95 % intervals with those not yet seen do not overlap"
    return "not decided", f"{numbers}; the 95 % intervals with those not yet seen overlap"


def summary(found: Solutions) -> dict[str, Any]:
    """Return students and their solutions as JSON values.

    Args:
        found: students with their solutions.

    Returns:
        a dictionary.
    """
    verdict, numbers = claim(found)
    return {
        "finding": finding(found),
        "claim": {
            "statement": "several different near-optimal solutions, and many more with more "
            "neurons",
            "verdict": verdict or None,
            "numbers": numbers or None,
        },
        "starts": found.settings.starts,
        "weight_decay": found.settings.weight_decay,
        "students": [_student(student) for student in found.students],
        "command": found.settings.command(),
        **found.setup.header(),
    }


def _student(student: Student) -> dict[str, Any]:
    """Return a student as JSON values."""
    return {
        "width": student.width,
        "num_parameters": student.network.num_parameters,
        "outcomes": student.outcomes,
        "converged": student.num_converged,
        "solutions": [_solution(solution) for solution in student.solutions],
        "near_the_best": [dataclasses.asdict(tally) for tally in student.tallies],
        "apart": [
            {"distance": least, "num_solutions": apart(student.distances, least)}
            for least in APART
            if student.solutions
        ],
        "copies": _copies(student.copies),
        "from_faces": [_solution(solution) for solution in student.from_faces],
    }


def _solution(solution: Solution) -> dict[str, Any]:
    """Return a solution as JSON values."""
    told = {f.name: getattr(solution, f.name) for f in dataclasses.fields(solution)}
    return {**told, "theta": solution.theta.tolist(), "copies": str(solution.copies)}


def _copies(copies: Copies | None) -> dict[str, Any] | None:
    """Return copies as JSON values; integers of any length as text."""
    if copies is None:
        return None
    exact = ("number", "group_order", "num_fixing")
    return {**dataclasses.asdict(copies), **{name: str(getattr(copies, name)) for name in exact}}
