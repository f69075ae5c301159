"""Every algorithm on every function, and on classes of functions: the theorem as a table."""

import dataclasses
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from saddlescape.core import UnknownNameError
from saddlescape.nofreelunch._classes import CLASSES, FunctionClass, function_class, grid_rows
from saddlescape.nofreelunch._interface import AbstractPolicy
from saddlescape.nofreelunch._performance import Performance, performance
from saddlescape.nofreelunch._policies import (
    Adaptive,
    AntiHillClimbing,
    Ascending,
    HillClimbing,
    Momentum,
    Surrogate,
)
from saddlescape.nofreelunch._random_policies import Annealing, RandomOrder
from saddlescape.nofreelunch._space import SearchSpace
from saddlescape.nofreelunch._walk import Walk, walks

POLICIES: dict[str, type[AbstractPolicy]] = {
    str(kind.name): kind
    for kind in (
        Ascending, RandomOrder, HillClimbing, AntiHillClimbing, Annealing, Momentum, Surrogate,
        Adaptive,
    )
}  # fmt: skip
"""Every search algorithm by the name the command line knows it by."""


@dataclasses.dataclass(frozen=True)
class Contrast:
    """One algorithm on one class of functions, and on all the others.

    Args:
        on_class: its performance there.
        elsewhere: on the functions that are not in the class; None where every function is.
        gain: sum over the class of the mean best value, less what it would be at the mean of all
            functions; for each number of evaluations.
        loss: the same over the other functions: gain and loss add to zero.
        distance: total variation between the sequences of values it sees on the class and those
            the first algorithm sees: 0 where no measure of any kind can tell them apart.
    """

    on_class: Performance
    elsewhere: Performance | None
    gain: tuple[Fraction, ...]
    loss: tuple[Fraction, ...]
    distance: Fraction


@dataclasses.dataclass(frozen=True, eq=False)
class SearchTable:
    """What an enumeration of search algorithms found.

    Args:
        space: the functions.
        policies: the algorithms, each with its name and description.
        classes: the classes of functions.
        everywhere: each algorithm on all functions.
        is_uniform: for each algorithm, whether on all functions every sequence of values is seen
            equally often, counted one by one: then no measure can tell it from another such one.
        contrasts: for each algorithm, for each class.
        num_runs: for each algorithm, on how many runs the numbers rest.
    """

    space: SearchSpace
    policies: tuple[AbstractPolicy, ...]
    classes: tuple[FunctionClass, ...]
    everywhere: tuple[Performance, ...]
    is_uniform: tuple[bool, ...]
    contrasts: tuple[tuple[Contrast, ...], ...]
    num_runs: tuple[int, ...]

    @property
    def is_free_lunch_found(self) -> bool:
        """Whether the theorem failed: some two algorithms differ on all functions together."""
        return not all(self.is_uniform) or len(set(map(_numbers, self.everywhere))) > 1


def _numbers(found: Performance) -> tuple:
    """Return the exact part of a performance."""
    return found.best, found.evaluations


def policy(name: str) -> AbstractPolicy:
    """Return a search algorithm.

    Args:
        name: a key of `POLICIES`.

    Returns:
        the algorithm.

    Raises:
        UnknownNameError: for any other name.

    Example:
        >>> policy("surrogate").name
        'surrogate'
    """
    if name not in POLICIES:
        msg = f"no search algorithm is called {name!r}: choose of {', '.join(POLICIES)}"
        raise UnknownNameError(msg)
    return POLICIES[name]()


def default_classes(space: SearchSpace) -> tuple[str, ...]:
    """Return the classes that make sense for a space: separable ones need a grid.

    Args:
        space: all functions.

    Returns:
        names.
    """
    return tuple(name for name in CLASSES if name != "separable" or grid_rows(space) > 1)


def search(
    space: SearchSpace,
    policies: Sequence[AbstractPolicy] | None = None,
    classes: Sequence[str] | None = None,
    *,
    num_tapes: int = 8,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> SearchTable:
    """Return how search algorithms fare on every function, and on classes of functions.

    Args:
        space: all functions.
        policies: the algorithms; all of `POLICIES` by default.
        classes: names of classes; all that make sense by default.
        num_tapes: see `walks`: for random algorithms on many functions.
        seed: of tapes and of sampled classes.
        on_progress: called with the number of finished algorithms, and of all.

    Returns:
        a table of exact ratios.

    Raises:
        IllegalPolicyError: when an algorithm is not one the theorem speaks of.

    Notes:
        3^12 functions and all algorithms take seconds on one core.

    References:
        Wolpert & Macready (1997), No free lunch theorems for optimization, theorem 1.

    Example:
        >>> table = search(SearchSpace(4, 2), classes=["smooth", "needle"])
        >>> table.is_free_lunch_found, {float(p.mean_best[1]) for p in table.everywhere}
        (False, {0.75})
    """
    chosen = tuple(POLICIES[name]() for name in POLICIES) if policies is None else tuple(policies)
    names = default_classes(space) if classes is None else classes
    groups = tuple(function_class(name, space, seed=seed) for name in names)
    every = np.ones(space.num_functions, bool)
    rows, references = [], None
    for number, one in enumerate(chosen):
        on_progress(number, len(chosen))
        found = walks(one, space, num_tapes=num_tapes, seed=seed)
        seen = [_counts(found, space, group.is_in) for group in groups]
        references = seen if references is None else references
        whole = performance(found, space, every)
        contrasts = tuple(
            _contrast(found, space, group, whole, _distance(mine, first))
            for group, mine, first in zip(groups, seen, references, strict=True)
        )
        rows.append(
            (whole, _is_uniform(found, space), contrasts, sum(len(w.functions) for w in found))
        )
    on_progress(len(chosen), len(chosen))
    everywhere, is_uniform, contrasts, num_runs = zip(*rows, strict=True)
    return SearchTable(space, chosen, groups, everywhere, is_uniform, contrasts, num_runs)


def _is_uniform(found: Sequence[Walk], space: SearchSpace) -> bool:
    """Return whether on all functions each sequence is seen once, by weight, in every walk."""
    size = space.num_functions
    every = np.ones(size, bool)
    for walk in found:
        on_each = Walk(walk.functions, walk.functions, walk.weights, walk.total).counts(size)
        # First that nothing was left out: on each function the probabilities sum to one.
        if not (on_each == walk.total).all() or not (walk.counts(size, every) == walk.total).all():
            return False
    return True


def _counts(found: Sequence[Walk], space: SearchSpace, is_in: np.ndarray) -> tuple[np.ndarray, int]:
    """Return how often each sequence is seen on a class, and the sum."""
    total = sum(walk.total for walk in found)
    counts = sum(walk.counts(space.num_functions, is_in) for walk in found)
    return np.asarray(counts), total * int(is_in.sum())


def _distance(mine: tuple[np.ndarray, int], first: tuple[np.ndarray, int]) -> Fraction:
    """Return the total variation between two distributions of sequences."""
    (a, in_a), (b, in_b) = mine, first
    kind = np.int64 if in_a * in_b < 2**62 else object
    return Fraction(
        int(np.abs(a.astype(kind) * in_b - b.astype(kind) * in_a).sum()), 2 * in_a * in_b
    )


def _contrast(
    found: Sequence[Walk],
    space: SearchSpace,
    group: FunctionClass,
    whole: Performance,
    distance: Fraction,
) -> Contrast:
    """Return an algorithm on a class and on all other functions, each counted by itself."""
    on_class = performance(found, space, group.is_in)
    others = space.num_functions - group.size
    elsewhere = performance(found, space, ~group.is_in) if others else None
    gain = _excess(on_class, whole, group.size)
    loss = _excess(elsewhere, whole, others) if elsewhere else tuple(0 * x for x in gain)
    return Contrast(on_class, elsewhere, gain, loss, distance)


def _excess(some: Performance, whole: Performance, size: int) -> tuple[Fraction, ...]:
    """Return how much more functions give together than so many average ones."""
    pairs = zip(some.mean_best, whole.mean_best, strict=True)
    return tuple(size * (mine - mean) for mine, mean in pairs)
