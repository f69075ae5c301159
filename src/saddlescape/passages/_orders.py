"""All permutation points of a small network, built from narrower minima and measured."""

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

import jax.numpy as jnp
import numpy as np

from saddlescape import symmetry
from saddlescape.core import (
    Activation,
    CriticalPoint,
    EmpiricalLandscape,
    InvalidInputError,
    Network,
    classify,
    find_minima,
)
from saddlescape.problems import Problem

_MOST_POINTS = 20_000  # a minute of Hessians and eigenvalues at a dozen parameters


@dataclasses.dataclass(frozen=True)
class BuiltOrder:
    """The permutation points that the lowest minimum of one narrower network gives.

    Args:
        order: K, how many neurons fewer the narrower network has.
        narrow: its hidden widths.
        num_starts: how many starts were tried there.
        num_minima: how many of them ended at a minimum.
        loss: the lowest minimum's; None where there was none, and then nothing was built.
        expected: how many permutation points there are by the formula.
        built: how many were built.
        different: how many of these are different points.
        critical: how many have a gradient that is zero up to rounding.
        gradient_norm: the largest entry of all their gradients.
        index: pairs of an index and how many points have it, ascending.
        nullity: pairs of a nullity and how many points have it, ascending.
    """

    order: int
    narrow: tuple[int, ...]
    num_starts: int
    num_minima: int
    loss: float | None
    expected: int
    built: int = 0
    different: int = 0
    critical: int = 0
    gradient_norm: float = 0.0
    index: tuple[tuple[int, int], ...] = ()
    nullity: tuple[tuple[int, int], ...] = ()


def build_orders(
    problem: Problem,
    hidden: Sequence[int],
    *,
    activation: str | Activation | None = None,
    max_order: int | None = None,
    num_starts: int = 200,
    seed: int = 0,
) -> tuple[BuiltOrder, ...]:
    """Return what all permutation points of every order are, on the loss of a problem.

    For each narrower network the lowest minimum of many starts is taken, and every map of the wide
    network's neurons onto its neurons becomes a point of the wide network, outgoing weights shared
    equally. Each point is then classified by its own Hessian. Sign flips of odd activations, which
    only make copies of these points, are left out.

    Args:
        problem: data to fit.
        hidden: widths of the wide network's hidden layers.
        activation: as the problem suggests, unless told.
        max_order: the last order; as in `symmetry.count_points` unless told.
        num_starts: for each narrower network.
        seed: of the starts.

    Returns:
        one record for each narrower network: for several layers an order has several, one for each
        way to distribute its mergers.

    Raises:
        InvalidInputError: for a surface, the step function, orders that do not exist, or more than
            20,000 points.

    Notes:
        The index is in general not the order. With one output, k copies of a neuron add k - 1 times
        the number of negative eigenvalues of its curvature, the mean over samples of
        2 (f - y) a g''(z) x x^T: each merger adds between 0 and d to the index.
    """
    counts = symmetry.count_points(hidden, max_order)
    total = sum(entry.points for entry in counts.orders)
    if total > _MOST_POINTS:
        msg = (
            f"{symmetry.short(total)} permutation points of hidden widths {list(counts.hidden)}: "
            f"give a smaller max_order or widths that have at most {_MOST_POINTS:,}"
        )
        raise InvalidInputError(msg)
    wide = problem.student(counts.hidden, activation)
    if any(g.name == "step" for g in wide.activations):
        msg = (
            "the activation 'step' has slope 0 everywhere, all points are critical: choose sigmoid"
        )
        raise InvalidInputError(msg)
    return tuple(
        _built(problem, wide, narrow, _lowest(problem, wide, narrow, (num_starts, seed)))
        for entry in counts.orders
        for narrow in _narrower(counts.hidden, entry.order)
    )


def _narrower(hidden: tuple[int, ...], order: int) -> Iterator[tuple[int, ...]]:
    """Yield the hidden widths with `order` neurons fewer in all."""
    for narrow in itertools.product(*(range(width, 0, -1) for width in hidden)):
        if sum(hidden) - sum(narrow) == order:
            yield narrow


def _lowest(
    problem: Problem, wide: Network, narrow: tuple[int, ...], search: tuple[int, int]
) -> tuple[Network, CriticalPoint | None, tuple[int, int]]:
    """Return the narrower network, its lowest minimum, and how many starts ended at one."""
    *inner, output = wide.activations
    widths = (wide.widths[0], *narrow, wide.widths[-1])
    network = Network(widths, inner, bias=wide.biases, output=output)
    num_starts, seed = search
    points = find_minima(_landscape(problem, network), network.starts(num_starts, seed))
    rows = np.flatnonzero(np.asarray(points.converged & (points.index == 0)))
    if not len(rows):
        return network, None, (num_starts, 0)
    best = int(rows[np.argmin(np.asarray(points.loss)[rows])])
    return network, points[best], (num_starts, len(rows))


def _landscape(problem: Problem, network: Network) -> EmpiricalLandscape:
    """Return the loss of a network on the problem's data."""
    if problem.data is None:
        msg = f"{problem.name!r} is a surface, not data: choose a problem that a network fits"
        raise InvalidInputError(msg)
    return EmpiricalLandscape(network, problem.data)


def _built(
    problem: Problem,
    wide: Network,
    narrow: tuple[int, ...],
    found: tuple[Network, CriticalPoint | None, tuple[int, int]],
) -> BuiltOrder:
    """Return the record of the points that one narrower minimum gives."""
    network, minimum, (num_starts, num_minima) = found
    order = sum(wide.hidden) - sum(narrow)
    pairs = zip(wide.hidden, narrow, strict=True)
    maps = (symmetry.num_permutation_points((w,), w - n) for w, n in pairs)
    expected = int(np.prod(list(maps)))
    if minimum is None:
        return BuiltOrder(order, narrow, num_starts, 0, None, expected)
    rows = minimum.theta[None]
    for layer, width in enumerate(wide.hidden):
        grown = [symmetry.permutation_points(network, row, layer, width) for row in rows]
        rows = jnp.concatenate(grown)
        network = Network(
            (*network.widths[: layer + 1], width, *network.widths[layer + 2 :]),
            network.activations[:-1],
            bias=network.biases,
            output=network.activations[-1],
        )
    points = classify(_landscape(problem, wide), rows)
    return BuiltOrder(
        order=order,
        narrow=narrow,
        num_starts=num_starts,
        num_minima=num_minima,
        loss=float(minimum.loss),
        expected=expected,
        built=len(rows),
        different=_num_different(np.asarray(rows)),
        critical=int(points.converged.sum()),
        gradient_norm=float(points.gradient_norm.max()),
        index=_histogram(points.index),
        nullity=_histogram(points.nullity),
    )


def _num_different(rows: np.ndarray) -> int:
    """Return how many rows differ by more than the digits in which a search may err."""
    # Half of the digits: two neurons that close are equal, or a miracle.
    unit = np.finfo(rows.dtype).eps ** 0.5 * max(1.0, float(np.abs(rows).max()))
    return len(np.unique(np.round(rows / unit), axis=0))


def _histogram(values) -> tuple[tuple[int, int], ...]:
    """Return each value with how often it occurs, ascending."""
    return tuple(sorted(Counter(np.asarray(values).tolist()).items()))
