"""Regions of given hyperplanes against the characteristic polynomial and linear programs."""

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

EPS = np.finfo(float).eps


def rank(rows):
    """Return the rank of a matrix of whole numbers, by exact elimination."""
    rows, found = [list(map(Fraction, row)) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][column] / rows[found][column]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


def by_characteristic_polynomial(weights, biases):
    """Return regions and bounded regions by the theorems of Whitney and Zaslavsky.

    The polynomial is the sum over subsets B with a common point of (-1)^|B| t^(d - rank B); there
    are |chi(-1)| regions, and |chi(1)| bounded ones where the normals span the space.
    """
    w, b = weights.astype(int).tolist(), biases.astype(int).tolist()
    total = bounded = 0
    for size in range(len(w) + 1):
        for chosen in itertools.combinations(range(len(w)), size):
            of_normals = rank([w[i] for i in chosen])
            if of_normals == rank([[*w[i], b[i]] for i in chosen]):
                total += (-1) ** (size + of_normals)
                bounded += (-1) ** size
    return total, abs(bounded) if rank(w) == len(w[0]) else 0


def check(cut, weights, biases):
    """Assert that every region is there once, with a point inside and directions that stay in."""
    assert ((cut.points @ weights.T + biases > 0) == cut.signs).all()
    assert len(np.unique(cut.signs, axis=0)) == cut.num_regions
    outward = np.where(cut.signs, -1.0, 1.0) * (cut.directions @ weights.T)
    lengths = np.linalg.norm(cut.directions, axis=1, keepdims=True) * np.linalg.norm(
        weights, axis=1
    )
    # A direction comes out of d - 1 restrictions, each a handful of roundings.
    assert (outward <= 1e4 * EPS * lengths)[~cut.is_bounded].all()


SMALL = st.integers(-2, 2)


@st.composite
def integer_arrangements(draw):
    """Draw hyperplanes of small whole numbers: many are parallel, concurrent or repeated."""
    n, d = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    vector = st.lists(SMALL, min_size=d, max_size=d).filter(any)
    weights = draw(st.lists(vector, min_size=n, max_size=n))
    biases = draw(st.lists(SMALL, min_size=n, max_size=n))
    return np.array(weights, float), np.array(biases, float)


@given(integer_arrangements())
def test_regions_in_any_position_are_what_the_characteristic_polynomial_says(planes):
    cut = regions.arrangement(*planes)
    assert (cut.num_regions, cut.num_bounded) == by_characteristic_polynomial(*planes)
    check(cut, *planes)


@given(integer_arrangements(), st.permutations(range(7)), st.integers(0, 127))
def test_order_and_orientation_of_hyperplanes_change_no_region(planes, order, flips):
    weights, biases = planes
    order = [i for i in order if i < len(biases)]
    turned = np.array([1.0 if flips >> i & 1 else -1.0 for i in range(len(biases))])
    first = regions.arrangement(weights, biases)
    second = regions.arrangement((turned[:, None] * weights)[order], (turned * biases)[order])
    back = np.empty_like(second.signs)
    back[:, order] = second.signs ^ (turned[order] < 0)
    assert {*map(bytes, first.signs)} == {*map(bytes, back)}
    assert first.num_bounded == second.num_bounded


@pytest.mark.parametrize(("n", "d"), [(8, 1), (9, 2), (8, 3), (7, 5), (3, 5), (0, 2)])
def test_in_general_position_the_formula_is_reached_exactly(n, d):
    planes = regions.random_hyperplanes(n, d, seed=3)
    cut = regions.arrangement(*planes)
    assert cut.is_general
    assert cut.num_regions == regions.num_regions(n, d)
    assert cut.num_bounded == (regions.num_bounded_regions(n, d) if n else 0)
    check(cut, *planes)


def test_both_ways_to_enumerate_agree_on_larger_arrangements():
    """A repeated hyperplane sends the same arrangement through the other enumeration."""
    weights, biases = regions.random_hyperplanes(14, 4, seed=8)
    fast = regions.arrangement(weights, biases)
    slow = regions.arrangement(
        np.vstack([weights, -3 * weights[:1]]), np.append(biases, -3 * biases[0])
    )
    assert fast.is_general
    assert not slow.is_general
    assert {*map(bytes, fast.signs)} == {*map(bytes, slow.signs[:, :-1])}
    assert (slow.signs[:, -1] == ~slow.signs[:, 0]).all()
    assert fast.num_bounded == slow.num_bounded == regions.num_bounded_regions(14, 4)


def facets_by_programs(weights, biases, signs):
    """Return which inequalities are not implied by the others, one linear program each."""
    side = np.where(signs, 1.0, -1.0)
    rows, offsets = side[:, None] * weights, side * biases
    found = []
    for i in range(len(rows)):
        others = np.arange(len(rows)) != i
        lowest = linprog(
            rows[i],
            A_ub=np.vstack([-rows[others], -rows[i : i + 1]]),
            b_ub=np.append(offsets[others], offsets[i] + 1.0),
            bounds=[(None, None)] * rows.shape[1],
        )
        found.append(lowest.fun + offsets[i] < -1e-6)  # HiGHS is feasible to 1e-7
    return np.array(found)


def test_facets_are_what_linear_programs_say():
    weights, biases = regions.random_hyperplanes(6, 3, seed=2)
    cut = regions.arrangement(weights, biases)
    facets, neighbours = cut.facets(), cut.neighbours()
    for i, signs in enumerate(cut.signs):
        assert (facets[i] == facets_by_programs(weights, biases, signs)).all()
        for j in facets[i].nonzero()[0]:
            assert (cut.signs[neighbours[i, j]] != signs).nonzero()[0].tolist() == [j]


def test_a_strip_is_unbounded_though_a_large_ball_in_it_is_not():
    """The case in which a program that looks at the inscribed ball goes wrong."""
    weights = np.array([[1.0, 0.0], [1.0, 0.0]])
    cut = regions.arrangement(weights, np.array([0.0, -1.0]))
    assert (cut.num_regions, cut.num_bounded, cut.rank) == (3, 0, 1)
    assert (np.abs(cut.directions @ weights.T) <= 4 * EPS).all()


def test_a_grid_of_decimal_numbers_counts_as_a_grid():
    """Nine lines at 0.1, 0.2, 0.3, ... each way, and diagonals through crossings up to rounding."""
    steps = np.arange(1, 10) * 0.1
    weights = np.vstack([np.tile([1.0, 0], (9, 1)), np.tile([0, 1.0], (9, 1)), [[1.0, -1.0]]])
    cut = regions.arrangement(weights, np.concatenate([-steps, -steps, [0.0]]))
    assert cut.num_regions == 100 + 10
    assert cut.num_bounded == 64 + 8
    assert cut.closest > 1e10  # nothing is nearly degenerate


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_moving_and_scaling_space_changes_no_region(shift, scale):
    weights, biases = regions.random_hyperplanes(7, 3, seed=4)
    moved = regions.arrangement(weights, scale * (biases + weights @ np.full(3, shift)))
    assert (moved.num_regions, moved.num_bounded) == (64, 20)


def test_volumes_of_the_regions_in_a_box_add_up_to_the_box():
    cut = regions.arrangement(*regions.random_hyperplanes(6, 3, seed=6))
    low, high = -np.ones(3), np.array([1.0, 2.0, 1.0])
    parts = [regions.polytope_in_box(cut, i, low, high) for i in range(cut.num_regions)]
    assert sum(part.volume for part in parts) == pytest.approx(12, abs=1e-9)  # 42 hulls by Qhull
    for i, part in enumerate(parts):
        if part.volume > 1e-6:  # the mean of the vertices is inside a convex body
            inside = cut.weights @ part.vertices.mean(axis=0) + cut.biases > 0
            assert (inside == cut.signs[i]).all()


def test_growth_counts_the_regions_of_the_first_hyperplanes():
    weights, biases = regions.random_hyperplanes(9, 3, seed=1)
    grown = regions.growth(regions.arrangement(weights, biases))
    assert grown.tolist() == [regions.num_regions(n, 3) for n in range(10)]


def test_six_planes_cut_out_a_box_and_26_regions_around_it():
    weights = np.vstack([np.eye(3), -np.eye(3)])
    cut = regions.arrangement(weights, np.ones(6))
    assert (cut.num_regions, cut.num_bounded) == (27, 1)
    (inner,) = cut.signs[cut.is_bounded]
    assert inner.all()
    assert math.factorial(6) == 720  # orders in which six neurons can carry them


@pytest.mark.parametrize(
    ("weights", "biases", "words"),
    [
        (np.array([[1.0, 1], [0, 0]]), np.zeros(2), "row 1 has zero weights only"),
        (np.full((1, 2), np.nan), np.zeros(1), "not finite"),
        (np.ones((400, 50)) + np.eye(400, 50), np.zeros(400), "take fewer hyperplanes"),
    ],
)
def test_what_is_no_arrangement_is_refused(weights, biases, words):
    with pytest.raises(InvalidInputError, match=words):
        regions.arrangement(weights, biases)


def test_files_hold_what_was_written(tmp_path):
    planes = regions.random_hyperplanes(4, 3)
    table = np.column_stack(planes)
    csv, npz = tmp_path / "planes.csv", tmp_path / "planes.npz"
    csv.write_text("a,b,c,bias\n" + "\n".join(",".join(map(repr, row.tolist())) for row in table))
    np.savez(npz, weights=planes.weights, biases=planes.biases)
    for file in (csv, npz):
        found = regions.read_hyperplanes(file)
        assert (found.weights == planes.weights).all()
        assert (found.biases == planes.biases).all()
