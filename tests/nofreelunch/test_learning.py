"""Learners on every Boolean target: the theorem, counted, and what it does not cover."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

from saddlescape import nofreelunch
from saddlescape.core import InvalidInputError, UnknownNameError
from saddlescape.nofreelunch import (
    LEARNERS,
    Perceptron,
    inputs_of,
    labels_of,
    learn,
    learner,
    target_class,
)

# A perceptron small and short enough for tests; the others as they are.
QUICK = {**LEARNERS, "perceptron-16": Perceptron((4,), steps=60, rate=0.05)}
QUICK = {name: one for name, one in QUICK.items() if "-16-" not in name}


@pytest.fixture(scope="module")
def table():
    """All learners on all 256 targets of three bits, from three training sets of four."""
    return learn(3, 4, list(QUICK.values()), num_sets=3, seed=2)


def test_every_learner_is_wrong_on_half_of_what_it_has_not_seen(table):
    """Wolpert's theorem, exactly, for every training set by itself."""
    assert not table.is_free_lunch_found
    for score in table.everywhere:
        assert {score.mean, *score.by_training_set} == {Fraction(1, 2)}


@pytest.mark.parametrize("number", range(len(QUICK)), ids=list(QUICK))
def test_the_count_is_what_training_on_one_target_after_another_gives(table, number):
    """No shortcut: a training for each target, and its labels compared one by one."""
    one = table.learners[number]
    inputs, labels, wanted = inputs_of(3), labels_of(3), np.zeros(256)
    chosen = table.training_sets[1]
    others = [x for x in range(8) if x not in chosen]
    targets = range(0, 256, 5) if "perceptron" in one.name else range(0, 256, 3)
    for target in targets:
        shown = labels[target][chosen].astype(int)[None]
        (votes,) = one.votes(inputs[chosen], shown, inputs)
        share = votes[others] / one.num_votes
        wanted[target] = np.abs(labels[target][others] - share).mean()
    again = learn(3, 4, [one], [], num_sets=3, seed=2)
    one_set = 3 * again.by_target[0] - sum(
        errors_of(one, inputs, labels, again.training_sets[i]) for i in (0, 2)
    )
    # Means of three shares of four labels: a few roundings of numbers below 3.
    np.testing.assert_allclose(one_set[list(targets)], wanted[list(targets)], rtol=0, atol=1e-14)


def errors_of(one, inputs, labels, chosen):
    """Return the error on every target from one training set, by a look-up of labellings."""
    others = [x for x in range(8) if x not in chosen]
    every = np.array(list(itertools.product((0, 1), repeat=len(chosen))))
    votes = one.votes(inputs[chosen], every, inputs) / one.num_votes
    row = {tuple(told): shares for told, shares in zip(every.tolist(), votes, strict=True)}
    return np.array(
        [np.abs(y[others] - row[tuple(y[chosen].tolist())][others]).mean() for y in labels]
    )


def test_gains_on_a_class_are_losses_elsewhere(table):
    for row in table.contrasts:
        for score, group in zip(row, table.classes, strict=True):
            assert score.gain + score.loss == 0
            assert score.gain == (Fraction(1, 2) - score.on_class.mean) * group.size * 4


def test_structure_separates_learners(table):
    names = [group.name for group in table.classes]
    parity = names.index("parity")
    means = {
        one.name: row[parity].on_class.mean
        for one, row in zip(table.learners, table.contrasts, strict=True)
    }
    assert min(means, key=means.__getitem__) == "parity guesser"
    assert len(set(means.values())) > 3


def test_without_chance_errors_are_those_of_fair_coins(table):
    for one, counts in zip(table.learners, table.histograms, strict=True):
        if one.num_votes == 1:
            assert counts == tuple(3 * 16 * math.comb(4, wrong) for wrong in range(5))


def test_a_coin_is_mediocre_on_every_target_and_others_are_not(table):
    deviation = {
        one.name: errors.std() for one, errors in zip(table.learners, table.by_target, strict=True)
    }
    assert deviation.pop("coin") == 0
    assert min(deviation.values()) > 0.1


def test_all_training_sets_are_taken_where_there_are_few():
    found = learn(2, 2, [learner("majority")], ["parity"], num_sets=8)
    assert found.training_sets.tolist() == list(map(list, itertools.combinations(range(4), 2)))
    assert found.everywhere[0].is_every_set
    assert found.contrasts[0][0].on_class.error is None


def test_training_sets_are_numbered():
    few, many = (nofreelunch.training_sets(4, 8, number, 5)[0] for number in (2, 6))
    np.testing.assert_array_equal(few, many[:2])
    assert len({tuple(row) for row in many.tolist()}) == 6


@pytest.mark.parametrize("name", ["nearest-neighbour", "decision-tree", "perceptron-16"])
def test_learners_that_interpolate_do_so(table, name):
    number = list(QUICK).index(name)
    assert table.training_error[number] == 0


@pytest.mark.parametrize("number", range(len(QUICK)), ids=list(QUICK))
def test_exchanging_the_labels_exchanges_the_predictions(number):
    """Those without a preference for a label: all but ties that a rule has to break."""
    one, inputs = list(QUICK.values())[number], inputs_of(3)
    seen = inputs[[0, 3, 5, 6, 7]]
    labels = np.array(list(itertools.product((0, 1), repeat=5)))
    votes, flipped = (one.votes(seen, x, inputs) for x in (labels, 1 - labels))
    assert votes.min() >= 0
    assert votes.max() <= one.num_votes
    if one.name not in {"decision tree", "parity guesser", "perceptron 4"}:
        np.testing.assert_array_equal(votes + flipped, one.num_votes)


@pytest.mark.parametrize(("bits", "wanted"), [(2, 14), (3, 104), (4, 1882)])
def test_threshold_functions_are_as_many_as_is_known(bits, wanted):
    """OEIS A000609."""
    assert target_class("linearly separable", bits).size == wanted


def test_separable_targets_are_those_that_a_linear_program_separates():
    inputs, is_in = inputs_of(3), target_class("linearly separable", 3).is_in
    for target in range(0, 256, 7):
        signs = 2.0 * labels_of(3)[target] - 1
        rows = -signs[:, None] * np.column_stack([inputs, np.ones(8)])
        found = linprog(np.zeros(4), rows, -np.ones(8), bounds=(None, None))
        assert (found.status == 0) == is_in[target]


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_classes_have_the_sizes_that_mathematics_gives(bits):
    terms = sum(math.comb(bits, degree) for degree in range(3))
    assert target_class("low degree", bits).size == 2**terms
    assert target_class("parity", bits).size == 2 ** (bits + 1)
    assert target_class("symmetric", bits).size == 2 ** (bits + 1)
    # Ten of the 16 targets of two bits need both: the others are 2 constants, 2 times 2 of one.
    wanted = 2 + 2 * bits + 10 * math.comb(bits, 2)
    assert target_class("few relevant bits", bits).size == wanted


def test_a_degree_is_that_of_the_polynomial():
    """x0 x1 + x2 has degree 2, the majority of three bits too, their product 3."""
    x0, x1, x2 = inputs_of(3).T
    for labels, degree in (((x0 & x1) ^ x2, 2), ((x0 + x1 + x2) > 1, 2), (x0 & x1 & x2, 3)):
        assert nofreelunch.degrees(3)[int((labels * 2 ** np.arange(8)).sum())] == degree


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((5, 8), "5 bits have 4,294,967,296 targets.*2 to 4"),
        ((60, 8), r"2\^\(2\^60\) targets"),
        ((4, 16), "give 1 to 15"),
        ((4, 0), "give 1 to 15"),
        ((4, 15), "32,768 labellings.*at most 14"),
    ],
)
def test_what_cannot_be_enumerated_is_refused_with_what_can(arguments, words):
    with pytest.raises(InvalidInputError, match=words):
        learn(*arguments, [learner("coin")])


def test_wrong_names_list_the_right_ones():
    with pytest.raises(UnknownNameError, match="nearest-neighbour"):
        learner("neighbour")
    with pytest.raises(UnknownNameError, match="linearly separable"):
        target_class("linear", 3)
