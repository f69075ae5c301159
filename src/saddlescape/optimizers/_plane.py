"""The plane that trajectories lie closest to, and the loss in it, which is not the loss on them."""

import dataclasses
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import InvalidInputError, Landscape, ShapeMismatchError

Points = Float[Array, "_ p"] | Float[np.ndarray, "_ p"]


@dataclasses.dataclass(frozen=True, eq=False)
class Plane:
    """A plane in parameter space, with coordinates in the units of the parameters.

    Args:
        origin: the point of coordinates (0, 0), shape (p,).
        directions: two orthonormal vectors, shape (2, p).
        shares: of the trajectories' variance that lies along each direction.
    """

    origin: Float[np.ndarray, " p"]
    directions: Float[np.ndarray, "2 p"]
    shares: Float[np.ndarray, "2"]

    def coordinates(self, thetas: Points) -> Float[np.ndarray, "t 2"]:
        """Return the coordinates of the feet of points: the nearest points of the plane.

        Args:
            thetas: shape (t, p).

        Returns:
            shape (t, 2).
        """
        return (np.asarray(thetas) - self.origin) @ self.directions.T

    def distance(self, thetas: Points) -> Float[np.ndarray, " t"]:
        """Return how far points are from the plane.

        Args:
            thetas: shape (t, p).

        Returns:
            Euclidean distances, shape (t,).
        """
        return np.linalg.norm(np.asarray(thetas) - self.at(self.coordinates(thetas)), axis=1)

    def at(self, coordinates: Float[np.ndarray, "m 2"]) -> Float[np.ndarray, "m p"]:
        """Return the parameters at coordinates of the plane.

        Args:
            coordinates: shape (m, 2).

        Returns:
            shape (m, p).
        """
        return self.origin + np.asarray(coordinates) @ self.directions


def plane_through(trajectories: Sequence[Points]) -> Plane:
    """Return the plane with the least mean squared distance from trajectories.

    Every trajectory counts the same, however many points it has; within one every point does, so
    records that thin out with time weigh the beginning more than a record of every step would.

    Args:
        trajectories: points of each, shape (t, p) with any t; points that are not finite are left
            out.

    Returns:
        the plane of the first two principal components, through the mean. Costs a singular value
        decomposition of all points.

    Raises:
        InvalidInputError: for fewer than two parameters or two finite points.
        ShapeMismatchError: when trajectories differ in their number of parameters.

    References:
        Li et al. (2018), Visualizing the loss landscape of neural nets, section 7.2; the warning
        that such a plane holds most of the variance of any random walk is Antognini and
        Sohl-Dickstein (2018), PCA of high dimensional random walks.

    Example:
        >>> plane = plane_through([np.array([[0.0, 0.0, 1.0], [2.0, 0.0, 1.0], [0.0, 1.0, 1.0]])])
        >>> plane.distance(np.array([[5.0, 5.0, 4.0]])).round(9).tolist()
        [3.0]
    """
    sizes = {np.shape(points)[-1] for points in trajectories}
    if len(sizes) > 1:
        msg = f"trajectories of {sorted(sizes)} parameters: give those of one landscape"
        raise ShapeMismatchError(msg)
    finite = [np.asarray(points)[np.isfinite(points).all(axis=1)] for points in trajectories]
    finite = [points for points in finite if len(points)]
    count = sum(map(len, finite))
    if count < 2 or sizes.pop() < 2:
        msg = f"{count} finite points: give at least two, of at least two parameters"
        raise InvalidInputError(msg)
    origin = np.mean([points.mean(axis=0) for points in finite], axis=0)
    rows = np.concatenate([(points - origin) / np.sqrt(len(points)) for points in finite])
    _, sizes_along, directions = np.linalg.svd(rows, full_matrices=False)
    variances = sizes_along**2
    total = float(variances.sum()) or 1.0
    return Plane(origin, _signed(directions[:2]), variances[:2] / total)


def _signed(directions: Float[np.ndarray, "2 p"]) -> Float[np.ndarray, "2 p"]:
    """Return directions with their largest component positive, so that a picture never flips."""
    largest = np.abs(directions).argmax(axis=1)
    return directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]


def plane_losses(
    landscape: Landscape,
    plane: Plane,
    across: Float[np.ndarray, " a"],
    up: Float[np.ndarray, " b"],
) -> Float[np.ndarray, "b a"]:
    """Return the loss on a grid of a plane.

    Args:
        landscape: the loss.
        plane: in its parameter space.
        across: coordinates along the first direction.
        up: coordinates along the second.

    Returns:
        one row per coordinate along the second direction. Costs a x b losses, one compiled call
        that holds the parameters of one point at a time.

    Raises:
        ShapeMismatchError: when the plane is not one of the landscape.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> bowl = FunctionLandscape(lambda v: v @ v, num_parameters=2)
        >>> flat = Plane(np.zeros(2), np.eye(2), np.ones(2) / 2)
        >>> plane_losses(bowl, flat, np.array([0.0, 1.0]), np.array([2.0])).tolist()
        [[4.0, 5.0]]
    """
    if plane.origin.shape != (landscape.num_parameters,):
        msg = (
            f"a plane of {plane.origin.size} parameters, the landscape has "
            f"{landscape.num_parameters}: give a plane of this landscape"
        )
        raise ShapeMismatchError(msg)
    grid = jnp.stack(jnp.meshgrid(jnp.asarray(across), jnp.asarray(up)), axis=-1)
    losses = _losses(landscape, jnp.asarray(plane.origin), jnp.asarray(plane.directions), grid)
    return np.asarray(losses)


@eqx.filter_jit
def _losses(landscape: Landscape, origin: Array, directions: Array, grid: Array) -> Array:
    """Return the losses at coordinates, shape (b, a, 2)."""

    def one(place: Array) -> Array:
        return landscape.loss(origin + place @ directions)

    return jax.lax.map(one, grid.reshape(-1, 2)).reshape(grid.shape[:2])
