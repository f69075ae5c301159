"""Exact index probabilities of the GOE: a Pfaffian in the ring of sqrt 2 and sqrt(pi / 2).

The eigenvalues have the density |Delta| exp(-sum x^2 / 2). A letter z for each negative one
gives the generating function of the index, which is the Pfaffian of double integrals (de Bruijn).
All of them are closed: with s = sqrt(pi / 2) and r = sqrt 2 they are polynomials in z, r and s.
"""

import functools
import math
from decimal import Decimal, localcontext
from fractions import Fraction

Element = dict[tuple[int, int, int], Fraction]
"""Coefficients of z^a r^b s^c, b being 0 or 1."""
Terms = tuple[tuple[Fraction, int, int], ...]
"""Summands q sqrt(2)^a pi^b as (q, a, b)."""

_DIGITS = 60  # of the evaluation: the terms cancel to 1e-8 at n = 8


def exact_index_terms(size: int) -> tuple[Terms, ...]:
    """Return the probabilities of index 0 to n, each a sum of terms q sqrt(2)^a pi^b.

    Args:
        size: n.

    Returns:
        one tuple of terms for each index; costs 2^n products of short polynomials.
    """
    total = _generating(size)
    # At z = 1 the integral over everything is one monomial, c r^b s^e: divide by it.
    whole: Element = {}
    for (_, root, power), value in total.items():
        whole = _plus(whole, {(0, root, power): value})
    ((_, root, power), value) = next(iter(whole.items()))
    found: list[list[tuple[Fraction, int, int]]] = [[] for _ in range(size + 1)]
    for (index, r, s), part in total.items():
        # The division leaves even powers of s alone, and s^2 = pi / 2.
        half = (s - power) // 2
        twos, a = divmod(r - root, 2)
        found[index].append((part / value * Fraction(2) ** (twos - half), a, half))
    return tuple(tuple(sorted(terms, key=lambda t: (-t[2], t[1]))) for terms in found)


def evaluate(terms: Terms) -> float:
    """Return a sum of terms, correctly rounded: the terms cancel, so 60 digits are carried.

    Args:
        terms: summands (q, a, b) of q sqrt(2)^a pi^b.

    Returns:
        the value.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        root, pi = Decimal(2).sqrt(), Decimal(_scaled_pi()).scaleb(-_DIGITS - 10)
        parts = (
            Decimal(q.numerator) / Decimal(q.denominator) * root**a * pi**b for q, a, b in terms
        )
        return float(sum(parts, Decimal(0)))


def written(terms: Terms) -> str:
    """Return a sum of terms as text, such as ``1/2 - 1/4 sqrt(2)``.

    Args:
        terms: summands (q, a, b) of q sqrt(2)^a pi^b.

    Returns:
        one line.

    Example:
        >>> written(((Fraction(1, 4), 0, 0), (Fraction(-1, 2), 1, -1)))
        '1/4 - 1/2 sqrt(2) / pi'
    """
    words = ""
    for q, a, b in terms:
        sign = " - " if q < 0 else " + "
        power = "pi" if abs(b) == 1 else f"pi^{abs(b)}"
        number = " ".join(
            filter(None, (str(abs(q)), "sqrt(2)" if a else "", power if b > 0 else ""))
        )
        words += sign + number + (f" / {power}" if b < 0 else "")
    return words[3:] if words.startswith(" + ") else "-" + words[3:]


@functools.cache
def _scaled_pi() -> int:
    """Return pi times 10^70 by Machin's formula."""
    unit = 10 ** (_DIGITS + 20)

    def arctan(inverse: int) -> int:
        term = total = unit // inverse
        for k in range(1, 200):
            term //= inverse * inverse
            total += (-1) ** k * (term // (2 * k + 1))
        return total

    return (16 * arctan(5) - 4 * arctan(239)) // 10**10


def _generating(size: int) -> Element:
    """Return the Pfaffian; for odd n the matrix is bordered by single integrals."""
    even = size + size % 2
    rows = [[_entry(i, j, size) for j in range(even)] for i in range(even)]

    @functools.cache
    def pfaffian(left: tuple[int, ...]) -> tuple[tuple[tuple[int, int, int], Fraction], ...]:
        if not left:
            return (((0, 0, 0), Fraction(1)),)
        first, total = left[0], {}
        for place, second in enumerate(left[1:]):
            minor = dict(pfaffian((*left[1 : place + 1], *left[place + 2 :])))
            signed = _times({(0, 0, 0): Fraction((-1) ** place)}, rows[first][second])
            total = _plus(total, _times(signed, minor))
        return tuple(total.items())

    return dict(pfaffian(tuple(range(even))))


def _entry(i: int, j: int, size: int) -> Element:
    """Return the integral of sgn(y - x) x^i y^j, or of x^i in the border, negative x weighted."""
    if i >= j:
        return {}
    if j == size:
        sign = Fraction((-1) ** i)
        return _times(_moment(i), {(0, 0, 0): Fraction(1), (1, 0, 0): sign})
    both_negative = Fraction((-1) ** (i + j + 1))
    found = _times(_same_side(i, j), {(0, 0, 0): Fraction(1), (2, 0, 0): both_negative})
    mixed = Fraction((-1) ** i - (-1) ** j)
    return _plus(found, _times({(1, 0, 0): mixed}, _times(_moment(i), _moment(j))))


def _moment(i: int) -> Element:
    """Return the integral of x^i exp(-x^2 / 2) over x > 0."""
    if i % 2:
        return {(0, 0, 0): Fraction(2 ** (i // 2) * math.factorial(i // 2))}
    return {(0, 0, 1): Fraction(_odd_factorial(i - 1))}


def _odd_factorial(n: int) -> int:
    """Return n (n - 2) (n - 4) ... 1."""
    return math.prod(range(n, 0, -2))


def _same_side(i: int, j: int) -> Element:
    """Return the integral of x^i y^j - x^j y^i over 0 < x < y, with the weight: by parts.

    J(a, b), the integral of x^a y^b over 0 < x < y, loses two powers of x in each step:
    J(a, b) = (a - 1) J(a - 2, b) - M(a - 1 + b), M(k) being the integral of x^k exp(-x^2); so does
    y, with the opposite sign. What is left has powers 0 and 1 alone.
    """
    return _plus(_corner(i, j), _times({(0, 0, 0): Fraction(-1)}, _corner(j, i)))


@functools.cache
def _corner_items(a: int, b: int) -> tuple[tuple[tuple[int, int, int], Fraction], ...]:
    """Return J(a, b); of J(0, 0) = J(1, 1) = a half of the quadrant only differences count."""
    if a >= 2:
        lower = _times({(0, 0, 0): Fraction(a - 1)}, _corner(a - 2, b))
        return tuple(_plus(lower, _times({(0, 0, 0): Fraction(-1)}, _diagonal(a + b - 1))).items())
    if b >= 2:
        lower = _times({(0, 0, 0): Fraction(b - 1)}, _corner(a, b - 2))
        return tuple(_plus(lower, _diagonal(a + b - 1)).items())
    if a == b == 0:
        return (((0, 0, 2), Fraction(1, 2)),)  # a half of s^2
    if a == b == 1:
        return (((0, 0, 0), Fraction(1, 2)),)
    if a == 1:  # the inner integral of x exp(-x^2 / 2) is 1 - exp(-y^2 / 2)
        whole = _moment(0)
        return tuple(_plus(whole, _times({(0, 0, 0): Fraction(-1)}, _diagonal(0))).items())
    return tuple(_diagonal(0).items())  # the outer integral of y exp(-y^2 / 2) is exp(-x^2 / 2)


def _corner(a: int, b: int) -> Element:
    """Return J(a, b) as an element."""
    return dict(_corner_items(a, b))


def _diagonal(k: int) -> Element:
    """Return the integral of x^k exp(-x^2) over x > 0: that of x^k exp(-x^2 / 2) less r^(k + 1)."""
    if k % 2:
        return {(0, 0, 0): Fraction(math.factorial(k // 2), 2)}
    return {(0, 1, 1): Fraction(_odd_factorial(k - 1), 2 ** (k // 2 + 1))}


def _plus(left: Element, right: Element) -> Element:
    """Return the sum."""
    total = dict(left)
    for key, value in right.items():
        total[key] = total.get(key, Fraction(0)) + value
    return {key: value for key, value in total.items() if value}


def _times(left: Element, right: Element) -> Element:
    """Return the product; r^2 = 2."""
    total: Element = {}
    for (a, b, c), x in left.items():
        for (d, e, f), y in right.items():
            twos, root = divmod(b + e, 2)
            key = (a + d, root, c + f)
            total[key] = total.get(key, Fraction(0)) + x * y * 2**twos
    return {key: value for key, value in total.items() if value}
