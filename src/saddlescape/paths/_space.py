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
Factor = tuple[Matrix, bool]


@dataclasses.dataclass(frozen=True, eq=False)
class Mark:
    """What a path keeps of a station: no matrices, of which a thousand would fill the memory.

    Args:
        theta: the point, shape (p,).
        loss: there.
        slope: the largest absolute entry of the gradient along the space.
        index: negative eigenvalues of the landscape's Hessian; None where nobody asked.
    """

    theta: Vector
    loss: float
    slope: float
    index: int | None


@dataclasses.dataclass(frozen=True, eq=False)
class Glance:
    """A landscape as seen from one point of a space by its gradient alone.

    Args:
        theta: the point, shape (p,).
        loss: there.
        residual: the gradient along the space, shape (t,), t the dimension of the tangent.
        tolerance: below which the largest entry of `residual` is zero up to rounding.
        frame: of the directions that the space tells apart from here, one column each.
        pull: what the constraint takes from the Hessian along the directions it turns.
    """

    theta: Vector
    loss: float
    residual: Float[np.ndarray, " t"]
    tolerance: float
    frame: Matrix
    pull: float

    @property
    def slope(self) -> float:
        """The largest absolute entry of the gradient along the space."""
        return float(np.max(np.abs(self.residual), initial=0.0))


@dataclasses.dataclass(frozen=True, eq=False)
class Here(Glance):
    """A landscape as seen from one point of a space, with its second derivatives.

    Args:
        matrix: the constrained Hessian, shape (t, t).
        hessian: of the landscape, shape (p, p), in the space's coordinates.
    """

    matrix: Matrix
    hessian: Matrix

    def marked(self, *, with_index: bool = True) -> Mark:
        """Return what a path keeps."""
        index = self.index if with_index else None
        return Mark(self.theta, self.loss, self.slope, index)

    @property
    def is_finite(self) -> bool:
        """Whether loss and derivatives are finite."""
        return bool(np.isfinite(self.loss) and np.isfinite(self.hessian).all())

    @property
    def index(self) -> int:
        """How many eigenvalues of the landscape's Hessian are negative, beyond rounding."""
        return count_negative(self.hessian)

    @functools.cached_property
    def factored(self) -> Factor | None:
        """The Cholesky factor of the constrained Hessian; None unless it is positive definite."""
        return factor(self.matrix)

    @property
    def is_stable(self) -> bool:
        """Whether the constrained Hessian is positive definite."""
        return self.factored is not None


LARGE = 200
"""Parameters from which on products with the Hessian are cheaper than the Hessian: with 870 and
1,797 samples 0.6 ms against 22 ms; with 12 the calls cost more than either."""

# Compiled: operation by operation they would take as long as the Hessian itself.
_rounding = jax.jit(rounding_threshold, static_argnums=1)
_compiled_tolerance = jax.jit(gradient_tolerance)
_potrf, _sytrf = scipy.linalg.get_lapack_funcs(["potrf", "sytrf"], dtype=np.float64)


def count_negative(matrix: Matrix) -> int:
    """Return how many eigenvalues lie below minus their rounding error."""
    if len(matrix) >= LARGE:
        count = _count_by_inertia(matrix)
        if count is not None:
            return count
    eigenvalues = np.linalg.eigvalsh(matrix)
    largest = np.max(np.abs(eigenvalues), initial=0.0)
    return int(np.sum(eigenvalues < -float(_rounding(largest, len(matrix)))))


def _count_by_inertia(matrix: Matrix) -> int | None:
    """Return the same by Sylvester's law, without eigenvalues; None where rounding decides.

    |H| lies between the longest column and the largest sum of a row: the count below both bounds of
    the rounding error is the same unless an eigenvalue lies between them.
    """
    size, counts = len(matrix), []
    for norm in (np.linalg.norm(matrix, axis=0).max(), np.abs(matrix).sum(axis=0).max()):
        shifted = matrix.copy()
        shifted.flat[:: size + 1] += float(_rounding(norm, size))
        if not counts and factor(shifted) is not None:
            return 0
        factored, pivots, failed = _sytrf(shifted, lower=1, lwork=64 * size)
        if failed < 0:
            return None
        # A pivot of two rows has eigenvalues of both signs: one of them is negative.
        single = pivots > 0
        negative = np.sum(np.diag(factored)[single] < 0) + np.sum(~single) // 2
        counts.append(int(negative))
    return counts[0] if counts[0] == counts[1] else None


def factor(matrix: Matrix) -> Factor | None:
    """Return the Cholesky factor of a matrix; None unless it is positive definite."""
    # LAPACK itself: what SciPy checks around it takes as long for a thousand parameters.
    factored, failed = _potrf(matrix, lower=True, clean=False)
    return None if failed else (factored, True)


class Space(abc.ABC):
    """What a path moves in."""

    landscape: Landscape

    @abc.abstractmethod
    def at(self, theta: Vector) -> Here:
        """Return the landscape as seen from a point of the space."""

    @abc.abstractmethod
    def glance(self, theta: Vector, near: Glance) -> Glance:
        """Return the gradient along the space at a point, in the frame of another carried there."""

    @abc.abstractmethod
    def times(self, here: Glance, step: Float[np.ndarray, " t"]) -> Float[np.ndarray, " t"]:
        """Return the constrained Hessian times a tangent vector, without forming it."""

    @abc.abstractmethod
    def moved(self, here: Glance, step: Float[np.ndarray, " t"]) -> Vector:
        """Return the point of the space that a tangent step leads to."""

    @abc.abstractmethod
    def error(self, here: Glance) -> float:
        """Return how far from critical a point is, in units of what rounding allows."""


@dataclasses.dataclass(frozen=True, eq=False)
class FreeSpace(Space):
    """All of parameter space."""

    landscape: Landscape

    def at(self, theta: Vector) -> Here:
        """Return the landscape as seen from theta."""
        loss, gradient, hessian = map(np.asarray, self.landscape.derivatives(jnp.asarray(theta)))
        tolerance = _tolerance(theta, hessian)
        return Here(theta, float(loss), gradient, tolerance, np.eye(0), 0.0, hessian, hessian)

    def glance(self, theta: Vector, near: Glance) -> Glance:
        """Return the gradient at theta."""
        loss, gradient = map(np.asarray, self.landscape.loss_and_gradient(jnp.asarray(theta)))
        return Glance(theta, float(loss), gradient, near.tolerance, near.frame, 0.0)

    def times(self, here: Glance, step: Float[np.ndarray, " t"]) -> Float[np.ndarray, " t"]:
        """Return the Hessian times a vector."""
        return np.asarray(self.landscape.hvp(jnp.asarray(here.theta), jnp.asarray(step)))

    def moved(self, here: Glance, step: Float[np.ndarray, " t"]) -> Vector:
        """Return theta plus the step."""
        return here.theta + step

    def error(self, here: Glance) -> float:
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
        matrix, pull = hessian.copy(), float(gradient[at[0]] / radius)
        matrix[at[1:], at[1:]] -= pull
        kept = self._tangent
        residual, matrix = gradient[kept], matrix[np.ix_(kept, kept)]
        return Here(theta, float(loss), residual, tolerance, frame, pull, matrix, hessian)

    def glance(self, theta: Vector, near: Glance) -> Glance:
        """Return the gradient along the sphere, in a frame carried there on the shortest way."""
        loss, gradient = map(np.asarray, self.landscape.loss_and_gradient(jnp.asarray(theta)))
        gradient, at = self.pair.turned(gradient), self.pair.difference
        difference = self.pair.turned(theta)[at]
        radius = float(np.linalg.norm(difference))
        frame = _carried(near.frame, difference / radius)
        gradient[at] = frame.T @ gradient[at]
        residual, pull = gradient[self._tangent], float(gradient[at[0]] / radius)
        return Glance(theta, float(loss), residual, near.tolerance, frame, pull)

    def times(self, here: Glance, step: Float[np.ndarray, " t"]) -> Float[np.ndarray, " t"]:
        """Return the constrained Hessian times a tangent vector, for a product with H itself."""
        at, kept = self.pair.difference, self._tangent
        whole = np.insert(step, at[0], 0.0)
        moved = self.pair.turned(self.globalized(here, whole))
        product = np.asarray(self.landscape.hvp(jnp.asarray(here.theta), jnp.asarray(moved)))
        result = self.localized(here, self.pair.turned(product))
        result[at[1:]] -= here.pull * whole[at[1:]]
        return result[kept]

    def moved(self, here: Glance, step: Float[np.ndarray, " t"]) -> Vector:
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

    def error(self, here: Glance) -> float:
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

    def shifted(self, here: Glance, step: Vector) -> Vector:
        """Return theta after a step in the coordinates of `here`, its entry along n changing r."""
        radial = float(step[self.pair.difference[0]])
        moved = here.theta + self.pair.turned(self.globalized(here, step))
        return self.placed(moved, float(self.pair.distance(here.theta)) + radial * np.sqrt(2))

    def localized(self, here: Glance, vector: Vector) -> Vector:
        """Return a vector of turned coordinates in the frame of `here`."""
        local, at = vector.copy(), self.pair.difference
        local[at] = here.frame.T @ vector[at]
        return local

    def globalized(self, here: Glance, vector: Vector) -> Vector:
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


def _carried(frame: Float[np.ndarray, "d d"], normal: Float[np.ndarray, " d"]) -> Matrix:
    """Return a frame turned, in the plane of both, until its first column is the unit `normal`."""
    first = frame[:, 0]
    cosine = float(first @ normal)
    if cosine < 0:  # nobody steps so far; the formula fails at -1
        return _frame(normal)
    middle = first + normal
    return (
        frame
        - np.outer(middle / (1 + cosine), middle @ frame)
        + 2 * np.outer(normal, first @ frame)
    )
