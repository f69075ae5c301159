"""Symmetry keeps the loss along its directions; the parts of theta are all of it."""

import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape.checkups import blocks_of, symmetry_directions
from saddlescape.core import Data, EmpiricalLandscape, Network

DRAW = np.random.default_rng(3)
INPUTS = DRAW.normal(size=(20, 3))
REGRESSION = Data(INPUTS, DRAW.normal(size=(20, 2)))
LABELS = Data(INPUTS, DRAW.integers(0, 3, 20))
CASES = {
    "relu": (Network((3, 4, 3, 2), "relu"), REGRESSION, 7),  # a scale for each hidden neuron
    "softmax": (Network((3, 4, 3), "tanh"), LABELS, 5),  # 4 hidden neurons and the bias
    "tanh": (Network((3, 4, 2), "tanh"), REGRESSION, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_the_loss_does_not_change_along_a_symmetry(name):
    network, data, count = CASES[name]
    landscape = EmpiricalLandscape(network, data)
    theta = network.starts(1, seed=4)[0]
    rows = symmetry_directions(landscape, theta)
    assert np.linalg.matrix_rank(rows) == len(rows) == count if count else len(rows) == 0
    gradient = np.asarray(landscape.gradient(theta))
    # Sums of some 100 terms of order one cancel.
    np.testing.assert_allclose(rows @ gradient, 0, atol=1e-13)


def test_weight_decay_breaks_every_symmetry():
    network, data, _ = CASES["relu"]
    landscape = EmpiricalLandscape(network, data, weight_decay=0.1)
    assert len(symmetry_directions(landscape, jnp.ones(network.num_parameters))) == 0


@pytest.mark.parametrize("bias", [True, False])
def test_the_parts_of_theta_follow_one_another_and_hold_what_they_are_called(bias):
    network = Network((3, 4, 2), "tanh", bias=bias)
    theta = jnp.arange(float(network.num_parameters))
    parts = [theta[where] for where in blocks_of(network).values()]
    np.testing.assert_array_equal(jnp.concatenate(parts), theta)
    layer = network.unflatten(theta)[1]
    held = theta[blocks_of(network)["layer 2 weight"]]
    np.testing.assert_array_equal(layer.weight.ravel(), held)
