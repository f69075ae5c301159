"""How many eigenvalues of a random symmetric matrix are negative: the law of the index."""

import dataclasses
import math
from collections.abc import Callable

import jax
import numpy as np
from jaxtyping import Float, Int

from saddlescape.core import InvalidInputError, key_for
from saddlescape.spectra._index_exact import evaluate, exact_index_terms, written

EXACT_LIMIT = 8
"""Sizes up to which the probabilities are exact."""
LARGE_DEVIATION_RATE = math.log(3) / 4
"""All n eigenvalues are positive with a probability of exp(-rate n^2), to leading order."""

_MOST_SIZE, _MOST_SAMPLES = 100_000, 10**9
_BLOCK = 4_096  # matrices drawn from one key: the same whatever the number asked for


@dataclasses.dataclass(frozen=True, eq=False)
class IndexLaw:
    """Probabilities of index 0 to n of the Gaussian orthogonal ensemble.

    Args:
        size: n.
        exact: probabilities, shape (n + 1,); None beyond `EXACT_LIMIT`.
        closed_forms: the same as text; empty beyond it.
        counts: of matrices with each index, shape (n + 1,).
        num_samples: matrices drawn.
        seed: of their stream.
        naive: C(n, k) / 2^n, the law of independent signs, shape (n + 1,).
    """

    size: int
    exact: Float[np.ndarray, " n"] | None
    closed_forms: tuple[str, ...]
    counts: Int[np.ndarray, " n"]
    num_samples: int
    seed: int
    naive: Float[np.ndarray, " n"]

    @property
    def shares(self) -> Float[np.ndarray, " n"]:
        """Shares of the matrices drawn; shape (n + 1,), NaN where none was drawn."""
        if self.num_samples == 0:
            return np.full(self.size + 1, np.nan)
        return self.counts / self.num_samples

    @property
    def standard_errors(self) -> Float[np.ndarray, " n"]:
        """Of `shares`; one count more is assumed each way, so that an error is never zero."""
        if self.num_samples == 0:
            return np.full(self.size + 1, np.nan)
        near = (self.counts + 1) / (self.num_samples + 2)
        return np.sqrt(near * (1 - near) / self.num_samples)

    @property
    def large_deviation(self) -> float:
        """exp(-(ln 3) / 4 n^2): how all-positive falls, without its prefactor; may underflow."""
        return math.exp(-LARGE_DEVIATION_RATE * self.size**2)


def index_law(
    size: int,
    *,
    num_samples: int = 100_000,
    seed: int = 0,
    on_progress: Callable[[int], None] | None = None,
) -> IndexLaw:
    """Return the law of the number of negative eigenvalues of an n x n GOE matrix.

    Args:
        size: n.
        num_samples: matrices to draw besides; 0 for none.
        seed: of their stream.
        on_progress: called with the number of matrices so far.

    Returns:
        exact probabilities up to n = 8 and shares of random matrices for any n. A matrix costs n
        divisions: its tridiagonal form is drawn, and the signs of its pivots are counted.

    Raises:
        InvalidInputError: for numbers that cannot be.

    References:
        de Bruijn (1955), Pfaffians; Dumitriu and Edelman (2002), the tridiagonal form; Dean and
        Majumdar (2006), the rate.

    Example:
        >>> law = index_law(2, num_samples=0)
        >>> law.closed_forms
        ('1/2 - 1/4 sqrt(2)', '1/2 sqrt(2)', '1/2 - 1/4 sqrt(2)')
        >>> law.naive.tolist()
        [0.25, 0.5, 0.25]
    """
    if not (1 <= size <= _MOST_SIZE and 0 <= num_samples <= _MOST_SAMPLES):
        msg = (
            f"size {size:,} and {num_samples:,} samples: give a size from 1 to {_MOST_SIZE:,} and "
            f"0 to {_MOST_SAMPLES:,} samples"
        )
        raise InvalidInputError(msg)
    terms = exact_index_terms(size) if size <= EXACT_LIMIT else ()
    counts = np.zeros(size + 1, dtype=np.int64)
    for block, begin in enumerate(range(0, num_samples, _BLOCK)):
        wanted = min(_BLOCK, num_samples - begin)
        counts += np.bincount(_indices(size, seed, block)[:wanted], minlength=size + 1)
        if on_progress is not None:
            on_progress(begin + wanted)
    return IndexLaw(
        size=size,
        exact=np.array([evaluate(part) for part in terms]) if terms else None,
        closed_forms=tuple(written(part) for part in terms),
        counts=counts,
        num_samples=num_samples,
        seed=seed,
        naive=_naive(size),
    )


def semicircle(
    values: Float[np.ndarray, " g"], size: int
) -> Float[np.ndarray, " g"]:  # fmt: skip
    """Return the limiting density of eigenvalues of the GOE with off-diagonal variance 1 / 2.

    Args:
        values: where, shape (g,).
        size: n; the radius is sqrt(2 n).

    Returns:
        the share of eigenvalues per unit, 0 outside, shape (g,).

    References:
        Wigner (1958).

    Example:
        >>> semicircle(np.array([0.0, 3.0]), size=2).round(6).tolist()
        [0.31831, 0.0]
    """
    return np.sqrt(np.maximum(2 * size - values**2, 0.0)) / (math.pi * size)


def _indices(size: int, seed: int, block: int) -> np.ndarray:
    """Return the index of each matrix of a block, by Sturm's count of negative pivots."""
    words = np.asarray(jax.random.key_data(key_for(seed, f"index law {size}", block)))
    draw = np.random.default_rng([int(word) for word in words])
    found = np.zeros(_BLOCK, dtype=np.int64)
    pivot = np.zeros(_BLOCK)
    for row in range(size):
        # Diagonal N(0, 2); squared subdiagonals are chi squared with n - 1, ..., 1 degrees.
        coupled = draw.chisquare(size - row, _BLOCK) / pivot if row else 0.0
        pivot = draw.normal(scale=math.sqrt(2), size=_BLOCK) - coupled
        found += pivot < 0
    return found


def _naive(size: int) -> np.ndarray:
    """Return C(n, k) / 2^n."""
    logs = [
        math.lgamma(size + 1) - math.lgamma(k + 1) - math.lgamma(size - k + 1) - size * math.log(2)
        for k in range(size + 1)
    ]
    if size > 50:
        return np.exp(logs)
    return np.array([math.comb(size, k) / 2**size for k in range(size + 1)])
