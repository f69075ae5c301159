"""How many regions hyperplanes in general position cut out: exact integers, without NumPy.

General position means that any k <= d of the hyperplanes meet in a flat of dimension d - k, and no
d + 1 of them meet. Any other position gives at most as many regions.
"""

import dataclasses
import math

from saddlescape.regions._integers import MOST_HYPERPLANES, binomial_sum, binomials, whole

_ROWS = 200  # dimensions listed at most
_MOST_DIGITS = 20_000  # of all rows together that are worth printing


@dataclasses.dataclass(frozen=True)
class DimensionRow:
    """The regions of the same number of hyperplanes in one dimension.

    Args:
        dimension: of the space.
        regions: that they cut it into.
        bounded: those of finite extent.
        added: how many regions the last hyperplane added, R(n - 1, d - 1); 0 without hyperplanes.
    """

    dimension: int
    regions: int
    bounded: int
    added: int


@dataclasses.dataclass(frozen=True)
class CountedRegions:
    """What hyperplanes in general position do to space.

    Args:
        hyperplanes: their number n.
        dimension: d, of the space.
        regions: that they cut it into.
        bounded: those of finite extent.
        separable_dichotomies: ways to split n points in general position in d dimensions in two by
            one hyperplane (Cover 1965).
        table: one row per dimension, from 0 up.
    """

    hyperplanes: int
    dimension: int
    regions: int
    bounded: int
    separable_dichotomies: int
    table: tuple[DimensionRow, ...]


def num_regions(hyperplanes: int, dimension: int) -> int:
    """Return into how many regions hyperplanes in general position cut space.

    Args:
        hyperplanes: their number n, up to 20,000.
        dimension: d, of the space.

    Returns:
        C(n, 0) + C(n, 1) + ... + C(n, d), which obeys R(n, d) = R(n - 1, d) + R(n - 1, d - 1).

    Raises:
        InvalidInputError: for negative numbers or too many hyperplanes.

    References:
        Schläfli (1901); Zaslavsky (1975), theorem A for any position.

    Example:
        >>> [num_regions(n, 2) for n in range(7)], num_regions(4, 3)
        ([1, 2, 4, 7, 11, 16, 22], 15)
    """
    n, d = _checked(hyperplanes, dimension)
    return binomial_sum(n, d)


def num_bounded_regions(hyperplanes: int, dimension: int) -> int:
    """Return how many of the regions are bounded.

    Args:
        hyperplanes: their number n, up to 20,000.
        dimension: d, of the space.

    Returns:
        C(n - 1, d), where n >= 1; in dimension 0 the one region is a point, and without hyperplanes
        the one region is bounded in dimension 0 alone.

    Raises:
        InvalidInputError: for negative numbers or too many hyperplanes.

    Example:
        >>> [num_bounded_regions(n, 2) for n in range(1, 7)]
        [0, 0, 1, 3, 6, 10]
    """
    n, d = _checked(hyperplanes, dimension)
    return int(d == 0) if n == 0 else math.comb(n - 1, d)


def num_separable_dichotomies(points: int, dimension: int, *, through_origin: bool = False) -> int:
    """Return in how many ways a hyperplane can split points in general position in two.

    Args:
        points: their number n, up to 20,000.
        dimension: d, of the space.
        through_origin: whether hyperplanes must pass through the origin (neurons without bias).

    Returns:
        2 (C(n - 1, 0) + ... + C(n - 1, d)), one term less with hyperplanes through the origin. Both
        classes of a dichotomy have a name, and one may be empty. All 2^n dichotomies are separable
        up to n = d + 1 points.

    Raises:
        InvalidInputError: for negative numbers or too many points.

    References:
        Cover (1965), theorem 1, in d + 1 dimensions for hyperplanes with bias.

    Example:
        Of the 16 labellings of four points in the plane all but the two of XOR:

        >>> num_separable_dichotomies(4, 2)
        14
    """
    n, d = _checked(points, dimension, "the number of points")
    if n == 0:
        return 1  # nothing to split
    return 2 * binomial_sum(n - 1, d - through_origin)


def count_regions(hyperplanes: int, dimension: int) -> CountedRegions:
    """Return regions, bounded regions and separable dichotomies, and a table over dimensions.

    Args:
        hyperplanes: their number n, up to 20,000.
        dimension: d, of the space.

    Returns:
        exact integers; the table runs to the larger of d and n, or as far as is worth printing.

    Raises:
        InvalidInputError: for negative numbers or too many hyperplanes.

    Example:
        >>> counted = count_regions(4, 3)
        >>> counted.regions, counted.bounded, [row.regions for row in counted.table]
        (15, 1, [1, 5, 11, 15, 16])
    """
    n, d = _checked(hyperplanes, dimension)
    return CountedRegions(
        n,
        d,
        num_regions(n, d),
        num_bounded_regions(n, d),
        num_separable_dichotomies(n, d),
        _table(n, min(max(n, d), _ROWS)),
    )


def _table(n: int, last: int) -> tuple[DimensionRow, ...]:
    """Return a row for dimension 0 to `last`, or fewer where the numbers are very long."""
    rows, regions, before, digits = [], 0, 0, 0
    terms = [*(value for value, _ in zip(binomials(n), range(last + 1), strict=False))]
    for d in range(last + 1):
        regions += terms[d] if d < len(terms) else 0
        added = before if n else 0
        # R(n, d) = R(n - 1, d) + R(n - 1, d - 1), so the added ones follow by taking turns.
        before = regions - added
        bounded = num_bounded_regions(n, d)
        rows.append(DimensionRow(d, regions, bounded, added))
        digits += regions.bit_length() // 3
        if digits > _MOST_DIGITS:
            break
    return tuple(rows)


def _checked(n: int, d: int, name: str = "the number of hyperplanes") -> tuple[int, int]:
    """Return both numbers as integers within their limits."""
    return whole(name, n, 0, MOST_HYPERPLANES), whole("the dimension", d, 0)
