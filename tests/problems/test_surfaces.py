"""Surfaces: every known point is critical, of the stated kind, and no isolated one is missing."""

import jax
import numpy as np
import pytest
from scipy.optimize import root

from saddlescape.core import InvalidInputError
from saddlescape.problems import load

EPS = np.finfo(float).eps
SURFACES = ["double-well", "monkey-saddle", "plateau", "two-minima", "deep-linear"]
POINTS = [
    pytest.param(name, number, id=f"{name}-{number}")
    for name, count in zip(SURFACES, (3, 1, 1, 3, 4), strict=True)
    for number in range(count)
]


def around(problem, point, radius=2.0**-10):
    """Return how much the loss differs from the point's on a small circle, or on both sides."""
    angles = np.pi * np.arange(720) / 360 if len(point.theta) == 2 else np.array([0, np.pi])
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, : len(point.theta)]
    places = np.asarray(point.theta) + radius * directions
    return np.asarray(jax.vmap(problem.landscape.loss)(places)) - point.loss


@pytest.mark.parametrize(("name", "number"), POINTS)
def test_the_gradient_vanishes_exactly_at_a_known_point(name, number):
    problem = load(name)
    point = problem.known_points[number]
    assert np.asarray(problem.landscape.gradient(point.theta)).tolist() == [0] * len(point.theta)
    assert float(problem.landscape.loss(point.theta)) == point.loss


@pytest.mark.parametrize(("name", "number"), POINTS)
def test_the_hessian_has_the_stated_inertia(name, number):
    problem = load(name)
    point = problem.known_points[number]
    values = np.linalg.eigvalsh(np.asarray(problem.landscape.hessian(point.theta)))
    zero = 8 * EPS * np.abs(values).max()  # what a symmetric eigenvalue routine may be off by
    assert (values < -zero).sum() == point.index
    assert (np.abs(values) <= zero).sum() == point.nullity


@pytest.mark.parametrize(("name", "number"), POINTS)
def test_the_losses_around_a_known_point_are_of_its_kind(name, number):
    problem = load(name)
    point = problem.known_points[number]
    changes = around(problem, point)
    rises, falls = (changes > 0).any(), (changes < 0).any()
    expected = {
        "minimum": (True, False),
        "maximum": (False, True),
        "saddle": (True, True),
        "plateau": (True, True),
        "flat": (True, False),
    }
    assert (rises, falls) == expected[point.kind]


def test_three_ways_lead_down_from_the_monkey_saddle():
    problem = load("monkey-saddle")
    signs = np.sign(around(problem, problem.known_points[0]))
    signs = signs[signs != 0]
    assert (signs != np.roll(signs, 1)).sum() == 6  # three valleys, three ridges


def test_flat_minima_of_the_deep_linear_network_lie_on_a_hyperbola_of_zero_loss():
    landscape = load("deep-linear").landscape
    scales = 2.0 ** np.arange(-8, 9)
    curve = np.stack([scales, 1 / scales], axis=1)
    assert np.asarray(jax.vmap(landscape.loss)(curve)).tolist() == [0] * len(curve)


@pytest.mark.parametrize("name", SURFACES)
def test_scipy_finds_no_other_point_in_the_box(name):
    problem = load(name)
    known = np.stack([np.asarray(point.theta) for point in problem.known_points])
    gradient = lambda theta: np.asarray(problem.landscape.gradient(theta))  # noqa: E731
    found = set()
    for start in np.asarray(problem.starts(40, seed=1)):
        solution = root(gradient, start, tol=1e-14).x
        if np.abs(gradient(solution)).max() > 1e-9:
            continue
        # A double root of the gradient is found to the square root of the gradient's size.
        distances = np.abs(known - solution).max(axis=1)
        on_curve = name == "deep-linear" and abs(solution.prod() - 1) < 1e-8
        assert on_curve or distances.min() < 1e-4
        found.add("curve" if on_curve else int(distances.argmin()))
    isolated = {i for i, point in enumerate(problem.known_points) if point.kind != "flat"}
    assert isolated <= found


@pytest.mark.parametrize("name", SURFACES)
def test_starts_fill_the_box_and_depend_on_their_number_alone(name):
    problem = load(name)
    starts = np.asarray(problem.starts(64, seed=3))
    lower, upper = np.array(problem.box).T
    assert ((starts >= lower) & (starts <= upper)).all()
    assert (np.ptp(starts, axis=0) > 0.8 * (upper - lower)).all()
    block = np.asarray(problem.starts(8, seed=3, first=40))
    assert (block == starts[40:48]).all()


def test_a_surface_has_no_student_and_data_has_no_box():
    with pytest.raises(InvalidInputError, match="no network is needed"):
        load("plateau").student()
    with pytest.raises(InvalidInputError, match=r"network\.starts"):
        load("penguins").starts(3)
