"""A distinct solution of a student, and how many there are near the best."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Array, Float

from saddlescape.symmetry import Unseen, unseen

_FITTED = 1e-15  # losses of perfect fits lie below


@dataclasses.dataclass(frozen=True, eq=False)
class Solution:
    """One distinct solution, which stands for all its copies.

    Args:
        theta: the parameters of the member with the lowest gradient norm, shape (p,).
        loss: with weight decay.
        fit: the loss without it: the mean over samples.
        accuracy: the share of samples whose class is right; None where targets are numbers.
        num_neurons: different ones: equal neurons (up to sign with an odd activation) count once.
        times: how many starts ended here or at a copy.
        copies: how many different points symmetry makes of it, an exact integer.
        index: how many curvatures are negative: 0 for a minimum.
        is_family: whether it stands for a flat family of points.
        distance: to the nearest other solution of the same student, modulo symmetry, relative to
            the length of theta; None where there is no other.
    """

    theta: Float[Array, " p"]
    loss: float
    fit: float
    accuracy: float | None
    num_neurons: int
    times: int
    copies: int
    index: int
    is_family: bool
    distance: float | None


@dataclasses.dataclass(frozen=True)
class Tally:
    """How many distinct solutions lie within a tolerance of the best loss.

    Args:
        within: loss at most ``1 + within`` times the best one.
        num_solutions: distinct modulo symmetry.
        num_starts: that ended at one of them.
        unseen: what is estimated of those not yet seen; a start elsewhere is not counted.
        distance: between the two nearest of them, relative to the length of theta; None for one.
        num_perfect: how many have every sample right; None where targets are numbers.
    """

    within: float
    num_solutions: int
    num_starts: int
    unseen: Unseen
    distance: float | None
    num_perfect: int | None


def tally(
    solutions: Sequence[Solution], distances: Float[np.ndarray, "c c"], within: float
) -> Tally:
    """Return how many solutions are within a tolerance of the best; they are sorted by loss."""
    near = [s for s in solutions if s.loss <= limit(solutions[0].loss, within)]
    found = unseen([s.times for s in near])
    between = distances[: len(near), : len(near)]
    between = between[np.isfinite(between)]
    perfect = None
    if near[0].accuracy is not None:
        perfect = sum(s.accuracy == 1 for s in near)
    return Tally(
        within=within,
        num_solutions=len(near),
        num_starts=found.num_points,
        unseen=found,
        distance=float(between.min()) if between.size else None,
        num_perfect=perfect,
    )


def apart(distances: Float[np.ndarray, "c c"], least: float) -> int:
    """Return how many solutions are left when each must be so far from all better ones kept."""
    kept: list[int] = []
    for number, row in enumerate(distances):
        if all(row[other] > least for other in kept):
            kept.append(number)
    return len(kept)


def limit(best: float, within: float) -> float:
    """Return the loss up to which a solution counts as near the best.

    Which of two perfect fits has the lower loss is rounding: all of them are near.
    """
    return (1 + within) * best + _FITTED
