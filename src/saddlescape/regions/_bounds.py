"""How many regions a deep ReLU network can have: the published bounds, as exact numbers."""

import dataclasses
import math
from collections.abc import Sequence
from fractions import Fraction

from saddlescape.regions._integers import binomial_sum, whole

_MOST_NEURONS = 5_000
_MOST_WORK = 20_000_000  # steps of the recursion over layers: some seconds


@dataclasses.dataclass(frozen=True)
class Bounds:
    """Bounds on the number of linear regions of ReLU networks of one architecture.

    Args:
        inputs: d, the input dimension.
        hidden: widths of the hidden layers.
        reachable: some network has at least as many; None where a layer is narrower than the
            inputs, of which the theorem does not speak (Montúfar et al. 2014, theorem 5).
        upper: no network has more (Serra et al. 2018, theorem 1).
        product: a simpler upper bound, the product over layers of the regions that each can cut
            its input into, of dimension d at most (Montúfar 2017).
        typical: N^d / d! of N neurons, the order of what networks have at random starts and along
            training (Hanin & Rolnick 2019); an estimate, not a bound.
    """

    inputs: int
    hidden: tuple[int, ...]
    reachable: int | None
    upper: int
    product: int
    typical: Fraction


def deep_bounds(inputs: int, hidden: Sequence[int]) -> Bounds:
    """Return the published bounds on the number of linear regions of a ReLU network.

    Args:
        inputs: d, the input dimension.
        hidden: widths of the hidden layers; outputs cut nothing.

    Returns:
        exact integers, and the typical number as a fraction.

    Raises:
        InvalidInputError: for widths below 1, no layer, or more neurons than can be counted.

    References:
        Montúfar et al. (2014), Serra et al. (2018), Hanin & Rolnick (2019).

    Example:
        >>> bounds = deep_bounds(2, [3, 3])
        >>> bounds.reachable, bounds.upper, bounds.product, float(bounds.typical)
        (7, 40, 49, 18.0)
    """
    d = whole("the number of inputs", inputs, 1)
    widths = tuple(whole("a hidden width", width, 1, _MOST_NEURONS) for width in hidden)
    total = whole("the number of hidden neurons", sum(widths), 1, _MOST_NEURONS)
    least = min(d, *widths)
    whole("the work of the bound (layers x width x rank)", len(widths) * least**2, 1, _MOST_WORK)
    reachable = None
    if min(widths) >= d:
        folds = math.prod((width // d) ** d for width in widths[:-1])
        reachable = folds * binomial_sum(widths[-1], d)
    product, rank = 1, d
    for width in widths:
        product *= binomial_sum(width, rank)
        rank = min(rank, width)
    typical = Fraction(total**d, math.factorial(d))
    return Bounds(d, widths, reachable, _serra(d, widths), product, typical)


def _serra(d: int, widths: tuple[int, ...]) -> int:
    """Return the sum over (j_1, ..., j_L) of the product of C(n_l, j_l).

    Each j_l is at most d, n_l, and n_k - j_k of every layer k before: of n_k neurons j_k change
    sides, and what is left of their rank is what the next layers can see.
    """
    ways = {d: 1}  # rank that is left -> number of ways
    for width in widths:
        after: dict[int, int] = {}
        for rank, number in ways.items():
            for j in range(min(rank, width) + 1):
                left = min(rank, width - j)
                after[left] = after.get(left, 0) + number * math.comb(width, j)
        ways = after
    return sum(ways.values())
