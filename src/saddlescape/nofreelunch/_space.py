"""All functions from some points into some values, numbered by their digits."""

import dataclasses
import math

import numpy as np
from jaxtyping import Int

from saddlescape.core import InvalidInputError

MOST_FUNCTIONS = 20_000_000
"""Enumerating more takes minutes for every algorithm, and gigabytes."""
_LONGEST = 30  # digits of a number that is written out in a message


@dataclasses.dataclass(frozen=True)
class SearchSpace:
    """All functions from points 0 ... n - 1 on a ring into values 0 ... k - 1; higher is better.

    Function number f has the value of digit x of f, to base k, at point x. The ring only says which
    points are neighbours: the theorem does not know it, algorithms and classes of functions do.

    Args:
        points: n.
        values: k.

    Raises:
        InvalidInputError: when there are no functions, or too many to enumerate.

    Example:
        >>> SearchSpace(6, 3).num_functions
        729
        >>> SearchSpace(30, 10)
        Traceback (most recent call last):
        ...
        saddlescape.core._errors.InvalidInputError: 30 points and 10 values give 10^30 functions,
        and at most 20,000,000 are enumerated: give at most 7 points
    """

    points: int
    values: int

    def __post_init__(self):
        if self.points < 2 or self.values < 2:
            msg = (
                f"{self.points} points and {self.values} values leave nothing to search: give at "
                "least 2 of each"
            )
            raise InvalidInputError(msg)
        if self.points * math.log(self.values) > math.log(MOST_FUNCTIONS):
            raise InvalidInputError(self._refusal())

    def _refusal(self) -> str:
        """Return why so many functions are refused, and the largest spaces that are not."""
        points = math.floor(math.log(MOST_FUNCTIONS) / math.log(self.values) + 1e-12)
        values = math.floor(MOST_FUNCTIONS ** (1 / self.points) + 1e-12)
        cures = [f"at most {points} points"] * (points > 1) + [f"at most {values} values"] * (
            values > 1
        )
        return (
            f"{self.points} points and {self.values} values give "
            f"{_number(self.points, self.values)} functions, and at most {MOST_FUNCTIONS:,} are "
            f"enumerated: give {' or '.join(cures) or 'fewer points and fewer values'}"
        )

    @property
    def num_functions(self) -> int:
        """How many functions there are, k^n."""
        return self.values**self.points

    def table(self, start: int = 0, stop: int | None = None) -> Int[np.ndarray, "f n"]:
        """Return values of functions at all points.

        Args:
            start: the first function.
            stop: the one after the last; all of them by default.

        Returns:
            small integers, one row per function.

        Example:
            >>> SearchSpace(2, 3).table(4, 6).tolist()
            [[1, 1], [2, 1]]
        """
        rest = np.arange(start, self.num_functions if stop is None else stop)
        digits = np.empty((len(rest), self.points), self.digit_type)
        for point in range(self.points):
            rest, digits[:, point] = np.divmod(rest, self.values)
        return digits

    @property
    def digit_type(self) -> np.dtype:
        """The smallest type that holds a point and a value."""
        return np.min_scalar_type(-max(self.points, self.values) - 1)

    def distance(
        self, some: Int[np.ndarray, "..."], others: Int[np.ndarray, "..."]
    ) -> Int[np.ndarray, "..."]:
        """Return how far points are apart on the ring.

        Args:
            some: points.
            others: points; both are broadcast against each other.

        Returns:
            steps, at most half the ring.

        Example:
            >>> SearchSpace(6, 2).distance(np.array([0, 0]), np.array([2, 5])).tolist()
            [2, 1]
        """
        apart = np.abs(some - others)
        return np.minimum(apart, self.points - apart)


def _number(points: int, values: int) -> str:
    """Return k^n, written out where it is short, as a power otherwise."""
    if points * math.log10(values) < _LONGEST - 1e-9:
        return f"{values**points:,}"
    return f"{values}^{points}"
