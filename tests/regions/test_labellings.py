"""What one hidden layer can make of regions, against linear programs and known counts."""

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from saddlescape import regions
from saddlescape.core import InvalidInputError


def separable(rows, labels):
    """Return whether some readout with bias has the sign of every label: one linear program."""
    signed = np.where(labels, 1.0, -1.0)[:, None] * np.hstack([rows, np.ones((len(rows), 1))])
    wanted = linprog(
        np.zeros(signed.shape[1]),
        A_ub=-signed,
        b_ub=-np.ones(len(rows)),
        bounds=[(None, None)] * signed.shape[1],
    )
    return wanted.status == 0


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_labellings_that_can_be_had_are_those_of_linear_programs(lines):
    found = regions.labellings(*regions.random_hyperplanes(lines, 2, seed=1))
    rows = found.cut.signs.astype(float)
    for labels in itertools.product([False, True], repeat=len(rows)):
        assert found.has(np.array(labels)) == separable(rows, np.array(labels))


def test_a_sample_of_the_labellings_of_four_lines_agrees_with_linear_programs():
    found = regions.labellings(*regions.random_hyperplanes(4, 2, seed=3))
    rows, draws = found.cut.signs.astype(float), np.random.default_rng(0)
    verdicts = [
        (found.has(labels), separable(rows, labels))
        for labels in draws.integers(0, 2, size=(60, 11)).astype(bool)
    ]
    assert all(ours == theirs for ours, theirs in verdicts)
    assert {ours for ours, _ in verdicts} == {True, False}


def test_every_readout_gives_its_labelling():
    found = regions.labellings(*regions.random_hyperplanes(4, 2, seed=2))
    values = found.cut.signs @ found.readouts[:, :-1].T + found.readouts[:, -1]
    assert (found.labels == (values > 0).T).all()


def test_xor_is_beyond_one_layer_and_one_more_layer_has_every_labelling():
    found = regions.labellings(*regions.random_hyperplanes(3, 2, seed=5))
    assert not found.has(found.checkerboard)
    signs = found.cut.signs
    for labels in itertools.product([False, True], repeat=len(signs)):
        second, readout = regions.one_more_layer(signs, np.array(labels))
        on = signs @ second.weights.T + second.biases > 0
        told = on @ readout.weights.T + readout.biases > 0
        assert (told.ravel() == labels).all()


def test_the_checkerboard_differs_across_every_facet():
    cut = regions.arrangement(*regions.random_hyperplanes(6, 2, seed=6))
    colour, neighbours = cut.signs.sum(axis=1) % 2, cut.neighbours()
    rows, columns = (neighbours >= 0).nonzero()
    assert (colour[rows] != colour[neighbours[rows, columns]]).all()


def test_threshold_functions_are_as_many_as_known():
    """Of up to four bits: 4, 14, 104, 1,882 (Muroga 1971)."""
    counts = [len(np.unique(regions.threshold_functions(n), axis=0)) for n in (1, 2, 3, 4)]
    assert counts == [4, 14, 104, 1882]


@pytest.mark.parametrize("bits", [1, 2, 3, 4])
def test_the_neurons_found_for_parity_are_neurons_and_compute_it(bits):
    found = regions.parity_neurons(bits)
    corners = np.array(list(itertools.product([0.0, 1.0], repeat=bits)))
    parity = corners.sum(axis=1) % 2 == 1
    assert len(found.witness) == found.neurons
    assert all(separable(corners, neuron) for neuron in found.witness)
    assert separable(found.witness.T.astype(float), parity)


@pytest.mark.parametrize("bits", [2, 3])
def test_no_smaller_layer_computes_parity(bits):
    """Every set of fewer neurons is tried with a linear program for its readout."""
    functions = regions.threshold_functions(bits)
    corners = np.array(list(itertools.product([0, 1], repeat=bits)))
    parity = corners.sum(axis=1) % 2 == 1
    smaller = regions.parity_neurons(bits).neurons - 1
    for chosen in itertools.combinations(functions, smaller):
        rows = np.array(chosen).T.astype(int)
        codes = rows @ (1 << np.arange(smaller))
        if set(codes[parity]) & set(codes[~parity]):
            continue  # two corners with different parity look the same
        assert not separable(rows.astype(float), parity)


def test_what_cannot_be_searched_is_refused():
    with pytest.raises(InvalidInputError, match="1 to 4"):
        regions.parity_neurons(5)
    with pytest.raises(InvalidInputError, match="take fewer"):
        regions.labellings(*regions.random_hyperplanes(9, 2))
