"""Algorithms that users write: `(visited, values) -> next point`."""

import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from saddlescape.nofreelunch._interface import AbstractPolicy, Choices, Histories
from saddlescape.nofreelunch._legality import IllegalPolicyError, told
from saddlescape.nofreelunch._space import SearchSpace

_LARGEST = 2**62  # weights are 64-bit integers


@dataclasses.dataclass(frozen=True)
class WrittenPolicy(AbstractPolicy):
    """A user's rule as an algorithm, checked as it runs.

    Every history is put to the rule twice, in two orders: a rule that remembers something from one
    call to the next, or looks at a clock, answers differently and is refused.

    Args:
        rule: ``rule(visited, values)`` with two tuples, or ``rule(visited, values, space)``.
            Returns the next point, or a dictionary of points with their probabilities: whole
            numbers, fractions or floats, in proportion.
        name: what tables call it; the function's name by default.
        description: what it does; the first line of the function's docstring by default.

    Example:
        >>> def backwards(visited, values, space):
        ...     return space.points - 1 - len(visited)
        >>> WrittenPolicy(backwards).name
        'backwards'
    """

    rule: Callable[..., Any]
    name: str = ""
    description: str = ""

    def __post_init__(self):
        told = (inspect.getdoc(self.rule) or "written by the user").splitlines()[0]
        name = self.name or getattr(self.rule, "__name__", "written")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "description", self.description or told)

    def choices(self, seen: Histories, space: SearchSpace) -> Choices:
        """Return what the rule answers.

        Args:
            seen: histories.
            space: where they search.

        Returns:
            points with weights.

        Raises:
            IllegalPolicyError: when its answers differ, or are no points.
        """
        parameters = inspect.signature(self.rule).parameters.values()
        wanted = [one for one in parameters if one.default is inspect.Parameter.empty]
        more = (space,) if len(wanted) > 2 else ()
        asked = [
            (tuple(points), tuple(values), *more)
            for points, values in zip(seen.points.tolist(), seen.values.tolist(), strict=True)
        ]
        answers = [self._answer(words, seen, run) for run, words in enumerate(asked)]
        for run in reversed(range(len(asked))):
            again = self._answer(asked[run], seen, run)
            if again != answers[run]:
                msg = (
                    f"{self.name} answers {_shown(answers[run])}, and when asked again "
                    f"{_shown(again)}, after {told(seen, run)}: let it decide by its arguments "
                    "alone, and return probabilities where it wants chance"
                )
                raise IllegalPolicyError(msg)
        width = max(map(len, answers))
        points, weights = np.zeros((2, len(answers), width), np.int64)
        for run, answer in enumerate(answers):
            points[run, : len(answer)] = list(answer)
            weights[run, : len(answer)] = list(answer.values())
        return Choices(points, weights, np.zeros_like(points))

    def _answer(self, asked: tuple[Any, ...], seen: Histories, run: int) -> dict[int, int]:
        """Return what the rule answers to one history, as points with weights."""
        try:
            answer = self.rule(*asked)
        except Exception as error:
            msg = (
                f"{self.name} raises {type(error).__name__} ({error}) after {told(seen, run)}: let "
                "it return a point for every history"
            )
            raise IllegalPolicyError(msg) from error
        return self._weights(answer, seen, run)

    def _weights(self, answer: Any, seen: Histories, run: int) -> dict[int, int]:
        """Return an answer as points with whole numbers in proportion to their probabilities."""
        given = answer if isinstance(answer, Mapping) else {answer: 1}
        try:
            shares = {int(x): Fraction(w) for x, w in given.items() if w and x == int(x)}
        except (TypeError, ValueError, OverflowError):
            shares = {}
        common = math.lcm(*(share.denominator for share in shares.values()))
        weights = {x: int(share * common) for x, share in shares.items()}
        if not weights or sum(map(abs, weights.values())) > _LARGEST:
            msg = (
                f"{self.name} answers {answer!r} after {told(seen, run)}: return a point, or a "
                "dictionary of points with fractions as probabilities"
            )
            raise IllegalPolicyError(msg)
        return weights


def _shown(weights: dict[int, int]) -> str:
    """Return an answer as its author wrote it."""
    return str(next(iter(weights))) if len(weights) == 1 else str(weights)
