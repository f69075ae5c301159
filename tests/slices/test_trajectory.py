"""The plane of trajectories is that of their principal components, and knows what it leaves out."""

import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.decomposition import PCA

from saddlescape.core import FunctionLandscape, InvalidInputError, ShapeMismatchError
from saddlescape.slices import Plane, on_grid, plane_through

EPS = np.finfo(float).eps
RNG = np.random.default_rng(11)
WALK = np.cumsum(RNG.normal(size=(60, 7)), axis=0)


def test_the_plane_is_that_of_scikit_learns_principal_components():
    plane, pca = plane_through([WALK]), PCA(2).fit(WALK)
    # Two decompositions of a matrix of condition some tens.
    np.testing.assert_allclose(plane.shares, pca.explained_variance_ratio_, rtol=1e3 * EPS)
    np.testing.assert_allclose(
        np.abs(plane.directions @ pca.components_.T), np.eye(2), rtol=0, atol=1e4 * EPS
    )
    left_out = np.linalg.norm(WALK - pca.inverse_transform(pca.transform(WALK)), axis=1)
    np.testing.assert_allclose(plane.distance(WALK), left_out, rtol=0, atol=1e4 * EPS * 10)


def test_points_of_the_plane_are_at_no_distance_and_keep_their_coordinates():
    plane = plane_through([WALK, -WALK[:20]])
    places = RNG.normal(size=(9, 2))
    np.testing.assert_allclose(plane.coordinates(plane.at(places)), places, rtol=0, atol=1e3 * EPS)
    np.testing.assert_allclose(plane.distance(plane.at(places)), 0, rtol=0, atol=1e3 * EPS)
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=16 * EPS)


def test_pythagoras_holds_between_a_point_its_foot_and_the_origin():
    plane = plane_through([WALK])
    square = np.sum((WALK - plane.origin) ** 2, axis=1)
    parts = plane.distance(WALK) ** 2 + np.sum(plane.coordinates(WALK) ** 2, axis=1)
    np.testing.assert_allclose(parts, square, rtol=1e2 * EPS)


def test_a_trajectory_counts_once_however_often_its_points_are_recorded():
    other = RNG.normal(size=(5, 7))
    once, often = plane_through([WALK, other]), plane_through([WALK, np.repeat(other, 40, axis=0)])
    np.testing.assert_allclose(once.origin, often.origin, rtol=0, atol=1e3 * EPS)
    np.testing.assert_allclose(once.directions, often.directions, rtol=0, atol=1e5 * EPS)


def test_points_that_are_not_finite_are_left_out():
    with_gaps = np.concatenate([WALK, np.full((2, 7), np.nan), np.full((1, 7), np.inf)])
    np.testing.assert_array_equal(plane_through([with_gaps]).directions,
                                  plane_through([WALK]).directions)  # fmt: skip


def test_losses_on_the_grid_are_those_of_its_points():
    landscape = FunctionLandscape(lambda v: jnp.sum(v**4) + v[0] * v[3], num_parameters=7)
    plane, across, up = plane_through([WALK]), np.linspace(-3, 2, 4), np.linspace(0, 1, 3)
    found = on_grid(landscape, plane.origin, plane.axes, (across, up)).losses
    naive = [[float(landscape.loss(jnp.asarray(plane.at(np.array([[a, b]]))[0]))) for b in up]
             for a in across]  # fmt: skip
    # Sums of seven fourth powers, whose arguments differ by a rounding.
    np.testing.assert_allclose(found, naive, rtol=100 * EPS)


@pytest.mark.parametrize(
    ("trajectories", "error"),
    [
        ([np.zeros((1, 4))], InvalidInputError),
        ([np.zeros((5, 1))], InvalidInputError),
        ([np.full((5, 4), np.nan)], InvalidInputError),
        ([np.zeros((5, 4)), np.zeros((5, 3))], ShapeMismatchError),
    ],
)
def test_what_spans_no_plane_is_refused(trajectories, error):
    with pytest.raises(error):
        plane_through(trajectories)


def test_a_plane_of_another_landscape_is_refused():
    bowl = FunctionLandscape(lambda v: v @ v, num_parameters=3)
    plane = Plane(np.zeros(2), np.eye(2), np.ones(2) / 2)
    with pytest.raises(ShapeMismatchError, match="2 parameters, the landscape has 3"):
        on_grid(bowl, plane.origin, plane.axes, (np.zeros(1), np.zeros(1)))
