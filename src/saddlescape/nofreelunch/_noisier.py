"""Which of two data sets looks noisier depends on the functions one fits."""

import dataclasses
import zlib

import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError
from saddlescape.nofreelunch._priors import Estimate, estimate

FREQUENCY = 37
"""Of the hidden wave, in periods over the interval."""
_FREQUENCIES = range(1, 61)
_DEGREE = 5
_FOLDS = 10
_LEAST_SAMPLES = 40


@dataclasses.dataclass(frozen=True, eq=False)
class NoisyPair:
    """Two data sets on one smooth curve.

    Args:
        x: where both were measured, from 0 to 1.
        noisy: the curve plus independent noise.
        hidden: the curve plus a fast wave, and no noise at all.
        curve: the smooth curve.
    """

    x: Float[np.ndarray, " n"]
    noisy: Float[np.ndarray, " n"]
    hidden: Float[np.ndarray, " n"]
    curve: Float[np.ndarray, " n"]


@dataclasses.dataclass(frozen=True, eq=False)
class NoisierTable:
    """Cross-validated errors of both hypothesis classes on both data sets.

    Args:
        pair: the data of the first seed.
        fits: predictions for them by the functions fitted to all, on `grid`: smooth then wave, for
            the noisy then the hidden set.
        grid: from 0 to 1.
        errors: mean squared errors, cross-validated: ``errors[kind][data]`` with kind 0 for smooth
            functions, 1 for smooth ones plus one wave; data 0 for the noisy set, 1 for the other.
        by_seed: the same for each seed, shape (2, 2, seeds).
        noise_variance: of the noise, and of the wave.
    """

    pair: NoisyPair
    fits: Float[np.ndarray, "2 2 g"]
    grid: Float[np.ndarray, " g"]
    errors: tuple[tuple[Estimate, ...], ...]
    by_seed: Float[np.ndarray, "2 2 s"]
    noise_variance: float


def noisy_pair(
    num_samples: int = 200, noise: float = 0.3, *, seed: int = 0, item: int = 0
) -> NoisyPair:
    """Return two data sets whose distances from a smooth curve have the same distribution.

    The one is off by ``noise sqrt(2) cos(2 pi u)`` with u drawn for each sample, the other with u =
    37 x: the same values equally often, but without chance.

    Args:
        num_samples: how many.
        noise: standard deviation of the distances.
        seed: of places and noise.
        item: number of the pair; each depends on the seed and its number alone.

    Returns:
        both.

    Raises:
        InvalidInputError: for fewer samples than cross-validation needs, or no noise.
    """
    if num_samples < _LEAST_SAMPLES or not 0 < noise < np.inf:
        msg = (
            f"{num_samples} samples with noise {noise}: give at least {_LEAST_SAMPLES}, and a "
            "positive noise"
        )
        raise InvalidInputError(msg)
    rng = np.random.default_rng([seed, item, zlib.crc32(b"noisy pair")])
    x = np.sort(rng.uniform(size=num_samples))
    middle = 2 * x - 1
    curve = 2 * middle**3 - middle  # a polynomial, so that both classes hold it
    size = noise * np.sqrt(2)
    off = size * np.cos(2 * np.pi * rng.uniform(size=num_samples))
    return NoisyPair(x, curve + off, curve + size * np.cos(2 * np.pi * FREQUENCY * x), curve)


def noisier(
    num_samples: int = 200, noise: float = 0.3, *, num_seeds: int = 5, seed: int = 0
) -> NoisierTable:
    """Return how noisy two data sets look to two hypothesis classes.

    Smooth functions are polynomials of degree 5. The other class adds one wave of any whole
    frequency up to 60, chosen by its error on the samples it is fitted to. Errors are
    cross-validated, ten folds.

    Args:
        num_samples: in each data set.
        noise: standard deviation of the distances from a smooth curve.
        num_seeds: pairs of data sets, for the intervals.
        seed: of the pairs.

    Returns:
        errors with intervals.

    Example:
        >>> told = noisier(num_seeds=2)
        >>> [[f"{error.mean:.1g}" for error in kind] for kind in told.errors[:1]]
        [['0.09', '0.09']]
        >>> told.errors[1][1].mean < 1e-24 < 0.09 < told.errors[1][0].mean
        True
    """
    pairs = [noisy_pair(num_samples, noise, seed=seed, item=item) for item in range(num_seeds)]
    by_seed = np.array(
        [
            [
                [_cross_validated(pair.x, y, has_wave=kind == 1) for pair, y in rows]
                for rows in (
                    [(pair, pair.noisy) for pair in pairs],
                    [(pair, pair.hidden) for pair in pairs],
                )
            ]
            for kind in (0, 1)
        ]
    )
    grid = np.linspace(0, 1, 741)  # 20 for each period of the wave
    first = pairs[0]
    fits = np.array(
        [
            [_fitted(first.x, y, grid, has_wave=kind) for y in (first.noisy, first.hidden)]
            for kind in (False, True)
        ]
    )
    errors = tuple(tuple(estimate(each) for each in kind) for kind in by_seed)
    return NoisierTable(first, fits, grid, errors, by_seed, noise**2)


def _cross_validated(x: np.ndarray, y: np.ndarray, *, has_wave: bool) -> float:
    """Return the mean squared error on samples that were left out, ten folds."""
    fold = np.arange(len(x)) % _FOLDS  # samples are sorted by x, so every fold covers it
    squares = np.empty(len(x))
    for number in range(_FOLDS):
        out = fold == number
        squares[out] = (_fitted(x[~out], y[~out], x[out], has_wave=has_wave) - y[out]) ** 2
    return float(squares.mean())


def _fitted(x: np.ndarray, y: np.ndarray, asked: np.ndarray, *, has_wave: bool) -> np.ndarray:
    """Return least-squares predictions; the wave's frequency is the one that fits best."""
    best, found = np.inf, np.zeros(len(asked))
    for frequency in _FREQUENCIES if has_wave else (0,):
        columns = _columns(x, frequency)
        weights = np.linalg.lstsq(columns, y, rcond=None)[0]
        error = float(((columns @ weights - y) ** 2).sum())
        if error < best:
            best, found = error, _columns(asked, frequency) @ weights
    return found


def _columns(x: np.ndarray, frequency: int) -> np.ndarray:
    """Return Legendre polynomials, and both phases of a wave unless the frequency is 0."""
    smooth = np.polynomial.legendre.legvander(2 * x - 1, _DEGREE)
    if not frequency:
        return smooth
    angle = 2 * np.pi * frequency * x
    return np.column_stack([smooth, np.cos(angle), np.sin(angle)])
