"""Functions that a deep narrow ReLU network has exactly, shallow ones, and lower bounds."""

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

from saddlescape.core import InvalidInputError
from saddlescape.depth._exact import ExactNetwork, layer

_HALF = Fraction(1, 2)


def sawtooth(teeth: int) -> ExactNetwork:
    """Return Telgarsky's sawtooth, the tent map applied `teeth` times: depth `teeth`, width 2.

    Args:
        teeth: number k of applications; the function has 2^k linear pieces on [0, 1].

    Returns:
        the deep network.

    References:
        Telgarsky (2016), Benefits of depth in neural networks, lemma 3.10.

    Example:
        >>> sawtooth(3).widths
        (2, 2, 2)
    """
    _check(teeth, "teeth")
    hidden = [layer([[1], [1]], [0, -_HALF])]
    hidden += [layer([[2, -4], [2, -4]], [0, -_HALF])] * (teeth - 1)
    return ExactNetwork((*hidden, layer([[2, -4]], [0])))


def shallow_interpolant(places: Sequence[Fraction], values: Sequence[Fraction]) -> ExactNetwork:
    """Return the network of one hidden layer that joins points by straight lines.

    Args:
        places: increasing.
        values: one per place.

    Returns:
        one unit per piece: exact on the interval from the first place to the last.
    """
    slopes = [
        (b - a) / (y - x)
        for x, y, a, b in zip(places, places[1:], values, values[1:], strict=False)
    ]
    jumps = [slopes[0], *(b - a for a, b in itertools.pairwise(slopes))]
    return ExactNetwork((
        layer([[1]] * len(jumps), [-x for x in places[: len(jumps)]]), layer([jumps], [values[0]])
    ))  # fmt: skip


def shallow_sawtooth(teeth: int) -> ExactNetwork:
    """Return the sawtooth with one hidden layer: 2^teeth units, and no network has fewer.

    Args:
        teeth: number k of applications of the tent map.

    Returns:
        the shallow network.

    Notes:
        2^k pieces have 2^k - 1 kinks inside, each the kink of a unit. With 2^k - 1 units every unit
        has one of these kinks, the jumps of slope are plus or minus 2^(k+1), and the slope at the
        left end is the sum of those jumps, negated, whose units face left: a multiple of 2^(k+1).
        But it is 2^k.
    """
    _check(teeth, "teeth")
    count = 2**teeth
    places = [Fraction(i, count) for i in range(count + 1)]
    return shallow_interpolant(places, [Fraction(i % 2) for i in range(count + 1)])


def fewest_units(num_pieces: int, depth: int) -> int:
    """Return a lower bound for the hidden units of any ReLU network with so many linear pieces.

    On a line a layer of w units makes at most w + 1 times as many pieces, so a network of widths
    w_1 ... w_L has at most the product of (w_l + 1).

    Args:
        num_pieces: along a line.
        depth: hidden layers L.

    Returns:
        the least sum of L widths whose product of (w_l + 1) reaches that number.

    References:
        Montufar, Pascanu, Cho & Bengio (2014); Telgarsky (2016), lemma 3.2.

    Example:
        >>> [fewest_units(1024, depth) for depth in (1, 2, 5, 10)]
        [1023, 62, 15, 10]
    """
    _check(depth, "depth")
    low = 1
    while (low + 1) ** depth < num_pieces:
        low += 1
    # All factors are low + 1 or one less: the most even product is the largest for a given sum.
    for lower in range(depth, -1, -1):
        if (low + 1) ** (depth - lower) * low**lower >= num_pieces:
            return max(depth, depth * low - lower)
    return depth * low


def parity(bits: int) -> ExactNetwork:
    """Return the parity of bits 0 or 1 as the sawtooth of their sum: width 2.

    Args:
        bits: number d of inputs.

    Returns:
        a network of depth ceil(log2(d + 1)), exact on all 2^d corners of the cube: the sawtooth of
        2^k pieces is i mod 2 at i / 2^k.

    Example:
        >>> parity(7).widths
        (2, 2, 2)
    """
    _check(bits, "bits")
    depth = max(1, math.ceil(math.log2(bits + 1)))
    share = Fraction(1, 2**depth)
    first = layer([[share] * bits] * 2, [0, -_HALF])
    return ExactNetwork((first, *sawtooth(depth).layers[1:]))


def shallow_parity(bits: int) -> ExactNetwork:
    """Return the parity of bits with one hidden layer of as many units as bits.

    Args:
        bits: number d of inputs.

    Returns:
        the network: units see the sum s alone, and turn its slope at 1, 2, ... d - 1.
    """
    _check(bits, "bits")
    found = shallow_interpolant(
        [Fraction(i) for i in range(bits + 1)], [Fraction(i % 2) for i in range(bits + 1)]
    )
    hidden, last = found.layers
    return ExactNetwork((layer([[1] * bits] * bits, hidden.bias), last))


def local_parity(bits: int) -> ExactNetwork:
    """Return the parity with a unit for every corner of the cube where it is 1: 2^(d-1) units.

    Args:
        bits: number d of inputs.

    Returns:
        the network of one hidden layer: a local representation, a unit per example.
    """
    _check(bits, "bits")
    rows, biases = [], []
    for corner in range(2**bits):
        ones = [(corner >> i) & 1 for i in range(bits)]
        if sum(ones) % 2:
            rows.append([1 if one else -1 for one in ones])
            biases.append(1 - sum(ones))
    return ExactNetwork((layer(rows, biases), layer([[1] * len(rows)], [0])))


def fewest_units_for_parity(bits: int) -> int:
    """Return a lower bound for the units of one hidden layer that has parity on all corners.

    A network that is affine on the four corners of a square cannot alternate on them, so on every
    square some unit has corners on both sides of its hyperplane, which then cuts two of its edges
    (moved a little where it meets a corner). A hyperplane cuts at most ceil(d/2) C(d, ceil(d/2))
    of the d 2^(d-1) edges.

    Args:
        bits: number d of inputs.

    Returns:
        the bound, about 0.63 sqrt(d); it is not known to be sharp.

    References:
        O'Neil (1971), Hyperplane cuts of an n-cube, for the number of edges.

    Example:
        >>> [fewest_units_for_parity(bits) for bits in (2, 8, 16, 64)]
        [1, 2, 3, 6]
    """
    _check(bits, "bits")
    half = (bits + 1) // 2
    if bits == 1:
        return 1
    squares = bits * (bits - 1) * Fraction(2) ** (bits - 3)
    per_unit = Fraction(half * math.comb(bits, half) * (bits - 1), 2)
    return math.ceil(squares / per_unit)


def square(depth: int) -> ExactNetwork:
    """Return Yarotsky's approximation of x^2 on [0, 1], off by at most 4^-(depth+1): width 3.

    Args:
        depth: number m of hidden layers.

    Returns:
        the network x - sum over s of g_s(x) / 4^s with the sawtooth g_s: it joins the points
        x = i / 2^m of the parabola by straight lines.

    References:
        Yarotsky (2017), Error bounds for approximations with deep ReLU networks, proposition 2.

    Example:
        >>> square(3)([Fraction(1, 8)])[0]
        Fraction(1, 64)
    """
    _check(depth, "depth")
    layers = [layer([[1], [1], [1]], [0, -_HALF, 0])]
    for number in range(1, depth):
        share = Fraction(1, 4**number)
        # The third unit carries x less the teeth so far: it is never negative on [0, 1].
        rows = [[2, -4, 0], [2, -4, 0], [-2 * share, 4 * share, 1]]
        layers.append(layer(rows, [0, -_HALF, 0]))
    share = Fraction(1, 4**depth)
    return ExactNetwork((*layers, layer([[-2 * share, 4 * share, 1]], [0])))


def product(depth: int) -> ExactNetwork:
    """Return an approximation of x y on the unit square, made of three squares side by side.

    Args:
        depth: number m of hidden layers.

    Returns:
        2 s((x + y) / 2) - s(x) / 2 - s(y) / 2 with the square s of that depth: width 9. It is off
        by at most 2 x 4^-(m+1), as s is never too small.

    Example:
        >>> product(2)([Fraction(1, 2), Fraction(1, 4)])[0]
        Fraction(5, 32)
    """
    return _of_squares(square(depth))


def shallow_product(num_pieces: int) -> ExactNetwork:
    """Return the same approximation of x y with one hidden layer: 3 n units for squares of n.

    Args:
        num_pieces: number n of pieces of each square.

    Returns:
        the function of `product` where n is 2^depth.

    Notes:
        No network of one hidden layer that is this function has fewer than 3 (n - 1) units: its
        slope changes on as many lines across the square, each the kink of a unit.
    """
    return _of_squares(shallow_square(num_pieces))


def _of_squares(one: ExactNetwork) -> ExactNetwork:
    """Return 2 s((x + y) / 2) - s(x) / 2 - s(y) / 2 for a square s with s(0) = 0."""
    none, width = Fraction(0), one.widths[0]
    readers = ((_HALF, _HALF), (Fraction(1), none), (none, Fraction(1)))
    begin, *middle, end = one.layers
    first = [[row[0] * x for x in reader] for reader in readers for row in begin.weight]
    layers = [layer(first, begin.bias * 3)]
    for part in middle:
        rows = [
            [*[none] * (width * copy), *row, *[none] * (width * (2 - copy))]
            for copy in range(3)
            for row in part.weight
        ]
        layers.append(layer(rows, part.bias * 3))
    shares = (Fraction(2), -_HALF, -_HALF)
    return ExactNetwork((*layers, layer([[s * x for s in shares for x in end.weight[0]]], [0])))


def shallow_square(num_pieces: int) -> ExactNetwork:
    """Return the broken line through equally spaced points of the parabola: one hidden layer.

    Args:
        num_pieces: number n of pieces, and of units.

    Returns:
        the network, off by at most 1 / (4 n^2) on [0, 1].
    """
    _check(num_pieces, "num_pieces")
    places = [Fraction(i, num_pieces) for i in range(num_pieces + 1)]
    return shallow_interpolant(places, [x * x for x in places])


def fewest_pieces_for_square(error: Fraction) -> int:
    """Return how many linear pieces any approximation of x^2 on [0, 1] needs.

    On a piece of length h the best straight line is off by h^2 / 8, so n pieces are off by
    1 / (8 n^2) at least; a shallow network of n - 1 units has n pieces.

    Args:
        error: allowed everywhere, above 0.

    Returns:
        the least n with 1 / (8 n^2) <= error.

    Raises:
        InvalidInputError: for an error of 0 or less.

    Example:
        >>> fewest_pieces_for_square(Fraction(1, 800))
        10
    """
    if error <= 0:
        msg = f"no broken line is a parabola: give an error above 0, not {error}"
        raise InvalidInputError(msg)
    wanted = 1 / (8 * error)
    root = math.isqrt(math.floor(wanted))
    return root if root * root >= wanted and root > 0 else root + 1


def _check(count: int, what: str) -> None:
    """Raise unless a number is positive."""
    if count < 1:
        msg = f"{what} is {count}: give 1 or more"
        raise InvalidInputError(msg)
