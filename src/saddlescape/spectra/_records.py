"""The answer about a point, with its evidence."""

import dataclasses
import enum
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from saddlescape.spectra._extremes import EigenPairs
from saddlescape.spectra._follow import Escape


class Answer(enum.StrEnum):
    """What a point is."""

    MINIMUM = "minimum"
    SADDLE = "K-th order saddle"
    AT_LEAST = "at least K-th order"
    NOT_CRITICAL = "not critical"
    GRADIENT_FLAT = "not critical: gradient-flat"


@dataclasses.dataclass(frozen=True, eq=False)
class Verdict:
    """A point with the evidence for what it is.

    Args:
        answer: one of five.
        loss: at the point.
        gradient_norm: largest absolute entry of the gradient.
        gradient_tolerance: up to which that is zero by rounding.
        lowest: the lowest eigenvalues: all negative ones that converged, or the lowest.
        highest: the highest eigenvalue.
        order: negative eigenvalues proven, K.
        is_exact: whether the whole spectrum was computed, so that nothing can be missing.
        zero_bound: eigenvalues of this size or smaller cannot be told from zero.
        nullity: zero eigenvalues, None where only the ends of the spectrum are known.
        num_explained: zero modes that the symmetry given explains.
        excluded_below: no further eigenvalue lies below this, at `confidence`; 0 where exact.
        confidence: of `excluded_below`, 1 where exact.
        flatness: |H g| / (|H| |g|): near 0 where the Hessian cannot reduce the gradient.
        escape: the most negative direction, followed; None without one.
        descent: the way down the gradient, followed; None at a critical point.
        shares: of the squared escape direction, by block, most first.
        eigenvalues: all of them, or the Ritz values where only the ends are known.
        num_products: matrix-vector products used; 0 where the matrix was formed.
        num_parameters: p.
        note: what else there is to say, or "".
    """

    answer: Answer
    loss: float
    gradient_norm: float
    gradient_tolerance: float
    lowest: EigenPairs
    highest: EigenPairs
    order: int
    is_exact: bool
    zero_bound: float
    nullity: int | None
    num_explained: int
    excluded_below: float
    confidence: float
    flatness: float
    escape: Escape | None
    descent: Escape | None
    shares: tuple[tuple[str, float], ...]
    eigenvalues: Float[np.ndarray, " m"]
    num_products: int
    num_parameters: int
    note: str = ""

    @property
    def is_critical(self) -> bool:
        """Whether the gradient is zero up to rounding."""
        return self.answer not in {Answer.NOT_CRITICAL, Answer.GRADIENT_FLAT}

    @property
    def sentence(self) -> str:
        """The verdict as a sentence with its numbers."""
        low, high = self.lowest, self.highest
        ends = (
            f"curvature from {low.values[0]:.6g} ± {low.bounds[0]:.1g} to "
            f"{high.values[-1]:.6g} ± {high.bounds[-1]:.1g}"
        )
        if not self.is_critical:
            flat = ", and the Hessian cannot reduce it" if "flat" in self.answer else ""
            count = f"{self.order:,}" if self.is_exact else f"at least {self.order:,}"
            return (
                f"Not critical: the gradient's largest entry is {self.gradient_norm:.2g}, zero "
                f"would be {self.gradient_tolerance:.1g}{flat}; {count} of "
                f"{self.num_parameters:,} curvatures negative, {ends}"
            )
        what = {
            Answer.MINIMUM: "A minimum",
            Answer.SADDLE: f"A saddle of order {self.order:,}",
            Answer.AT_LEAST: f"A saddle of order {self.order:,} at least",
        }[self.answer]
        if self.answer == Answer.MINIMUM and self.nullity:
            what = f"A minimum with {self.nullity:,} flat directions"
        if self.answer == Answer.AT_LEAST and self.order == 0:
            third = "No minimum, though no curvature is negative"
            what = third if self.note else "A point with no negative curvature found so far"
        return f"{what}: {ends}"


def shares_of(
    direction: Float[np.ndarray, " p"], blocks: Mapping[str, slice] | None
) -> tuple[tuple[str, float], ...]:
    """Return which share of a direction's squared length lies in each block, most first.

    Args:
        direction: shape (p,).
        blocks: names of parts of theta.

    Returns:
        names and shares.

    Example:
        >>> shares_of(np.array([3.0, 4.0]), {"first": slice(0, 1), "second": slice(1, 2)})
        (('second', 0.64), ('first', 0.36))
    """
    total = float(direction @ direction)
    parts = ((name, direction[where]) for name, where in (blocks or {}).items())
    told = [(name, round(float(part @ part) / total, 12)) for name, part in parts]
    return tuple(sorted(told, key=lambda pair: -pair[1]))
