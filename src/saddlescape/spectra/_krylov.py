"""A growing Krylov basis with full reorthogonalization, in blocks, with thick restarts.

For basis vectors V (rows) and the next block F the relation A V' = V' T + F' C holds, T being the
projected matrix. A plain Lanczos run has C zero but for its last columns; a restart keeps some Ritz
vectors, and C then tells how each is coupled to F (Wu and Simon 2000; Stewart 2001). One rule of
expansion serves both: multiply F, take off what C and F tell, orthogonalize against everything,
factorize what is left.

A pass over the whole basis reads it twice, which for a million parameters takes as long as a
product. What C and F tell is nearly all there is to take off, so that one pass leaves a vector
orthogonal to rounding; there are more only where a vector loses half of its length in one.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

_LOST = 0.5  # share of a length whose loss in a pass asks for another (Daniel et al. 1976)
_MOST_PASSES = 3  # then there is nothing left but rounding


@dataclasses.dataclass(eq=False)
class Krylov:
    """The state of a run; rows are vectors.

    Args:
        multiply: the operator, one vector at a time.
        deflated: orthonormal rows the run stays orthogonal to, shape (d, p).
        draw: returns the i-th random vector of shape (p,), for the start and after a breakdown.
        capacity: how many rows may be kept.
    """

    multiply: Callable[[np.ndarray], np.ndarray]
    deflated: np.ndarray
    draw: Callable[[int], np.ndarray]
    capacity: int

    def __post_init__(self):
        size = self.deflated.shape[1]
        self.room = size - len(self.deflated)  # dimensions there are
        self.basis = np.empty((min(self.capacity, self.room), size))
        self.count = 0  # rows that have been multiplied
        self.projected = np.zeros((0, 0))  # T
        self.coupling = np.zeros((0, 0))  # C
        self.frontier = np.zeros((0, size))  # F
        self.num_drawn = 0
        self.scale = 0.0  # the largest product so far, for what counts as a breakdown

    def start(self, block: int, first: np.ndarray | None = None) -> None:
        """Choose the first block at random; a given vector replaces its first row."""
        rows = [] if first is None else [first]
        while len(rows) < min(block, self.room):
            rows.append(self._random())
        self.frontier = self._orthonormal(self._cleaned(np.array(rows))[0])[0]
        self.coupling = np.zeros((len(self.frontier), 0))

    @property
    def is_exhausted(self) -> bool:
        """Whether the basis spans everything there is."""
        return len(self.frontier) == 0

    @property
    def is_full(self) -> bool:
        """Whether the next block has no place."""
        return self.count + len(self.frontier) > len(self.basis)

    def expand(self) -> None:
        """Multiply the block and append it to the basis."""
        width, before = len(self.frontier), self.count
        self.basis[before : before + width] = self.frontier
        self.count += width
        rest = np.empty((width, self.basis.shape[1]))
        for row, vector in zip(rest, self.frontier, strict=True):
            row[:] = self.multiply(vector)
        self.scale = max(self.scale, float(np.linalg.norm(rest, axis=1).max(initial=0.0)))
        along = np.zeros((width, self.count))
        along[:, :before] = self.coupling
        coupled = np.flatnonzero(self.coupling.any(axis=0))
        if len(coupled):
            near = slice(coupled[0], coupled[-1] + 1)
            rest -= self.coupling[:, near] @ self.basis[near]
        along[:, before:] = rest @ self.frontier.T
        rest -= along[:, before:] @ self.frontier
        rest, more = self._cleaned(rest)
        along += more
        grown = np.zeros((self.count, self.count))
        grown[:before, :before] = self.projected
        grown[before:, :] = along
        grown[:, before:] = along.T
        grown[before:, before:] = (along[:, before:] + along[:, before:].T) / 2
        self.projected = grown
        rows, factors = self._orthonormal(rest)
        self.coupling = np.zeros((len(rows), self.count))
        self.coupling[:, before:] = factors
        self.frontier = rows

    def restart(self, kept: np.ndarray, values: np.ndarray) -> None:
        """Keep the Ritz vectors with the coefficients `kept` (columns) and their values."""
        count = kept.shape[1]
        self.basis[:count] = kept.T @ self.basis[: self.count]
        self.count = count
        self.projected = np.diag(values)
        self.coupling = self.coupling @ kept

    def vectors(self, coefficients: np.ndarray) -> np.ndarray:
        """Return the vectors with these coefficients (columns) as rows."""
        return coefficients.T @ self.basis[: self.count]

    def _random(self) -> np.ndarray:
        """Return the next random vector."""
        self.num_drawn += 1
        return self.draw(self.num_drawn - 1)

    def _cleaned(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return rows made orthogonal to everything kept, and what of the basis was taken off."""
        basis, taken = self.basis[: self.count], np.zeros((len(rows), self.count))
        length = np.linalg.norm(rows, axis=1)
        for _ in range(_MOST_PASSES):
            if len(self.deflated):
                rows = rows - (rows @ self.deflated.T) @ self.deflated
            if self.count:
                along = rows @ basis.T
                rows = rows - along @ basis
                taken += along
            before, length = length, np.linalg.norm(rows, axis=1)
            if np.all(length >= _LOST * before):
                break
        return rows, taken

    def _unit(self, row: np.ndarray, found: np.ndarray) -> np.ndarray:
        """Return a row, orthogonal to everything kept, as a unit vector orthogonal to `found`."""
        length = np.linalg.norm(row)
        row = row / length
        left = row - (found @ row) @ found
        while np.linalg.norm(left) < _LOST:
            left = left / np.linalg.norm(left)
            row = self._cleaned(left[None])[0][0]
            row = row / np.linalg.norm(row)
            left = row - (found @ row) @ found
        return left / np.linalg.norm(left)

    def _orthonormal(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return orthonormal rows F and factors R with rows = R' F; fewer where there is no room.

        The rows are orthogonal to everything kept. One that vanishes (an invariant subspace was
        found) is replaced by a random one, to which nothing is coupled: so a run finds eigenvalues
        that occur several times as well.
        """
        width = min(len(rows), self.room - self.count)
        found = np.zeros((0, rows.shape[1]))
        tiny = np.finfo(float).eps * max(self.scale, np.finfo(float).tiny) * 8
        for row in rows:
            left = row - (found @ row) @ found
            left = left - (found @ left) @ found
            if np.linalg.norm(left) > tiny and len(found) < width:
                found = np.vstack([found, self._unit(row, found)[None]])
        coupled = len(found)
        while len(found) < width:
            fresh = self._cleaned(self._random()[None])[0][0]
            found = np.vstack([found, self._unit(fresh, found)[None]])
        factors = found @ rows.T
        factors[coupled:] = 0.0
        return found, factors
