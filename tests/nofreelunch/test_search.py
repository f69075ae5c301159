"""Search algorithms on every function: the theorems, counted, and what they do not cover."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape import nofreelunch
from saddlescape.core import InvalidInputError
from saddlescape.nofreelunch import (
    POLICIES,
    Histories,
    IllegalPolicyError,
    SearchSpace,
    WrittenPolicy,
    check_search,
    function_class,
    performance,
    policy,
    search,
    sequences,
    walks,
)

SPACES = ((4, 2), (3, 4), (6, 3), (5, 3))


@pytest.fixture(scope="module")
def small():
    """All algorithms and classes on 729 functions."""
    return search(SearchSpace(6, 3))


def runs_on(algorithm, function, space):
    """Yield each sequence of values an algorithm may see on a function, with its probability.

    One function at a time, one choice at a time: the naive twin of the enumeration.
    """

    def go(points, values, state, share):
        if len(points) == space.points:
            yield tuple(values), share
            return
        seen = Histories(
            np.array([points], int).reshape(1, -1),
            np.array([values], int).reshape(1, -1),
            np.array([state]),
        )
        told = algorithm.choices(seen, space)
        total = int(told.weights.sum())
        columns = zip(told.points[0], told.weights[0], told.state[0], strict=True)
        for point, weight, after in columns:
            if weight:
                assert point not in points
                more = share * Fraction(int(weight), total)
                yield from go([*points, int(point)], [*values, function[point]], after, more)

    yield from go([], [], 0, Fraction(1))


@pytest.mark.parametrize("name", POLICIES)
def test_the_enumeration_is_what_one_run_after_another_gives(name):
    space, algorithm = SearchSpace(4, 3), policy(name)
    is_in = function_class("smooth", space).is_in
    wanted: dict[tuple[int, ...], Fraction] = {}
    for number, row in enumerate(space.table().tolist()):
        if is_in[number]:
            for seen, share in runs_on(algorithm, row, space):
                wanted[seen] = wanted.get(seen, 0) + share / int(is_in.sum())
    found = sequences(walks(algorithm, space), space, is_in, 4)
    every = itertools.product(range(3), repeat=4)
    assert dict(zip(every, found, strict=True)) == {
        seen: wanted.get(seen, 0) for seen in itertools.product(range(3), repeat=4)
    }


@pytest.mark.parametrize("size", SPACES)
@pytest.mark.parametrize("name", POLICIES)
def test_over_all_functions_every_sequence_of_values_is_equally_likely(name, size):
    """Theorem 1 of Wolpert & Macready, to the last digit, for every number of evaluations."""
    space = SearchSpace(*size)
    found, every = walks(policy(name), space), np.ones(space.num_functions, bool)
    for m in range(1, space.points + 1):
        told = sequences(found, space, every, m)
        assert set(told) == {Fraction(1, space.values**m)}


@pytest.mark.parametrize("name", POLICIES)
def test_the_best_value_is_that_of_independent_throws(name):
    space = SearchSpace(5, 3)
    whole = performance(walks(policy(name), space), space, np.ones(space.num_functions, bool))
    for m, row in enumerate(whole.best, 1):
        below = [Fraction(v + 1, 3) ** m for v in range(3)]
        assert list(itertools.accumulate(row)) == below
    assert whole.is_exact


def first_optima(space):
    """Return how many evaluations in order each function takes to its first maximum."""
    return [row.index(max(row)) + 1 for row in space.table().tolist()]


@pytest.mark.parametrize("name", POLICIES)
def test_evaluations_to_the_optimum_are_those_of_going_through_in_order(name):
    space = SearchSpace(5, 3)
    whole = performance(walks(policy(name), space), space, np.ones(space.num_functions, bool))
    wanted = first_optima(space)
    assert list(whole.evaluations) == [Fraction(wanted.count(m), 3**5) for m in range(1, 6)]
    assert whole.mean_evaluations == Fraction(sum(wanted), 3**5)


@given(chosen=st.sets(st.integers(0, 14), min_size=1), name=st.sampled_from(list(POLICIES)))
def test_on_any_union_of_orbits_all_algorithms_see_the_same(chosen, name):
    """The sharpened theorem of Schumacher, Vose & Whitley."""
    space = SearchSpace(4, 3)
    is_in = np.isin(nofreelunch.orbits_of(space), list(chosen))
    assert nofreelunch.is_closed_under_permutation(is_in, space)
    mine, ascending = (
        sequences(walks(policy(one), space), space, is_in, 4) for one in (name, "ascending")
    )
    assert (mine == ascending).all()


@given(seed=st.integers(0, 2**31), size=st.integers(1, 26))
def test_only_on_unions_of_orbits_do_all_orders_of_the_points_see_the_same(seed, size):
    """Algorithms without any wit suffice to tell a class that is not closed: fixed orders."""
    space = SearchSpace(3, 3)
    is_in = np.zeros(27, bool)
    is_in[np.random.default_rng(seed).permutation(27)[:size]] = True
    orders = [
        WrittenPolicy(lambda seen, _values, order=order: order[len(seen)], f"{order}")
        for order in itertools.permutations(range(3))
    ]
    seen = {tuple(sequences(walks(order, space), space, is_in, 3)) for order in orders}
    assert (len(seen) == 1) == nofreelunch.is_closed_under_permutation(is_in, space)


def test_gains_on_a_class_are_losses_elsewhere(small):
    for row in small.contrasts:
        for contrast, group in zip(row, small.classes, strict=True):
            pairs = zip(contrast.gain, contrast.loss, strict=True)
            assert all(gain + loss == 0 for gain, loss in pairs)
            excess = contrast.on_class.mean_best[2] - small.everywhere[0].mean_best[2]
            assert contrast.gain[2] == group.size * excess


def test_structure_separates_what_permutations_cannot(small):
    assert not small.is_free_lunch_found
    closed = {group.name for group in small.classes if group.is_closed}
    agreed = {
        group.name
        for i, group in enumerate(small.classes)
        if all(row[i].distance == 0 for row in small.contrasts)
    }
    assert closed == agreed == {"needle", "whole orbits"}


def test_classes_have_the_sizes_that_mathematics_gives():
    space = SearchSpace(6, 3)
    steps = np.abs(np.subtract.outer(range(3), range(3))) <= 1
    closed_walks = int(np.trace(np.linalg.matrix_power(steps.astype(int), 6)))
    assert function_class("smooth", space).size == closed_walks
    assert function_class("needle", space).size == 6
    assert nofreelunch.orbits_of(space).max() + 1 == math.comb(6 + 3 - 1, 2)
    grids = {
        tuple(a + b for a in rows for b in columns)
        for rows in itertools.product(range(-2, 3), repeat=2)
        for columns in itertools.product(range(-2, 3), repeat=3)
        if all(0 <= a + b <= 2 for a in rows for b in columns)
    }
    assert function_class("separable", space).size == len(grids)


def has_one_summit(values):
    """Return whether a ring goes up once at most, plateaus aside."""
    heights = [v for v, _ in itertools.groupby(values)]
    if len(heights) > 1 and heights[0] == heights[-1]:
        heights.pop()
    ring = len(heights)
    peaks = [i for i in range(ring) if heights[i - 1] < heights[i] > heights[(i + 1) % ring]]
    return len(peaks) <= 1


@pytest.mark.parametrize("size", [(2, 3), (5, 3), (6, 2)])
def test_a_single_peaked_function_has_one_summit(size):
    space = SearchSpace(*size)
    wanted = [has_one_summit(row) for row in space.table().tolist()]
    assert function_class("single-peaked", space).is_in.tolist() == wanted


def random_order_mean(space, is_in, m):
    """Return the mean best value of m points drawn without order, from binomial coefficients."""
    total = Fraction(0)
    for row in space.table()[is_in].tolist():
        below = [math.comb(sum(y <= v for y in row), m) for v in range(space.values)]
        drawn = [b - a for a, b in itertools.pairwise([0, *below])]
        total += Fraction(sum(v * d for v, d in enumerate(drawn)), math.comb(space.points, m))
    return total / int(is_in.sum())


def test_a_random_order_is_exact_where_all_of_them_can_be_followed():
    space = SearchSpace(5, 3)
    is_in = function_class("single-peaked", space).is_in
    found = performance(walks(policy("random"), space), space, is_in)
    wanted = tuple(random_order_mean(space, is_in, m) for m in range(1, 6))
    assert found.is_exact
    assert found.mean_best == wanted


def test_a_random_order_of_many_points_is_estimated_with_an_error():
    """7! orders of 3^7 functions are too many; 64 tapes come within four standard errors."""
    space = SearchSpace(7, 3)
    is_in = function_class("single-peaked", space).is_in
    found = walks(policy("random"), space, num_tapes=64, seed=1)
    told = performance(found, space, is_in)
    assert len(found) == 64
    for m in range(7):
        wanted = float(random_order_mean(space, is_in, m + 1))
        # On the last evaluation everything has been seen, and the error is none.
        assert abs(float(told.mean_best[m]) - wanted) <= 4 * told.error[m] + 1e-15
    assert told.error[2] > 0


def test_tapes_are_numbered():
    """More of them leave those there were as they are."""
    space = SearchSpace(8, 3)
    few, many = (walks(policy("annealing"), space, num_tapes=t, seed=3) for t in (2, 4))
    for mine, theirs in zip(few, many, strict=False):
        np.testing.assert_array_equal(mine.sequences, theirs.sequences)
    assert not np.array_equal(many[2].functions, many[0].functions)


def test_annealing_is_uphill_at_last_and_random_at_first():
    """After a fall of 2 at the third evaluation, the new point is accepted once in 64 times."""
    space = SearchSpace(8, 3)
    seen = Histories(np.array([[0, 1, 2]]), np.array([[0, 2, 0]]), np.array([1]))
    told = policy("annealing").choices(seen, space)
    share = {int(s): 0 for s in told.state[0]}
    for state, weight in zip(told.state[0], told.weights[0], strict=True):
        share[int(state)] += int(weight)
    assert Fraction(share[2], sum(share.values())) == Fraction(1, 2**6)


@pytest.mark.parametrize(
    ("name", "points", "values", "wanted"),
    [
        ("hill-climbing", [0, 4, 2], [0, 2, 1], 3),
        ("anti-hill-climbing", [0, 4, 2], [0, 2, 1], 1),
        ("surrogate", [0, 4], [2, 1], 2),
        ("adaptive", [0, 1], [0, 2], 2),
        ("adaptive", [0, 1], [2, 0], 5),
        ("momentum", [0, 1, 3], [0, 0, 2], 4),
        ("momentum", [4, 3, 2], [1, 0, 2], 1),
    ],
)
def test_an_algorithm_does_what_it_is_called_after(name, points, values, wanted):
    seen = Histories(np.array([points]), np.array([values]), np.zeros(1, int))
    assert policy(name).choices(seen, SearchSpace(8, 3)).points.tolist() == [[wanted]]


def test_a_rule_of_the_user_is_taken_by_the_theorem_too():
    space = SearchSpace(5, 3)

    def greedy(visited, values):
        left = sorted(set(range(5)) - set(visited))
        return left[sum(values) % len(left)]

    def coin(visited, _values, where):
        left = sorted(set(range(where.points)) - set(visited))
        return {left[0]: Fraction(1, 3), left[-1]: Fraction(2, 3)}

    table = search(space, [WrittenPolicy(greedy), WrittenPolicy(coin), policy("ascending")])
    assert [one.name for one in table.policies] == ["greedy", "coin", "ascending"]
    assert not table.is_free_lunch_found
    assert table.num_runs[1] > 3**5
    assert all(found.is_exact for found in table.everywhere)


calls = itertools.count()
ILLEGAL = {
    "evaluated": lambda _visited, _values: 0,
    "no point": lambda _visited, _values: 7,
    "no evaluation": lambda _visited, _values: -1,
    "return a point": lambda _visited, _values: "first",
    "raises ZeroDivisionError": lambda _visited, _values: 1 // 0,
    "f(0) = 0": lambda visited, values: 0 if 1 in values else (2, 1, 0)[len(visited)],
    "when asked again": lambda visited, _values: (next(calls) + len(visited)) % 3,
    "weights of 0 or more": lambda _visited, _values: {0: -1, 1: 2},
}


@pytest.mark.parametrize("words", ILLEGAL)
def test_a_rule_that_the_theorem_does_not_speak_of_is_refused(words):
    with pytest.raises(IllegalPolicyError, match=words.replace("(", r"\(").replace(")", r"\)")):
        walks(WrittenPolicy(ILLEGAL[words], "mine"), SearchSpace(3, 2))


def test_a_program_is_proved_legal_on_every_function():
    space = SearchSpace(5, 3)

    def climb(evaluate):
        points, values = [0], [evaluate(0)]
        while len(points) < 5:
            best = points[values.index(max(values))]
            left = [x for x in range(5) if x not in points]
            points.append(min(left, key=lambda x: (min(abs(x - best), 5 - abs(x - best)), x)))
            values.append(evaluate(points[-1]))

    proof = check_search(climb, space)
    assert (proof.num_functions, proof.num_histories) == (3**5, sum(3**m for m in range(5)))
    # The program is our hill climbing, written another way: it sees the same.
    powers = 3 ** np.arange(4, -1, -1)
    table = space.table().astype(int)
    seen = np.take_along_axis(table, proof.points.astype(int), axis=1) @ powers
    (ours,) = walks(policy("hill-climbing"), space)
    assert dict(zip(ours.functions.tolist(), ours.sequences.tolist(), strict=True)) == dict(
        enumerate(seen.tolist())
    )


def test_a_program_that_peeks_is_caught():
    """It knows the function by another way than evaluating it: here from the order of runs."""
    space = SearchSpace(3, 2)

    truth = iter(space.table().tolist())

    def peeking(evaluate):
        values = next(truth)
        for point in sorted(range(3), key=lambda x: -values[x]):
            evaluate(point)

    with pytest.raises(IllegalPolicyError, match="knows more than its history"):
        check_search(peeking, space)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (lambda f: [f(0), f(0)], "which it has evaluated"),
        (lambda f: f(5), "which is no point"),
        (lambda f: f(0), "stops after 1 of 3 points"),
        (lambda f: [f(x) for x in (0, 1, 2, 0)], "stop there"),
    ],
)
def test_a_program_that_breaks_the_rules_is_told_which(program, words):
    with pytest.raises(IllegalPolicyError, match=words):
        check_search(program, SearchSpace(3, 2))


@pytest.mark.parametrize(
    ("points", "values", "words"),
    [
        (30, 10, "10\\^30 functions.*at most 7 points"),
        (12, 5, "244,140,625 functions.*at most 10 points or at most 4 values"),
        (1, 3, "at least 2 of each"),
        (2, 10**6, "1,000,000,000,000 functions.*at most 4472 values"),
    ],
)
def test_what_cannot_be_enumerated_is_refused_with_what_can(points, values, words):
    with pytest.raises(InvalidInputError, match=words):
        SearchSpace(points, values)


def test_the_largest_that_is_offered_is_taken():
    for values in (2, 3, 5, 10):
        most = math.floor(math.log(nofreelunch.MOST_FUNCTIONS, values))
        assert SearchSpace(most, values).num_functions <= nofreelunch.MOST_FUNCTIONS
