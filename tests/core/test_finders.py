"""Finders: every known point is found, as what it is; what has no end is named, never counted."""

import functools
import hashlib
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from saddlescape import problems
from saddlescape.core import (
    Data,
    EmpiricalLandscape,
    FunctionLandscape,
    Kind,
    Network,
    Outcome,
    classify,
    continue_to_infinity,
    find_critical_points,
    find_minima,
    follow_flow,
    neurons_of,
)
from tests.core.family import Family

EPS = np.finfo(np.float64).eps
SURFACES = [
    "double-well", "monkey-saddle", "plateau", "two-minima", "deep-linear", "narrow-valley",
    "rosenbrock",
]  # fmt: skip


def outcomes(points) -> set[Outcome]:
    """Return how the searches ended."""
    return {Outcome(int(outcome)) for outcome in np.asarray(points.outcome)}


# --- surfaces with known points ---


@pytest.fixture(scope="module", params=SURFACES)
def surface(request):
    problem = problems.load(request.param)
    starts = problem.starts(64)
    landscape = problem.landscape
    return problem, find_minima(landscape, starts), find_critical_points(landscape, starts)


def is_there(problem, known, points) -> np.ndarray:
    """Return which points are the known one; of a curve of minima, any point will do."""
    if known.kind == "flat":
        return np.abs(np.asarray(points.theta).prod(axis=1) - 1) < 8 * EPS
    # A degenerate point is reached where its gradient, of higher order, underflows or rounds.
    return np.abs(np.asarray(points.theta) - np.asarray(known.theta)).max(axis=1) < 1e-9


def test_every_known_point_is_found_and_classified_as_what_it_is(surface):
    problem, _, points = surface
    for known in problem.known_points:
        there = is_there(problem, known, points) & np.asarray(points.converged)
        assert there.any(), known
        assert set(np.asarray(points.index)[there].tolist()) == {known.index}
        assert set(np.asarray(points.nullity)[there].tolist()) == {known.nullity}
        assert {Kind(int(k)).label for k in np.asarray(points.kind)[there]} == {known.kind}
        np.testing.assert_allclose(np.asarray(points.loss)[there], known.loss, atol=8 * EPS)


def test_every_known_minimum_is_found_by_the_minimum_finder(surface):
    problem, points, _ = surface
    for known in problem.known_points:
        if known.kind in {"minimum", "flat"}:
            assert (is_there(problem, known, points) & np.asarray(points.converged)).any()


def test_the_minimum_finder_never_ends_at_a_point_with_a_way_down(surface):
    _, points, _ = surface
    converged = np.asarray(points.converged)
    assert (np.asarray(points.index)[converged] == 0).all()


def test_nothing_unknown_is_called_critical(surface):
    problem, minima, points = surface
    for batch in (minima, points):
        known = np.any([is_there(problem, k, batch) for k in problem.known_points], axis=0)
        assert known[np.asarray(batch.converged)].all()


# --- the lecture problem: the goal, and what runs to infinity ---


@functools.cache  # compiled and searched once
def lecture(activation: str, width: int):
    """Return the network, its landscape and where 200 starts lead."""
    network = Network((2, width, 1), activation, bias=False)
    landscape = EmpiricalLandscape(network, problems.lecture(activation).data)
    return network, landscape, find_minima(landscape, network.starts(200, seed=5))


@pytest.fixture(scope="module", params=[("g", 4), ("g", 5), ("tanh", 4)], ids=str)
def students(request):
    return lecture(*request.param)


def test_99_percent_of_students_converge_to_1e12_or_are_named_as_running_away(students):
    _, _, points = students
    reached = np.asarray(points.converged) & (np.asarray(points.gradient_norm) <= 1e-12)
    running = np.asarray(points.outcome) == Outcome.RUNNING_TO_INFINITY
    assert (reached | running).mean() >= 0.99
    assert (np.asarray(points.index)[reached] == 0).all()


def test_99_percent_of_students_end_at_a_critical_point_finite_or_at_infinity(students):
    _, landscape, points = students
    ends = continue_to_infinity(landscape, points)
    certified = [end for end in ends if end.is_certified]
    assert len(certified) + int(points.converged.sum()) >= 0.99 * len(points)
    for end in certified:
        assert end.gradient_norm <= 1e-12
        assert end.loss < float(points.loss[end.row])  # the search was above it, and falling
        assert (np.diff([*end.losses, end.loss]) < 0).all()


def test_the_gradients_that_are_told_are_those_of_the_plain_loss(students):
    network, _, points = students
    data = problems.lecture(network.activations[0]).data

    def plain(theta):
        return jnp.mean((network.apply(theta, data.inputs) - data.targets) ** 2)

    here = points[np.flatnonzero(np.asarray(points.converged))[:20]]
    gradients = jax.jit(jax.vmap(jax.grad(plain)))(here.theta)
    # 1,681 terms of size up to |theta| |x| (below 100) in another order.
    np.testing.assert_allclose(gradients, 0, atol=1e-12 + 1681**0.5 * 100 * EPS)


def test_a_student_running_away_names_a_pair_and_a_way_down(students):
    network, landscape, points = students
    running = np.flatnonzero(np.asarray(points.outcome) == Outcome.RUNNING_TO_INFINITY)
    if network.hidden == (5,) or network.activations[0].name == "tanh":
        assert len(running) > 0
    strides = jnp.geomspace(1e-7, 1e3, 400)
    falls = jax.jit(
        lambda landscape, point: jnp.any(
            jax.lax.map(lambda t: landscape.loss(point.theta + t * point.direction), strides)
            < point.loss
        )
    )
    for number in running:
        point = points[int(number)]
        neurons = neurons_of(network, np.asarray(point.direction))
        assert len(neurons) >= 2
        assert {layer for layer, _ in neurons} == {0}
        np.testing.assert_allclose(jnp.linalg.norm(point.direction), 1, rtol=8 * EPS)
        assert falls(landscape, point)
        assert point.kind == Kind.NOT_CRITICAL
    still = np.asarray(points.outcome) != Outcome.RUNNING_TO_INFINITY
    assert not np.asarray(points.direction)[still].any()


@pytest.mark.parametrize(
    ("widths", "activation"), [((1, 2), "tanh"), ((1, 2, 2), "tanh"), ((1, 3, 2), "relu")]
)
def test_separable_classes_have_no_minimum(widths, activation):
    """The loss only tends to 0, as the weights tend to infinity."""
    inputs = np.linspace(-2, 2, 12)[:, None]
    data = Data(inputs, (inputs[:, 0] > 0).astype(int))
    network = Network(widths, activation)
    points = find_minima(EmpiricalLandscape(network, data), network.starts(12))
    assert Outcome.CONVERGED not in outcomes(points)
    assert Outcome.RUNNING_TO_INFINITY in outcomes(points)
    if activation == "tanh":  # a kink may hold a search up
        assert outcomes(points) == {Outcome.RUNNING_TO_INFINITY}


# --- networks of other kinds ---


def test_minima_of_a_deep_linear_network_are_flat_along_its_symmetry():
    """W2 W1 = (W2 G^-1)(G W1) for any invertible G: four zero eigenvalues for two neurons."""
    network = Network((2, 2, 2), "identity", bias=False)
    draw = np.random.default_rng(0)
    inputs, slope = draw.normal(size=(30, 2)), np.array([[1.0, 0.5], [-0.3, 0.8]])
    landscape = EmpiricalLandscape(network, Data(inputs, inputs @ slope.T))
    points = find_minima(landscape, network.starts(20))
    assert outcomes(points) == {Outcome.CONVERGED}
    assert set(np.asarray(points.nullity).tolist()) == {4}
    assert set(np.asarray(points.kind).tolist()) == {Kind.FLAT}
    first, second = jax.vmap(network.unflatten)(points.theta)
    product = jnp.einsum("mkh,mhd->mkd", second.weight, first.weight)
    np.testing.assert_allclose(product, np.broadcast_to(slope, (20, 2, 2)), atol=256 * EPS)


def test_weight_decay_makes_every_search_end():
    problem = problems.load("penguins")
    network = problem.student(hidden=(3,), activation="tanh")
    landscape = EmpiricalLandscape(network, problem.data, weight_decay=1e-3)
    points = find_minima(landscape, network.starts(10)).require()
    assert (np.asarray(points.index) == 0).all()
    assert (np.asarray(points.gradient_norm) < 1e-12).all()
    # Stationarity along theta itself: the data's slope along theta balances the decay's.
    plain = EmpiricalLandscape(network, problem.data)
    slopes = jax.vmap(lambda theta: plain.gradient(theta) @ theta)(points.theta)
    squares = jnp.sum(points.theta**2, axis=1)
    np.testing.assert_allclose(slopes, -2e-3 * squares, rtol=1e-10)


def test_a_search_that_ends_on_a_kink_says_so():
    network, _, points = lecture("relu", 4)
    del network
    ended = np.asarray(points.outcome)
    kinked = ended == Outcome.AT_A_KINK
    assert kinked.any()
    assert (np.asarray(points.num_kinks)[kinked] > 0).all()
    assert set(ended.tolist()) <= {Outcome.CONVERGED, Outcome.AT_A_KINK, Outcome.OUT_OF_STEPS}
    converged = np.asarray(points.converged)
    assert (np.asarray(points.gradient_norm)[converged] <= 1e-12).all()


# --- ill-conditioned, and without end ---


def _stiff(arguments, theta):
    matrix, center = arguments
    return (theta - center) @ (matrix @ (theta - center))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_condition_of_1e10_is_solved_to_machine_precision(seed):
    draw = np.random.default_rng(seed)
    q = np.linalg.qr(draw.normal(size=(6, 6)))[0]
    matrix = q * np.logspace(0, 10, 6) @ q.T
    center = draw.normal(size=6)
    arguments = (jnp.asarray((matrix + matrix.T) / 2), jnp.asarray(center))
    points = find_minima(Family(_stiff, 6, arguments), jnp.asarray(draw.normal(size=(8, 6))))
    assert set(np.asarray(points.kind).tolist()) == {Kind.MINIMUM}
    assert set(np.asarray(points.nullity).tolist()) == {0}
    # No float64 theta has a smaller gradient than |H| eps |theta|, nor a smaller error than eps
    # times the condition number; the matrix has rounding errors of that size itself.
    assert float(points.gradient_norm.max()) <= 16 * EPS * 2e10 * np.abs(center).sum()
    np.testing.assert_allclose(points.theta, np.broadcast_to(center, (8, 6)), atol=16 * EPS * 1e10)


def _valley(steepness, theta):
    return (1 - theta[0]) ** 2 + steepness * (theta[1] - theta[0] ** 2) ** 2


def test_a_curved_valley_of_condition_1e8_is_followed_to_its_end():
    starts = jnp.asarray(np.random.default_rng(0).normal(size=(8, 2)))
    points = find_minima(Family(_valley, 2, jnp.asarray(1e6)), starts).require()
    assert set(np.asarray(points.kind).tolist()) == {Kind.MINIMUM}
    # The Hessian's small eigenvalue is 2/5, its large one 1e7: errors eps 1e7 along the valley.
    np.testing.assert_allclose(points.theta, 1, atol=16 * EPS * 1e7)


@pytest.mark.parametrize("finder", [find_minima, find_critical_points])
def test_what_overflows_or_is_no_number_ends_as_not_finite(finder):
    root = FunctionLandscape(lambda v: jnp.sqrt(v[0]) + v[0] ** 2, num_parameters=1)
    huge = FunctionLandscape(lambda v: jnp.exp(v[0] ** 2), num_parameters=1)
    for landscape, start in ((root, -1.0), (huge, 1e3)):
        point = finder(landscape, jnp.array([[start]]))
        assert outcomes(point) == {Outcome.NOT_FINITE}
        assert set(np.asarray(point.kind).tolist()) == {Kind.NOT_CRITICAL}
        assert float(point.theta[0, 0]) == start


@pytest.mark.parametrize(
    ("fn", "start"),
    [
        (lambda v: jnp.exp(-v[0]), 0.3),
        (lambda v: -(v[0] ** 4), 0.5),
        (lambda v: 1 / (1 + v[0] ** 2), 0.7),
        (lambda v: v[0], 1.0),
    ],
    ids=["exp(-x)", "-x^4", "1/(1+x^2)", "x"],
)
def test_a_loss_without_a_minimum_is_run_down_to_infinity(fn, start):
    points = find_minima(FunctionLandscape(fn, num_parameters=1), jnp.array([[start]]))
    assert outcomes(points) == {Outcome.RUNNING_TO_INFINITY}
    assert fn(points.theta[0]) < fn(jnp.array([start]))


# --- the gradient flow ---


def test_the_flow_ends_at_the_minimum_of_its_basin():
    network = Network((1, 2, 1), "tanh")
    inputs = np.linspace(-2, 2, 9)[:, None]
    data = Data(inputs, np.sin(3 * inputs))
    landscape = EmpiricalLandscape(network, data, weight_decay=0.003)
    starts = network.starts(4, seed=1)
    points = follow_flow(landscape, starts).require()
    assert len({round(float(loss), 9) for loss in points.loss}) > 1  # more than one basin
    slope, bend = jax.jit(landscape.gradient), jax.jit(landscape.hessian)
    for start, point in zip(starts, points.theta, strict=True):
        flow = solve_ivp(
            lambda _, theta: -np.asarray(slope(theta)),
            (0, 10_000),
            np.asarray(start),
            method="Radau",
            jac=lambda _, theta: -np.asarray(bend(theta)),
            rtol=1e-6,
            atol=1e-8,
        )
        end = classify(landscape, jnp.asarray(flow.y[:, -1]))
        # The slowest mode decays like exp(-lambda t); what is left is Radau's error over lambda.
        slowest = float(end.eigenvalues[0])
        assert slowest > 4e-3
        np.testing.assert_allclose(point, flow.y[:, -1], atol=1e-6 / slowest)


# --- batches and devices ---

BATCH = """
import hashlib, os
import jax
jax.config.update("jax_enable_x64", True)
import numpy as np
import saddlescape as ss
from saddlescape import problems
surface = problems.load("two-minima")  # a surface compiles in a tenth of a network's time
points = ss.find_minima(surface.landscape, surface.starts(5), max_steps=40)
print(len(jax.local_devices()), hashlib.sha256(np.asarray(points.theta).tobytes()).hexdigest())
"""


def test_two_devices_give_the_bits_of_one():
    """Five starts do not divide by two: one device gets a padded start."""
    told = []
    for devices in ("1", "2"):
        environment = os.environ | {"JAX_NUM_CPU_DEVICES": devices}
        answer = subprocess.run(
            [sys.executable, "-c", BATCH],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        told.append(answer.stdout.split())
    (one, first), (two, second) = told
    assert (one, two) == ("1", "2")
    assert first == second
    assert first != hashlib.sha256(b"").hexdigest()


def test_a_start_does_not_feel_the_others_on_its_way_to_a_minimum():
    """Neither their order nor their number changes a bit, also where a coarse landscape is used."""
    network, landscape, together = lecture("g", 4)
    _same_in_another_order(find_minima, landscape, network.starts(200, seed=5), together)


def test_a_start_does_not_feel_the_others_on_its_way_to_a_critical_point():
    network = Network((2, 2, 1), "g", bias=False)
    landscape = EmpiricalLandscape(network, problems.lecture("g").data)
    starts = network.starts(6, seed=9)
    together = find_critical_points(landscape, starts)
    _same_in_another_order(find_critical_points, landscape, starts, together)


def _same_in_another_order(finder, landscape, starts, together):
    """Assert that shuffled starts, and one alone, end at the same bits."""
    order = np.random.default_rng(0).permutation(len(starts))
    shuffled, alone = finder(landscape, starts[order]), finder(landscape, starts[2:3])
    for field in ("theta", "loss", "eigenvalues", "outcome", "num_steps"):
        every = np.asarray(getattr(together, field))
        np.testing.assert_array_equal(np.asarray(getattr(shuffled, field)), every[order])
        np.testing.assert_array_equal(np.asarray(getattr(alone, field)), every[2:3])
