"""The effective learning rate: how far a rule goes for each unit of slope."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float

from saddlescape.core import ShapeMismatchError
from saddlescape.optimizers._directions import Directions, Vectors


@dataclasses.dataclass(frozen=True, eq=False)
class EffectiveRates:
    """The change over the negative gradient, step by step and over all steps.

    Args:
        rates: at every step, parameter squared per loss; NaN where the gradient is zero. A step
            against the slope has a negative rate.
        overall: of all steps together: the rate of plain gradient descent whose steps would come
            nearest to those that were made, sum(-change * gradient) / sum(gradient^2); NaN where
            the gradient was always zero.
        typical: the median of `rates` over the steps: what most steps do, where `overall` is what
            the steps on steep slopes do.
        directions: what the columns are: eigen-directions; None for the parameters themselves.
    """

    rates: Float[np.ndarray, "t p"]
    overall: Float[np.ndarray, " p"]
    typical: Float[np.ndarray, " p"]
    directions: Directions | None

    def median(self, columns: Bool[np.ndarray, " p"]) -> float:
        """Return the median over some columns of their typical rates.

        Args:
            columns: which, such as `directions.is_steep`.

        Returns:
            the median of those that are not NaN; NaN where there is none.
        """
        chosen = self.typical[columns & np.isfinite(self.typical)]
        return float(np.median(chosen)) if chosen.size else float("nan")


def effective_rates(
    gradients: Vectors, changes: Vectors, directions: Directions | None = None
) -> EffectiveRates:
    """Return the effective learning rate of every parameter, or in every eigen-direction.

    Args:
        gradients: that the steps were made with, shape (t, p).
        changes: the steps, shape (t, p).
        directions: to measure along; left out, along the parameters.

    Returns:
        for plain gradient descent the rate itself. In a direction whose curvature is zero up to
        rounding the gradient is rounding too, and so is the rate.

    Raises:
        ShapeMismatchError: when gradients and changes differ in shape, or do not fit the
            directions.

    Example:
        >>> effective_rates(np.array([[2.0, 0.0]]), np.array([[-1.0, 0.0]])).rates.tolist()
        [[0.5, nan]]
    """
    gradients, changes = matching(gradients, changes, directions)
    if directions is not None:
        gradients, changes = directions.along(gradients), directions.along(changes)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(gradients == 0, np.nan, -changes / gradients)
        slope = np.sum(gradients**2, axis=0)
        overall = np.where(slope == 0, np.nan, -np.sum(changes * gradients, axis=0) / slope)
        typical = np.full(slope.shape, np.nan)
        typical[slope > 0] = np.nanmedian(rates[:, slope > 0], axis=0)
    return EffectiveRates(rates, overall, typical, directions)


def matching(
    first: Vectors, second: Vectors, directions: Directions | None
) -> tuple[Float[np.ndarray, "t p"], Float[np.ndarray, "t p"]]:
    """Return two lists of vectors as arrays, or raise where they do not fit."""
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape:
        msg = f"shapes {first.shape} and {second.shape} differ: give one row per step in both"
        raise ShapeMismatchError(msg)
    if directions is not None and first.shape[1] != directions.curvatures.size:
        msg = (
            f"steps of {first.shape[1]} parameters, directions of {directions.curvatures.size}: "
            "take the directions on the same landscape"
        )
        raise ShapeMismatchError(msg)
    return first, second
