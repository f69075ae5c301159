"""Where a path may move: everywhere, or at a fixed distance of two incoming weight vectors.

A space is described at a point by the derivatives along it, in an orthonormal basis of its tangent:
the projected gradient and the constrained Hessian, in which Newton's method and the gradient flow
are the same two lines for every space.
"""

import abc
import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
from jaxtyping import Float

from saddlescape.core import Landscape, gradient_tolerance, rounding_threshold
from saddlescape.paths._pair import PairCoordinates

Vector = Float[np.ndarray, " p"]
Matrix = Float[np.ndarray, "_ _"]


@dataclasses.dataclass(frozen=True, eq=False)
class Here:
    """A landscape as seen from one point of a space.

    Args:
        theta: the point, shape (p,).
        loss: there.
        residual: the gradient along the space, shape (t,), t the dimension of the tangent.
        matrix: the constrained Hessian, shape (t, t).
        hessian: of the landscape, shape (p, p), in the space's coordinates.
        tolerance: below which the largest entry of `residual` is zero up to rounding.
        frame: of the directions that the space tells apart from here, one column each.
    """

    theta: Vector
    loss: float
    residual: Float[np.ndarray, " t"]
    matrix: Matrix
    hessian: Matrix
    tolerance: float
    frame: Matrix

    @property
    def slope(self) -> float:
        """The largest absolute entry of the gradient along the space."""
        return float(np.max(np.abs(self.residual), initial=0.0))

    @property
    def is_finite(self) -> bool:
        """Whether loss and derivatives are finite."""
        return bool(np.isfinite(self.loss) and np.isfinite(self.hessian).all())

    @property
    def index(self) -> int:
        """How many eigenvalues of the landscape's Hessian are negative, beyond rounding."""
        return count_negative(self.hessian)

    @functools.cached_property
    def factored(self) -> tuple[Matrix, bool] | None:
        """The Cholesky factor of the constrained Hessian; None unless it is positive definite."""
        return factor(self.matrix)

    @property
    def is_stable(self) -> bool:
        """Whether the constrained Hessian is positive definite."""
        return self.factored is not None


# Compiled: operation by operation they would take as long as the Hessian itself.
_rounding = jax.jit(rounding_threshold, static_argnums=1)
_compiled_tolerance = jax.jit(gradient_tolerance)


def count_negative(matrix: Matrix) -> int:
    """Return how many eigenvalues lie below minus their rounding error."""
    eigenvalues = np.linalg.eigvalsh(matrix)
    largest = np.max(np.abs(eigenvalues), initial=0.0)
    return int(np.sum(eigenvalues < -float(_rounding(largest, len(matrix)))))


def factor(matrix: Matrix) -> tuple[Matrix, bool] | None:
    """Return the Cholesky factor of a matrix; None unless it is positive definite."""
    try:
        return scipy.linalg.cho_factor(matrix, lower=True)
    except np.linalg.LinAlgError:
        return None


class Space(abc.ABC):
    """What a path moves in."""

    landscape: Landscape

    @abc.abstractmethod
    def at(self, theta: Vector) -> Here:
        """Return the landscape as seen from a point of the space."""

    @abc.abstractmethod
    def moved(self, here: Here, step: Float[np.ndarray, " t"]) -> Vector:
        """Return the point of the space that a tangent step leads to."""

    @abc.abstractmethod
    def error(self, here: Here) -> float:
        """Return how far from critical a point is, in units of what rounding allows."""


@dataclasses.dataclass(frozen=True, eq=False)
class FreeSpace(Space):
    """All of parameter space."""

    landscape: Landscape

    def at(self, theta: Vector) -> Here:
        """Return the landscape as seen from theta."""
        loss, gradient, hessian = map(np.asarray, self.landscape.derivatives(jnp.asarray(theta)))
        return Here(
            theta, float(loss), gradient, hessian, hessian, _tolerance(theta, hessian), np.eye(0)
        )

    def moved(self, here: Here, step: Float[np.ndarray, " t"]) -> Vector:
        """Return theta plus the step."""
        return here.theta + step

    def error(self, here: Here) -> float:
        """Return the gradient in units of its rounding error."""
        return here.slope / here.tolerance


@dataclasses.dataclass(frozen=True, eq=False)
class FixedDistance(Space):
    """The sphere on which two incoming weight vectors keep their distance.

    With q = (w_i - w_j) / sqrt 2 of length r and direction n, the tangent leaves out n. A
    constrained critical point has dL/dq = -lambda q, and the constrained Hessian is that of the
    landscape, plus lambda on the directions orthogonal to n.

    Args:
        landscape: the loss.
        pair: the two neurons.
        unit: the distance from which on "near" is told, that of the start.
    """

    landscape: Landscape
    pair: PairCoordinates
    unit: float

    def at(self, theta: Vector) -> Here:
        """Return the landscape as seen from theta at its own distance."""
        loss, gradient, hessian = map(np.asarray, self.landscape.derivatives(jnp.asarray(theta)))
        tolerance, at = _tolerance(theta, hessian), self.pair.difference
        gradient, hessian = self.pair.turned(gradient), self.pair.turned_matrix(hessian)
        difference = self.pair.turned(theta)[at]
        radius = float(np.linalg.norm(difference))
        frame = _frame(difference / radius)
        gradient[at] = frame.T @ gradient[at]
        hessian[at] = frame.T @ hessian[at]
        hessian[:, at] = hessian[:, at] @ frame
        matrix = hessian.copy()
        matrix[at[1:], at[1:]] -= gradient[at[0]] / radius
        kept = self._tangent
        residual, matrix = gradient[kept], matrix[np.ix_(kept, kept)]
        return Here(theta, float(loss), residual, matrix, hessian, tolerance, frame)

    def moved(self, here: Here, step: Float[np.ndarray, " t"]) -> Vector:
        """Return the point at the same distance that a tangent step leads to."""
        return self.shifted(here, np.insert(step, self.pair.difference[0], 0.0))

    def predicted(self, here: Here, distance: float) -> Vector:
        """Return where the constrained critical point is expected at another distance.

        Along the branch, r' = 1 and A x' = -(H n)_tangent with the constrained Hessian A.
        """
        velocity = self.velocity(here)
        change = (distance - float(self.pair.distance(here.theta))) / np.sqrt(2)
        step = np.insert(change * velocity, self.pair.difference[0], change)
        return self.placed(self.shifted(here, step), distance)

    def velocity(self, here: Here) -> Float[np.ndarray, " t"]:
        """Return d x / d r along the branch of constrained critical points."""
        pull = here.hessian[self._tangent, self.pair.difference[0]]
        if here.factored is not None:
            return -scipy.linalg.cho_solve(here.factored, pull)
        return -np.linalg.lstsq(here.matrix, pull, rcond=None)[0]

    def placed(self, theta: Vector, distance: float) -> Vector:
        """Return theta with the pair moved along its difference to a distance."""
        turned, at = self.pair.turned(theta), self.pair.difference
        turned[at] *= distance / np.sqrt(2) / np.linalg.norm(turned[at])
        return self.pair.turned(turned)

    def error(self, here: Here) -> float:
        """Return the residual in units of rounding, the equations that vanish with r divided by it.

        Those of the direction n and of the difference of outgoing weights are of order r.
        """
        near = min(1.0, float(self.pair.distance(here.theta)) / self.unit)
        vanishing = np.concatenate([self.pair.difference[1:], self.pair.outgoing_difference])
        scales = np.where(np.isin(self._tangent, vanishing), near, 1.0)
        return float(np.max(np.abs(here.residual) / scales, initial=0.0)) / here.tolerance

    @property
    def _tangent(self) -> np.ndarray:
        """Every coordinate but the one along n."""
        return np.delete(np.arange(self.pair.network.num_parameters), self.pair.difference[0])

    def shifted(self, here: Here, step: Vector) -> Vector:
        """Return theta after a step in the coordinates of `here`, its entry along n changing r."""
        radial = float(step[self.pair.difference[0]])
        moved = here.theta + self.pair.turned(self.globalized(here, step))
        return self.placed(moved, float(self.pair.distance(here.theta)) + radial * np.sqrt(2))

    def localized(self, here: Here, vector: Vector) -> Vector:
        """Return a vector of turned coordinates in the frame of `here`."""
        local, at = vector.copy(), self.pair.difference
        local[at] = here.frame.T @ vector[at]
        return local

    def globalized(self, here: Here, vector: Vector) -> Vector:
        """Return a vector of the frame of `here` in turned coordinates."""
        result, at = vector.copy(), self.pair.difference
        result[at] = here.frame @ vector[at]
        return result

    def direction(self, here: Here) -> Vector:
        """Return the unit vector along n, in turned coordinates."""
        unit = np.zeros(self.pair.network.num_parameters)
        unit[self.pair.difference[0]] = 1.0
        return self.globalized(here, unit)


def _tolerance(theta: Vector, hessian: Matrix) -> float:
    """Return the size of a gradient that is zero up to rounding."""
    return float(_compiled_tolerance(theta, hessian))


def _frame(normal: Float[np.ndarray, " d"]) -> Float[np.ndarray, "d d"]:
    """Return an orthonormal basis that begins with a unit vector: a Householder reflection."""
    sign = 1.0 if normal[0] >= 0 else -1.0
    mirror = normal.copy()
    mirror[0] += sign
    reflection = np.eye(len(normal)) - 2 * np.outer(mirror, mirror) / (mirror @ mirror)
    return -sign * reflection
