"""What a search algorithm is: a rule from what was seen to the next point."""

import abc
import dataclasses

import numpy as np
from jaxtyping import Int

from saddlescape.nofreelunch._space import SearchSpace


@dataclasses.dataclass(frozen=True, eq=False)
class Histories:
    """Runs of an algorithm, all after the same number m of evaluations.

    Args:
        points: what was evaluated, in order.
        values: what was found there.
        state: what the algorithm remembers besides, of its own random choices; one integer each.
    """

    points: Int[np.ndarray, "h m"]
    values: Int[np.ndarray, "h m"]
    state: Int[np.ndarray, " h"]

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self.points)

    def __getitem__(self, chosen: slice | Int[np.ndarray, " r"]) -> "Histories":
        """Return some of the runs."""
        return Histories(self.points[chosen], self.values[chosen], self.state[chosen])

    @property
    def num_evaluations(self) -> int:
        """How many points every run has evaluated."""
        return self.points.shape[1]

    def unvisited(self, space: SearchSpace) -> np.ndarray:
        """Return which points a run has not evaluated yet.

        Args:
            space: where they search.

        Returns:
            booleans, shape (h, n).
        """
        free = np.ones((len(self), space.points), bool)
        np.put_along_axis(free, self.points.astype(np.intp), False, axis=1)
        return free


@dataclasses.dataclass(frozen=True, eq=False)
class Choices:
    """What a policy may do next in each of several histories; random ones have several choices.

    Args:
        points: to evaluate next.
        weights: whole numbers in proportion to the probabilities; 0 where there is no choice.
        state: what the algorithm remembers after that choice.
    """

    points: Int[np.ndarray, "h c"]
    weights: Int[np.ndarray, "h c"]
    state: Int[np.ndarray, "h c"]

    @classmethod
    def certain(cls, points: Int[np.ndarray, " h"]) -> "Choices":
        """Return choices that leave nothing to chance.

        Args:
            points: the next point of every history.

        Returns:
            one choice each.
        """
        column = points[:, None]
        return cls(column, np.ones(column.shape, np.int64), np.zeros(column.shape, np.int64))


class AbstractPolicy(abc.ABC):
    """A search algorithm that never evaluates a point twice and sees nothing but its history.

    It is asked for many histories at once. Probabilities are ratios of whole numbers, so that
    everything that follows from them is exact.
    """

    name: str
    """What tables call it."""
    description: str
    """What it does, as half a sentence."""

    @abc.abstractmethod
    def choices(self, seen: Histories, space: SearchSpace) -> Choices:
        """Return what it may evaluate next.

        Args:
            seen: histories of equal length, less than n.
            space: where they search.

        Returns:
            unvisited points with their probabilities, for every history.
        """
