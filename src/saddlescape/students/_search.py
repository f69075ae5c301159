"""Searching minima from many starts, block after block, each kept before the next begins."""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import jax
import numpy as np

from saddlescape.core import (
    CriticalPoint,
    EmpiricalLandscape,
    Outcome,
    continue_to_infinity,
    find_minima,
)
from saddlescape.setups import ResultFolder

_BLOCK = 50  # starts: about a second on small problems


class Progress(NamedTuple):
    """How far the students are.

    Args:
        width: of the student that is at work.
        done: starts that are searched, of all students.
        total: all of them.
        converged: how many of this student's starts reached a minimum so far.
    """

    width: int
    done: int
    total: int
    converged: int


@dataclasses.dataclass  # not frozen: the protocol of `symmetry.classes` has plain attributes
class Points:
    """Where the starts of one student ended, one row each, as `symmetry.classes` reads it."""

    theta: np.ndarray
    loss: np.ndarray
    gradient_norm: np.ndarray
    eigenvalues: np.ndarray
    index: np.ndarray
    nullity: np.ndarray
    outcome: np.ndarray

    def first(self, count: int) -> "Points":
        """Return the first rows."""
        return Points(**{name: values[:count] for name, values in vars(self).items()})


def searched(
    landscape: EmpiricalLandscape,
    starts: Callable[[int, int], jax.Array],
    count: int,
    kept: tuple[ResultFolder, str],
    on_block: Callable[[int, int], None],
) -> Points:
    """Return the end of every start.

    Args:
        landscape: the student's loss.
        starts: called with first and count.
        count: how many starts there are.
        kept: the folder, and the beginning of its files' names.
        on_block: called after every block with the starts done and those converged.

    Returns:
        one row per start.
    """
    folder, stem = kept
    blocks: list[Points] = []
    converged = 0
    for first in range(0, count, _BLOCK):
        name = f"{stem}_from_{first}.npz"
        arrays = folder.read(name)
        if arrays is None:
            # Blocks are whole: a shorter one would be compiled anew, and a larger --starts goes on.
            found = _ends(landscape, find_minima(landscape, starts(first, _BLOCK)))
            arrays = {field.name: np.asarray(getattr(found, field.name)) for field in _FIELDS}
            folder.keep(name, arrays)
        block = Points(**arrays).first(count - first)
        blocks.append(block)
        converged += int((block.outcome == Outcome.CONVERGED).sum())
        on_block(min(first + _BLOCK, count), converged)
    joined = {f.name: np.concatenate([getattr(b, f.name) for b in blocks]) for f in _FIELDS}
    return Points(**joined)


_FIELDS = dataclasses.fields(Points)


def _ends(landscape: EmpiricalLandscape, points: CriticalPoint) -> CriticalPoint:
    """Return points with what lies at infinity marked as such."""
    points = jax.tree.map(np.array, points)
    for end in continue_to_infinity(landscape, points):
        if end.is_certified:
            points.outcome[end.row] = Outcome.AT_INFINITY
    return points
