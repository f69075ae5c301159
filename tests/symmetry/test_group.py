"""The group acts: order, product, inverse, stabilizers, and functions that do not change."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape import symmetry
from saddlescape.core import InvalidInputError, Network, ShapeMismatchError, key_for

EPS = np.finfo(np.float64).eps

NETWORKS = [
    Network((2, 5, 1), "sigmoid", bias=False),
    Network((3, 4, 2), "tanh"),
    Network((2, 4, 3, 2), ["relu", "tanh"]),
    Network((2, 3, 4, 2, 1), ["identity", "g", "erf"], bias=(True, False, True, True)),
]


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_a_moved_network_computes_the_same_function(network):
    theta = network.init(key_for(1, "theta"))
    inputs = jnp.asarray(np.random.default_rng(2).normal(size=(20, network.widths[0])))
    element = symmetry.random_element(network, key_for(3, "element"))
    moved = symmetry.apply(network, element, theta)
    before, after = network.apply(theta, inputs), network.apply(moved, inputs)
    assert float(jnp.linalg.norm(moved - theta)) > 0.1
    # Sums of at most five terms a layer, taken in another order and rescaled.
    assert float(jnp.abs(after - before).max()) <= 64 * EPS * float(jnp.abs(before).max())


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_elements_form_a_group_that_acts(network):
    theta = np.random.default_rng(0).normal(size=(3, network.num_parameters))
    a, b = (symmetry.random_element(network, key_for(i, "element")) for i in (1, 2))
    one_by_one = symmetry.apply(network, b, symmetry.apply(network, a, theta))
    at_once = symmetry.apply(network, symmetry.compose(b, a), theta)
    # A few multiplications by scales in another order.
    np.testing.assert_allclose(at_once, one_by_one, rtol=16 * EPS)
    back = symmetry.apply(network, symmetry.inverse(a), symmetry.apply(network, a, theta))
    np.testing.assert_allclose(back, theta, rtol=16 * EPS)
    assert (symmetry.apply(network, symmetry.identity_element(network), theta) == theta).all()


def test_the_order_of_a_large_group_is_exact():
    network = Network((2, 50, 20, 1), ["tanh", "relu"])
    assert symmetry.order(network) == math.factorial(50) * 2**50 * math.factorial(20)


def test_equal_chains_of_neurons_are_exchanged_together():
    """No two neurons are equal in all weights, yet moving whole chains leaves theta in place."""
    num_chains = 5
    network = Network((1, num_chains, num_chains, 1), "sigmoid", bias=False)
    straight = np.eye(num_chains) * 0.7
    layers = [(np.full((num_chains, 1), 0.3), None), (straight, None)]
    theta = network.flatten([*layers, (np.full((1, num_chains), 2.0), None)])
    assert symmetry.stabilizer_order(network, theta) == math.factorial(num_chains)


def test_rescaled_twins_are_twins():
    network = Network((1, 3, 1), "relu", bias=False)
    assert symmetry.copies(network, np.array([1.0, 2.0, 3.0, 4.0, 2.0, 7.0])) == 3


def test_near_twins_are_twins_within_the_tolerance_asked_for():
    network = Network((1, 2, 1), "sigmoid", bias=False)
    theta = np.array([1.0, 1.0 + 1e-6, 3.0, 3.0])
    assert symmetry.copies(network, theta) == 2
    assert symmetry.copies(network, theta, tolerance=1e-5) == 1


def test_a_network_without_hidden_neurons_has_the_trivial_group():
    network = Network((2, 1), "tanh")
    theta = np.arange(3.0)
    assert symmetry.order(network) == symmetry.copies(network, theta) == 1
    assert (symmetry.canonical(network, theta) == theta).all()
    assert symmetry.align(network, theta, theta + 1).distance == pytest.approx(math.sqrt(3))


ORDER = np.arange(3)


@pytest.mark.parametrize(
    ("activation", "chosen", "factors", "says"),
    [
        ("sigmoid", ORDER, [1.0, -1.0, 1.0], "not odd"),
        ("tanh", ORDER, [1.0, 2.0, 1.0], "not homogeneous"),
        ("relu", ORDER, [1.0, -2.0, 1.0], "not odd"),
        ("identity", ORDER, [1.0, 0.0, 1.0], "other than 0"),
        ("tanh", np.array([0, 0, 2]), [1.0, 1.0, 1.0], "each neuron once"),
        ("tanh", np.arange(2), [1.0, 1.0], "hidden widths"),
    ],
)
def test_what_is_no_symmetry_is_refused(activation, chosen, factors, says):
    network = Network((1, 3, 1), activation, bias=False)
    element = symmetry.GroupElement((chosen,), (np.array(factors),))
    with pytest.raises(InvalidInputError, match=says):
        symmetry.apply(network, element, np.ones(6))


def test_a_theta_of_the_wrong_length_is_refused():
    with pytest.raises(ShapeMismatchError, match="needs"):
        symmetry.copies(NETWORKS[0], np.ones(3))
