"""The density of a spectrum from products alone, with a band of uncertainty."""

import dataclasses
from collections.abc import Callable

import jax
import numpy as np
import scipy.fft
import scipy.stats
from jaxtyping import Float

from saddlescape.core import InvalidInputError, key_for, require_memory
from saddlescape.spectra._krylov import Krylov
from saddlescape.spectra._operator import Operator

_RESOLVED = 3.0  # width times steps, in half spreads: the rule then errs by some exp(-2 * 3^2)
_MARGIN = 3.0  # widths that the grid reaches beyond the outermost Ritz values
_NODES = 8  # Chebyshev nodes for each step: coefficients beyond are below rounding


@dataclasses.dataclass(frozen=True, eq=False)
class Density:
    """The share of eigenvalues per unit of curvature, blurred by a normal curve.

    At each point of the grid the blurred density of the matrix lies between `lower` and `upper`
    in a share `confidence` of all choices of probe vectors.

    Args:
        grid: curvatures, shape (g,).
        density: the estimate there, shape (g,).
        lower: of the band, shape (g,).
        upper: of the band, shape (g,).
        width: standard deviation of the normal curve.
        nodes: Ritz values of every probe vector, shape (probes, steps).
        weights: theirs; each row sums to 1, shape (probes, steps).
        confidence: of the band, point by point.
        quadrature_error: part of the band that more steps would remove, at its worst.
        num_products: matrix-vector products used.
    """

    grid: Float[np.ndarray, " g"]
    density: Float[np.ndarray, " g"]
    lower: Float[np.ndarray, " g"]
    upper: Float[np.ndarray, " g"]
    width: float
    nodes: Float[np.ndarray, "probes steps"]
    weights: Float[np.ndarray, "probes steps"]
    confidence: float
    quadrature_error: float
    num_products: int


def density(
    operator: Operator,
    *,
    num_probes: int = 10,
    num_steps: int = 60,
    num_points: int = 301,
    confidence: float = 0.95,
    seed: int = 0,
    on_progress: Callable[[int], None] | None = None,
) -> Density:
    """Return the density of the spectrum by stochastic Lanczos quadrature.

    Args:
        operator: the matrix.
        num_probes: random directions; the band narrows with the square root of their number.
        num_steps: products for each; the blur narrows with their number.
        num_points: of the grid.
        confidence: of the band.
        seed: of the probes, each of which is a stream of its own.
        on_progress: called with the number of products so far.

    Returns:
        the density with its band; costs `num_probes * num_steps` products and `num_steps` vectors.
        The band is the score interval of the variance that uniform directions have, 2 / (p + 2)
        (mean f^2 - mean^2 f), plus the error of the quadrature, bounded by Chebyshev coefficients.

    Raises:
        InvalidInputError: for numbers that cannot be.
        MemoryBudgetError: when the basis would not fit.

    References:
        Golub and Meurant (2010); Lin, Saad and Yang (2016); Ghorbani et al. (2019).

    Example:
        >>> ruler = Operator(lambda v: np.linspace(0, 1, 50) * v, size=50)
        >>> found = density(ruler, num_steps=20)
        >>> bool(np.allclose(found.weights.sum(axis=1), 1))
        True
    """
    if num_probes < 1 or num_steps < 2 or num_points < 2 or not 0 < confidence < 1:
        msg = (
            f"{num_probes} probes, {num_steps} steps, {num_points} points, confidence "
            f"{confidence}: give at least 1, 2, 2 of them and a confidence between 0 and 1"
        )
        raise InvalidInputError(msg)
    steps = min(num_steps, operator.size)
    require_memory(8 * steps * operator.size, f"a basis of {steps} vectors")
    nodes, weights = np.empty((num_probes, steps)), np.empty((num_probes, steps))
    for probe in range(num_probes):
        nodes[probe], weights[probe] = _rule(operator, steps, seed, probe)
        if on_progress is not None:
            on_progress((probe + 1) * steps)
    low, high = float(nodes.min()), float(nodes.max())
    half = max((high - low) / 2, operator.eps**0.5 * max(abs(low), abs(high)), 1e-300)
    width = _RESOLVED * half / num_steps
    grid = np.linspace(low - _MARGIN * width, high + _MARGIN * width, num_points)
    mean, square = _means(grid, nodes, weights, width)
    exact = steps == operator.size
    missed = np.zeros(num_points) if exact else _quadrature(grid, (low, high), width, steps)
    lower, upper = _band(mean, square, operator.size, (num_probes, confidence))
    return Density(
        grid=grid,
        density=mean,
        lower=np.maximum(lower - missed, 0.0),
        upper=upper + missed,
        width=width,
        nodes=nodes,
        weights=weights,
        confidence=confidence,
        quadrature_error=float(missed.max()),
        num_products=num_probes * steps,
    )


def _rule(operator: Operator, steps: int, seed: int, probe: int) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights of Gauss quadrature for the measure that one probe sees."""

    def draw(item: int) -> np.ndarray:
        key = jax.random.fold_in(key_for(seed, "density", probe), item)
        return np.asarray(jax.random.normal(key, (operator.size,)), dtype=np.float64)

    run = Krylov(operator, np.zeros((0, operator.size)), draw, steps)
    run.start(1)
    for _ in range(steps):
        run.expand()
    # What follows a breakdown is random and coupled to nothing: its weights are zero.
    values, columns = np.linalg.eigh(run.projected)
    return values, columns[0] ** 2


def _normal(distance: np.ndarray, width: float) -> np.ndarray:
    """Return the normal curve."""
    return np.exp(-0.5 * (distance / width) ** 2) / (width * np.sqrt(2 * np.pi))


def _means(
    grid: np.ndarray, nodes: np.ndarray, weights: np.ndarray, width: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the means over the spectrum of the normal curve at each point, and of its square."""
    mean, square = np.zeros(len(grid)), np.zeros(len(grid))
    for values, shares in zip(nodes, weights, strict=True):
        curve = _normal(grid[:, None] - values, width)
        mean += curve @ shares / len(nodes)
        square += curve**2 @ shares / len(nodes)
    return mean, square


def _band(
    mean: np.ndarray, square: np.ndarray, size: int, told: tuple[int, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the means m that are compatible with the estimate e: |e - m| <= z sd(m).

    The variance is c (h m - m^2) with h = mean f^2 / mean f, a ratio whose error is far smaller
    than that of either; solved for m, the interval stays right where a single eigenvalue counts.
    """
    probes, confidence = told
    z2c = scipy.stats.norm.ppf((1 + confidence) / 2) ** 2 * 2 / ((size + 2) * probes)
    height = np.divide(square, mean, out=np.zeros_like(mean), where=mean > 0)
    middle = mean + z2c * height / 2
    root = np.sqrt(np.maximum(middle**2 - (1 + z2c) * mean**2, 0.0))
    return (middle - root) / (1 + z2c), (middle + root) / (1 + z2c)


def _quadrature(
    grid: np.ndarray, ends: tuple[float, float], width: float, steps: int
) -> np.ndarray:
    """Return by how much a rule exact to degree 2 m - 1 can err for each normal curve.

    Both measures have mass 1 and |T_k| <= 1, so it errs by at most twice the sum of the absolute
    Chebyshev coefficients from degree 2 m on. The interval is a width longer than the Ritz values.
    """
    half = (ends[1] - ends[0]) / 2 + width
    count = _NODES * steps
    angles = (np.arange(count) + 0.5) * np.pi / count
    places = (ends[0] + ends[1]) / 2 + half * np.cos(angles)
    curves = _normal(grid[:, None] - places, width)
    coefficients = np.asarray(scipy.fft.dct(curves, axis=1)) / count
    return 2 * np.abs(coefficients[:, 2 * steps :]).sum(axis=1)
