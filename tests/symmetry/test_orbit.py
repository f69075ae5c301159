"""Orbits and stabilizers as enumeration finds them, and the sentences that say why."""

import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from saddlescape import symmetry
from saddlescape.core import InvalidInputError, Network, key_for

EPS = np.finfo(np.float64).eps
SMALL = [
    Network((1, 3, 2, 1), "tanh", bias=False),
    Network((2, 3, 3, 1), ["tanh", "sigmoid"]),
    Network((1, 2, 2, 2, 1), ["erf", "sigmoid", "tanh"]),
    Network((2, 4, 2), "g"),
    Network((2, 3), "g"),
]


def every_element(network):
    """Enumerate the discrete group."""
    layers = []
    for width, activation in zip(network.hidden, network.activations, strict=False):
        signs = [1.0, -1.0] if activation.is_odd else [1.0]
        layers.append(
            [
                (np.array(chosen), np.array(flips))
                for chosen in itertools.permutations(range(width))
                for flips in itertools.product(signs, repeat=width)
            ]
        )
    for choice in itertools.product(*layers):
        yield symmetry.GroupElement(tuple(c for c, _ in choice), tuple(f for _, f in choice))


def as_bytes(theta):
    return (np.asarray(theta) + 0.0).tobytes()


def as_key(element):
    return tuple(part.tobytes() for part in (*element.permutations, *element.factors))


@pytest.mark.parametrize("network", SMALL, ids=repr)
@settings(max_examples=10)
@given(data=st.data())
def test_orbit_and_stabilizer_are_what_enumeration_finds(network, data):
    """Entries of -1, 0, 1 make equal, dead and jointly exchangeable neurons common."""
    entries = st.sampled_from([0.0, 0.0, 0.0, 1.0, -1.0])
    theta = data.draw(hnp.arrays(np.float64, network.num_parameters, elements=entries))
    images = {
        as_key(g): as_bytes(symmetry.apply(network, g, theta)) for g in every_element(network)
    }
    orbit, fixed = symmetry.orbit(network, theta), symmetry.stabilizer(network, theta)
    points = [as_bytes(point) for point in orbit]
    assert len(points) == len(set(points)) == orbit.size == symmetry.copies(network, theta)
    assert set(points) == set(images.values())
    assert points[0] == as_bytes(theta)
    elements = [as_key(element) for element in fixed.elements()]
    assert len(elements) == len(set(elements)) == fixed.order
    assert set(elements) == {key for key, image in images.items() if image == as_bytes(theta)}
    assert orbit.size * fixed.order == orbit.group_order == symmetry.order(network)
    assert (str(orbit).find("instead of") > 0) == (fixed.order > 1) == bool(fixed.generators)


def test_two_equal_neurons_halve_the_orbit_and_it_says_so():
    network = Network((2, 4, 1), "sigmoid", bias=False)
    theta = np.random.default_rng(0).normal(size=network.num_parameters)
    assert str(symmetry.orbit(network, theta)) == "orbit of 24 points, no two the same"
    assert str(symmetry.stabilizer(network, theta)) == "only the identity leaves it in place"
    theta[[0, 1, 8]] = theta[[4, 5, 10]]
    assert str(symmetry.orbit(network, theta)) == (
        "orbit of 12 points instead of 24: neurons 0 and 2 of hidden layer 0 are equal"
    )


@pytest.mark.parametrize(
    ("activation", "theta", "size", "reason"),
    [
        ("tanh", [1, -1, 2, 3, 4, -4, 2, 3], 192, "0 and 1 of hidden layer 0 are equal up to sign"),
        ("relu", [1, 2, 3, 4, 4, 2, 7, 7], 12, "0 and 1 of hidden layer 0 are equal up to scale"),
        ("identity", [1, -2, 3, 4, 4, -2, 7, 7], 192, "equal up to sign and scale"),
        ("sigmoid", [0, 0, 0, 4, 0, 0, 0, 7], 4, "0, 1 and 2 of hidden layer 0 have no weights"),
        ("tanh", [0, 1, 2, 3, 0, 1, 2, 3], 192, "neuron 0 of hidden layer 0 has no weights"),
        ("sigmoid", [1, 1, 3, 3, 5, 5, 7, 7], 6, "are equal; neurons 2 and 3"),
    ],
)
def test_the_reason_names_the_neurons(activation, theta, size, reason):
    orbit = symmetry.orbit(Network((1, 4, 1), activation, bias=False), np.array(theta, dtype=float))
    assert orbit.size == size
    assert str(orbit).startswith(f"orbit of {size} points instead of {orbit.group_order}: neuron")
    assert reason in str(orbit)


def test_chains_through_two_layers_move_together():
    """No two neurons are equal, yet moving whole chains leaves theta in place."""
    num_chains = 4
    network = Network((1, num_chains, num_chains, 1), "sigmoid", bias=False)
    layers = [np.full(num_chains, 0.3), 0.7 * np.eye(num_chains).ravel(), np.full(num_chains, 2.0)]
    theta = np.concatenate(layers)
    fixed = symmetry.stabilizer(network, theta)
    assert fixed.order == math.factorial(num_chains) == len(list(fixed.elements()))
    assert "several layers" in fixed.reason
    for element in fixed.elements():
        assert (symmetry.apply(network, element, theta) == theta).all()
        assert (element.permutations[0] == element.permutations[1]).all()


@given(seed=st.integers(0, 2**32 - 1), activation=st.sampled_from(["relu", "identity"]))
def test_neurons_equal_up_to_scale_are_exchanged_with_the_scale_between_them(seed, activation):
    random = np.random.default_rng(seed)
    network = Network((3, 4, 2), activation)
    theta = random.normal(size=network.num_parameters)
    layers = [(np.array(w), np.array(b)) for w, b in network.unflatten(symmetry.apply(
        network, symmetry.identity_element(network), theta))]  # fmt: skip
    scales = np.exp(random.normal(size=3))
    for neuron in (1, 2):
        layers[0][0][neuron] = layers[0][0][0] * scales[neuron]
        layers[0][1][neuron] = layers[0][1][0] * scales[neuron]
        layers[1][0][:, neuron] = layers[1][0][:, 0] / scales[neuron]
    theta = np.asarray(network.flatten(layers))
    elements = list(symmetry.stabilizer(network, theta).elements())
    assert len(elements) == 6
    for element in elements:
        # A quotient of two norms multiplies each number.
        moved = symmetry.apply(network, element, theta)
        np.testing.assert_allclose(moved, theta, rtol=16 * EPS)
    points = list(symmetry.orbit(network, theta))
    assert len(points) == symmetry.order(network) // 6
    forms = np.asarray(symmetry.canonical(network, np.stack(points[:50])))
    assert np.abs(forms - forms[0]).max() <= 64 * EPS * np.abs(forms).max()


def test_a_large_orbit_is_counted_and_described_but_not_listed():
    network = Network((2, 300, 1), "tanh")
    theta = np.random.default_rng(1).normal(size=network.num_parameters)
    orbit = symmetry.orbit(network, theta)
    assert orbit.size == math.factorial(300) * 2**300
    # log10(300! 2^300) from Stirling's series is 704.8.
    assert "e704" in str(orbit)
    with pytest.raises(InvalidInputError, match="more than 100,000: draw some"):
        list(orbit)
    fixed = symmetry.stabilizer(network, np.zeros(network.num_parameters))
    assert fixed.order == orbit.group_order
    assert len(fixed.generators) == 3
    with pytest.raises(InvalidInputError, match="more than 100,000: use its generators"):
        fixed.elements()
    with pytest.raises(InvalidInputError, match="2 elements, more than 1"):
        symmetry.stabilizer(Network((1, 2, 1), "g"), np.zeros(7)).elements(1)


def test_points_are_made_as_they_are_read():
    """All 5,040 points of this orbit fill 283 MB at once."""
    network = Network((1000, 7, 1), "sigmoid")
    theta = np.random.default_rng(2).normal(size=network.num_parameters)
    tracemalloc.start()
    total = sum(1 for _ in symmetry.orbit(network, theta))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == math.factorial(7)
    assert peak < 30e6


def test_a_random_image_has_the_same_orbit():
    network = Network((2, 3, 2, 1), ["tanh", "sigmoid"])
    theta = np.random.default_rng(3).choice([0.5, 1.0, -1.0], size=network.num_parameters)
    moved = symmetry.apply(network, symmetry.random_element(network, key_for(0, "image")), theta)
    ours, theirs = (
        {as_bytes(point) for point in symmetry.orbit(network, start)} for start in (theta, moved)
    )
    assert ours == theirs
