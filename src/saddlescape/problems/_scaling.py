"""Standardising columns, and undoing it."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError

Columns = Float[np.ndarray, "n c"]
LISTED = 8
"""With more columns than this a sentence names no numbers; the record holds them all the same."""


@dataclasses.dataclass(frozen=True, eq=False)
class Scaling:
    """What was done to the columns of a table: ``scaled = (value - shift) / scale``.

    Args:
        shift: what was subtracted, one number per column; the mean.
        scale: what was divided by, one number per column; the standard deviation (divisor n).

    Example:
        >>> Scaling(np.array([1.0]), np.array([2.0])).undo(np.array([[3.0]])).tolist()
        [[7.0]]
    """

    shift: Float[np.ndarray, " c"]
    scale: Float[np.ndarray, " c"]

    def apply(self, values: Columns) -> Columns:
        """Return scaled columns, for samples that come later.

        Args:
            values: in the units of the source, shape (n, c).

        Returns:
            the scaled values, shape (n, c).
        """
        return (values - self.shift) / self.scale

    def undo(self, values: Columns) -> Columns:
        """Return scaled columns in the units of the source: the inverse of `apply`.

        Args:
            values: scaled, shape (n, c).

        Returns:
            the values in the units of the source, shape (n, c).
        """
        return values * self.scale + self.shift


def standardize(values: Columns, names: Sequence[str]) -> tuple[Columns, Scaling]:
    """Return the columns with mean 0 and standard deviation 1, and the scaling that was used."""
    # Dividing by the largest magnitude first keeps the squares of 1e200 and 1e-200 in range.
    magnitude = np.maximum(np.abs(values).max(axis=0), np.finfo(float).tiny)
    unit = values / magnitude
    center, spread = unit.mean(axis=0), unit.std(axis=0)
    is_flat = spread <= 4 * np.finfo(float).eps
    if is_flat.any():
        flat = [name for name, is_one in zip(names, is_flat, strict=True) if is_one]
        msg = f"{quoted(flat)}: no variation beyond rounding, so no scale to measure in; leave out"
        raise InvalidInputError(msg)
    scaling = Scaling(center * magnitude, spread * magnitude)
    return (unit - center) / spread, scaling


def sentence(what: str, scaling: Scaling, names: Sequence[str], field: str) -> str:
    """Return how the columns were standardised, with the numbers where there are few."""
    if len(names) > LISTED:
        return f"{what} have mean 0 and standard deviation 1; `{field}.undo` gives them back."
    numbers = (
        f"{name} = {shift:.10g} + {scale:.10g} z"
        for name, shift, scale in zip(names, scaling.shift, scaling.scale, strict=True)
    )
    return f"{what} z have mean 0 and standard deviation 1: {', '.join(numbers)}."


def quoted(names: Sequence[str], limit: int = 12) -> str:
    """Return names in quotes, with 'and 7 more' after the first few."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(repr(str(name)) for name in names[:limit]) + more
