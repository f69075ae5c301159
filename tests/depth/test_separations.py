"""Exact representations against closed forms, brute force and proofs turned into searches."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape import depth
from saddlescape.core import InvalidInputError, ShapeMismatchError

ZERO, ONE = Fraction(0), Fraction(1)
UNIT = st.fractions(0, 1, max_denominator=10_000)


@given(x=UNIT, teeth=st.integers(1, 7))
def test_deep_and_shallow_sawtooths_are_the_iterated_tent_map(x, teeth):
    value = x
    for _ in range(teeth):
        value = min(2 * value, 2 - 2 * value)
    assert depth.sawtooth(teeth)([x]) == depth.shallow_sawtooth(teeth)([x]) == [value]


@pytest.mark.parametrize("teeth", range(1, 7))
def test_the_sawtooth_has_two_to_the_depth_pieces(teeth):
    kinks = depth.pieces(depth.sawtooth(teeth), ZERO, ONE)
    assert kinks == tuple(Fraction(i, 2**teeth) for i in range(2**teeth + 1))
    assert depth.shallow_sawtooth(teeth).num_units == len(kinks) - 1


@given(seed=st.integers(0, 10_000))
def test_pieces_are_where_slopes_change(seed):
    draw = np.random.default_rng(seed)
    sizes = [1, 3, 2, 1]
    network = depth.ExactNetwork(
        tuple(
            depth.layer(draw.integers(-4, 5, (b, a)).tolist(), draw.integers(-4, 5, b).tolist())
            for a, b in itertools.pairwise(sizes)
        )
    )
    kinks = depth.pieces(network, Fraction(-2), Fraction(2))
    assert len(kinks) - 1 <= 4 * 3  # three and two units
    for low, high in itertools.pairwise(kinks):
        places = [low + (high - low) * Fraction(i, 7) for i in range(8)]
        values = [network([x])[0] for x in places]
        assert len({b - a for a, b in itertools.pairwise(values)}) == 1


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 5, 16, 37])
def test_the_fewest_units_are_those_of_a_search(count, layers):
    widths = itertools.product(range(1, count + 1), repeat=layers)
    least = min(sum(w) for w in widths if np.prod(np.array(w) + 1) >= count)
    assert depth.fewest_units(count, layers) == least


@pytest.mark.parametrize("bits", range(1, 8))
def test_every_parity_network_is_right_on_every_corner(bits):
    networks = [depth.parity(bits), depth.shallow_parity(bits), depth.local_parity(bits)]
    for corner in itertools.product((ZERO, ONE), repeat=bits):
        assert all(network(corner) == [sum(corner) % 2] for network in networks)
    assert networks[2].num_units == 2 ** (bits - 1)
    assert depth.fewest_units_for_parity(bits) <= networks[1].num_units == bits


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_no_hyperplane_cuts_more_edges_than_the_bound_takes(bits):
    """Weights of small integers reach every way to cut a cube of so few dimensions."""
    corners = np.array(list(itertools.product((0, 1), repeat=bits)))
    most = 0
    for weight in itertools.product(range(-2, 3), repeat=bits):
        heights = corners @ np.array(weight)
        for height in np.unique(heights):
            above = heights > height - 0.5
            cut = sum(above[i] != above[i ^ (1 << k)] for i in range(2**bits) for k in range(bits))
            most = max(most, cut // 2)
    half = (bits + 1) // 2
    assert most == half * math.comb(bits, half)


@given(x=UNIT, layers=st.integers(1, 6))
def test_the_square_is_never_too_small_and_off_by_no_more_than_it_says(x, layers):
    found = depth.square(layers)([x])[0]
    assert 0 <= found - x * x <= Fraction(1, 4 ** (layers + 1))
    assert found == depth.shallow_square(2**layers)([x])[0]


@given(x=UNIT, y=UNIT, layers=st.integers(1, 5))
def test_the_product_is_off_by_no_more_than_it_says(x, y, layers):
    found = depth.product(layers)([x, y])[0]
    assert abs(found - x * y) <= 2 * Fraction(1, 4 ** (layers + 1))
    assert found == depth.shallow_product(2**layers)([x, y])[0]


def test_a_trained_layer_finds_what_it_can_be_and_no_more():
    places = np.linspace(0, 1, 33)[:, None]
    tent = 1 - abs(2 * places[:, 0] - 1)
    two = depth.fit_shallow(places, tent, 2, starts=8, steps=300)
    assert abs(two(places) - tent).max() < 1e-3
    one = depth.fit_shallow(places, tent, 1, starts=8, steps=300)
    # One kink is at most one way up and flat: no nearer than half the height; a level line is.
    assert abs(one(places) - tent).max() == pytest.approx(0.5, abs=1e-6)
    assert one.errors.shape == (8,)
    again = depth.fit_shallow(places, tent, 1, starts=3, steps=300)
    np.testing.assert_array_equal(again.errors, one.errors[:3])


def test_doubles_are_the_fractions_or_nothing():
    (weight, bias), _ = depth.shallow_square(4).doubles
    assert weight.shape == (4, 1)
    assert bias.tolist() == [0, -0.25, -0.5, -0.75]
    with pytest.raises(InvalidInputError, match="1/3 is no double"):
        _ = depth.shallow_square(3).doubles


@pytest.mark.parametrize("count", [1, 2, 9, 10, 33])
def test_the_fewest_pieces_of_a_parabola_are_the_fewest(count):
    """Equal pieces, each with its best line, are off by 1 / (8 n^2): no more, and no n less."""
    error = Fraction(1, 8 * count**2)
    assert depth.fewest_pieces_for_square(error) == count
    assert depth.fewest_pieces_for_square(error * Fraction(999, 1000)) == count + 1


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: depth.sawtooth(0), InvalidInputError),
        (lambda: depth.fit_shallow(np.ones((3, 1)), np.ones(3), 0), InvalidInputError),
        (lambda: depth.fewest_pieces_for_square(ZERO), InvalidInputError),
        (lambda: depth.pieces(depth.parity(3), ZERO, ONE), InvalidInputError),
        (
            lambda: depth.ExactNetwork((depth.layer([[1]], [0]), depth.layer([[1, 1]], [0]))),
            ShapeMismatchError,
        ),
    ],
)
def test_what_cannot_be_represented_is_refused(make, kind):
    with pytest.raises(kind):
        make()
