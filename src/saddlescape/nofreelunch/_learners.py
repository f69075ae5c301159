"""Learners that count: coins, majorities, neighbours, parities."""

import dataclasses

import numpy as np
from jaxtyping import Int

from saddlescape.nofreelunch._learner import AbstractLearner, Inputs, Labels, Votes


def _majority(ones: np.ndarray, of: int | np.ndarray) -> np.ndarray:
    """Return two votes where ones prevail, one at a tie: there a coin is tossed."""
    return (1 + np.sign(2 * ones - of)).astype(np.int64)


@dataclasses.dataclass(frozen=True)
class Coin(AbstractLearner):
    """A coin for every input."""

    name = "coin"
    description = "tosses a coin for every input"
    num_votes = 2

    def votes(self, seen: Int[np.ndarray, "t b"], labels: Labels, asked: Inputs) -> Votes:
        """Return one vote of two."""
        del seen
        return np.ones((len(labels), len(asked)), np.int64)


@dataclasses.dataclass(frozen=True)
class Majority(AbstractLearner):
    """The more frequent label everywhere."""

    name = "majority"
    description = "the more frequent label everywhere, a coin at a tie"
    num_votes = 2

    def votes(self, seen: Int[np.ndarray, "t b"], labels: Labels, asked: Inputs) -> Votes:
        """Return the same votes for every input."""
        votes = _majority(labels.sum(axis=1), len(seen))
        return np.repeat(votes[:, None], len(asked), axis=1)


@dataclasses.dataclass(frozen=True)
class AntiMajority(AbstractLearner):
    """The rarer label everywhere."""

    name = "anti-majority"
    description = "the rarer label everywhere, a coin at a tie"
    num_votes = 2

    def votes(self, seen: Int[np.ndarray, "t b"], labels: Labels, asked: Inputs) -> Votes:
        """Return what the majority is not."""
        return 2 - Majority().votes(seen, labels, asked)


@dataclasses.dataclass(frozen=True)
class NearestNeighbour(AbstractLearner):
    """The majority among the nearest examples."""

    name = "nearest neighbour"
    description = "the majority among the examples that differ in fewest bits"
    num_votes = 2

    def votes(self, seen: Int[np.ndarray, "t b"], labels: Labels, asked: Inputs) -> Votes:
        """Return the majorities, a coin at a tie."""
        apart = (asked[:, None, :] != seen[None, :, :]).sum(axis=2)
        is_near = (apart == apart.min(axis=1)[:, None]).astype(np.int64)
        return _majority(labels @ is_near.T, is_near.sum(axis=1))


@dataclasses.dataclass(frozen=True)
class ParityGuesser(AbstractLearner):
    """The parity that errs least on the examples, or its opposite."""

    name = "parity guesser"
    description = "the parity of some bits, or its opposite, that errs least on the examples"
    num_votes = 1

    def votes(self, seen: Int[np.ndarray, "t b"], labels: Labels, asked: Inputs) -> Votes:
        """Return what the best parity says; of equals, that of fewer bits, then of earlier ones."""
        bits = seen.shape[1]
        subsets = sorted(range(2**bits), key=lambda number: (number.bit_count(), number))
        masks = np.array(subsets)[:, None] >> np.arange(bits) & 1
        on_seen, on_asked = ((masks @ x.T) % 2 for x in (seen, asked))
        both = np.concatenate([on_seen, 1 - on_seen])
        errors = (labels[:, None, :] != both).sum(axis=2)
        return np.concatenate([on_asked, 1 - on_asked])[errors.argmin(axis=1)].astype(np.int64)
