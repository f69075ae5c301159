"""Canonical forms and alignments recover what a symmetry did."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saddlescape import symmetry
from saddlescape.core import Network, key_for

EPS = np.finfo(np.float64).eps
ACTIVATIONS = ["tanh", "sigmoid", "relu", "identity", "g"]
SEEDS = st.integers(0, 2**32 - 1)


def random_network(random, max_width):
    """Draw an architecture with 1 to 4 hidden layers, widths spread evenly in their logarithm."""
    depth = int(random.integers(1, 5))
    hidden = np.exp(random.uniform(np.log(2), np.log(max_width + 0.5), depth)).astype(int)
    widths = (int(random.integers(1, 5)), *hidden.tolist(), int(random.integers(1, 4)))
    names = [ACTIVATIONS[i] for i in random.integers(len(ACTIVATIONS), size=depth)]
    return Network(widths, names, bias=bool(random.integers(2)))


@pytest.mark.parametrize("trial", range(40))
def test_a_planted_symmetry_is_recovered(trial):
    """`python -m benchmarks alignment` does the same a thousand times."""
    random = np.random.default_rng([7, trial])
    network = random_network(random, 512 if trial % 4 == 0 else 32)
    if trial == 0:
        network = Network((3, 512, 2, 512, 1), "tanh")
    theta = random.normal(size=network.num_parameters)
    planted = symmetry.random_element(network, key_for(trial, "planted"))
    moved = np.asarray(symmetry.apply(network, planted, theta))
    found = symmetry.align(network, theta, moved)
    for ours, theirs in zip(found.element.permutations, planted.permutations, strict=True):
        assert (ours == theirs).all()
    # Each layer's scales are norms of up to 513 terms, divided out layer after layer.
    assert found.distance <= 64 * EPS * np.linalg.norm(moved)
    assert found.output_change <= 1e-12
    assert found.num_ties == 0
    for ours, theirs in zip(found.element.factors, planted.factors, strict=True):
        assert (np.sign(ours) == np.sign(theirs)).all()
    scale = np.linalg.norm(symmetry.canonical(network, theta))
    same = symmetry.canonical(network, theta) - symmetry.canonical(network, moved)
    assert np.linalg.norm(same) <= 64 * EPS * scale


@given(seed=SEEDS, depth=st.integers(1, 3), noise=st.sampled_from([0.0, 1e-12, 1e-9]))
def test_neurons_alike_in_some_coordinates_do_not_split_a_class(seed, depth, noise):
    """Coordinates from a few values: ties in single coordinates, incoming weights, and signs."""
    random = np.random.default_rng(seed)
    network = Network((2, *(5,) * depth, 1), "tanh" if seed % 2 else "sigmoid")
    theta = random.choice([0.5, -0.5, 1.0, 2.0], size=network.num_parameters)
    # One generic direction per layer would untie everything; leave all but a tenth tied.
    loose = random.random(theta.size) < 0.1
    theta[loose] = random.normal(size=int(loose.sum()))
    element = symmetry.random_element(network, key_for(int(seed), "element"))
    moved = np.asarray(symmetry.apply(network, element, theta))
    shake = random.uniform(-noise, noise, size=moved.size)
    left = symmetry.distance(network, theta, moved + shake)
    # The planted element itself leaves the shake; rounding of one norm besides.
    assert left <= np.linalg.norm(shake) + 4 * EPS * np.linalg.norm(theta)


@given(seed=SEEDS)
def test_near_equal_neurons_are_told_apart_below_the_rounding_of_inner_products(seed):
    random = np.random.default_rng(seed)
    network = Network((3, 6, 6, 2), "tanh")
    theta = jnp.asarray(random.normal(size=network.num_parameters))
    layers = [(np.array(w), np.array(b)) for w, b in network.unflatten(theta)]
    layers[0][0][1], layers[0][1][1] = layers[0][0][0] + 1e-9, layers[0][1][0]
    layers[1][0][:, 1] = layers[1][0][:, 0] - 1e-9
    theta = np.asarray(network.flatten(layers))
    element = symmetry.random_element(network, key_for(int(seed), "element"))
    moved = symmetry.apply(network, element, theta)
    assert symmetry.align(network, theta, moved).distance == 0


def test_the_distance_of_one_hidden_layer_is_the_smallest_over_the_group():
    network = Network((2, 3, 1), "tanh")
    random = np.random.default_rng(5)
    for _ in range(20):
        a, b = random.normal(size=(2, network.num_parameters))
        every = [
            np.linalg.norm(
                symmetry.apply(network, symmetry.GroupElement((np.array(p),), (np.array(f),)), a)
                - b
            )
            for p in itertools.permutations(range(3))
            for f in itertools.product([1.0, -1.0], repeat=3)
        ]
        # Norms of 13 numbers.
        assert abs(symmetry.distance(network, a, b) - min(every)) <= 16 * EPS * min(every)


def test_enough_restarts_find_the_smallest_distance_between_different_deep_networks():
    network = Network((2, 3, 3, 1), "sigmoid")
    random = np.random.default_rng(6)
    for _ in range(5):
        a, b = random.normal(size=(2, network.num_parameters))
        every = [
            np.linalg.norm(
                symmetry.apply(
                    network,
                    symmetry.GroupElement((np.array(p), np.array(q)), (np.ones(3), np.ones(3))),
                    a,
                )
                - b
            )
            for p in itertools.permutations(range(3))
            for q in itertools.permutations(range(3))
        ]
        found = symmetry.distance(network, a, b, num_restarts=40)
        # Norms of 25 numbers.
        assert abs(found - min(every)) <= 16 * EPS * min(every)


def test_any_exchange_of_equal_neurons_is_as_good_and_is_counted():
    """The failure of git-re-basin's alignment: duplicated neurons have no unique order."""
    network = Network((3, 8, 6, 2), "tanh")
    random = np.random.default_rng(8)
    layers = [
        (np.array(w), np.array(b)) for w, b in network.unflatten(network.init(key_for(0, "t")))
    ]
    layers[0][0][:4], layers[0][1][:4] = layers[0][0][0], layers[0][1][0]
    layers[1][0][:, :4] = random.normal(size=(6, 1))
    theta = network.flatten(layers)
    element = symmetry.random_element(network, key_for(1, "element"))
    moved = symmetry.apply(network, element, theta)
    found = symmetry.align(network, theta, moved)
    assert found.distance == 0
    assert found.distance_before > 1
    assert found.num_ties == 23


def test_aligning_with_something_else_still_keeps_the_function():
    network = Network((3, 16, 16, 2), "relu")
    a, b = np.random.default_rng(9).normal(size=(2, network.num_parameters))
    found = symmetry.align(network, a, b)
    assert found.output_change <= 1e-12
    assert found.distance > 1
    assert found.num_ties == 0


@given(seed=SEEDS)
def test_canonical_forms_are_equivalent_points_and_stay_where_they_are(seed):
    network = Network((2, 4, 3, 2), ["tanh", "relu"])
    theta = np.random.default_rng(seed).normal(size=(3, network.num_parameters))
    form = symmetry.canonical(network, theta)
    for before, after in zip(theta, form, strict=True):
        # Distances are taken between normalized points, whose scales were rounded twice.
        bound = 64 * EPS * np.linalg.norm(after)
        assert symmetry.distance(network, before, np.asarray(after)) <= bound
    np.testing.assert_allclose(symmetry.canonical(network, form), form, rtol=16 * EPS, atol=0)


@pytest.mark.parametrize("widths", [(2, 1, 1), (3, 4, 1, 2), (1, 1, 1, 1), (2, 2, 1)])
@given(seed=SEEDS)
def test_equivalent_points_have_one_canonical_form_in_the_narrowest_layers(widths, seed):
    network = Network(widths, "tanh")
    theta = np.random.default_rng(seed).normal(size=network.num_parameters)
    element = symmetry.random_element(network, key_for(int(seed), "element"))
    forms = [
        symmetry.canonical(network, t) for t in (theta, symmetry.apply(network, element, theta))
    ]
    assert (forms[0] == forms[1]).all()


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_canonical_forms_of_a_batch_are_those_of_its_rows(activation):
    """More rows than are handled at once, so that blocks are joined in order."""
    network = Network((2, 4, 3, 2), activation)
    theta = np.random.default_rng(10).normal(size=(4_500, network.num_parameters))
    forms = np.asarray(symmetry.canonical(network, theta))
    for row in (0, 1, 4_095, 4_096, 4_499):
        alone = np.asarray(symmetry.canonical(network, theta[row]))
        # Matrix products over a batch may add in another order.
        np.testing.assert_allclose(forms[row], alone, rtol=16 * EPS, atol=0)


@pytest.mark.parametrize("noise", [1e-3, 1e-2])
def test_a_planted_symmetry_is_recovered_under_noise(noise):
    """Neurons of 25 numbers or more lie far apart compared with such noise."""
    network = Network((20, 30, 20, 4), "tanh")
    random = np.random.default_rng(11)
    theta = random.normal(size=network.num_parameters)
    for trial in range(10):
        planted = symmetry.random_element(network, key_for(trial, "planted"))
        moved = np.asarray(symmetry.apply(network, planted, theta))
        shake = noise * random.normal(size=moved.size)
        found = symmetry.align(network, theta, moved + shake)
        for ours, theirs in zip(found.element.permutations, planted.permutations, strict=True):
            assert (ours == theirs).all()
        # The planted element leaves the noise; rounding of one norm besides.
        assert found.distance <= np.linalg.norm(shake) * (1 + 64 * EPS)
