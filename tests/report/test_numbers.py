"""Numbers are shown as they are: rounded where said, exact where said, whole when read back."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape.report import (
    Axis,
    Bars,
    Curve,
    Figure,
    Heatmap,
    Lines,
    Notes,
    Points,
    count,
    number,
    numbers_of,
)

PLAIN = str.maketrans("\N{MINUS SIGN}⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")


def read_back(text):
    """Return the exact value of a number as it is shown."""
    mantissa, _, power = text.replace(",", "").partition(" \N{MULTIPLICATION SIGN} 10")
    return Fraction(mantissa.translate(PLAIN)) * Fraction(10) ** int(power.translate(PLAIN) or 0)


@given(
    value=st.floats(allow_nan=False, allow_infinity=False),
    digits=st.integers(min_value=2, max_value=15),
)
def test_a_number_read_back_is_right_to_its_last_digit(value, digits):
    exact = Fraction(value)
    # The last of so many digits is worth at most 10^(1 - digits) of the value, and is rounded.
    error = abs(read_back(number(value, digits)) - exact)
    assert error <= abs(exact) * Fraction(10) ** (1 - digits) / 2


@given(value=st.integers(min_value=-(10**14), max_value=10**15 - 1))
def test_a_short_count_is_exact(value):
    assert read_back(count(value)) == value


@given(value=st.integers(min_value=10**15, max_value=10**4000))
def test_a_long_count_is_right_to_four_digits(value):
    assert abs(read_back(count(str(value))) - value) <= Fraction(value, 2000)
    assert count(value) == count(str(value))


def test_a_count_too_long_for_python_to_print_is_shown():
    assert count("9" * 5000).translate(PLAIN).endswith(" 105000")
    assert count("9" * 5000).startswith("1.000")


def test_what_is_no_number_is_said_in_words():
    assert [number(float(word)) for word in ("nan", "inf")] == ["not a number", "∞"]
    assert number(None) == count(None) == "\N{EN DASH}"


AXES = (Axis("time", unit="s"), Axis("loss"))


@pytest.mark.parametrize(
    ("layer", "rows"),
    [
        (Points([1, 2], [3, 4], "a", sizes=[5, 6]), [("a", 1, 3, 5), ("a", 2, 4, 6)]),
        (Curve([1, 2], [3, 4], "a"), [("a", 1, 3, None), ("a", 2, 4, None)]),
        (Bars([7, 8], categories=["x", "y"]), [("", "x", 7), ("", "y", 8)]),
        (Bars([7], lefts=[None], rights=[None]), [("", None, None, 7)]),
        (Lines([(0, 1, 2, 3)], labels=["w"]), [("", 0, 1, 2, 3, "w")]),
        (Heatmap([0, 1], [5], [[8, 9]]), [("", 0, 5, 8), ("", 1, 5, 9)]),
        (Heatmap([0, 1], [5], [[8, 9]], is_backdrop=True), []),
        (Notes([0], [0], ["word"]), []),
    ],
)
def test_the_numbers_of_a_figure_are_those_of_its_layers(layer, rows):
    table = numbers_of(Figure("title", *AXES, (layer,)))
    assert list(table.rows) == rows
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_a_long_list_of_numbers_is_cut_and_says_so():
    figure = Figure("title", *AXES, (Curve(range(5_000), range(5_000)),))
    table = numbers_of(figure)
    assert len(table.rows) == 2_000
    assert table.note == "The first 2,000 of 5,000 rows."
