"""A box in three dimensions cut out by six neurons: 6! equal networks, not the 240 of the slide."""

import itertools
import math

import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape import symmetry
from saddlescape.core import Data, EmpiricalLandscape, Network, find_minima

EPS = np.finfo(np.float64).eps
NETWORK = Network((3, 6, 1), "sigmoid")
# Halves: no point lies on a face of the box, and 40 (1 - x) is exact.
GRID = jnp.array(list(itertools.product([-1.5, -0.5, 0.5, 1.5], repeat=3)))


@pytest.fixture(scope="module")
def box():
    """The construction: a steep neuron for each face of |x|, |y|, |z| < 1, and the readout AND."""
    normals = np.concatenate([-np.eye(3), np.eye(3)])
    hidden = (40.0 * normals, np.full(6, 40.0))
    return NETWORK.flatten([hidden, (np.ones((1, 6)), np.array([-5.5]))])


@pytest.fixture(scope="module")
def copies(box):
    return np.stack([np.asarray(theta) for theta in symmetry.orbit(NETWORK, box).points()])


def test_six_neurons_cut_out_the_box(box):
    inside = np.abs(np.asarray(GRID)).max(axis=1) < 1.0
    outputs = np.asarray(NETWORK.apply(box, GRID))[:, 0]
    assert inside.sum() == 8
    np.testing.assert_array_equal(outputs > 0, inside)


def test_the_box_has_as_many_copies_as_orders_of_its_six_faces(box, copies):
    assert symmetry.copies(NETWORK, box) == math.factorial(6)
    assert len(np.unique(copies, axis=0)) == math.factorial(6)


def test_every_copy_of_the_box_computes_the_same(box, copies):
    expected = np.asarray(NETWORK.apply(box, GRID))
    # Six terms of at most 1 in another order: 6 roundings of at most 3 eps each on either side,
    # and 2 eps for each sigmoid where vectors are cut differently.
    for theta in copies:
        outputs = np.asarray(NETWORK.apply(jnp.asarray(theta), GRID))
        np.testing.assert_allclose(outputs, expected, rtol=0, atol=(2 * 18 + 6 * 2) * EPS)


def test_training_from_soft_faces_ends_in_a_strict_minimum_with_as_many_copies():
    inside = np.abs(np.asarray(GRID)).max(axis=1) < 1.0
    normals = np.concatenate([-np.eye(3), np.eye(3)])
    hidden = (4.0 * normals, np.full(6, 4.0))
    start = NETWORK.flatten([hidden, (np.full((1, 6), 2.0), np.array([-10.5]))])
    data = Data(GRID, jnp.where(jnp.asarray(inside), 1.0, 0.0))
    # Weight decay makes the minimum isolated.
    points = find_minima(EmpiricalLandscape(NETWORK, data, weight_decay=1e-4), start[None])
    assert (int(points.outcome[0]), int(points.index[0]), int(points.nullity[0])) == (0, 0, 0)
    outputs = np.asarray(NETWORK.apply(points.theta[0], GRID))[:, 0]
    np.testing.assert_array_equal(outputs > 0.5, inside)
    assert symmetry.copies(NETWORK, points.theta[0]) == math.factorial(6)
