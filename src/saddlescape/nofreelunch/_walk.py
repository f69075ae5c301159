"""An algorithm run on every function there is, over all its random choices or some of them."""

import dataclasses
import math
from collections.abc import Iterator

import jax
import numpy as np
from jaxtyping import Float, Int

from saddlescape.core import key_for
from saddlescape.nofreelunch._interface import AbstractPolicy, Choices, Histories
from saddlescape.nofreelunch._legality import require_legal
from saddlescape.nofreelunch._space import SearchSpace

MOST_RUNS = 1_000_000
"""Runs with different random choices that are all followed; with more, tapes are drawn."""
_CHUNK = 2**15  # histories expanded at once: a few MB, which stay in the cache


@dataclasses.dataclass(frozen=True, eq=False)
class Walk:
    """Every run of an algorithm on every function.

    Args:
        functions: the function of each run, by number.
        sequences: the values it saw, first to last, as digits to base k, the first one leading.
        weights: whole numbers in proportion to how likely the run's random choices are; Python
            integers of any length, or ones.
        total: what the weights of each function sum to.

    Example:
        >>> from saddlescape.nofreelunch import RandomOrder
        >>> found = walks(RandomOrder(), SearchSpace(2, 2))[0]
        >>> len(found.functions), found.total        # 2 orders of 4 functions
        (8, 2)
    """

    functions: Int[np.ndarray, " r"]
    sequences: Int[np.ndarray, " r"]
    weights: np.ndarray
    total: int

    def counts(self, size: int, is_in: np.ndarray | None = None) -> np.ndarray:
        """Return how often each full sequence of values is seen.

        Args:
            size: how many sequences there are, k^n.
            is_in: which functions count, shape (k^n,); all by default.

        Returns:
            sums of weights, shape (k^n,): whole numbers of any length.
        """
        kept = slice(None) if is_in is None else is_in[self.functions]
        if self.weights.dtype != object:
            return np.bincount(self.sequences[kept], minlength=size)
        sums = np.zeros(size, object)
        np.add.at(sums, self.sequences[kept], self.weights[kept])
        return sums


def walks(
    policy: AbstractPolicy, space: SearchSpace, *, num_tapes: int = 8, seed: int = 0
) -> tuple[Walk, ...]:
    """Return every run of an algorithm on every function.

    Args:
        policy: the algorithm.
        space: the functions.
        num_tapes: for a random algorithm with more than `MOST_RUNS` different runs: that many
            rows of random numbers are drawn, each of which makes it an algorithm without chance.
        seed: of those.

    Returns:
        one walk that holds all random choices with their exact probabilities, or one per tape.

    Raises:
        IllegalPolicyError: when it evaluates a point twice, or one that is none; the message
            tells after which history.

    Notes:
        Costs the algorithm's choices for all (k^n - 1) / (k - 1) histories, n!/(n-m)! times as many
        for random ones.

    Example:
        >>> from saddlescape.nofreelunch import HillClimbing
        >>> found = walks(HillClimbing(), SearchSpace(6, 3))[0]
        >>> bool((np.sort(found.sequences) == np.sort(found.functions)).all())
        True
    """
    whole = _expanded(policy, space, None)
    if whole is not None:
        return (whole,)
    found = []
    for tape in range(num_tapes):
        key = key_for(seed, f"tape of {policy.name}", tape)
        numbers = np.asarray(jax.random.uniform(key, (space.points,), dtype=np.float32))
        found.append(_expanded(policy, space, numbers.astype(np.float64)))
    return tuple(walk for walk in found if walk is not None)


def _expanded(
    policy: AbstractPolicy, space: SearchSpace, tape: Float[np.ndarray, " n"] | None
) -> Walk | None:
    """Return all runs; None where there are too many with different random choices."""
    empty = np.zeros((1, 0), space.digit_type)
    level = [(Histories(empty, empty, np.zeros(1, np.int64)), np.ones(1, np.int64))]
    total, is_random = 1, False
    for _ in range(space.points):
        parts = [part for whole in level for part in _parts(*whole)]
        told = [_choices(policy, seen, space, tape) for seen, _ in parts]
        sums = {int(s) for choices in told for s in np.unique(choices.weights.sum(axis=1))}
        common = math.lcm(*sums)
        num_choices = sum(int((choices.weights > 0).sum()) for choices in told)
        is_random = is_random or num_choices > sum(len(seen) for seen, _ in parts)
        # Every run goes on at least once for each value of the points still to come.
        left = space.values ** (space.points - parts[0][0].num_evaluations)
        if is_random and num_choices * left > MOST_RUNS:
            return None
        level = [
            _grown(seen, weights, choices, space, common)
            for (seen, weights), choices in zip(parts, told, strict=True)
        ]
        total *= common
    return _walk([_leaves(seen, weights, space) for seen, weights in level], total)


def _parts(seen: Histories, weights: np.ndarray) -> Iterator[tuple[Histories, np.ndarray]]:
    """Yield the runs in parts of a size that is fast to work with."""
    for start in range(0, len(seen), _CHUNK):
        part = slice(start, start + _CHUNK)
        yield seen[part], weights[part]


def _choices(
    policy: AbstractPolicy, seen: Histories, space: SearchSpace, tape: np.ndarray | None
) -> Choices:
    """Return the legal choices of a policy; with a tape, the one that its number picks."""
    choices = policy.choices(seen, space)
    require_legal(policy.name, choices, seen, space)
    if tape is None or choices.points.shape[1] == 1:
        return choices
    reached = choices.weights.cumsum(axis=1)
    wanted = tape[seen.num_evaluations] * reached[:, -1]
    picked = (reached > wanted[:, None]).argmax(axis=1)[:, None]
    points, state = (np.take_along_axis(x, picked, axis=1) for x in (choices.points, choices.state))
    return Choices(points, np.ones(points.shape, np.int64), state)


def _grown(
    seen: Histories, weights: np.ndarray, choices: Choices, space: SearchSpace, common: int
) -> tuple[Histories, np.ndarray]:
    """Return the runs one evaluation later: every choice, and every value it may find."""
    run, choice = np.nonzero(choices.weights)
    share = choices.weights[run, choice]
    if common > 1 or weights.dtype == object:
        factor = common // choices.weights.sum(axis=1).astype(object)
        weights = weights.astype(object)[run] * share.astype(object) * factor[run]
    run, choice = np.repeat(run, space.values), np.repeat(choice, space.values)
    weights = np.repeat(weights, space.values)
    found = np.tile(np.arange(space.values), len(run) // space.values)
    kind = space.digit_type
    points = np.column_stack([seen.points[run], choices.points[run, choice].astype(kind)])
    values = np.column_stack([seen.values[run], found.astype(kind)])
    return Histories(points, values, choices.state[run, choice]), weights


def _leaves(
    seen: Histories, weights: np.ndarray, space: SearchSpace
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the function that each complete run was on, and the sequence it saw."""
    powers = space.values ** np.arange(space.points)
    functions = (seen.values * powers[seen.points]).sum(axis=1).astype(np.int32)
    sequences = (seen.values * powers[::-1]).sum(axis=1).astype(np.int32)
    return functions, sequences, weights


def _walk(parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]], total: int) -> Walk:
    """Return the runs of all parts together."""
    functions, sequences, weights = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Walk(functions, sequences, weights, total)
