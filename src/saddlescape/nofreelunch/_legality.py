"""Proof by exhaustion that an algorithm is a legal one: no point twice, no looking ahead."""

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Int

from saddlescape.core import InvalidInputError
from saddlescape.nofreelunch._interface import Choices, Histories
from saddlescape.nofreelunch._space import SearchSpace


class IllegalPolicyError(InvalidInputError):
    """A search algorithm the theorem does not speak of; the message shows where it went wrong."""


def require_legal(name: str, choices: Choices, seen: Histories, space: SearchSpace) -> None:
    """Raise unless every choice is a point of the space that has not been evaluated yet.

    Args:
        name: of the algorithm.
        choices: what it may do next.
        seen: after these histories.
        space: where it searches.

    Raises:
        IllegalPolicyError: with the first history after which a choice is wrong.
    """
    is_taken = choices.weights > 0
    inside = (choices.points >= 0) & (choices.points < space.points)
    rows = np.arange(len(seen))[:, None]
    free = seen.unvisited(space)[rows, np.where(inside, choices.points, 0)]
    wrong = is_taken & ~(inside & free)
    if wrong.any():
        run, choice = np.argwhere(wrong)[0]
        point = int(choices.points[run, choice])
        fault = "which it has evaluated" if inside[run, choice] else "which is no point"
        wanted = sorted(set(range(space.points)) - set(seen.points[run].tolist()))
        msg = (
            f"{name} goes to {point}, {fault}, after {told(seen, int(run))}: "
            f"choose one of {', '.join(map(str, wanted))}"
        )
        raise IllegalPolicyError(msg)
    if (choices.weights < 0).any() or not is_taken.any(axis=1).all():
        run = int(((choices.weights < 0).any(axis=1) | ~is_taken.any(axis=1)).argmax())
        msg = (
            f"{name} gives no probabilities after {told(seen, run)}: give weights of 0 or more, "
            "some above 0"
        )
        raise IllegalPolicyError(msg)


def told(seen: Histories, run: int) -> str:
    """Return a history in words.

    Args:
        seen: histories.
        run: which.

    Returns:
        points with their values.
    """
    pairs = zip(seen.points[run].tolist(), seen.values[run].tolist(), strict=True)
    return ", ".join(f"f({x}) = {y}" for x, y in pairs) or "no evaluation"


@dataclasses.dataclass(frozen=True, eq=False)
class Legality:
    """What was proved of a search program by running it on every function.

    Args:
        points: what it evaluated on each function, in order.
        num_functions: how many it was run on.
        num_histories: how many different beginnings of a run were met, the empty one too.
    """

    points: Int[np.ndarray, "f n"]
    num_functions: int
    num_histories: int


def check_search(
    search: Callable[[Callable[[int], int]], object], space: SearchSpace, name: str = "the search"
) -> Legality:
    """Return the proof that a program is a legal search algorithm without chance.

    The program is run on every function. It is legal if it evaluates every point once, and if
    after equal histories it always does the same: what it does then depends on nothing else, so it
    cannot have looked at the function by another way than evaluating it.

    Args:
        search: called with a function to evaluate: a point in, its value out. It may be any code;
            what it returns is not used.
        space: what it searches.
        name: for the messages.

    Returns:
        what was proved.

    Raises:
        IllegalPolicyError: with the history after which it was wrong.

    Notes:
        Costs k^n runs of the program in Python: seconds for 3^10.

    Example:
        >>> space = SearchSpace(4, 2)
        >>> check_search(lambda f: [f(x) for x in (2, 0, 1, 3)], space).num_histories
        15
        >>> check_search(lambda f: [f(x) for x in (2, 0, 2, 3)], space, "mine")
        Traceback (most recent call last):
        ...
        saddlescape.nofreelunch._legality.IllegalPolicyError: mine goes to 2, which it has
        evaluated, after f(2) = 0, f(0) = 0: choose one of 1, 3
    """
    chosen: dict[tuple[int, ...], int] = {}
    orders = np.empty((space.num_functions, space.points), space.digit_type)
    for number, row in enumerate(space.table()):
        values = row.tolist()
        orders[number] = _watched(search, values, name, chosen)
    return Legality(orders, space.num_functions, len(chosen))


def _watched(
    search: Callable[[Callable[[int], int]], object],
    function: list[int],
    name: str,
    chosen: dict[tuple[int, ...], int],
) -> list[int]:
    """Return the points a program evaluates on one function, each checked as it comes."""
    points: list[int] = []
    values: tuple[int, ...] = ()

    def evaluate(point: int) -> int:
        nonlocal values
        before = ", ".join(f"f({x}) = {y}" for x, y in zip(points, values, strict=True))
        before = before or "no evaluation"
        left = sorted(set(range(len(function))) - set(points))
        if point not in left:
            fault = "which it has evaluated" if point in points else "which is no point"
            cure = f"choose one of {', '.join(map(str, left))}" if left else "stop there"
            msg = f"{name} goes to {point}, {fault}, after {before}: {cure}"
            raise IllegalPolicyError(msg)
        # A history is its values alone: the points follow from them, or it is caught here.
        if chosen.setdefault(values, point) != point:
            msg = (
                f"{name} goes to {point} after {before}, and elsewhere to {chosen[values]} after "
                "the same: it knows more than its history; let it decide by what it has evaluated"
            )
            raise IllegalPolicyError(msg)
        points.append(int(point))
        values = (*values, function[point])
        return function[point]

    search(evaluate)
    if len(points) < len(function):
        msg = (
            f"{name} stops after {len(points)} of {len(function)} points: let it evaluate "
            "every point, the theorem is about each number of evaluations"
        )
        raise IllegalPolicyError(msg)
    return points
