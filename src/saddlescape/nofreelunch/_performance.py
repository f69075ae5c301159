"""What the runs of an algorithm on a class of functions amount to, as exact ratios."""

import dataclasses
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from saddlescape.nofreelunch._space import SearchSpace
from saddlescape.nofreelunch._walk import Walk


@dataclasses.dataclass(frozen=True)
class Performance:
    """How an algorithm fares on average over a class of functions.

    Args:
        best: for each number of evaluations, from 1, and each value: the probability that it is the
            best seen so far.
        evaluations: for each number of evaluations, from 1: the probability that the function's
            highest value is first seen then.
        error: standard error of `mean_best`, for each number of evaluations, where random choices
            were drawn; None where all were enumerated and the numbers are exact.
        error_evaluations: the same of `mean_evaluations`.
    """

    best: tuple[tuple[Fraction, ...], ...]
    evaluations: tuple[Fraction, ...]
    error: tuple[float, ...] | None = None
    error_evaluations: float | None = None

    @property
    def is_exact(self) -> bool:
        """Whether every random choice was followed."""
        return self.error is None

    @property
    def mean_best(self) -> tuple[Fraction, ...]:
        """The mean of the best value so far, for each number of evaluations."""
        return tuple(sum(v * p for v, p in enumerate(row)) for row in self.best)  # type: ignore[misc]

    @property
    def mean_evaluations(self) -> Fraction:
        """The mean number of evaluations until the highest value is seen."""
        return sum((m * p for m, p in enumerate(self.evaluations, 1)), Fraction(0))


def performance(found: Sequence[Walk], space: SearchSpace, is_in: np.ndarray) -> Performance:
    """Return how an algorithm fares on a class of functions.

    Args:
        found: all its runs, from `walks`.
        space: all functions.
        is_in: which functions are in the class, shape (k^n,), at least one.

    Returns:
        exact ratios; with several tapes their average, and its standard error.

    Example:
        >>> from saddlescape.nofreelunch import Ascending, walks
        >>> space = SearchSpace(3, 2)
        >>> every = performance(walks(Ascending(), space), space, np.ones(8, bool))
        >>> [str(mean) for mean in every.mean_best]
        ['1/2', '3/4', '7/8']
    """
    each = [_of_one(walk.counts(space.num_functions, is_in), space) for walk in found]
    if len(each) == 1:
        return each[0]
    best = tuple(
        tuple(_mean([one.best[m][v] for one in each]) for v in range(space.values))
        for m in range(space.points)
    )
    evaluations = tuple(_mean([one.evaluations[m] for one in each]) for m in range(space.points))
    means = np.array([[float(x) for x in one.mean_best] for one in each])
    lengths = np.array([float(one.mean_evaluations) for one in each])
    scale = math.sqrt(len(each))
    error = tuple((means.std(axis=0, ddof=1) / scale).tolist())
    return Performance(best, evaluations, error, float(lengths.std(ddof=1) / scale))


def _mean(parts: list[Fraction]) -> Fraction:
    """Return the mean of exact numbers."""
    return sum(parts, Fraction(0)) / len(parts)


def _of_one(counts: np.ndarray, space: SearchSpace) -> Performance:
    """Return the performance from how often each sequence of values is seen."""
    total = int(counts.sum())
    best, first = np.zeros(1, np.int64), np.zeros(1, np.int64)
    found = []
    for number in range(1, space.points + 1):
        best, before = np.repeat(best, space.values), np.repeat(best, space.values)
        value = np.tile(np.arange(space.values), len(best) // space.values)
        is_new = (value > before) | (number == 1)
        best, first = (
            np.maximum(best, value),
            np.where(is_new, number, np.repeat(first, space.values)),
        )
        summed = counts.reshape(len(best), -1).sum(axis=1)
        found.append(tuple(_shares(best, summed, space.values, total)))
    return Performance(tuple(found), tuple(_shares(first, counts, space.points + 1, total)[1:]))


def _shares(which: np.ndarray, counts: np.ndarray, size: int, total: int) -> list[Fraction]:
    """Return what share of the total falls on each number below `size`."""
    return [Fraction(int(counts[which == number].sum()), total) for number in range(size)]


def sequences(
    found: Sequence[Walk], space: SearchSpace, is_in: np.ndarray, evaluations: int
) -> np.ndarray:
    """Return the distribution of the values seen in the first evaluations.

    Args:
        found: all runs of an algorithm, from `walks`.
        space: all functions.
        is_in: which functions are in the class, shape (k^n,).
        evaluations: m, how many values are looked at.

    Returns:
        probabilities as `fractions.Fraction`, shape (k^m,), in the order of the sequences as
        numbers to base k, the first value leading.

    Example:
        >>> from saddlescape.nofreelunch import HillClimbing, walks
        >>> space = SearchSpace(3, 2)
        >>> sequences(walks(HillClimbing(), space), space, np.ones(8, bool), 1).tolist()
        [Fraction(1, 2), Fraction(1, 2)]
    """
    size = space.values**evaluations
    sums = np.zeros(size, object)
    for walk in found:
        counts = walk.counts(space.num_functions, is_in).reshape(size, -1).sum(axis=1)
        total = int(counts.sum()) * len(found)
        sums = sums + np.array([Fraction(int(number), total) for number in counts], object)
    return sums
