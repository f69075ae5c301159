"""Classes of functions: what an algorithm may hope for when not every function can come."""

import dataclasses
import math
from collections.abc import Iterator
from functools import partial

import jax
import numpy as np
from jaxtyping import Bool, Int

from saddlescape.core import UnknownNameError, key_for
from saddlescape.nofreelunch._space import SearchSpace

_SHARE = 4  # sampled classes hold about one function in so many
_CHUNK = 2**18

CLASSES = {
    "single-peaked": "up to one summit and down again, once round the ring; constants too",
    "smooth": "neighbours on the ring differ by at most 1",
    "separable": "on a grid: a function of the row plus a function of the column",
    "needle": "the highest value at one point, the lowest at all others",
    "whole orbits": "a sample closed under permutations of the points",
    "random sample": "as many functions drawn at random, not closed under permutations",
}
"""Every class of functions by name, with what is in it."""


@dataclasses.dataclass(frozen=True, eq=False)
class FunctionClass:
    """Some of the functions.

    Args:
        name: what tables call it.
        description: what is in it.
        is_in: whether each function is, by number.
        is_closed: whether permuting the points never leads out of it, checked by counting.
    """

    name: str
    description: str
    is_in: Bool[np.ndarray, " f"]
    is_closed: bool

    @property
    def size(self) -> int:
        """How many functions it has."""
        return int(self.is_in.sum())


def function_class(name: str, space: SearchSpace, *, seed: int = 0) -> FunctionClass:
    """Return a class of functions.

    Args:
        name: a key of `CLASSES`.
        space: all functions.
        seed: of the sampled classes.

    Returns:
        the class.

    Raises:
        UnknownNameError: for any other name.

    Example:
        >>> function_class("needle", SearchSpace(6, 3)).size
        6
    """
    if name not in CLASSES:
        msg = f"no class of functions is called {name!r}: choose of {', '.join(CLASSES)}"
        raise UnknownNameError(msg)
    match name:
        case "whole orbits":
            is_in = _whole_orbits(space, seed)
        case "random sample":
            size = int(_whole_orbits(space, seed).sum())
            order = _shuffled(space.num_functions, "sampled functions", seed)
            is_in = np.zeros(space.num_functions, bool)
            is_in[order[:size]] = True
        case _:
            is_in = _chosen(name, space)
    description = CLASSES[name]
    if name == "separable":
        rows = grid_rows(space)
        description += f", {rows} rows of {space.points // rows}"
    return FunctionClass(name, description, is_in, is_closed_under_permutation(is_in, space))


def grid_rows(space: SearchSpace) -> int:
    """Return how many rows the squarest grid of the points has; 1 for a prime number of points.

    Args:
        space: the points.

    Returns:
        rows, at most as many as there are columns.

    Example:
        >>> grid_rows(SearchSpace(12, 2)), grid_rows(SearchSpace(7, 2))
        (3, 1)
    """
    return max(d for d in range(1, math.isqrt(space.points) + 1) if space.points % d == 0)


def is_closed_under_permutation(is_in: Bool[np.ndarray, " f"], space: SearchSpace) -> bool:
    """Return whether a class holds all or none of the functions with equal histograms of values.

    Args:
        is_in: whether each function is in the class.
        space: all functions.

    Returns:
        whether the sharpened theorem speaks of it.

    References:
        Schumacher, Vose & Whitley (2001), The no free lunch and description length.

    Example:
        >>> space = SearchSpace(2, 2)
        >>> is_closed_under_permutation(np.array([False, True, True, False]), space)
        True
        >>> is_closed_under_permutation(np.array([False, True, False, False]), space)
        False
    """
    orbits = orbits_of(space)
    held = np.bincount(orbits, weights=is_in)
    return bool(np.isin(held - np.bincount(orbits) * (held > 0), 0).all())


def orbits_of(space: SearchSpace) -> Int[np.ndarray, " f"]:
    """Return a number for each function that is the same for all its permutations.

    Args:
        space: all functions.

    Returns:
        numbers from 0, in the order of the histograms of values.

    Example:
        >>> orbits_of(SearchSpace(2, 2)).tolist()
        [0, 1, 1, 2]
    """
    weights = (space.points + 1) ** np.arange(space.values, dtype=object)
    kind = np.int64 if weights[-1] * (space.points + 1) < 2**62 else object
    told = [weights.astype(kind)[table].sum(axis=1) for table in _tables(space)]
    return np.unique(np.concatenate(told), return_inverse=True)[1]


def _whole_orbits(space: SearchSpace, seed: int) -> Bool[np.ndarray, " f"]:
    """Return random orbits that hold about a quarter of all functions."""
    orbits = orbits_of(space)
    sizes = np.bincount(orbits)
    order = _shuffled(len(sizes), "orbits of functions", seed)
    kept = order[sizes[order].cumsum() <= space.num_functions / _SHARE]
    return np.isin(orbits, kept if len(kept) else order[:1])


def _shuffled(size: int, stream: str, seed: int) -> np.ndarray:
    """Return the numbers below `size` in random order."""
    return np.asarray(jax.random.permutation(key_for(seed, stream), size))


def _chosen(name: str, space: SearchSpace) -> Bool[np.ndarray, " f"]:
    """Return which functions have a property."""
    test = {
        "single-peaked": _is_single_peaked,
        "smooth": _is_smooth,
        "separable": partial(_is_separable, rows=grid_rows(space)),
        "needle": partial(_is_needle, highest=space.values - 1),
    }[name]
    return np.concatenate([test(table) for table in _tables(space)])


def _tables(space: SearchSpace) -> Iterator[np.ndarray]:
    """Yield the values of all functions, some at a time."""
    for start in range(0, space.num_functions, _CHUNK):
        yield space.table(start, min(start + _CHUNK, space.num_functions))


def _is_single_peaked(table: np.ndarray) -> np.ndarray:
    """Return where the ring has at most one rise, plateaus aside."""
    steps = np.sign(np.diff(table, axis=1, append=table[:, :1]))
    # The direction before a plateau goes on through it; twice round fills every plateau.
    before = np.zeros(len(table), steps.dtype)
    turns = np.zeros(len(table), np.int64)
    num_points = table.shape[1]
    for number in range(2 * num_points):
        step = steps[:, number % num_points]
        is_turn = (step > 0) & (before < 0)
        turns += is_turn & (number >= num_points)
        before = np.where(step == 0, before, step)
    return turns <= 1


def _is_smooth(table: np.ndarray) -> np.ndarray:
    """Return where neighbours on the ring differ by at most one."""
    return np.abs(np.diff(table, axis=1, append=table[:, :1])).max(axis=1) <= 1


def _is_separable(table: np.ndarray, rows: int) -> np.ndarray:
    """Return where rows of the grid differ by constants."""
    grid = table.reshape(len(table), rows, -1)
    lifted = grid - grid[:, :, :1]
    return (lifted == lifted[:, :1]).all(axis=(1, 2))


def _is_needle(table: np.ndarray, highest: int) -> np.ndarray:
    """Return where one point is highest and all others are lowest."""
    high, low = (table == highest).sum(axis=1), (table == 0).sum(axis=1)
    return (high == 1) & (low == table.shape[1] - 1)
