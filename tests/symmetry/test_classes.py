"""Critical points are grouped as their construction says, however they were moved and shaken."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saddlescape import symmetry
from saddlescape.core import InvalidInputError, Network, ShapeMismatchError, key_for

EPS = np.finfo(np.float64).eps


@dataclasses.dataclass
class Points:
    """A batch of critical points as grouping reads it."""

    theta: np.ndarray
    loss: np.ndarray
    gradient_norm: np.ndarray
    eigenvalues: np.ndarray
    index: np.ndarray
    nullity: np.ndarray
    outcome: np.ndarray

    @staticmethod
    def at(theta, loss, **known):
        """Return converged points with sharp spectra unless told."""
        num, size = theta.shape
        fields = {
            "gradient_norm": np.full(num, 1e-13),
            "eigenvalues": np.tile(np.linspace(1.0, 4.0, size), (num, 1)),
            "index": np.zeros(num, int),
            "nullity": np.zeros(num, int),
            "outcome": np.zeros(num, int),
        }
        return Points(np.asarray(theta), np.asarray(loss), **(fields | known))


def scattered(network, originals, labels, noise, random):
    """Return copies of some originals, each moved by a symmetry and shaken by `noise`."""
    elements = [symmetry.random_element(network, key_for(i, "scatter")) for i in range(7)]
    which = random.integers(7, size=len(labels))
    theta = originals[labels]
    for number, element in enumerate(elements):
        theta[which == number] = symmetry.apply(network, element, theta[which == number])
    return theta + random.uniform(-noise, noise, size=theta.shape)


def same_partition(one, other):
    """Tell whether two labelings group alike."""
    pairs = np.unique(np.stack([one, other]), axis=1).shape[1]
    return pairs == len(np.unique(one)) == len(np.unique(other))


NETWORKS = [
    Network((2, 4, 1), "g", bias=False),
    Network((2, 5, 2), "tanh"),
    Network((2, 4, 3, 1), ["tanh", "sigmoid"]),
]


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
@given(seed=st.integers(0, 2**32 - 1), equal_losses=st.booleans())
def test_isolated_points_are_grouped_by_position_modulo_symmetry(network, seed, equal_losses):
    random = np.random.default_rng(seed)
    originals = random.normal(size=(6, network.num_parameters))
    labels = random.integers(6, size=60)
    losses = np.full(6, 0.3) if equal_losses else random.uniform(0, 1, size=6)
    theta = scattered(network, originals, labels, 1e-13, random)
    points = Points.at(theta, losses[labels] * (1 + random.uniform(-1, 1, size=60) * EPS))
    found = symmetry.classes(network, points)
    assert same_partition(found.labels, labels)
    assert (found.losses == np.sort(found.losses)).all()
    assert (found.counts == np.bincount(found.labels)).all()
    assert set(found.copies) == {symmetry.order(network)}
    # Both points of a pair were shaken by at most 1e-13 in every coordinate.
    assert found.spreads.max() <= 2.1e-13 * np.sqrt(network.num_parameters)
    assert not found.is_family.any()


def ties_in_the_canonical_order(network, random):
    """Return thetas at which a hair more changes the order or a sign in the canonical form.

    Along a segment on which the symmetry that tidies up theta changes, bisection closes in on a
    place where it does: two different neurons tie there, or one's sign is undecided.
    """
    start, *others = random.normal(size=(20, network.num_parameters))

    def tidied_by(theta):
        element = symmetry.align(network, theta, symmetry.canonical(network, theta)).element
        signs = (np.sign(factors) for factors in element.factors)
        return tuple(part.tobytes() for part in (*element.permutations, *signs))

    before = tidied_by(start)
    left, right = 0.0, 1.0
    end = next(theta for theta in others if tidied_by(theta) != before)
    while (middle := (left + right) / 2) not in {left, right}:
        if tidied_by(start + middle * (end - start)) == before:
            left = middle
        else:
            right = middle
    return start + left * (end - start)


TIED = [
    Network((2, 3, 1), "sigmoid", bias=False),
    Network((2, 3, 3, 1), "sigmoid", bias=False),
    Network((2, 4, 2), "tanh"),
    Network((2, 3, 2, 1), ["tanh", "g"]),
    Network((2, 1, 1), "tanh"),  # one neuron: its sign alone can be undecided
    Network((2, 3, 1), "relu"),
]


@pytest.mark.parametrize("network", TIED, ids=repr)
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32 - 1))
def test_near_ties_of_the_canonical_order_do_not_split_a_class(network, seed):
    random = np.random.default_rng(seed)
    theta = ties_in_the_canonical_order(network, random)
    other = theta + 1e-2 * random.normal(size=theta.size)
    labels = random.integers(2, size=60)
    # Shaken before they are moved, as rescaling carries noise along.
    shaken = np.stack([theta, other])[labels]
    shaken += random.uniform(-1, 1, size=shaken.shape) * 1e-9
    copies = scattered(network, shaken, np.arange(60), 0.0, random)
    forms = np.asarray(symmetry.canonical(network, copies[labels == 0]))
    # The tie is real: forms alone would make two classes.
    assert np.linalg.norm(forms - forms[0], axis=1).max() > 1e-4
    points = Points.at(copies, np.full(60, 0.5), gradient_norm=np.full(60, 1e-9))
    found = symmetry.classes(network, points)
    assert same_partition(found.labels, labels)
    assert found.spreads.max() <= 1e-7


def test_points_closer_than_their_errors_are_one_and_farther_are_two():
    network = Network((2, 3, 1), "sigmoid")
    theta = np.random.default_rng(1).normal(size=(1, network.num_parameters))
    pair = np.concatenate([theta, theta + 1e-9])
    sharp = Points.at(pair, np.full(2, 0.5), gradient_norm=np.full(2, 1e-12))
    shallow = Points.at(pair, np.full(2, 0.5), gradient_norm=np.full(2, 1e-9))
    assert len(symmetry.classes(network, sharp)) == 2
    assert len(symmetry.classes(network, shallow)) == 1
    assert len(symmetry.classes(network, sharp, tolerance=1e-7)) == 1


def test_index_and_loss_separate_what_position_does_not():
    network = Network((2, 3, 1), "sigmoid")
    theta = np.tile(np.random.default_rng(1).normal(size=network.num_parameters), (4, 1))
    points = Points.at(theta, np.array([0.5, 0.5, 0.6, 0.6]), index=np.array([0, 1, 0, 0]))
    assert symmetry.classes(network, points).counts.tolist() in ([1, 1, 2], [1, 1, 2][::-1])


def test_zeros_of_different_rounding_are_the_same_zero_and_families_are_one_class():
    network = Network((2, 5, 1), "tanh", bias=False)
    random = np.random.default_rng(2)
    theta = random.normal(size=(9, network.num_parameters))
    spectrum = np.concatenate([np.zeros(2), np.linspace(1, 9, network.num_parameters - 2)])
    known = {"eigenvalues": np.tile(spectrum, (9, 1)), "nullity": np.full(9, 2)}
    loss = np.array([1e-31, 3e-29, 0.0, 2e-30, 1e-3, 1e-3 * (1 + EPS), 1.1e-3, 1e-7, 1e-7])
    found = symmetry.classes(network, Points.at(theta, loss, **known))
    assert same_partition(found.labels, [0, 0, 0, 0, 1, 1, 2, 3, 3])
    assert found.is_family.all()
    assert found.spreads[found.labels[0]] > 1


def test_a_class_is_represented_by_its_most_accurate_point():
    network = Network((2, 3, 1), "sigmoid")
    theta = np.random.default_rng(1).normal(size=(1, network.num_parameters))
    copies = scattered(network, theta, np.zeros(5, int), 0.0, np.random.default_rng(2))
    norms = np.array([3e-13, 2e-13, 1e-15, 5e-13, 1e-14])
    found = symmetry.classes(network, Points.at(copies, np.ones(5), gradient_norm=norms))
    assert found.representatives.tolist() == [2]
    assert found.members(0).tolist() == [0, 1, 2, 3, 4]


def test_only_converged_points_are_grouped_and_the_rest_may_hold_anything():
    network = Network((2, 3, 1), "sigmoid")
    theta = np.tile(np.random.default_rng(1).normal(size=network.num_parameters), (4, 1))
    theta[2] = np.nan
    points = Points.at(theta, np.array([1.0, 1.0, np.inf, 0.5]), outcome=np.array([0, 0, 4, 1]))
    found = symmetry.classes(network, points)
    assert found.labels.tolist() == [0, 0, -1, -1]
    nobody = dataclasses.replace(points, outcome=np.ones(4, int))
    assert len(symmetry.classes(network, nobody)) == 0


def test_rescaled_neurons_are_one_point_and_no_family():
    """Each ReLU neuron brings one zero eigenvalue; without their scales points are isolated."""
    network = Network((2, 4, 1), "relu")
    random = np.random.default_rng(5)
    originals = random.normal(size=(3, network.num_parameters))
    labels = random.integers(3, size=50)
    theta = scattered(network, originals, labels, 1e-14, random)
    spectrum = np.concatenate([np.zeros(4), np.linspace(1, 9, network.num_parameters - 4)])
    known = {"eigenvalues": np.tile(spectrum, (50, 1)), "nullity": np.full(50, 4)}
    found = symmetry.classes(network, Points.at(theta, np.full(50, 0.2), **known))
    assert same_partition(found.labels, labels)
    assert not found.is_family.any()


def test_a_small_eigenvalue_once_taken_for_zero_does_not_split_a_point():
    network = Network((2, 3, 1), "sigmoid")
    theta = np.random.default_rng(1).normal(size=network.num_parameters)
    spectrum = np.concatenate([[1e-5], np.linspace(1, 9, network.num_parameters - 1)])
    shift = np.zeros(network.num_parameters)
    shift[3] = 1e-8
    points = Points.at(
        np.stack([theta, theta + shift, theta + 1.0]),
        np.full(3, 0.25),
        eigenvalues=np.tile(spectrum, (3, 1)),
        gradient_norm=np.array([1e-16, 1e-13, 1e-13]),
        nullity=np.array([0, 1, 1]),
    )
    found = symmetry.classes(network, points)
    assert same_partition(found.labels, [0, 0, 1])
    assert found.is_family.tolist().count(True) == 1


def test_without_a_network_points_are_grouped_by_position():
    """The wells of (x^2 - 1)^2 + (y^2 - 1)^2 have equal losses and are mirror images: four."""
    random = np.random.default_rng(6)
    wells = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    labels = random.integers(4, size=100)
    theta = wells[labels] + random.uniform(-1, 1, size=(100, 2)) * 1e-15
    found = symmetry.classes(None, Points.at(theta, random.uniform(0, 1e-30, size=100)))
    assert same_partition(found.labels, labels)
    assert found.copies == (1, 1, 1, 1)


@pytest.mark.parametrize("same_loss", [True, False])
def test_ten_thousand_different_points_stay_different(same_loss):
    network = Network((2, 4, 1), "tanh", bias=False)
    random = np.random.default_rng(7)
    theta = random.normal(size=(10_000, network.num_parameters))
    loss = np.full(10_000, 0.1) if same_loss else random.uniform(size=10_000)
    found = symmetry.classes(network, Points.at(theta, loss))
    assert len(found) == 10_000


def test_newton_from_around_permuted_teachers_ends_in_one_class():
    """A real landscape: errors, spectra and losses are those of a search."""
    network = Network((2, 3, 1), "tanh", bias=False)
    random = np.random.default_rng(8)
    inputs = jnp.asarray(random.normal(size=(50, 2)))
    teacher = np.array([0.6, 0.5, -0.5, 0.9, -0.2, -0.6, 1.0, 1.5, -0.8])
    targets = network.apply(jnp.asarray(teacher), inputs)

    def loss(theta):
        return jnp.mean((network.apply(theta, inputs) - targets) ** 2)

    @jax.jit
    @jax.vmap
    def search(theta):
        def step(_, theta):
            return theta - jnp.linalg.solve(jax.hessian(loss)(theta), jax.grad(loss)(theta))

        theta = jax.lax.fori_loop(0, 12, step, theta)
        largest = jnp.abs(jax.grad(loss)(theta)).max()
        return theta, loss(theta), largest, jnp.linalg.eigvalsh(jax.hessian(loss)(theta))

    starts = scattered(network, teacher[None], np.zeros(40, int), 1e-3, random)
    ends = [np.asarray(part) for part in search(jnp.asarray(starts))]
    points = Points.at(ends[0], ends[1], gradient_norm=ends[2], eigenvalues=ends[3])
    assert ends[2].max() < 1e-14
    found = symmetry.classes(network, points)
    assert len(found) == 1
    assert found.copies == (48,)
    best = ends[0][found.representatives[0]]
    # The smallest eigenvalue multiplies the rounding of the gradient.
    assert symmetry.distance(network, best, teacher) <= 64 * EPS / ends[3].min()


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("loss", np.ones(3), ShapeMismatchError),
        ("theta", np.ones((4, 5)), ShapeMismatchError),
        ("theta", np.ones(13), ShapeMismatchError),
        ("loss", np.array([1.0, np.nan, 1.0, 1.0]), InvalidInputError),
    ],
)
def test_arrays_that_do_not_fit_are_refused(field, value, error):
    network = Network((2, 3, 1), "sigmoid")
    points = Points.at(np.ones((4, network.num_parameters)), np.ones(4))
    with pytest.raises(error):
        symmetry.classes(network, dataclasses.replace(points, **{field: value}))
