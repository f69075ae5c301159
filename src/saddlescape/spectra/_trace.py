"""Trace and diagonal from products alone, with standard errors."""

import dataclasses

import jax
import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError, key_for, require_memory
from saddlescape.spectra._operator import Operator

_FEWEST = 6  # products: a sketch of two vectors, and two probes to tell their spread


@dataclasses.dataclass(frozen=True)
class Trace:
    """A trace with its standard error.

    Args:
        value: the estimate.
        standard_error: over probe vectors; rounding alone where all directions were multiplied.
        num_products: matrix-vector products used.
    """

    value: float
    standard_error: float
    num_products: int


@dataclasses.dataclass(frozen=True, eq=False)
class Diagonal:
    """A diagonal with the standard error of every entry.

    Args:
        values: the estimates, shape (p,).
        standard_errors: over probe vectors, shape (p,).
        num_products: matrix-vector products used.
    """

    values: Float[np.ndarray, " p"]
    standard_errors: Float[np.ndarray, " p"]
    num_products: int


def trace(operator: Operator, *, num_products: int = 60, seed: int = 0) -> Trace:
    """Return the trace by Hutch++: exact on a sketched range, random signs on the rest.

    Args:
        operator: the matrix.
        num_products: to spend; a third each on sketch, range and rest.
        seed: of the random signs.

    Returns:
        the trace; its error falls with the first power of `num_products` at the least.

    Raises:
        InvalidInputError: for fewer than 6 products.
        MemoryBudgetError: when the sketch would not fit.

    References:
        Meyer, Musco, Musco and Woodruff (2021).

    Example:
        >>> ruler = Operator(lambda v: np.arange(10.0) * v, size=10)
        >>> round(trace(ruler).value, 9)
        45.0
    """
    rows, images, samples, spent = _sampled(operator, num_products, seed)
    totals = samples.sum(axis=1)
    return Trace(
        float(np.sum(rows * images) + totals.mean()),
        float(_standard_error(totals[:, None], images)[0]),
        spent,
    )


def diagonal(operator: Operator, *, num_products: int = 60, seed: int = 0) -> Diagonal:
    """Return the diagonal: exact for a sketched range, random signs for the rest.

    Args:
        operator: the matrix.
        num_products: to spend; a third each on sketch, range and rest.
        seed: of the random signs.

    Returns:
        every entry with its standard error.

    Raises:
        InvalidInputError: for fewer than 6 products.
        MemoryBudgetError: when the sketch would not fit.

    References:
        Bekas, Kokiopoulou and Saad (2007); Baston and Nakatsukasa (2022).

    Example:
        >>> ruler = Operator(lambda v: np.arange(4.0) * v, size=4)
        >>> diagonal(ruler).values.round(9).tolist()
        [0.0, 1.0, 2.0, 3.0]
    """
    rows, images, samples, spent = _sampled(operator, num_products, seed)
    # With P the projection onto the rows: A = (P A + A P - P A P) + (1 - P) A (1 - P).
    inner = images @ rows.T
    known = 2 * np.sum(rows * images, axis=0) - np.sum(rows * (inner @ rows), axis=0)
    return Diagonal(known + samples.mean(axis=0), _standard_error(samples, images), spent)


def _sampled(
    operator: Operator, num_products: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return orthonormal rows, their products, and samples of the diagonal of the rest."""
    if num_products < _FEWEST:
        msg = f"{num_products} products: give at least {_FEWEST}, and 60 for a good estimate"
        raise InvalidInputError(msg)
    size = operator.size
    sketched = min(num_products // 3, size)
    probes = num_products - 2 * sketched if sketched < size else 2
    require_memory(8 * (3 * sketched + 2 * probes) * size, f"{sketched} vectors and their products")
    sketch = np.array([operator(_signs(seed, "sketch", item, size)) for item in range(sketched)])
    rows = np.eye(size) if sketched == size else np.linalg.qr(sketch.T)[0].T
    images = np.array([operator(row) for row in rows])
    if sketched == size:
        return rows, images, np.zeros((probes, size)), 2 * sketched
    samples = np.empty((probes, size))
    for item in range(probes):
        signs = _signs(seed, "trace", item, size)
        product = operator(signs - (rows @ signs) @ rows)
        samples[item] = signs * (product - (rows @ product) @ rows)
    return rows, images, samples, 2 * sketched + probes


def _signs(seed: int, stream: str, item: int, size: int) -> np.ndarray:
    """Return the item-th vector of random signs."""
    signs = jax.random.rademacher(key_for(seed, stream, item), (size,))
    return np.asarray(signs, dtype=np.float64)


def _standard_error(samples: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return the standard error of the mean of samples, never below rounding."""
    rounding = 16 * np.finfo(float).eps * np.abs(images).sum()
    spread = np.std(samples, axis=0, ddof=1) / np.sqrt(len(samples))
    return np.maximum(spread, rounding)
