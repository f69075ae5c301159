"""Sums of binomials, and refusing numbers that are none, without NumPy."""

import operator
from collections.abc import Iterator
from typing import Any, NoReturn

MOST_HYPERPLANES = 20_000  # 2^20,000 has 6,021 digits and takes milliseconds to print


def refuse(message: str) -> NoReturn:
    """Raise `InvalidInputError`, whose module loads JAX, which an answer does not need."""
    from saddlescape.core import InvalidInputError  # noqa: PLC0415

    raise InvalidInputError(message)


def whole(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Return a whole number within its limits.

    Raises:
        InvalidInputError: when it is none, or beyond a limit.
    """
    try:
        number = operator.index(value)
    except TypeError:
        refuse(f"{name} is {value!r}: give a whole number")
    if number < least or (most is not None and number > most):
        limit = f"at least {least:,}" if most is None else f"{least:,} to {most:,}"
        refuse(f"{name} is {number:,}: give {limit}")
    return number


def binomials(n: int) -> Iterator[int]:
    """Yield C(n, 0), C(n, 1), ..., C(n, n)."""
    value = 1
    for i in range(n + 1):
        yield value
        value = value * (n - i) // (i + 1)


def binomial_sum(n: int, upto: int) -> int:
    """Return C(n, 0) + ... + C(n, upto)."""
    if upto >= n:
        return 1 << n
    return sum(value for value, _ in zip(binomials(n), range(upto + 1), strict=False))
