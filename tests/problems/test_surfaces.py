"""Surfaces: every known point is critical, of the stated kind, and no isolated one is missing."""

import jax
import mpmath
import numpy as np
import pytest
from numpy.polynomial import Polynomial
from scipy.optimize import root

from saddlescape.core import InvalidInputError
from saddlescape.problems import load

EPS = np.finfo(float).eps
SURFACES = [
    "double-well", "monkey-saddle", "plateau", "two-minima", "deep-linear", "narrow-valley",
    "rosenbrock", "beale",
]  # fmt: skip
POINTS = [
    pytest.param(name, number, id=f"{name}-{number}")
    for name, count in zip(SURFACES, (3, 1, 1, 3, 4, 1, 1, 3), strict=True)
    for number in range(count)
]
ROUNDED = ("beale", 2)  # the one point that no floating-point number hits


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
    gradient = np.asarray(problem.landscape.gradient(point.theta))
    if (name, number) == ROUNDED:
        # The nearest number is half an ulp off; the sum's terms, up to 30, round a few times each.
        curvature = np.abs(np.asarray(problem.landscape.hessian(point.theta))).sum(axis=1)
        assert (np.abs(gradient) <= 4 * EPS * curvature * np.abs(point.theta).max()).all()
        assert abs(float(problem.landscape.loss(point.theta)) - point.loss) <= 16 * EPS * point.loss
        return
    assert gradient.tolist() == [0] * len(point.theta)
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


def test_beale_has_three_critical_points_and_no_more():
    """The sum of (c_i - x (1 - y^i))^2 is quadratic in x: eliminate it, and take every root in y.

    With b_i = 1 - y^i and S the sum of c_i b_i, x sum b_i^2 = S where the slope in x vanishes, and
    x = 0 or x sum b_i b_i' = sum c_i b_i' where that in y does. All coefficients are binary.
    """
    y = Polynomial([0, 1])
    targets, walls = (1.5, 2.25, 2.625), [1 - y**power for power in (1, 2, 3)]
    pull = sum(c * b for c, b in zip(targets, walls, strict=True))
    size = sum(b * b for b in walls)
    turn = sum(c * b.deriv() for c, b in zip(targets, walls, strict=True))
    lean = sum(b * b.deriv() for b in walls)
    # Where y = 1, pull, size and lean vanish but turn does not: there x = 0.
    points = [(0.0, 1.0, sum(c * c for c in targets))]
    assert [part(1) == 0 for part in (pull, size, lean, turn)] == [True, True, True, False]
    assert all(abs(root.imag) > 1 for root in (pull // (1 - y)).roots())  # no other with x = 0
    rest = pull * lean - size * turn
    while rest(1) == 0:
        rest //= 1 - y
    with mpmath.workdps(40):
        for root in mpmath.polyroots(rest.coef[::-1].tolist(), maxsteps=200, extraprec=200):
            if abs(root.imag) > 1e-30:
                continue
            height = root.real
            terms = [1 - height**power for power in (1, 2, 3)]
            x = mpmath.fdot(targets, terms) / mpmath.fdot(terms, terms)
            loss = sum((c - x * b) ** 2 for c, b in zip(targets, terms, strict=True))
            points.append((float(x), float(height), float(mpmath.chop(loss, 1e-30))))
    known = [(*map(float, point.theta), point.loss) for point in load("beale").known_points]
    assert sorted(points) == sorted(known)


def test_the_narrow_valley_is_a_hundred_times_steeper_across_than_along():
    hessian = np.asarray(load("narrow-valley").landscape.hessian(np.array([0.3, -0.7])))
    along, across = np.array([0.6, 0.8]), np.array([-0.8, 0.6])
    np.testing.assert_allclose(hessian @ along, along, rtol=0, atol=100 * 4 * EPS)
    np.testing.assert_allclose(hessian @ across, 100 * across, rtol=0, atol=100 * 4 * EPS)


def test_rosenbrock_and_beale_agree_with_published_values():
    """At the standard starts of More, Garbow & Hillstrom (1981), problems 1 and 5."""
    assert float(load("rosenbrock").landscape.loss(np.array([-1.2, 1.0]))) == pytest.approx(
        24.2, rel=8 * EPS
    )
    assert float(load("beale").landscape.loss(np.array([1.0, 1.0]))) == 14.203125


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
