"""Both ends of a spectrum, with a bound on the error of every eigenvalue."""

import dataclasses
import functools
import math
from collections.abc import Callable

import jax
import numpy as np
from jaxtyping import Array, Float, Shaped

from saddlescape.core import InvalidInputError, key_for, require_memory
from saddlescape.spectra._krylov import Krylov
from saddlescape.spectra._operator import Operator, Vectors

_BASIS_BYTES = 2**30  # of the basis: 134 vectors of a million parameters
_MOST_ROWS, _FEWEST_ROWS = 300, 20  # T is decomposed again and again: 300 rows take 20 ms
_KEEP = 0.4  # of the basis kept at a restart, beyond what was asked for


@dataclasses.dataclass(frozen=True, eq=False)
class EigenPairs:
    """Eigenvalues with unit eigenvectors and proven distances.

    In exact arithmetic the matrix has an eigenvalue within `bounds[i]` of `values[i]`: the bound is
    the length of the residual A v - value v, computed with a product of its own, plus rounding.

    Args:
        values: ascending, shape (k,).
        bounds: shape (k,).
        vectors: rows, shape (k, p).
    """

    values: Float[np.ndarray, " k"]
    bounds: Float[np.ndarray, " k"]
    vectors: Vectors

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.values)


@dataclasses.dataclass(frozen=True, eq=False)
class Extremes:
    """The two ends of a spectrum.

    Args:
        lowest: the lowest eigenvalues.
        highest: the highest eigenvalues, ascending too.
        ritz: all Ritz values of the last basis, ascending: the i-th lowest is never below the i-th
            lowest eigenvalue (Cauchy), so negative ones prove as many negative eigenvalues.
        num_products: matrix-vector products used.
        num_steps: multiplications of a block before the first restart; as `missed` needs it.
        converged: whether every residual is below the tolerance.
        size: dimensions of the space that was searched: p less what was deflated.
    """

    lowest: EigenPairs
    highest: EigenPairs
    ritz: Float[np.ndarray, " m"]
    num_products: int
    num_steps: int
    converged: bool
    size: int

    @property
    def norm(self) -> float:
        """The largest absolute Ritz value: |H| from below."""
        return float(np.abs(self.ritz).max(initial=0.0))

    def missed(self, confidence: float = 0.99) -> float:
        """Return how far beyond the ends found here an eigenvalue may lie, at a confidence.

        Residuals prove that eigenvalues are near; they cannot exclude one that the random start is
        almost orthogonal to. Its chance is bounded: the end is missed by more than a share e of the
        spread with a probability below 1.648 sqrt(p) exp(-sqrt(e) (2 k - 1)) after k steps.

        Args:
            confidence: of the statement, for either end.

        Returns:
            a distance; 0 where the basis spans the whole space.

        References:
            Kuczynski and Wozniakowski (1992), theorem 4.1; shifted, as Krylov spaces do not change.
        """
        steps = self.num_steps
        if len(self.ritz) >= self.size:
            return 0.0
        root = math.log(1.648 * math.sqrt(self.size) / (1 - confidence)) / (2 * steps - 1)
        share = min(root**2, 0.5)
        return float(share / (1 - share) * (self.ritz[-1] - self.ritz[0]))


@dataclasses.dataclass(frozen=True)
class LanczosSettings:
    """How long and how precisely `extremes` searches.

    Args:
        tolerance: residual at which a pair is good, relative to the largest absolute eigenvalue;
            the error of a separated eigenvalue is of the order of its square.
        max_products: after which the search stops.
        block: vectors multiplied together; several find clusters sooner.
        seed: of the random start.

    Raises:
        InvalidInputError: for numbers that cannot be.
    """

    tolerance: float = 1e-8
    max_products: int = 1_000
    block: int = 1
    seed: int = 0

    def __post_init__(self):
        if not (self.tolerance >= 0 and self.max_products >= 1 and self.block >= 1):
            msg = (
                f"tolerance {self.tolerance}, max_products {self.max_products}, block "
                f"{self.block}: give a tolerance of at least 0, and at least 1 of the others"
            )
            raise InvalidInputError(msg)


def extremes(
    operator: Operator,
    num_lowest: int = 1,
    num_highest: int = 1,
    *,
    settings: LanczosSettings | None = None,
    deflate: Vectors | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Extremes:
    """Return the lowest and the highest eigenvalues, from one Krylov space.

    Args:
        operator: the matrix.
        num_lowest: how many from below.
        num_highest: how many from above.
        settings: tolerance, budget, block and seed.
        deflate: rows to stay orthogonal to, such as eigenvectors known already, shape (d, p).
        on_progress: called with the number of products so far.

    Returns:
        the pairs, with what was spent; `converged` is False when the budget came first. Costs some
        30 to 300 products, and as many vectors of memory, at most 1 GiB of them.

    Raises:
        InvalidInputError: when more is asked for than there is.
        MemoryBudgetError: when the basis would not fit.

    References:
        Lanczos (1950); Wu and Simon (2000), thick restarts.

    Example:
        >>> ruler = Operator(lambda v: np.arange(-2.0, 8.0) * v, size=10)
        >>> ends = extremes(ruler, 2, 1)
        >>> ends.lowest.values.round(9).tolist(), ends.highest.values.round(9).tolist()
        ([-2.0, -1.0], [7.0])
    """
    chosen = settings or LanczosSettings()
    known = _orthonormal_rows(deflate, operator.size)
    wanted = num_lowest + num_highest
    if min(num_lowest, num_highest) < 0 or not 1 <= wanted <= operator.size - len(known):
        msg = (
            f"{num_lowest} lowest and {num_highest} highest eigenvalues of "
            f"{operator.size - len(known)}: ask for at least one and at most all"
        )
        raise InvalidInputError(msg)
    run = Krylov(
        operator, known, functools.partial(_draw, chosen.seed, operator.size),
        _capacity(operator.size, wanted, chosen.block),
    )  # fmt: skip
    require_memory(run.basis.nbytes, f"a basis of {len(run.basis)} vectors")
    run.start(chosen.block)
    search = _Search(run, num_lowest, num_highest, chosen)
    while not search.is_over:
        search.advance()
        if on_progress is not None:
            on_progress(search.num_products)
    return search.result(operator)


def _draw(seed: int, size: int, item: int) -> np.ndarray:
    """Return the `item`-th random normal vector of a run."""
    normal = jax.random.normal(key_for(seed, "lanczos", item), (size,))
    return np.asarray(normal, dtype=np.float64)


def _capacity(size: int, wanted: int, block: int) -> int:
    """Return how many rows the basis may have."""
    rows = min(_MOST_ROWS, _BASIS_BYTES // (8 * size))
    return int(max(rows, _FEWEST_ROWS, 2 * wanted + 2 * block + 2))


def _orthonormal_rows(rows: Shaped[Array | np.ndarray, "k p"] | None, size: int) -> np.ndarray:
    """Return rows with the span of those given."""
    if rows is None or len(rows) == 0:
        return np.zeros((0, size))
    left, lengths, right = np.linalg.svd(np.asarray(rows, dtype=np.float64), full_matrices=False)
    del left
    return right[lengths > lengths.max() * size * np.finfo(float).eps]


class _Search:
    """A run with its goal: expand, look, restart."""

    def __init__(self, run: Krylov, num_lowest: int, num_highest: int, settings: LanczosSettings):
        self.run, self.settings = run, settings
        self.ends = (num_lowest, num_highest)
        self.num_products = self.num_steps = 0
        self.has_restarted = False
        self.next_look = num_lowest + num_highest
        self.is_over = self.converged = False

    def advance(self) -> None:
        """Expand by one block; now and then look whether it is enough."""
        run = self.run
        if run.is_full and not run.is_exhausted:
            self._restart()
        before = run.count
        run.expand()
        self.num_products += run.count - before
        self.num_steps += not self.has_restarted
        ended = run.is_exhausted or self.num_products >= self.settings.max_products
        if ended or run.is_full or self.num_products >= self.next_look:
            # A look costs the cube of the basis: at growing distances it stays a small share.
            self.next_look = self.num_products + max(1, run.count // 10)
            self._look(is_last=ended)

    def _look(self, *, is_last: bool) -> None:
        """Decide whether every wanted pair has a small residual."""
        values, coefficients = np.linalg.eigh(self.run.projected)
        residuals = np.linalg.norm(self.run.coupling @ coefficients, axis=0)
        low, high = self.ends
        chosen = [*range(low), *range(len(values) - high, len(values))]
        norm = float(np.abs(values).max(initial=0.0))
        enough = low + high <= len(values)
        self.values, self.coefficients = values, coefficients
        good = enough and bool(np.all(residuals[chosen] <= self.settings.tolerance * norm))
        self.converged = good or self.run.is_exhausted
        self.is_over = self.converged or is_last

    def _restart(self) -> None:
        """Keep the ends of the basis, those wanted and some more, which speeds up the rest."""
        low, high = self.ends
        total = self.run.count
        spare = max(0, int(_KEEP * total) - low - high)
        above = 0 if high == 0 else high + spare * high // (low + high)
        below = min(low + high + spare - above if low else 0, total - above)
        kept = [*range(below), *range(total - above, total)]
        values, coefficients = np.linalg.eigh(self.run.projected)
        self.run.restart(coefficients[:, kept], values[kept])
        self.has_restarted = True

    def result(self, operator: Operator) -> Extremes:
        """Return the pairs with the residuals of products of their own."""
        low, high = self.ends
        total = len(self.values)
        below = list(range(min(low, total)))
        above = list(range(max(total - high, 0), total)) if high else []
        norm = float(np.abs(self.values).max(initial=0.0))
        pairs = [
            pairs_of(operator, self.run.vectors(self.coefficients[:, part]), norm)
            for part in (below, above)
        ]
        return Extremes(
            lowest=pairs[0],
            highest=pairs[1],
            ritz=self.values,
            num_products=self.num_products + len(below) + len(above),
            num_steps=self.num_steps,
            converged=self.converged,
            size=self.run.room,
        )


def pairs_of(operator: Operator, vectors: np.ndarray, norm: float) -> EigenPairs:
    """Return vectors with their Rayleigh quotients and residual bounds: one product for each.

    Args:
        operator: the matrix.
        vectors: orthonormal rows, shape (k, p).
        norm: of the matrix, for the share of rounding.
    """
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    products = np.array([operator(row) for row in units]).reshape(units.shape)
    values = np.sum(units * products, axis=1)
    residuals = np.linalg.norm(products - values[:, None] * units, axis=1)
    # A product of p terms is rounded by some sqrt(p) eps |H|, as errors of either sign add.
    rounding = 4 * math.sqrt(operator.size) * operator.eps * norm
    order = np.argsort(values, kind="stable")
    return EigenPairs(values[order], residuals[order] + rounding, units[order])
