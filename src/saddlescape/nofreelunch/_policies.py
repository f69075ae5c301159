"""Algorithms that leave nothing to chance."""

import dataclasses

import numpy as np
from jaxtyping import Int

from saddlescape.nofreelunch._interface import AbstractPolicy, Choices, Histories
from saddlescape.nofreelunch._space import SearchSpace


def best_free(
    scores: Int[np.ndarray, "h n"], seen: Histories, space: SearchSpace
) -> Int[np.ndarray, " h"]:
    """Return the unvisited point with the highest score, the first of equals."""
    lowest = np.iinfo(np.int64).min
    return np.where(seen.unvisited(space), scores, lowest).argmax(axis=1)


def nearest_free(
    wanted: Int[np.ndarray, " h"], seen: Histories, space: SearchSpace
) -> Int[np.ndarray, " h"]:
    """Return the unvisited point nearest to a wanted one, the first of equals."""
    apart = space.distance(np.arange(space.points)[None, :], wanted[:, None] % space.points)
    return best_free(-apart, seen, space)


def best_seen(seen: Histories) -> Int[np.ndarray, " h"]:
    """Return the point with the highest value so far, the first of equals."""
    where = seen.values.argmax(axis=1)[:, None]
    return np.take_along_axis(seen.points, where, axis=1)[:, 0].astype(np.int64)


def _begin(seen: Histories) -> Choices:
    """Return point 0 for every history."""
    return Choices.certain(np.zeros(len(seen), np.int64))


@dataclasses.dataclass(frozen=True)
class Ascending(AbstractPolicy):
    """The points in their order, whatever is found there."""

    name = "ascending"
    description = "the points in their order, whatever is found"

    def choices(self, seen: Histories, space: SearchSpace) -> Choices:
        """Return the next point in order."""
        return Choices.certain(np.full(len(seen), seen.num_evaluations % space.points))


@dataclasses.dataclass(frozen=True)
class HillClimbing(AbstractPolicy):
    """The unvisited point nearest to the best one so far."""

    name = "hill-climbing"
    description = "the unvisited point nearest to the best so far"

    def choices(self, seen: Histories, space: SearchSpace) -> Choices:
        """Return the nearest point."""
        if not seen.num_evaluations:
            return _begin(seen)
        return Choices.certain(nearest_free(best_seen(seen), seen, space))


@dataclasses.dataclass(frozen=True)
class AntiHillClimbing(AbstractPolicy):
    """The unvisited point farthest from the best one so far."""

    name = "anti-hill-climbing"
    description = "the unvisited point farthest from the best so far"

    def choices(self, seen: Histories, space: SearchSpace) -> Choices:
        """Return the farthest point."""
        if not seen.num_evaluations:
            return _begin(seen)
        there = best_seen(seen)[:, None]
        apart = space.distance(np.arange(space.points)[None, :], there)
        return Choices.certain(best_free(apart, seen, space))


@dataclasses.dataclass(frozen=True)
class Momentum(AbstractPolicy):
    """Local gradient ascent with momentum on the ring.

    The slope between the last two evaluations is added to half the velocity, and the step is
    rounded to the nearest unvisited point ahead of where it leads.
    """

    name = "momentum"
    description = "gradient ascent on the ring with momentum 1/2, slopes from the last two values"

    def choices(self, seen: Histories, space: SearchSpace) -> Choices:
        """Return where the velocity leads."""
        if not seen.num_evaluations:
            return _begin(seen)
        points, values = seen.points.astype(np.int64), seen.values.astype(np.int64)
        velocity = np.ones(len(seen))
        for last in range(1, seen.num_evaluations):
            moved = (points[:, last] - points[:, last - 1]) % space.points
            # The shorter way round the ring; half-way round counts as forwards.
            moved = np.where(2 * moved > space.points, moved - space.points, moved)
            slope = (values[:, last] - values[:, last - 1]) / moved
            # Halves of ratios of small integers: rounding cannot differ between machines.
            velocity = velocity / 2 + slope
        ahead = np.where(velocity < 0, -1, 1) * np.maximum(1, np.rint(np.abs(velocity)))
        return Choices.certain(nearest_free(points[:, -1] + ahead.astype(np.int64), seen, space))


@dataclasses.dataclass(frozen=True)
class Surrogate(AbstractPolicy):
    """A nearest-neighbour model of the function, and the point where it promises most."""

    name = "surrogate"
    description = "the highest prediction of a nearest-neighbour model; the most remote of equals"

    def choices(self, seen: Histories, space: SearchSpace) -> Choices:
        """Return the most promising point."""
        if not seen.num_evaluations:
            return _begin(seen)
        shape = (len(seen), space.points)
        nearest = np.full(shape, space.points, np.int64)
        promise = np.zeros(shape, np.int64)
        for place, value in zip(seen.points.T, seen.values.T, strict=True):
            apart = space.distance(np.arange(space.points)[None, :], place[:, None].astype(int))
            nearer = apart < nearest
            # Of several neighbours equally near, the best is believed.
            equal = np.where(apart == nearest, np.maximum(promise, value[:, None]), promise)
            promise = np.where(nearer, value[:, None], equal)
            nearest = np.minimum(apart, nearest)
        return Choices.certain(best_free(promise * space.points + nearest, seen, space))


@dataclasses.dataclass(frozen=True)
class Adaptive(AbstractPolicy):
    """After a good value the next point, after a bad one as far away as possible.

    Good is at least the average of what was seen, the last value included.
    """

    name = "adaptive"
    description = "goes on to the next point after a good value, jumps far after a bad one"

    def choices(self, seen: Histories, space: SearchSpace) -> Choices:
        """Return the next or a distant point."""
        if not seen.num_evaluations:
            return _begin(seen)
        last, values = seen.points[:, -1].astype(np.int64), seen.values.astype(np.int64)
        is_good = values[:, -1] * seen.num_evaluations >= values.sum(axis=1)
        jump = np.where(is_good, 1, space.points // 2)
        return Choices.certain(nearest_free(last + jump, seen, space))
