"""The plane that trajectories lie closest to; the loss in it is not the loss on them."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import InvalidInputError, ShapeMismatchError
from saddlescape.slices._directions import Directions

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

    @property
    def axes(self) -> Directions:
        """The two directions of its slices, named with their shares."""
        names = tuple(
            f"{which} direction ({100 * share:.3g} % of the variance)"
            for which, share in zip(("first", "second"), self.shares, strict=True)
        )
        return Directions(self.directions, names, "principal components of a trajectory")


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
