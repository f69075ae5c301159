"""Algorithms that choose at random, with probabilities that are ratios of whole numbers."""

import dataclasses

import numpy as np

from saddlescape.nofreelunch._interface import AbstractPolicy, Choices, Histories
from saddlescape.nofreelunch._space import SearchSpace

_COLDEST = 40  # a worse point is accepted with at least 2^-40: weights stay within 64 bits


def _anywhere(seen: Histories, space: SearchSpace) -> Choices:
    """Return every unvisited point, equally likely; the point chosen is remembered."""
    points = np.broadcast_to(np.arange(space.points), (len(seen), space.points))
    return Choices(points, seen.unvisited(space).astype(np.int64), points)


@dataclasses.dataclass(frozen=True)
class RandomOrder(AbstractPolicy):
    """Any unvisited point, all equally likely."""

    name = "random"
    description = "any unvisited point, all equally likely"

    def choices(self, seen: Histories, space: SearchSpace) -> Choices:
        """Return every unvisited point."""
        anywhere = _anywhere(seen, space)
        return Choices(anywhere.points, anywhere.weights, np.zeros_like(anywhere.points))


@dataclasses.dataclass(frozen=True)
class Annealing(AbstractPolicy):
    """Simulated annealing on the ring.

    A new value that is worse by d is accepted with probability 2^(-d m) after m evaluations: the
    temperature is 1 / (m ln 2). Then the nearest unvisited point on either side is tried.
    """

    name = "annealing"
    description = "simulated annealing on the ring, temperature 1 / (m ln 2)"

    def choices(self, seen: Histories, space: SearchSpace) -> Choices:
        """Return both neighbours of the last point, if accepted, and of the one before."""
        if not seen.num_evaluations:
            return _anywhere(seen, space)
        last, current = seen.points[:, -1].astype(np.int64), seen.state
        at_current = np.take_along_axis(
            seen.values, (seen.points == current[:, None]).argmax(axis=1)[:, None], axis=1
        )[:, 0]
        worse = np.maximum(0, at_current.astype(np.int64) - seen.values[:, -1])
        cold = np.minimum(worse * seen.num_evaluations, _COLDEST)
        accepted, refused = np.ones_like(cold), 2**cold - 1
        free = seen.unvisited(space)
        points, weights, state = [], [], []
        for place, weight in ((last, accepted), (current, refused)):
            up, down = (_side(place, way, free) for way in (1, -1))
            points += [up, down]
            # Where both ways lead to one point, that is one choice and not two.
            weights += [np.where(up == down, 2 * weight, weight), np.where(up == down, 0, weight)]
            state += [place, place]
        return Choices(*(np.stack(columns, axis=1) for columns in (points, weights, state)))


def _side(place: np.ndarray, way: int, free: np.ndarray) -> np.ndarray:
    """Return the first unvisited point from a place in one direction round the ring."""
    num_points = free.shape[1]
    around = (place[:, None] + way * np.arange(1, num_points + 1)) % num_points
    first = np.take_along_axis(free, around, axis=1).argmax(axis=1)
    return np.take_along_axis(around, first[:, None], axis=1)[:, 0]
