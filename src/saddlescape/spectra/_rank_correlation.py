"""Spearman's rank correlation with two p-values: the usual one, and one from permutations."""

import dataclasses

import jax
import numpy as np
from jaxtyping import Float
from scipy import stats

from saddlescape.core import InvalidInputError, key_for

_LEAST_SIZE = 3


@dataclasses.dataclass(frozen=True)
class RankCorrelation:
    """Whether two quantities rise together.

    Args:
        size: pairs.
        rho: Spearman's coefficient, ties sharing their mean rank; NaN where one quantity is
            constant or holds a NaN, or with fewer than three pairs.
        p_value: two-sided, by Student's law of t, for independent pairs.
        permutation_p_value: share of permutations with at least that |rho|, itself counted as one.
        num_permutations: how many.
    """

    size: int
    rho: float
    p_value: float
    permutation_p_value: float
    num_permutations: int


def rank_correlation(
    first: Float[np.ndarray, " n"],
    second: Float[np.ndarray, " n"],
    *,
    num_permutations: int = 9_999,
    seed: int = 0,
) -> RankCorrelation:
    """Return Spearman's rank correlation of two quantities.

    Both p-values suppose that pairs are independent, the second nothing else.

    Args:
        first: shape (n,).
        second: shape (n,).
        num_permutations: of the second against the first.
        seed: of their stream.

    Returns:
        the coefficient with its p-values.

    Raises:
        InvalidInputError: when the shapes differ, or for fewer than no permutations.

    Example:
        >>> rank_correlation(np.arange(9.0), np.arange(9.0) ** 3).rho
        1.0
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    if first.shape != second.shape or first.ndim != 1:
        msg = f"the quantities have shapes {first.shape} and {second.shape}: give two of one length"
        raise InvalidInputError(msg)
    if num_permutations < 0:
        msg = f"{num_permutations} permutations: give 0 or more"
        raise InvalidInputError(msg)
    nothing = float("nan")
    if len(first) < _LEAST_SIZE or any(_has_no_ranks(part) for part in (first, second)):
        return RankCorrelation(len(first), nothing, nothing, nothing, 0)
    rho, p_value = np.asarray(stats.spearmanr(first, second), float).tolist()
    ranks = [stats.rankdata(part) for part in (first, second)]
    x, y = ((part - part.mean()) / part.std() for part in ranks)
    words = np.asarray(jax.random.key_data(key_for(seed, "rank correlation", len(first))))
    draw = np.random.default_rng([int(word) for word in words])
    drawn = np.array([x @ draw.permutation(y) for _ in range(num_permutations)]) / len(x)
    # Sums in another order differ in the last bits: ties count as at least as large.
    as_large = np.abs(drawn) >= abs(x @ y) / len(x) - len(x) * np.finfo(float).eps
    chance = float((1 + as_large.sum()) / (1 + num_permutations))
    return RankCorrelation(len(first), round(rho, 15), p_value, chance, num_permutations)


def _has_no_ranks(values: Float[np.ndarray, " n"]) -> bool:
    """Return whether values are all the same, or hold what has no rank."""
    return bool(np.isnan(values).any() or values.min() == values.max())
