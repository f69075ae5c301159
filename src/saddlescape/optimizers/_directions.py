"""The eigen-directions of a Hessian: steep ones and boring ones."""

import dataclasses

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from saddlescape.core import Landscape, rounding_threshold

Vectors = Float[Array, "t p"] | Float[np.ndarray, "t p"]

_STEEP = 0.1  # of the largest curvature in size


@dataclasses.dataclass(frozen=True, eq=False)
class Directions:
    """Unit vectors along which the Hessian at one point acts as a number, its curvature.

    Args:
        theta: the point.
        curvatures: ascending, loss per parameter squared.
        vectors: the directions are its columns.
        zero: the size below which a curvature is rounding.
    """

    theta: Float[np.ndarray, " p"]
    curvatures: Float[np.ndarray, " p"]
    vectors: Float[np.ndarray, "p p"]
    zero: float

    @property
    def is_steep(self) -> Bool[np.ndarray, " p"]:
        """Whether a curvature has at least a tenth of the size of the largest."""
        size = np.abs(self.curvatures)
        return size >= _STEEP * size.max()

    @property
    def is_boring(self) -> Bool[np.ndarray, " p"]:
        """Whether a curvature is smaller than that in size, and not zero up to rounding."""
        return ~self.is_steep & (np.abs(self.curvatures) > self.zero)

    def along(self, vectors: Vectors) -> Float[np.ndarray, "t p"]:
        """Return the components of vectors along each direction.

        Args:
            vectors: of parameters, shape (t, p).

        Returns:
            shape (t, p), in the order of the curvatures.
        """
        return np.asarray(vectors) @ self.vectors


def directions(landscape: Landscape, theta: Float[Array, " p"]) -> Directions:
    """Return the eigen-directions of the Hessian at a point.

    Args:
        landscape: the loss.
        theta: where, shape (p,): the end of a trajectory, a minimum, a saddle.

    Returns:
        curvatures and directions. Costs one Hessian and its eigendecomposition.

    Raises:
        MemoryBudgetError: where the Hessian does not fit into memory.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> valley = FunctionLandscape(lambda v: (v[0] ** 2 + 50 * v[1] ** 2) / 2, num_parameters=2)
        >>> found = directions(valley, jnp.ones(2))
        >>> found.curvatures.tolist(), found.is_steep.tolist()
        ([1.0, 50.0], [False, True])
    """
    theta = landscape.ravel(theta)
    curvatures, vectors = np.linalg.eigh(np.asarray(landscape.hessian(theta)))
    zero = float(rounding_threshold(jnp.abs(jnp.asarray(curvatures)).max(), theta.size))
    return Directions(np.asarray(theta), curvatures, vectors, zero)
