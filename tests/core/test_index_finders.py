"""Saddles of every index: all are found where their number is known, impostors are named."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import root

from saddlescape.core import (
    FunctionLandscape,
    GradientNormFinder,
    IndexFinder,
    Outcome,
    find,
)

DIMENSION = 3
EPS = np.finfo(np.float64).eps


@pytest.fixture(scope="module")
def wells():
    """The sum of (x^2 - 1)^2: a critical point has every x in {-1, 0, 1}, index the number of 0."""
    return FunctionLandscape(lambda v: jnp.sum((v**2 - 1) ** 2), num_parameters=DIMENSION)


@pytest.fixture(scope="module")
def starts():
    return jnp.asarray(np.random.default_rng(3).uniform(-1.6, 1.6, (150, DIMENSION)))


@pytest.mark.parametrize("order", range(DIMENSION + 1))
def test_all_points_of_the_requested_index_are_found_and_no_others(wells, starts, order):
    inside = 0.6 * starts  # beyond |x| = 1 the way up has no end
    points = find(IndexFinder(order=order), wells, inside).require()
    assert set(np.asarray(points.index).tolist()) == {order}
    exact = np.round(np.asarray(points.theta))
    np.testing.assert_allclose(points.theta, exact, atol=4 * EPS)
    # C(d, k) ways to choose the zeros, two signs for each other coordinate.
    assert len(np.unique(exact + 0.0, axis=0)) == math.comb(DIMENSION, order) * 2 ** (
        DIMENSION - order
    )
    np.testing.assert_allclose(points.loss, order, atol=4 * EPS)  # each zero costs exactly 1


def test_least_squares_of_the_gradient_finds_what_scipy_finds(wells, starts):
    points = find(GradientNormFinder(), wells, starts)
    assert set(np.asarray(points.outcome).tolist()) <= {Outcome.CONVERGED, Outcome.GRADIENT_FLAT}
    mine = np.unique(np.round(np.asarray(points.theta)[np.asarray(points.converged)]) + 0.0, axis=0)
    slope, bend = jax.jit(wells.gradient), jax.jit(wells.hessian)
    found = [root(slope, np.asarray(start), jac=bend, method="lm", tol=1e-14) for start in starts]
    theirs = [one.x for one in found if np.abs(one.fun).max() < 1e-12]
    np.testing.assert_array_equal(mine, np.unique(np.round(theirs) + 0.0, axis=0))
    assert len(mine) == 3**DIMENSION


@pytest.mark.parametrize("finder", [GradientNormFinder(), IndexFinder(order=1)], ids=type)
def test_a_flat_gradient_that_is_not_zero_is_no_critical_point(finder):
    slide = FunctionLandscape(lambda v: v[0] ** 3 / 3 + v[0] + v[1] ** 2, num_parameters=2)
    points = find(finder, slide, jnp.array([[0.5, 0.3], [-0.4, 0.2], [2.0, -1.0]]))
    assert not np.asarray(points.converged).any()
    if isinstance(finder, GradientNormFinder):  # |g|^2 has its minimum at x = 0, where g = (1, 0)
        assert set(np.asarray(points.outcome).tolist()) == {Outcome.GRADIENT_FLAT}
        np.testing.assert_allclose(points.gradient_norm, 1, rtol=1e-6)


@pytest.mark.parametrize("finder", [GradientNormFinder(), IndexFinder(order=0)], ids=type)
def test_what_runs_away_is_never_called_critical(finder):
    slope = FunctionLandscape(lambda v: jnp.exp(-v[0]) + v[1] ** 2, num_parameters=2)
    points = find(finder, slope, jnp.array([[0.3, 0.1], [3.0, 1.0]]))
    assert not np.asarray(points.converged).any()
