"""Splitting neurons on real landscapes: critical points stay critical, and their index is known."""

import itertools

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saddlescape import core, problems, symmetry
from saddlescape.core import (
    Data,
    EmpiricalLandscape,
    InvalidInputError,
    Network,
    ShapeMismatchError,
)

EPS = np.finfo(np.float64).eps
CRITICAL = 1e-12  # largest entry of a gradient, for entries that are sums of terms of order one

told = eqx.filter_jit(lambda landscape, theta: landscape.loss_and_gradient(theta))


def on(network, data, theta):
    """Return the loss, and the largest entry of the gradient."""
    loss, gradient = told(EmpiricalLandscape(network, data), jnp.asarray(theta))
    return float(loss), float(jnp.abs(gradient).max())


def lowest(points, kept):
    """Return the lowest of the points whose Hessian leaves no doubt."""
    is_clear = np.asarray(points.converged & (points.nullity == 0) & (points.num_uncertain == 0))
    rows = np.flatnonzero(is_clear & np.asarray(kept))
    return points[int(rows[np.argmin(np.asarray(points.loss)[rows])])]


class Narrow:
    """The lecture's problem for a student of three neurons, with a minimum and a saddle."""

    def __init__(self):
        self.data = problems.lecture("sigmoid").data
        self.network = Network((2, 3, 1), "sigmoid", bias=False)
        landscape = EmpiricalLandscape(self.network, self.data)
        points = core.find_critical_points(landscape, self.network.starts(60, seed=1))
        self.points = {
            "minimum": lowest(points, points.index == 0),
            "saddle": lowest(points, points.index > 0),
        }


class Deep:
    """A minimum with two hidden layers, biases and two outputs, its loss far from zero."""

    def __init__(self):
        line = np.linspace(-2, 2, 7)
        inputs = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
        targets = np.stack(
            [np.tanh(inputs[:, 0] - inputs[:, 1] ** 2 / 4), np.cos(inputs.sum(1) / 2)], axis=1
        )
        self.data = Data(jnp.asarray(inputs), jnp.asarray(targets))
        self.network = Network((2, 2, 2, 2), "tanh", bias=True)
        points = core.find_minima(
            EmpiricalLandscape(self.network, self.data), self.network.starts(30, seed=1)
        )
        self.minimum = lowest(points, points.index == 0)


@pytest.fixture(scope="module")
def narrow():
    return Narrow()


@pytest.fixture(scope="module")
def deep():
    return Deep()


KINDS = st.sampled_from(["minimum", "saddle"])


@st.composite
def positions(draw, narrow, widths):
    """Return positions that each of the narrow neurons has at least once."""
    spare = draw(st.sampled_from(widths)) - narrow
    more = draw(st.lists(st.integers(0, narrow - 1), min_size=spare, max_size=spare))
    return draw(st.permutations([*range(narrow), *more]))


FAR = st.lists(st.floats(-3, 3), min_size=4, max_size=4)


@given(kind=KINDS, places=positions(3, [4, 5]), coefficients=FAR)
def test_a_critical_point_becomes_a_flat_family_of_them(narrow, kind, places, coefficients):
    point = narrow.points[kind]
    family = symmetry.split_family(narrow.network, point.theta, 0, places)
    assert family.dimension == len(places) - 3
    theta = family.point(np.array(coefficients[: family.dimension]))
    loss, slope = on(family.network, narrow.data, theta)
    assert slope <= CRITICAL
    # Outputs of order 10 are rounded, and the loss is a mean of their squared differences.
    assert abs(loss - float(point.loss)) <= 100 * EPS


@given(layer=st.sampled_from([0, 1]), places=positions(2, [3]), coefficients=FAR)
def test_so_it_does_with_several_layers_outputs_and_biases(deep, layer, places, coefficients):
    point = deep.minimum
    family = symmetry.split_family(deep.network, point.theta, layer, places)
    assert family.dimension == 1
    loss, slope = on(family.network, deep.data, family.point(np.array(coefficients[:1])))
    assert slope <= CRITICAL
    assert abs(loss - float(point.loss)) <= 100 * EPS


@given(layer=st.sampled_from([0, 1]), places=positions(2, [3]), coefficients=FAR)
def test_shares_that_differ_between_outputs_keep_the_loss_but_are_not_critical(
    deep, layer, places, coefficients
):
    point = deep.minimum
    one, every = (
        symmetry.split_family(deep.network, point.theta, layer, places, per_output=per_output)
        for per_output in (False, True)
    )
    assert every.dimension == 2
    np.testing.assert_allclose(every.directions @ every.directions.T, np.eye(2), atol=4 * EPS)
    loss, _ = on(every.network, deep.data, every.point(np.array(coefficients[:2])))
    assert abs(loss - float(point.loss)) <= 100 * EPS
    across = np.asarray(every.directions @ one.directions[0])
    aside = every.point(np.array([-across[1], across[0]]))
    assert on(every.network, deep.data, aside)[1] > 1e6 * CRITICAL


def curvatures(narrow, point):
    """Return for each neuron the mean of 2 (f - y) a g''(w.x) x x^T, written with sums."""
    inputs, targets = np.asarray(narrow.data.inputs), np.asarray(narrow.data.targets)[:, 0]
    theta = np.asarray(point.theta)
    incoming, outgoing = theta[:6].reshape(3, 2), theta[6:]
    g = 1 / (1 + np.exp(-inputs @ incoming.T))
    error = g @ outgoing - targets
    bends = 2 * error[:, None] * outgoing * g * (1 - g) * (1 - 2 * g) / len(inputs)
    return [np.einsum("s,si,sj->ij", bends[:, i], inputs, inputs) for i in range(3)]


@given(
    kind=KINDS,
    places=positions(3, [4, 5]),
    weights=st.lists(st.integers(-4, 4).filter(bool), min_size=5, max_size=5),
)
def test_the_index_over_the_family_is_that_of_the_curvatures(narrow, kind, places, weights):
    """Sylvester's law: P positive and N negative shares of a neuron with curvature B add
    (P - 1) neg(B) + N pos(B) to the index, and P + N - 1 to the nullity."""
    point, parts = narrow.points[kind], np.array(weights[: len(places)], dtype=float)
    sums = np.bincount(places, parts)
    assume((sums != 0).all())
    shares = parts / sums[places]
    wide = symmetry.split(narrow.network, point.theta, 0, places, shares=shares)
    measured = core.classify(EmpiricalLandscape(wide.network, narrow.data), wide.theta)
    index, nullity = int(point.index), 0
    for place, curvature in enumerate(curvatures(narrow, point)):
        own, signs = shares[np.array(places) == place], np.linalg.eigvalsh(curvature) < 0
        num_negative = int((own < 0).sum())
        index += (len(own) - num_negative - 1) * signs.sum() + num_negative * (~signs).sum()
        nullity += len(own) - 1
    assert (int(measured.index), int(measured.nullity)) == (index, nullity)


@pytest.mark.parametrize("layer", [0, 1])
def test_with_two_next_neurons_one_eigenvalue_vanishes_and_another_falls(deep, layer):
    """The valley of dimension 2 is level, but only along equal shares is it free of slope."""
    point = deep.minimum
    wide = symmetry.split(deep.network, point.theta, layer, [0, 1, 0])
    measured = core.classify(EmpiricalLandscape(wide.network, deep.data), wide.theta)
    assert int(measured.nullity) == 1
    assert int(measured.index) >= 1


# --- permutation points ---


@pytest.mark.parametrize("width", [3, 4, 5])
def test_permutation_points_are_all_maps_onto_the_narrow_neurons(narrow, width):
    theta = narrow.points["minimum"].theta
    points = np.asarray(symmetry.permutation_points(narrow.network, theta, 0, width))
    every = itertools.product(range(3), repeat=width)
    maps = [places for places in every if len(set(places)) == 3]
    splits = [symmetry.split(narrow.network, theta, 0, places).theta for places in maps]
    np.testing.assert_array_equal(points, np.stack(splits))
    assert len(np.unique(points, axis=0)) == len(maps)
    assert len(maps) == symmetry.num_permutation_points([width], width - 3)
    network = Network((2, width, 1), "sigmoid", bias=False)
    assert {on(network, narrow.data, point)[1] <= CRITICAL for point in points} == {True}


def test_permutation_points_of_one_kind_are_copies_of_each_other(narrow):
    """Three kinds of pairs, one for each narrow neuron, each with 4! / 2 copies."""
    theta = narrow.points["minimum"].theta
    points = symmetry.permutation_points(narrow.network, theta, 0, 4)
    network = Network((2, 4, 1), "sigmoid", bias=False)
    forms = np.asarray(symmetry.canonical(network, points))
    different, counts = np.unique(forms, axis=0, return_counts=True)
    assert counts.tolist() == [12, 12, 12]
    assert {symmetry.copies(network, form) for form in different} == {12}


# --- neurons without outgoing weights ---


def test_a_neuron_without_outgoing_weights_is_critical_only_where_its_activity_finds_no_error(
    narrow,
):
    """With incoming weights of another neuron it does not, with others it does."""
    point = narrow.points["minimum"]
    own = np.asarray(point.theta)[:2]
    slopes = []
    for incoming in (own, [0.3, -2.0], [0.0, 0.0]):
        wide = symmetry.split(
            narrow.network, point.theta, 0, [0, 1, 2, -1], incoming=np.array([incoming])
        )
        loss, slope = on(wide.network, narrow.data, wide.theta)
        assert loss == pytest.approx(float(point.loss), abs=100 * EPS)
        slopes.append(slope)
    assert slopes[0] <= CRITICAL
    assert min(slopes[1:]) > 1e3 * CRITICAL


def test_a_neuron_without_weights_is_critical_for_an_odd_activation_or_below_a_bias(deep):
    for layer in (0, 1):
        wide = symmetry.split(deep.network, deep.minimum.theta, layer, [0, 1, -1])
        assert on(wide.network, deep.data, wide.theta)[1] <= CRITICAL


def test_at_zero_loss_neurons_without_outgoing_weights_are_critical_whatever_they_see():
    problem = problems.lecture("tanh")
    incoming = np.array([[0.3, -2.0]])
    wide = symmetry.split(problem.network, problem.teacher, 0, [0, 1, 2, 3, -1], incoming=incoming)
    assert on(wide.network, problem.data, wide.theta)[1] <= CRITICAL


# --- splitting and collapsing undo each other ---

SHAPES = [((2, 3, 1), False), ((3, 2, 3, 2), True), ((1, 1, 1, 1), (True, False, True))]


@given(
    shape=st.sampled_from(SHAPES),
    layer=st.integers(0, 1),
    seed=st.integers(0, 2**31),
    data=st.data(),
)
def test_collapsing_undoes_splitting(shape, layer, seed, data):
    widths, bias = shape
    network = Network(widths, "softplus", bias=bias)
    layer = min(layer, len(network.hidden) - 1)
    width = network.hidden[layer]
    more = data.draw(st.lists(st.integers(-1, width - 1), max_size=3))
    places = [*range(width), *more]
    draw = np.random.default_rng(seed)
    theta = draw.normal(size=network.num_parameters)
    shares = draw.uniform(0.5, 2, size=len(places))
    sums = np.bincount(np.maximum(places, 0), shares * (np.array(places) >= 0))
    wide = symmetry.split(network, theta, layer, places, shares=shares / sums[places])
    inputs = draw.normal(size=(5, widths[0]))
    # A few dozen products of numbers of order one, in another order.
    outputs = (np.asarray(n.apply(jnp.asarray(t), jnp.asarray(inputs))) for n, t in (
        (network, theta), (wide.network, wide.theta)
    ))  # fmt: skip
    np.testing.assert_allclose(*outputs, rtol=0, atol=1_000 * EPS)
    back = symmetry.collapse(wide.network, wide.theta, layer)
    assert back.network == network
    assert back.positions.tolist() == wide.positions.tolist() == places
    np.testing.assert_allclose(back.theta, theta, rtol=0, atol=16 * EPS)


def test_a_layer_of_idle_neurons_keeps_one():
    network = Network((1, 3, 1), "tanh", bias=False)
    left = symmetry.collapse(network, np.array([1.0, 2.0, 3.0, 0.0, 0.0, 0.0]), 0)
    assert left.network.hidden == (1,)
    assert left.theta.tolist() == [1.0, 0.0]
    assert left.positions.tolist() == [0, -1, -1]


def test_equal_neurons_with_opposite_outgoing_weights_are_dropped():
    network = Network((1, 3, 1), "tanh", bias=False)
    left = symmetry.collapse(network, np.array([1.0, 2.0, 1.0, 5.0, 4.0, -5.0]), 0)
    assert left.theta.tolist() == [2.0, 4.0]
    assert left.positions.tolist() == [-1, 0, -1]


# --- refusals ---

SMALL = Network((1, 2, 1), "tanh", bias=False)
THETA = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: symmetry.split(SMALL, THETA[:3], 0, [0, 1]), ShapeMismatchError, "needs"),
        (lambda: symmetry.split(SMALL, THETA, 1, [0, 1]), InvalidInputError, "1 hidden layers"),
        (lambda: symmetry.split(SMALL, THETA, 0, [0, 0, 0]), InvalidInputError, "at least once"),
        (lambda: symmetry.split(SMALL, THETA, 0, [0, 1, 2]), InvalidInputError, "0 to 1"),
        (
            lambda: symmetry.split(SMALL, THETA, 0, [0, 1, 0], shares=[0.5, 1.0, 0.6]),
            InvalidInputError,
            "neuron 0 sum to 1.1",
        ),
        (
            lambda: symmetry.split(SMALL, THETA, 0, [0, 1, 0], shares=[0.5, 0.5]),
            ShapeMismatchError,
            "one for each neuron",
        ),
        (
            lambda: symmetry.split(SMALL, THETA, 0, [0, 1, -1], incoming=np.zeros((1, 2))),
            ShapeMismatchError,
            "wanted",
        ),
        (
            lambda: symmetry.split_family(SMALL, THETA, 0, [0, 1, -1]),
            InvalidInputError,
            "no neurons at -1",
        ),
        (
            lambda: symmetry.split_family(SMALL, THETA, 0, [0, 1, 1]).point(np.zeros(2)),
            ShapeMismatchError,
            "wanted",
        ),
        (lambda: symmetry.permutation_points(SMALL, THETA, 0, 1), InvalidInputError, "at least 2"),
        (lambda: symmetry.permutation_points(SMALL, THETA, 0, 30), InvalidInputError, "100,000"),
        (lambda: symmetry.collapse(SMALL, THETA, -1), InvalidInputError, "hidden layers"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_a_neuron_that_adds_nothing_has_no_family():
    assert symmetry.split_family(SMALL, np.array([1.0, 2.0, 0.0, 4.0]), 0, [0, 1, 0]).dimension == 0
