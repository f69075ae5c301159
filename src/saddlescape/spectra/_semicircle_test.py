"""Whether eigenvalues are spread as those of a random symmetric matrix: calibrated by drawing it.

The eigenvalues of one matrix repel one another, so the table of Kolmogorov and Smirnov, which is
for independent numbers, does not apply: the same distance is taken of random matrices of the same
size, treated in the same way, and the p-value is a rank among those.
"""

import dataclasses

import jax
import numpy as np
from jaxtyping import Float
from scipy.linalg import eigvalsh_tridiagonal

from saddlescape.core import InvalidInputError, key_for

_LEAST_SIZE = 4
_MOST_SIZE, _MOST_MATRICES = 2_000, 100_000


@dataclasses.dataclass(frozen=True, eq=False)
class SemicircleTest:
    """Eigenvalues against the semicircle and against the repulsion of the GOE.

    Args:
        scaled: the eigenvalues, mean 0 and standard deviation 1 / 2, so that the semicircle has
            radius 1; ascending.
        center: their mean before.
        radius: of the semicircle before: twice their standard deviation.
        distance: largest difference between the shares of eigenvalues below a value and the
            semicircle's.
        p_value: share of random matrices with at least that distance, itself counted as one.
        null_distances: of the random matrices, ascending.
        ratio: mean of the smaller over the larger of two neighbouring gaps: 0.53 for the GOE, 0.39
            for independent values; needs no knowledge of the density (Atas et al. 2013).
        ratio_p_value: share of random matrices at least as far from the median ratio, both sides.
        null_ratios: of the random matrices, ascending.
        seed: of the random matrices.
    """

    scaled: Float[np.ndarray, " n"]
    center: float
    radius: float
    distance: float
    p_value: float
    null_distances: Float[np.ndarray, " r"]
    ratio: float
    ratio_p_value: float
    null_ratios: Float[np.ndarray, " r"]
    seed: int


def semicircle_test(
    eigenvalues: Float[np.ndarray, " n"], *, num_matrices: int = 1_999, seed: int = 0
) -> SemicircleTest:
    """Return whether eigenvalues may be those of a GOE matrix of any scale, plus any shift.

    Mean and scale are taken from the eigenvalues, as they are from each random matrix, so p-values
    are exact: uniform on multiples of 1 / (num_matrices + 1) where the eigenvalues are a GOE's.

    Args:
        eigenvalues: zero modes taken out, any order, shape (n,), n >= 4.
        num_matrices: random matrices of the same size.
        seed: of their stream.

    Returns:
        the distance to the semicircle and the mean ratio of gaps, each with its p-value. A matrix
        costs the eigenvalues of a tridiagonal one, n^2 operations.

    Raises:
        InvalidInputError: for too few or too many eigenvalues, or equal ones.

    References:
        Bray and Dean (2007) and Dauphin et al. (2014): the shifted semicircle at critical points;
        Dumitriu and Edelman (2002): the tridiagonal form; Atas et al. (2013): ratios of gaps.

    Example:
        >>> ten = np.array([-9.0, -8, -7, -6, -5, 5, 6, 7, 8, 9])
        >>> test = semicircle_test(ten, num_matrices=199)
        >>> bool(test.p_value < 0.05), round(test.center, 9)
        (True, 0.0)
    """
    values = np.sort(np.asarray(eigenvalues, float))
    if not (_LEAST_SIZE <= values.size <= _MOST_SIZE and 1 <= num_matrices <= _MOST_MATRICES):
        msg = (
            f"{values.size:,} eigenvalues and {num_matrices:,} matrices: give {_LEAST_SIZE} to "
            f"{_MOST_SIZE:,} eigenvalues and 1 to {_MOST_MATRICES:,} matrices"
        )
        raise InvalidInputError(msg)
    if not (np.isfinite(values).all() and values[-1] > values[0]):
        msg = "the eigenvalues are all equal or not finite: nothing can be compared"
        raise InvalidInputError(msg)
    null = _goe(values.size, num_matrices, seed)
    distances, ratios = np.sort(_distances(_scaled(null))), np.sort(_ratios(null))
    # Squares of entries at the ends of the exponent's range would be infinite or zero.
    unit = float(np.ldexp(1.0, np.frexp(np.abs(values).max())[1] - 1))
    scaled = _scaled(values[None] / unit)
    distance, ratio = float(_distances(scaled)[0]), float(_ratios(values[None])[0])
    # Far from the median on either side: the rank in the nearer tail, doubled.
    beside = min(np.sum(ratios <= ratio), np.sum(ratios >= ratio))
    return SemicircleTest(
        scaled=scaled[0],
        center=float((values / unit).mean()) * unit,
        radius=2 * float((values / unit).std()) * unit,
        distance=distance,
        p_value=float((1 + np.sum(distances >= distance)) / (1 + num_matrices)),
        null_distances=distances,
        ratio=ratio,
        ratio_p_value=float(min(1.0, 2 * (1 + beside) / (1 + num_matrices))),
        null_ratios=ratios,
        seed=seed,
    )


def _goe(size: int, count: int, seed: int) -> Float[np.ndarray, "r n"]:
    """Return the eigenvalues of random matrices, ascending, each from a stream of its own."""
    words = np.asarray(jax.random.key_data(key_for(seed, f"semicircle {size}")))
    found = np.empty((count, size))
    for row in range(count):
        draw = np.random.default_rng([*map(int, words), row])
        diagonal = draw.normal(scale=np.sqrt(2), size=size)
        beside = np.sqrt(draw.chisquare(np.arange(size - 1, 0, -1)))
        found[row] = eigvalsh_tridiagonal(diagonal, beside)
    return found


def _scaled(values: Float[np.ndarray, "r n"]) -> Float[np.ndarray, "r n"]:
    """Return the values with mean 0 and standard deviation 1 / 2 in each row."""
    centered = values - values.mean(axis=1, keepdims=True)
    return centered / (2 * centered.std(axis=1, keepdims=True))


def _distances(scaled: Float[np.ndarray, "r n"]) -> Float[np.ndarray, " r"]:
    """Return the Kolmogorov-Smirnov distance of each ascending row to the unit semicircle."""
    size = scaled.shape[1]
    inside = np.clip(scaled, -1, 1)
    below = 0.5 + (inside * np.sqrt(1 - inside**2) + np.arcsin(inside)) / np.pi
    rank = np.arange(size) / size
    return np.maximum(below - rank, rank + 1 / size - below).max(axis=1)


def _ratios(values: Float[np.ndarray, "r n"]) -> Float[np.ndarray, " r"]:
    """Return the mean ratio of neighbouring gaps of each ascending row."""
    gaps = np.diff(values, axis=1)
    low, high = (pick(gaps[:, 1:], gaps[:, :-1]) for pick in (np.minimum, np.maximum))
    return np.mean(low / np.where(high > 0, high, 1.0), axis=1)
