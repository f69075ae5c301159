"""What first and second derivatives at the centre say about a slice, beside the slice itself."""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError, Landscape
from saddlescape.slices._directions import Directions
from saddlescape.slices._slice import Slice


@dataclasses.dataclass(frozen=True, eq=False)
class QuadraticModel:
    """The loss to second order around the centre of a slice, in its coordinates.

    Args:
        loss: at the centre.
        gradient_norm: the largest entry of the whole gradient there.
        slope: first derivatives along the directions, shape (k,).
        curvature: second derivatives, shape (k, k).
    """

    loss: float
    gradient_norm: float
    slope: Float[np.ndarray, " k"]
    curvature: Float[np.ndarray, "k k"]

    def at(self, places: Float[np.ndarray, "m k"]) -> Float[np.ndarray, " m"]:
        """Return the model at coordinates.

        Args:
            places: shape (m, k).

        Returns:
            losses, shape (m,).
        """
        bent = 0.5 * np.einsum("mi,ij,mj->m", places, self.curvature, places)
        return self.loss + places @ self.slope + bent


def quadratic_model(landscape: Landscape, origin: Any, directions: Directions) -> QuadraticModel:
    """Return the loss to second order around the centre.

    Args:
        landscape: the loss; of any framework.
        origin: the centre, shape (p,).
        directions: k of them.

    Returns:
        the model: along a unit eigenvector the curvature is its eigenvalue. Costs a gradient and k
        products with the Hessian.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> wells = FunctionLandscape(lambda v: (v[0] ** 2 - 1) ** 2, num_parameters=1)
        >>> quadratic_model(wells, [1.0], Directions(np.eye(1), ("x",), "given")).curvature.tolist()
        [[8.0]]
    """
    theta = jnp.asarray(landscape.ravel(origin))
    loss, gradient = landscape.loss_and_gradient(theta)
    rows = [jnp.asarray(row, theta.dtype) for row in directions.rows]
    products = np.stack([np.asarray(landscape.hvp(theta, row), dtype=float) for row in rows])
    curvature = products @ directions.rows.T
    whole = np.asarray(gradient, dtype=float)
    norm, slope = float(np.abs(whole).max()), directions.rows @ whole
    return QuadraticModel(float(loss), norm, slope, (curvature + curvature.T) / 2)


@dataclasses.dataclass(frozen=True)
class Barrier:
    """How far the loss rises above the straight line between its values at both ends.

    Args:
        height: the most; 0 at an end, infinite where a loss is not finite.
        at: the coordinate, between 0 and 1.
        ends: the losses at 0 and 1.
    """

    height: float
    at: float
    ends: tuple[float, float]


def barrier(cut: Slice, losses: Float[np.ndarray, " _"] | None = None) -> Barrier:
    """Return the barrier on a line from coordinate 0 to coordinate 1.

    Args:
        cut: a line whose grid holds 0 and 1, see `between` and `grid`.
        losses: to take instead of its own, such as relaxed ones.

    Returns:
        the largest loss less the linear interpolation of the losses at 0 and 1.

    Raises:
        InvalidInputError: for a plane, or a grid without 0 or 1.

    References:
        Frankle et al. (2020), Linear mode connectivity and the lottery ticket hypothesis; Entezari
        et al. (2022), definition 2.1.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> from saddlescape.slices import between, line
        >>> wells = FunctionLandscape(lambda v: (v[0] ** 2 - 1) ** 2, num_parameters=1)
        >>> cut = line(wells, [-1.0], between([-1.0], [1.0]), (0.0, 1.0))
        >>> barrier(cut).height, barrier(cut).at
        (1.0, 0.5)
    """
    along = cut.coordinates[0]
    if len(cut.coordinates) > 1 or not {0.0, 1.0} <= set(along.tolist()):
        msg = "a barrier is that of a line through its ends: give a grid that holds 0 and 1"
        raise InvalidInputError(msg)
    inside = (along >= 0) & (along <= 1)
    at, told = along[inside], (cut.losses if losses is None else losses)[inside]
    ends = float(told[0]), float(told[-1])
    rise = told - (ends[0] + at * (ends[1] - ends[0]))
    rise = np.where(np.isfinite(rise), rise, np.inf)
    top = int(rise.argmax())
    return Barrier(max(float(rise[top]), 0.0), float(at[top]), ends)
