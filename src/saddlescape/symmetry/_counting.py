"""How many minima and permutation points an architecture has: exact integers, without JAX.

A permutation point of order K in a layer of n neurons comes from a critical point of the network
with n - K neurons there: each of the n neurons takes the place of one of the n - K, and no place is
left empty. Such maps are the surjections, and there are (n - K)! S(n, n - K) of them, with S
Stirling's numbers of the second kind. What is counted are these maps; each point lies in a flat
family, since neurons at one place can share its outgoing weight as they like.
"""

import dataclasses
import itertools
import math
import operator
from collections.abc import Sequence
from fractions import Fraction
from typing import NoReturn

_MOST_NEURONS = 20_000  # 20,000! has 77,338 digits and takes 0.1 s to print; above, time grows fast
_MOST_WORK = 4_000_000  # see `_work`: about three seconds
_ORDERS = 10  # unless told


@dataclasses.dataclass(frozen=True)
class OrderCount:
    """The permutation points of one order.

    Args:
        order: K, how many neurons fewer the narrower network has.
        points: the exact number of permutation points.
        pairs_only: those in which at most two neurons share a place.
        lower_bound: what the theorem guarantees; see `guaranteed_points`.
        ratio: points to minima, exact.
    """

    order: int
    points: int
    pairs_only: int
    lower_bound: int
    ratio: Fraction


@dataclasses.dataclass(frozen=True)
class Counts:
    """What symmetry makes of one minimum, and of one critical point of each narrower network.

    Args:
        hidden: widths of the hidden layers.
        is_odd: whether sign flips of an odd activation are counted too.
        minima: copies of a minimum.
        orders: one entry per order, from 1 on.
        max_order: the largest order there is.
    """

    hidden: tuple[int, ...]
    is_odd: bool
    minima: int
    orders: tuple[OrderCount, ...]
    max_order: int

    @property
    def last_countable(self) -> int:
        """The largest order that is counted within seconds; see `count_points`."""
        return _last_countable(self.hidden, self.max_order)


def num_minima(hidden: Sequence[int], *, is_odd: bool = False) -> int:
    """Return how many equivalent copies permutations make of a minimum.

    Args:
        hidden: widths of the hidden layers.
        is_odd: whether the activation is odd; each neuron can then also flip its sign.

    Returns:
        the product of n! over the layers, times 2^n in each where the activation is odd.

    Raises:
        InvalidInputError: for no layer, widths below 1, or more than 20,000 neurons.

    Example:
        >>> num_minima([5]), num_minima([6]), num_minima([2, 3], is_odd=True)
        (120, 720, 384)
    """
    hidden = _checked(hidden)
    return math.prod(math.factorial(n) for n in hidden) << (sum(hidden) * is_odd)


def num_permutation_points(hidden: Sequence[int], order: int, *, is_odd: bool = False) -> int:
    """Return how many permutation points of an order one narrower critical point gives.

    Args:
        hidden: widths of the hidden layers.
        order: K, the number of neurons merged away, in all layers together.
        is_odd: whether the activation is odd; each neuron can then also flip its sign.

    Returns:
        the sum over K_1 + ... + K_m = K of the product of (n_l - K_l)! S(n_l, n_l - K_l).

    Raises:
        InvalidInputError: for widths or orders that no network has.

    Example:
        >>> num_permutation_points([5], 1), num_permutation_points([5], 2)
        (240, 150)
    """
    return count_points(hidden, order, is_odd=is_odd, first=order).orders[0].points


def count_points(
    hidden: Sequence[int], max_order: int | None = None, *, is_odd: bool = False, first: int = 1
) -> Counts:
    """Return the numbers of minima and of permutation points of every order.

    Args:
        hidden: widths of the hidden layers.
        max_order: the last order; 10 or the largest there is unless told.
        is_odd: whether the activation is odd; each neuron can then also flip its sign, which
            multiplies minima and permutation points by the same number.
        first: the first order.

    Returns:
        exact integers.

    Raises:
        InvalidInputError: for widths or orders that no network has, or that would take minutes.

    Notes:
        The theorem of Brea et al. guarantees, for K >= 1, ``sum_l C(n_l - K, K) / 2^K`` points per
        minimum: pairs in one layer, so in one layer the bound is the number of points made of pairs
        alone, also for K = n / 2. For K = 0 and m layers the formula would give m times the minima,
        which is wrong: there the bound is the minima themselves.

    References:
        Brea, Simsek, Illing & Gerstner (2019), arXiv:1907.02911.

    Example:
        >>> second = count_points([5]).orders[1]
        >>> second.points, second.pairs_only, second.lower_bound, second.ratio
        (150, 90, 90, Fraction(5, 4))
    """
    hidden = _checked(hidden)
    largest = sum(n - 1 for n in hidden)
    last = min(largest, _ORDERS) if max_order is None else max_order
    if not isinstance(last, int) or not isinstance(first, int):
        refuse(f"orders {first!r} to {last!r}: give whole numbers")
    _check_order(hidden, first, last, largest)
    minima = num_minima(hidden, is_odd=is_odd)
    flips = sum(hidden) * is_odd
    points = _merged([_surjections(n, last) for n in hidden], last)
    common = math.prod(math.factorial(max(n - last, 0)) for n in hidden) << flips
    ways = [[math.comb(max(n - order, 0), order) for order in range(last + 1)] for n in hidden]
    pairs = _merged(ways, last)
    orders = (
        OrderCount(
            order=order,
            points=common * points[order],
            pairs_only=minima * pairs[order] >> order,
            lower_bound=_guaranteed(hidden, order, minima),
            ratio=Fraction(common * points[order], minima),
        )
        for order in range(first, last + 1)
    )
    return Counts(hidden, is_odd, minima, tuple(orders), largest)


def num_parameters(
    inputs: int, hidden: Sequence[int], outputs: int, *, has_bias: bool = True
) -> int:
    """Return how many weights and biases a fully connected network has.

    Args:
        inputs: their number.
        hidden: widths of the hidden layers.
        outputs: their number.
        has_bias: whether every layer has biases.

    Returns:
        the dimension N of weight space.

    Raises:
        InvalidInputError: for widths below 1.

    Example:
        >>> num_parameters(10, [10, 10, 10], 3, has_bias=False) == 3 * 10**2 + 10 * 3
        True
    """
    try:
        inputs, outputs = operator.index(inputs), operator.index(outputs)
    except TypeError:
        refuse(f"{inputs!r} inputs and {outputs!r} outputs: give whole numbers")
    if min(inputs, outputs) < 1:
        refuse(f"{inputs} inputs and {outputs} outputs: give at least 1 of each")
    widths = (inputs, *_checked(hidden), outputs)
    return sum(fan_out * (fan_in + has_bias) for fan_in, fan_out in itertools.pairwise(widths))


def _surjections(width: int, most: int) -> list[int]:
    """Return the numbers of maps onto width - K places, K = 0 ... most, over (width - most)!.

    Without that common factor, which has thousands of digits, they are quick to multiply.
    """
    stirling = [1] + [0] * most  # of the second kind, S(n, n - K), from n = 0 on
    for n in range(1, width + 1):
        for order in range(min(n - 1, most), 0, -1):
            stirling[order] += (n - order) * stirling[order - 1]
    largest = min(most, width - 1)
    counts, factorial = [0] * (most + 1), math.factorial(max(width - most, 0))
    factorial = math.factorial(width - largest) // factorial
    for order in range(largest, -1, -1):
        counts[order] = factorial * stirling[order]
        factorial *= width - order + 1
    return counts


def _merged(layers: list[list[int]], most: int) -> list[int]:
    """Return the sums over all ways to distribute K mergers over the layers."""
    total = [1] + [0] * most
    for layer in layers:
        total = [
            sum(total[rest] * layer[order - rest] for rest in range(order + 1))
            for order in range(most + 1)
        ]
    return total


def _guaranteed(hidden: tuple[int, ...], order: int, minima: int) -> int:
    """Return the theorem's lower bound: K pairs in one layer, whichever."""
    if order == 0:
        return minima
    ways = sum(math.comb(max(n - order, 0), order) for n in hidden)
    return minima * ways >> order


def _checked(hidden: Sequence[int]) -> tuple[int, ...]:
    """Return the widths.

    Raises:
        InvalidInputError: when they are none, or too many neurons to print their number.
    """
    try:
        widths = tuple(_whole(n) for n in hidden)
    except TypeError:
        refuse(f"widths are {hidden!r}: give whole numbers in a list, such as [10, 10]")
    if not widths or min(widths) < 1:
        refuse(f"widths are {list(widths)}: give at least one, each at least 1, such as 10,10")
    if sum(widths) > _MOST_NEURONS:
        refuse(
            f"{sum(widths):,} neurons have permutations of more than 77,338 digits: "
            f"give at most {_MOST_NEURONS:,}"
        )
    return widths


def _check_order(hidden: tuple[int, ...], first: int, last: int, largest: int) -> None:
    """Raise unless there are such orders and counting them takes seconds.

    Raises:
        InvalidInputError: when there are none.
    """
    is_empty = first > last  # nothing asked for, of widths that have no order
    if first < 0 or last > largest or (is_empty and last != min(largest, _ORDERS)):
        refuse(
            f"order {last} is not one of hidden widths {','.join(map(str, hidden))}: "
            f"give {min(1, largest)} to {largest}, since every layer keeps a neuron"
        )
    if _work(hidden, last) > _MOST_WORK:
        most = _last_countable(hidden, last)
        refuse(
            f"{last:,} orders of {sum(hidden):,} neurons would take long: "
            f"give an order of at most {most:,}"
        )


def _last_countable(hidden: tuple[int, ...], last: int) -> int:
    """Return the largest order up to `last` that is counted within seconds."""
    return next((k for k in range(last, 0, -1) if _work(hidden, k) <= _MOST_WORK), 0)


def _work(hidden: tuple[int, ...], last: int) -> int:
    """Return how many products it takes, longer ones counted more; a million take a second."""
    size = sum(hidden)
    return last * (size + last * len(hidden)) * (2_000 + size) // 2_000


def _whole(number: object) -> int:
    """Return a whole number; text and fractions raise a TypeError."""
    return operator.index(number)  # pyright: ignore[reportArgumentType]


def refuse(message: str) -> NoReturn:
    """Raise the sentence as an InvalidInputError.

    Raises:
        InvalidInputError: always.
    """
    from saddlescape.core import InvalidInputError  # noqa: PLC0415 - loads JAX, good input does not

    raise InvalidInputError(message)
