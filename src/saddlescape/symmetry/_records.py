"""What grouping reads and what it returns."""

import dataclasses
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Int


@runtime_checkable
class CriticalPoints(Protocol):
    """What grouping reads of a batch of m critical points; any arrays NumPy understands will do.

    ``theta`` (m, p), ``loss`` (m,), ``gradient_norm`` (m,) the largest entry of the gradient,
    ``eigenvalues`` (m, p) of the Hessian, ``index`` (m,) how many are negative, ``nullity`` (m,)
    how many are zero, ``outcome`` (m,) 0 where the search converged.
    """

    theta: Any
    loss: Any
    gradient_norm: Any
    eigenvalues: Any
    index: Any
    nullity: Any
    outcome: Any


@dataclasses.dataclass(frozen=True, eq=False)
class Classes:
    """Critical points grouped modulo symmetry: m points in c classes, sorted by loss.

    Args:
        labels: the class of each point; -1 where the search did not converge, shape (m,).
        representatives: for each class, the row of its member with the lowest gradient norm, (c,).
        losses: the representatives' losses, (c,).
        counts: how many points are in each class, (c,).
        copies: how many points permutations and sign flips make of each representative.
        spreads: the largest Euclidean distance of a member from its representative, modulo
            symmetry, (c,); on a flat family that of their canonical forms, a measure of how far
            along the family the members lie.
        is_family: whether the class is a flat family (zero eigenvalues beyond those that rescaling
            explains), whose members share loss, index and nullity but not their position, (c,).
    """

    labels: Int[np.ndarray, " m"]
    representatives: Int[np.ndarray, " c"]
    losses: Float[np.ndarray, " c"]
    counts: Int[np.ndarray, " c"]
    copies: tuple[int, ...]
    spreads: Float[np.ndarray, " c"]
    is_family: Bool[np.ndarray, " c"]

    def __len__(self) -> int:
        """Return the number of classes."""
        return len(self.representatives)

    def members(self, number: int) -> Int[np.ndarray, " _"]:
        """Return the rows of the points in one class.

        Args:
            number: which class.

        Returns:
            their rows, ascending.
        """
        return np.flatnonzero(self.labels == number)
