"""Counts of regions against recursions, brute force and published numbers."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from saddlescape import regions
from saddlescape.core import InvalidInputError


def by_recursion(n, d):
    """Return R(n, d) by the tilting argument."""
    return 1 if n == 0 or d == 0 else by_recursion(n - 1, d) + by_recursion(n - 1, d - 1)


@pytest.mark.parametrize(("n", "d"), list(itertools.product(range(9), range(7))))
def test_the_formula_solves_the_recursion_of_the_tilting_argument(n, d):
    assert regions.num_regions(n, d) == by_recursion(n, d)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_table_agrees_with_the_formulas_in_every_dimension(n, d):
    counted = regions.count_regions(n, d)
    assert [row.dimension for row in counted.table] == list(range(max(n, d) + 1))
    for row in counted.table:
        assert row.regions == sum(math.comb(n, i) for i in range(row.dimension + 1))
        assert row.bounded == regions.num_bounded_regions(n, row.dimension)
        if n and row.dimension:
            assert row.added == regions.num_regions(n - 1, row.dimension - 1)
    assert counted.regions == regions.num_regions(n, d)


def test_published_numbers_of_lines_and_planes():
    assert [regions.num_regions(n, 2) for n in range(1, 8)] == [2, 4, 7, 11, 16, 22, 29]
    assert [regions.num_bounded_regions(n, 2) for n in range(1, 8)] == [0, 0, 1, 3, 6, 10, 15]
    assert [regions.num_regions(n, 3) for n in range(1, 7)] == [2, 4, 8, 15, 26, 42]  # cake numbers
    assert regions.num_regions(30, 2) == 466


def test_more_dimensions_than_hyperplanes_give_all_sign_patterns():
    assert regions.num_regions(10, 50) == 2**10
    assert regions.num_regions(20_000, 30_000) == 2**20_000


def separable(points, labels, *, has_bias):
    """Return whether a linear program finds a hyperplane with all labels on their sides."""
    rows = np.hstack([points, np.ones((len(points), 1))]) if has_bias else points
    wanted = linprog(
        np.zeros(rows.shape[1]),
        A_ub=-labels[:, None] * rows,
        b_ub=-np.ones(len(rows)),
        bounds=[(None, None)] * rows.shape[1],
    )
    return wanted.status == 0


@pytest.mark.parametrize(("n", "d", "has_bias"), [(4, 2, True), (5, 3, True), (5, 2, False)])
def test_covers_number_is_what_linear_programs_find(n, d, has_bias):
    points = np.random.default_rng(5).normal(size=(n, d))
    found = sum(
        separable(points, np.array(labels), has_bias=has_bias)
        for labels in itertools.product([-1.0, 1.0], repeat=n)
    )
    assert found == regions.num_separable_dichotomies(n, d, through_origin=not has_bias)


@given(st.integers(1, 40), st.integers(1, 40))
def test_dichotomies_through_the_origin_lose_one_dimension(n, d):
    whole = regions.num_separable_dichotomies(n, d - 1)
    assert regions.num_separable_dichotomies(n, d, through_origin=True) == whole


def serra(d, widths):
    """Return the bound of Serra et al. as its index set is written."""
    total = 0
    for js in itertools.product(*(range(width + 1) for width in widths)):
        if all(
            j <= min([d, widths[i], *(widths[k] - js[k] for k in range(i))])
            for i, j in enumerate(js)
        ):
            total += math.prod(math.comb(n, j) for n, j in zip(widths, js, strict=True))
    return total


@pytest.mark.parametrize(
    ("d", "widths"), [(2, (3, 3)), (1, (4, 2, 3)), (3, (2, 5, 4)), (4, (3, 4, 2)), (2, (6,))]
)
def test_the_upper_bound_is_the_sum_over_its_index_set(d, widths):
    bounds = regions.deep_bounds(d, widths)
    assert bounds.upper == serra(d, widths)
    assert bounds.upper <= bounds.product
    assert bounds.reachable is None or bounds.reachable <= bounds.upper


def test_one_hidden_layer_meets_all_its_bounds():
    bounds = regions.deep_bounds(3, [9])
    assert bounds.reachable == bounds.upper == bounds.product == regions.num_regions(9, 3)


def test_the_usual_number_of_regions_of_three_layers_of_32():
    bounds = regions.deep_bounds(2, [32, 32, 32])
    assert bounds.typical == Fraction(96**2, 2) == 4608
    assert bounds.reachable == 16**4 * regions.num_regions(32, 2)


def test_no_lower_bound_is_claimed_where_a_layer_is_narrower_than_the_inputs():
    assert regions.deep_bounds(3, [5, 2, 5]).reachable is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: regions.num_regions(-1, 2), "give 0 to 20,000"),
        (lambda: regions.num_regions(30_000, 2), "give 0 to 20,000"),
        (lambda: regions.num_separable_dichotomies(4, -1), "at least 0"),
        (lambda: regions.deep_bounds(2, []), "give 1 to 5,000"),
        (lambda: regions.deep_bounds(2, [0]), "give 1 to 5,000"),
    ],
)
def test_numbers_that_are_none_are_refused(call, words):
    with pytest.raises(InvalidInputError, match=words):
        call()
