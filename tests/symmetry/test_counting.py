"""Exact numbers of minima, permutation points and subspaces, against enumerations of them all."""

import itertools
import math
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape import symmetry
from saddlescape.core import InvalidInputError, Network


def maps_onto(neurons, places):
    """Return every map of neurons onto places, one by one."""
    every = itertools.product(range(places), repeat=neurons)
    return [chosen for chosen in every if len(set(chosen)) == places]


def enumerated(hidden, order):
    """Return every choice of one map onto per layer that leaves `order` neurons fewer in all."""
    places = itertools.product(*(range(1, width + 1) for width in hidden))
    kept = [p for p in places if sum(hidden) - sum(p) == order]
    return [
        point
        for p in kept
        for point in itertools.product(*map(maps_onto, hidden, p))
    ]  # fmt: skip


def has_pairs_only(point):
    return all(chosen.count(place) <= 2 for chosen in point for place in chosen)


SMALL = [(1,), (2,), (3,), (4,), (5,), (6,), (2, 2), (3, 2), (1, 4), (3, 3), (2, 3, 2)]


@pytest.mark.parametrize("hidden", SMALL, ids=str)
def test_every_number_is_that_of_an_enumeration(hidden):
    counts = symmetry.count_points(hidden)
    assert counts.minima == len(enumerated(hidden, 0)) == symmetry.num_minima(hidden)
    assert [entry.order for entry in counts.orders] == list(range(1, counts.max_order + 1))
    for entry in counts.orders:
        points = enumerated(hidden, entry.order)
        assert entry.points == len(points) == symmetry.num_permutation_points(hidden, entry.order)
        assert entry.pairs_only == sum(map(has_pairs_only, points))
        assert entry.ratio == Fraction(len(points), counts.minima)
    assert not enumerated(hidden, counts.max_order + 1)


@pytest.mark.parametrize("hidden", SMALL, ids=str)
def test_the_theorem_counts_pairs_in_one_layer(hidden):
    """It is a true lower bound for every order from 1 on, and exact there in one layer of pairs."""
    for entry in symmetry.count_points(hidden).orders:
        in_one_layer = [
            point
            for point in enumerated(hidden, entry.order)
            if has_pairs_only(point) and sum(len(set(p)) < len(p) for p in point) == 1
        ]
        assert entry.lower_bound == len(in_one_layer) <= entry.pairs_only <= entry.points


def test_the_theorem_is_what_the_lecture_writes():
    """m / 2^K C(n - K, K) n!^m; for K = 0 it would claim m times the minima there are."""
    for width, layers, order in itertools.product(range(2, 9), range(1, 4), range(1, 5)):
        if 2 * order >= width:
            continue
        stated = Fraction(layers, 2**order) * math.comb(width - order, order)
        entry = symmetry.count_points([width] * layers, order).orders[-1]
        assert entry.lower_bound == stated * math.factorial(width) ** layers
        assert entry.ratio >= stated
    zeroth = symmetry.count_points([4, 4], 0, first=0)
    assert zeroth.orders[0].lower_bound == zeroth.orders[0].points == 24**2 < 2 * 24**2


def test_the_lectures_numbers():
    """Section 3.7, with n (n - 1) / 2 corrected to C(n - 2, 2) in the last term of order two."""
    for n in range(4, 30):
        first, second = symmetry.count_points([n], 2).orders
        assert first.points == (n - 1) * math.factorial(n) // 2
        triples = math.factorial(n) // 6 * (n - 2)
        pairs = math.factorial(n) // 4 * math.comb(n - 2, 2)
        assert (second.points, second.pairs_only) == (triples + pairs, pairs)
    five = symmetry.count_points([5]).orders
    assert [entry.points for entry in five] == [240, 150, 30, 1]
    assert (five[1].pairs_only, five[1].points - five[1].pairs_only) == (90, 60)
    assert symmetry.num_minima([6]) == 720
    assert symmetry.num_minima([10] * 9) == math.factorial(10) ** 9 > 1000


@given(width=st.integers(1, 60))
def test_all_orders_together_are_all_weak_orders(width):
    """Fubini's numbers: a(n) = sum_k C(n, k) a(n - k), and a map onto places orders the neurons."""
    fubini = [1]
    for n in range(1, width + 1):
        fubini.append(sum(math.comb(n, k) * fubini[n - k] for k in range(1, n + 1)))
    counts = symmetry.count_points([width], width - 1)
    assert counts.minima + sum(entry.points for entry in counts.orders) == fubini[width]


@given(width=st.integers(2, 400), data=st.data())
def test_wide_layers_agree_with_inclusion_and_exclusion(width, data):
    order = data.draw(st.integers(1, min(width - 1, 40)))
    k = width - order
    summed = sum((-1) ** (k - i) * math.comb(k, i) * i**width for i in range(k + 1))
    assert symmetry.num_permutation_points([width], order) == summed
    pairs = symmetry.count_points([width], order, first=order).orders[0].pairs_only
    assert pairs == (Fraction(math.factorial(width), 2**order) * math.comb(width - order, order))


@pytest.mark.parametrize("order", [1, 2])
def test_flips_of_an_odd_activation_multiply_everything_alike(order):
    """Each neuron may copy its place with either sign."""
    hidden = (3, 2)
    signed = len(enumerated(hidden, order)) * 2 ** sum(hidden)
    assert symmetry.num_permutation_points(hidden, order, is_odd=True) == signed
    plain, odd = (symmetry.count_points(hidden, is_odd=flag) for flag in (False, True))
    assert odd.minima == symmetry.order(Network((2, *hidden, 1), "tanh"))
    assert [a.ratio for a in plain.orders] == [b.ratio for b in odd.orders]
    assert odd.orders[0].lower_bound == 2 ** sum(hidden) * plain.orders[0].lower_bound


@given(widths=st.lists(st.integers(1, 9), min_size=3, max_size=5), has_bias=st.booleans())
def test_parameters_are_those_of_the_network(widths, has_bias):
    inputs, *hidden, outputs = widths
    told = symmetry.num_parameters(inputs, hidden, outputs, has_bias=has_bias)
    assert told == Network(widths, bias=has_bias).num_parameters


# --- subspaces of students wider than their teacher ---


def groupings(items):
    """Return every way to sort items into groups."""
    if not items:
        return [[]]
    first, *rest = items
    smaller = groupings(rest)
    joined = [
        [*groups[:i], [first, *groups[i]], *groups[i + 1 :]]
        for groups in smaller
        for i in range(len(groups))
    ]
    return joined + [[[first], *groups] for groups in smaller]


def projector(directions):
    """Return the orthogonal projection onto the span of rows."""
    _, sizes, rows = np.linalg.svd(directions)
    kept = rows[: int((sizes > 1e-9).sum())]  # entries are 0 and 1: sizes are 0 or of order 1
    return kept.T @ kept


def subspace(neurons, copies, groups):
    """Return a subspace of (w_i, a_i), one input: its point nearest 0, and the projection on it.

    `copies[i]` is the teacher's neuron that neuron i copies; each of `groups` has incoming weights
    of its own, and outgoing weights that sum to zero.
    """
    base, directions = np.zeros(2 * neurons), []
    for place in set(copies.values()):
        members = [i for i, t in copies.items() if t == place]
        base[members] = 10 + place
        base[[neurons + i for i in members]] = (20 + place) / len(members)
        groups = [*groups, members]
    for group in groups:
        if group[0] not in copies:
            directions.append(np.isin(np.arange(2 * neurons), group))
        for i in group[1:]:
            pair = np.zeros(2 * neurons)
            pair[[neurons + group[0], neurons + i]] = 1, -1
            directions.append(pair)
    onto = projector(np.array(directions, dtype=float).reshape(-1, 2 * neurons))
    base -= onto @ base
    return tuple(np.round([*base, *onto.ravel()], 6).tolist())


def subspaces_of_minima(teacher, student):
    """Return the different affine subspaces in which a student equals a teacher."""
    found = set()
    for groups in groupings(list(range(student))):
        for chosen in itertools.permutations(range(len(groups)), teacher):
            copies = {i: place for place, number in enumerate(chosen) for i in groups[number]}
            spare = [group for number, group in enumerate(groups) if number not in chosen]
            found.add(subspace(student, copies, spare))
    return found


WIDTHS = [(r, m) for m in range(1, 7) for r in range(1, m + 1)]


@pytest.mark.parametrize(("teacher", "student"), WIDTHS)
def test_subspaces_of_minima_are_those_that_can_be_told_apart(teacher, student):
    different = subspaces_of_minima(teacher, student)
    assert symmetry.num_minimum_subspaces(teacher, student) == len(different)
    onto = len(maps_onto(student, teacher))
    assert symmetry.num_critical_subspaces(teacher, student) == onto


def test_subspaces_by_the_papers_formulas():
    """Known: G(4, 5) = 240 and T(1, 2) = 3; beyond, sums written as the paper has them."""

    def critical(r, m):
        return sum((-1) ** (r - i) * math.comb(r, i) * i**m for i in range(r + 1))

    bell = [len(groupings(list(range(u)))) for u in range(9)]
    for m in range(1, 9):
        for r in range(1, m + 1):
            minima = sum(math.comb(m, u) * critical(r, m - u) * bell[u] for u in range(m - r + 1))
            counted = symmetry.count_subspaces(r, m)
            assert symmetry.num_critical_subspaces(r, m) == critical(r, m)
            assert counted.minima == minima
            assert dict(counted.critical) == {k: critical(k, m) for k in range(1, r)}
    assert symmetry.num_critical_subspaces(4, 5) == 240
    assert symmetry.num_minimum_subspaces(1, 2) == 3


def test_a_student_as_wide_as_its_teacher_has_its_permutations():
    for width in range(1, 30):
        assert symmetry.num_minimum_subspaces(width, width) == math.factorial(width)


def test_saddles_outnumber_minima_in_slightly_wider_students_only():
    """Section 4 of Simsek et al.: the ratio G(r - 1, m) / T(r, m) falls with m to below one."""
    ratios = [symmetry.count_subspaces(10, m).ratios[0] for m in (10, 11, 12, 20, 40)]
    assert ratios[0] > 1 > ratios[-1]
    assert ratios == sorted(ratios, reverse=True)


# --- integers as text, and refusals ---


@given(st.integers(), st.integers(0, 30_000))
def test_digits_are_those_of_str_at_any_length(value, shift):
    number = value * 10**shift
    assert symmetry.digits(number) == (str(value) + "0" * shift if value else "0")


@given(st.integers(1, 10**18))
def test_a_power_of_ten_is_right_to_four_digits(value):
    told = symmetry.power_of_ten(value)
    assert abs(Fraction(told) - value) * 2000 <= value * Fraction(100_001, 100_000)
    assert len(told.partition("e")[0]) == len("1.000")


def test_short_integers_are_exact_and_long_ones_powers_of_ten():
    assert symmetry.short(999_999_999_999) == "999,999,999,999"
    assert symmetry.short(10**12) == "1.000e12"
    assert symmetry.short(math.factorial(1000)) == "4.024e2567"
    assert symmetry.ratio_text(Fraction(1, 10**400)) == "1/1.000e400"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: symmetry.num_minima([]), "at least one"),
        (lambda: symmetry.num_minima([3, 0]), "at least 1"),
        (lambda: symmetry.num_minima([20_001]), "at most 20,000"),
        (lambda: symmetry.count_points([4], 4), "give 1 to 3"),
        (lambda: symmetry.count_points([4], 0), "give 1 to 3"),
        (lambda: symmetry.count_points([1], 1), "give 0 to 0"),
        (lambda: symmetry.num_permutation_points([4], -1), "give 1 to 3"),
        (lambda: symmetry.num_parameters(0, [3], 1), "at least 1 of each"),
        (lambda: symmetry.num_minimum_subspaces(5, 4), "at least as wide"),
        (lambda: symmetry.num_critical_subspaces(0, 4), "at least 1 neuron"),
        (lambda: symmetry.num_minimum_subspaces(2, 2_001), "at most 2,000"),
    ],
)
def test_what_no_network_has_is_refused(call, said):
    with pytest.raises(InvalidInputError, match=said):
        call()


def test_too_much_work_is_refused_with_an_order_that_is_not():
    with pytest.raises(InvalidInputError, match="at most") as refusal:
        symmetry.count_points([9_000, 1_000], 500)
    most = int(str(refusal.value).rsplit(" ", 1)[-1])
    assert len(symmetry.count_points([9_000, 1_000], most).orders) == most


def test_counting_loads_neither_jax_nor_numpy():
    program = (
        "import sys; from saddlescape import symmetry as s; s.count_points([1000]); "
        "s.count_subspaces(4, 8); s.num_parameters(2, [3], 1); "
        "sys.exit(bool({'jax', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
