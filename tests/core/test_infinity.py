"""Points at infinity: closed forms, naive twins, symmetry, evidence, and runaways by name."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from saddlescape.core import (
    Data,
    EmpiricalLandscape,
    FunctionLandscape,
    InvalidInputError,
    Network,
    Outcome,
    Runaway,
    classify,
    continue_to_infinity,
    find_minima,
)

EPS = np.finfo(float).eps


def running(landscape, thetas, directions=None):
    """Return the points as if a search had been running to infinity there."""
    points = classify(landscape, jnp.asarray(thetas))
    ended = jnp.full(len(points), int(Outcome.RUNNING_TO_INFINITY), jnp.int32)
    directions = jnp.zeros_like(points.theta) if directions is None else jnp.asarray(directions)
    return eqx.tree_at(lambda p: (p.outcome, p.direction), points, (ended, directions))


def slopes(name):
    """Return g, g' and g'' as plain JAX functions."""
    g = {"tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid, "softplus": jax.nn.softplus}[name]
    return [jnp.vectorize(f) for f in (g, jax.grad(g), jax.grad(jax.grad(g)))]


@dataclasses.dataclass(frozen=True)
class Case:
    """A teacher of one merged pair and one plain neuron, in one hidden layer of a network."""

    activation: str
    bias: bool
    outputs: int
    is_deep: bool = False

    @property
    def network(self):
        widths = (2, 2, 3, self.outputs) if self.is_deep else (2, 3, self.outputs)
        return Network(widths, self.activation, bias=self.bias)

    def draw(self):
        """Return inputs, what comes before the layer, and the teacher's weights in it."""
        draw = np.random.default_rng(3)
        inputs = draw.normal(size=(60, 2))
        below = 0.7 * np.array([[1.0, 0.4], [-0.3, 1.1]]), np.array([0.2, -0.1]) * self.bias
        wide = 2 + self.bias
        w, e, other = (
            np.array([0.8, -0.5, 0.3]),
            np.array([0.4, 0.7, -0.2]),
            np.array([-0.6, 0.9, 0.1]),
        )
        c, u = np.array([0.9, -0.4])[: self.outputs], np.array([1.0, 0.3])[: self.outputs]
        a = np.array([-1.2, 0.8])[: self.outputs]
        return inputs, below, (w[:wide], e[:wide], other[:wide]), (c, u, a)

    def finite(self, t, *, flip=False, order=(0, 1, 2)):
        """Return the finite network at a distance t from the teacher, its neurons permuted."""
        _, (first, shift), (w, e, other), (c, u, a) = self.draw()
        sign = -1.0 if flip else 1.0
        rows = np.stack([w + t * e / 2, sign * (w - t * e / 2), other])[list(order)]
        columns = np.stack([c / 2 + u / t, sign * (c / 2 - u / t), a])[list(order)].T
        layers = [(first, shift if self.bias else None)] if self.is_deep else []
        layers.append((rows[:, :2], rows[:, 2] if self.bias else None))
        layers.append((columns, np.full(self.outputs, 0.25) if self.bias else None))
        return self.network.flatten(
            [(jnp.asarray(m), None if b is None else jnp.asarray(b)) for m, b in layers]
        )

    def landscape(self):
        """Return the loss on data that the merged teacher has made."""
        inputs, (first, shift), (w, e, other), (c, u, a) = self.draw()
        g, slope, _ = slopes(self.activation)
        values = np.asarray(g(jnp.asarray(inputs @ first.T + shift))) if self.is_deep else inputs
        if self.bias:
            values = np.column_stack([values, np.ones(len(values))])
        z = values @ w
        targets = np.outer(g(z), c) + np.outer(slope(z) * (values @ e), u)
        targets += np.outer(g(values @ other), a) + 0.25 * self.bias
        return EmpiricalLandscape(self.network, Data(inputs, targets))


CASES = [
    Case("sigmoid", bias=False, outputs=1),
    Case("tanh", bias=True, outputs=2),
    Case("softplus", bias=True, outputs=1, is_deep=True),
]


@pytest.fixture(scope="module", params=CASES, ids=str)
def taught(request):
    """Four copies of one start beside a channel: neurons in another order, and upside down."""
    case, landscape = request.param, request.param.landscape()
    is_odd = case.activation == "tanh"
    starts = [
        case.finite(0.2),
        case.finite(0.2, order=(2, 1, 0)),
        case.finite(0.2, order=(1, 2, 0)),
    ]
    starts += [case.finite(0.2, flip=is_odd)]
    return case, landscape, continue_to_infinity(landscape, running(landscape, jnp.stack(starts)))


def test_a_teacher_that_no_finite_network_is_is_found_at_infinity(taught):
    case, _, points = taught
    for point in points:
        assert point.is_certified
        assert point.runaway == Runaway.DERIVATIVE
        # The residual is rounding: some eps for each of a dozen terms of size 1.
        assert point.loss <= (50 * EPS) ** 2
        assert point.gradient_norm <= 1e-12
        assert point.index == 0
        if not case.is_deep:  # a layer below of the same width has symmetries of its own
            assert point.nullity == 0
    if case == CASES[0]:
        _, _, (w, e, other), (c, _, a) = case.draw()
        told = [*w, *e, *other, *c, *a]
        # A Hessian with eigenvalues down to 1e-4 turns a gradient of eps into 1e-12.
        np.testing.assert_allclose(points[0].coordinates, told, atol=1e-10)


def test_limit_coordinates_are_as_many_as_the_limit_function_has(taught):
    """A merged pair has one parameter fewer than two neurons: the pace along their curve."""
    case, _, points = taught
    assert {point.coordinates.size for point in points} == {case.network.num_parameters - 1}
    assert {point.eigenvalues.size for point in points} == {case.network.num_parameters - 1}


def test_permuting_and_flipping_neurons_gives_the_same_point_at_infinity(taught):
    _, _, points = taught
    for point in points[1:]:
        assert abs(point.loss - points[0].loss) <= (50 * EPS) ** 2
        # Both stop where the gradient is some eps; curvatures then agree to 1e-9 of the largest.
        np.testing.assert_allclose(
            point.eigenvalues, points[0].eigenvalues, atol=1e-9 * points[0].eigenvalues[-1]
        )
    assert {frozenset(point.clusters[0]) for point in points[:3]} == {
        frozenset(pair) for pair in ((0, 1), (1, 2), (0, 2))
    }


def test_the_loss_falls_along_the_channel_of_finite_networks(taught):
    case, landscape, points = taught
    data = landscape.chunks  # the same samples, through the plain network
    weights = np.asarray(data.weights).ravel()
    inputs = np.asarray(data.inputs).swapaxes(1, 2).reshape(len(weights), -1)[:, :2]
    targets = np.asarray(data.targets).swapaxes(1, 2).reshape(len(weights), -1)
    for point in points:
        outputs = [case.network.apply(jnp.asarray(t), jnp.asarray(inputs)) for t in point.channel]
        plain = [float(weights @ np.sum((np.asarray(o) - targets) ** 2, axis=1)) for o in outputs]
        # Outgoing weights up to `largest` cancel.
        np.testing.assert_allclose(
            point.losses, plain, rtol=1e-6, atol=(9 * EPS * point.largest) ** 2
        )
        assert (np.diff(plain) < 0).all()
        assert plain[-1] > point.loss
        assert np.abs(point.channel[-1]).max() == point.largest > 10


def pair_and_neuron(coordinates, x):
    """The limit function of a pair and a neuron without biases: (w, v, w3, c, a3)."""
    g, slope, _ = slopes("sigmoid")
    w, v, w3, (c, a3) = coordinates[:2], coordinates[2:4], coordinates[4:6], coordinates[6:]
    return c * g(x @ w) + slope(x @ w) * (x @ v) + a3 * g(x @ w3)


def test_the_limit_s_derivatives_are_those_of_a_naive_twin():
    case = CASES[0]
    landscape = case.landscape()
    (point,) = continue_to_infinity(landscape, running(landscape, case.finite(0.2)[None]))
    inputs, *_ = case.draw()
    x = jnp.asarray(inputs)
    y = pair_and_neuron(jnp.asarray(point.coordinates), x)

    def twin(coordinates):
        return jnp.mean((pair_and_neuron(coordinates, x) - y) ** 2)

    away = jnp.asarray(point.coordinates) + 0.1 * np.random.default_rng(1).normal(size=8)
    told = jax.jit(lambda land, at: (*land.derivatives(at), land.hvp(at, at)))(
        point.landscape, away
    )
    hessian = jax.jit(jax.hessian(twin))(away)
    seen = (twin(away), jax.grad(twin)(away), hessian, hessian @ away)
    for ours, theirs in zip(told, seen, strict=True):
        # Targets from theta at a residual of some eps, sums of 60 terms in two orders.
        np.testing.assert_allclose(ours, theirs, atol=1e-11)


def test_three_neurons_merge_into_a_second_derivative():
    g, slope, bend = slopes("tanh")
    x = np.linspace(-2.5, 2.5, 50)[:, None]
    w, v, q, c = 0.9, 0.4, 0.7, 0.6
    z = x[:, 0] * w
    y = c * g(z) + v * x[:, 0] * slope(z) + (q * x[:, 0]) ** 2 * bend(z) / 2
    network = Network((1, 3, 1), "tanh", bias=False)
    landscape = EmpiricalLandscape(network, Data(x, np.asarray(y)[:, None]))
    t = 0.3  # w(s) = w + q s + v s^2, second difference of g(w(s) x)
    places = t * np.array([-1.0, 0.0, 1.0])
    outgoing = np.linalg.solve(np.vander(places, 3, increasing=True).T, [c, 0, 1])
    theta = jnp.asarray([*(w + q * places + v * places**2), *outgoing])
    (point,) = continue_to_infinity(landscape, running(landscape, theta[None]))
    assert point.is_certified
    assert point.runaway == Runaway.SECOND_DERIVATIVE
    assert point.loss <= (50 * EPS) ** 2
    assert point.coordinates.size == 4
    found = np.asarray(point.coordinates)
    # The sign of q is free: the curve may be run through backwards. A flat direction of 1e-6.
    np.testing.assert_allclose([found[0], abs(found[1]), *found[2:]], [w, q, v, c], atol=1e-8)


def test_two_pairs_merge_at_once():
    g, slope, _ = slopes("sigmoid")
    x = np.random.default_rng(5).normal(size=(80, 2))
    z1, z2 = x @ [0.9, -0.4], x @ [-0.5, -1.1]
    y = 0.5 * g(z1) + slope(z1) * (x @ [0.6, 0.8]) - 0.7 * g(z2) + slope(z2) * (x @ [1.0, -0.3])
    network = Network((2, 4, 1), "sigmoid", bias=False)
    landscape = EmpiricalLandscape(network, Data(x, np.asarray(y)[:, None]))
    t = 0.15
    w = np.array([[0.9, -0.4], [0.9, -0.4], [-0.5, -1.1], [-0.5, -1.1]])
    w += t / 2 * np.array([[0.6, 0.8], [-0.6, -0.8], [1.0, -0.3], [-1.0, 0.3]])
    a = np.array([0.25 + 1 / t, 0.25 - 1 / t, -0.35 + 1 / t, -0.35 - 1 / t])
    (point,) = continue_to_infinity(landscape, running(landscape, [np.append(w.ravel(), a)]))
    assert point.is_certified
    assert point.runaway == Runaway.SEVERAL
    assert {frozenset(cluster) for cluster in point.clusters} == {
        frozenset({0, 1}),
        frozenset({2, 3}),
    }
    assert point.loss <= (50 * EPS) ** 2
    assert (point.index, point.nullity, point.coordinates.size) == (0, 0, 10)


# --- runaways without a smooth limit are named, and the loss falls along the curve that is told ---

LINE = np.linspace(-2, 2, 40)[:, None]


@pytest.mark.parametrize(
    ("activation", "target", "theta", "runaway"),
    [
        ("sigmoid", 1.5 * (LINE > 0), [12.0, 1.4], Runaway.STEP),
        ("softplus", np.maximum(LINE, 0), [12.0, 0.08], Runaway.RELU),
        ("tanh", LINE, [0.1, 9.8], Runaway.LINEAR),
    ],
    ids=["step", "relu", "line"],
)
def test_a_single_neuron_that_runs_away_is_named_by_what_it_becomes(
    activation, target, theta, runaway
):
    landscape = EmpiricalLandscape(Network((1, 1, 1), activation, bias=False), Data(LINE, target))
    away = jnp.asarray([[1.0, 0.0] if runaway != Runaway.LINEAR else [0.0, 1.0]])
    (point,) = continue_to_infinity(landscape, running(landscape, [theta], away))
    assert not point.is_certified
    assert (point.runaway, point.neurons) == (runaway, ((0, 0),))
    assert (np.diff(point.losses) <= 0).all()
    # No finite loss is zero for these targets; 16 times as far it is nearly so.
    assert point.losses[-1] <= 1e-3 * point.losses[0]
    plain = [float(landscape.loss(jnp.asarray(theta))) for theta in point.channel]
    np.testing.assert_allclose(point.losses, plain, rtol=1e-9, atol=EPS**2)


def test_with_weight_decay_nothing_is_called_a_point_at_infinity():
    case = CASES[0]
    plain = case.landscape()
    inputs, *_ = case.draw()
    targets = np.asarray(plain.chunks.targets).ravel()[: len(inputs)]
    decaying = EmpiricalLandscape(case.network, Data(inputs, targets[:, None]), weight_decay=1e-3)
    (point,) = continue_to_infinity(decaying, running(decaying, case.finite(0.2)[None]))
    assert not point.is_certified


def test_a_function_without_a_network_has_no_known_limits():
    bowl = FunctionLandscape(lambda v: v @ v, num_parameters=2)
    points = find_minima(bowl, jnp.ones((1, 2)))
    with pytest.raises(InvalidInputError, match="no network"):
        continue_to_infinity(bowl, points)
