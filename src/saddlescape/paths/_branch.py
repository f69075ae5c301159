"""The branch of constrained critical points through its folds: a diagnostic, not a path.

Pseudo-arclength continuation (Keller 1977): distance and parameters are unknowns alike, so a fold
is an ordinary point of the branch. Beyond the first fold the points are saddles under the
constraint, the distance may grow again, and most branches run to infinity.
"""

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from saddlescape.core import Landscape
from saddlescape.paths._merge import begun
from saddlescape.paths._network_of import network_of
from saddlescape.paths._pair import pair_coordinates
from saddlescape.paths._space import FixedDistance, Here, count_negative

Vector = Float[np.ndarray, " p"]

_FIRST_STEP, _LONGEST_STEP = 0.005, 0.1  # relative to 1 + |theta|
_SHORTEST_STEP = 1e-7
_LAST = 1e-3  # of the first distance
_FAR = 20.0  # times 1 + |theta| at the start: running to infinity
_NEWTON_STEPS = 6
_TURN = 0.9  # cosine of the largest turn of the tangent in one step


@dataclasses.dataclass(frozen=True, eq=False)
class Branch:
    """Constrained critical points along a branch.

    Args:
        theta: shape (f, p).
        distance: of the pair, shape (f,).
        loss: shape (f,).
        constrained_index: negative eigenvalues of the constrained Hessian, shape (f,); it changes
            at a fold.
        end: how it ended: "distance 0", "infinity" or "out of steps".
    """

    theta: Float[np.ndarray, "f p"]
    distance: Float[np.ndarray, " f"]
    loss: Float[np.ndarray, " f"]
    constrained_index: Int[np.ndarray, " f"]
    end: str

    @property
    def folds(self) -> Int[np.ndarray, " _"]:
        """Where along the branch the distance turns around."""
        turns = np.diff(np.sign(np.diff(self.distance))) != 0
        return np.flatnonzero(turns) + 1


def branch(
    landscape: Landscape, theta: Any, layer: int, pair: Any, *, max_steps: int = 600
) -> Branch:
    """Return the branch of constrained critical points that begins at a minimum, folds and all.

    Args:
        landscape: the loss of a network.
        theta: a minimum, shape (p,), float64.
        layer: the hidden layer, from 0.
        pair: the two neurons, from 0.
        max_steps: points after which it is left.

    Returns:
        the branch.

    Raises:
        InvalidInputError: as for `merge`.

    References:
        Keller (1977), Numerical solution of bifurcation and nonlinear eigenvalue problems.

    Example:
        >>> from saddlescape import problems
        >>> from saddlescape.core import EmpiricalLandscape
        >>> lecture = problems.lecture()
        >>> landscape = EmpiricalLandscape(lecture.network, lecture.data)
        >>> found = branch(landscape, lecture.teacher, 0, (2, 3))
        >>> found.end, len(found.folds)
        ('distance 0', 0)
    """
    at = pair_coordinates(network_of(landscape), layer, pair)
    start = begun(landscape, at, theta)
    space = FixedDistance(landscape, at, float(at.distance(start)))
    points, end = _followed(space, space.at(start), max_steps)
    theta = np.array([here.theta for here in points])
    return Branch(
        theta=theta,
        distance=at.distance(theta),
        loss=np.array([here.loss for here in points]),
        constrained_index=np.array([count_negative(here.matrix) for here in points]),
        end=end,
    )


def _followed(space: FixedDistance, here: Here, max_steps: int) -> tuple[list[Here], str]:
    """Return the points of the branch and how it ended."""
    last, far = _LAST * space.unit, _FAR * (1 + np.linalg.norm(here.theta))
    radial = -space.direction(here)
    points, along, step = [here], _tangent(space, here, radial), _FIRST_STEP
    while len(points) < max_steps and step > _SHORTEST_STEP:
        size = 1 + float(np.linalg.norm(here.theta))
        trial = _corrected(space, here, along, min(step * size, _until_half(space, here, along)))
        ahead = None if trial is None else _tangent(space, trial[0], along)
        if trial is None or ahead is None or ahead @ along < _TURN:
            step /= 2
            continue
        there, steps = trial
        points.append(there)
        along, here = ahead, there
        step = min(step * (1.5 if steps <= 3 else 0.8), _LONGEST_STEP)
        if space.pair.distance(here.theta) <= last:
            return points, "distance 0"
        if np.linalg.norm(here.theta) > far:
            return points, "infinity"
    return points, "out of steps"


def _until_half(space: FixedDistance, here: Here, along: Vector) -> float:
    """Return the step that halves the distance, so that none leads through 0 to the other side."""
    radius = float(space.pair.distance(here.theta)) / np.sqrt(2)
    inwards = -float(along @ space.direction(here))
    return radius / 2 / inwards if inwards > 0 else np.inf


def _bordered(space: FixedDistance, here: Here, along: Vector) -> tuple[np.ndarray, Vector]:
    """Return the Jacobian of (residual, along . x) by (tangent, r), and `along` in this frame."""
    radial, local = space.pair.difference[0], space.localized(here, along)
    full = here.hessian.copy()
    kept = np.delete(np.arange(len(full)), radial)
    full[np.ix_(kept, kept)] = here.matrix
    full[radial] = local
    return full, local


def _tangent(space: FixedDistance, here: Here, along: Vector) -> Vector:
    """Return the unit tangent of the branch, on the side of `along`."""
    matrix, _ = _bordered(space, here, along)
    right = np.zeros(len(matrix))
    right[space.pair.difference[0]] = 1.0
    tangent = _solved(matrix, right)
    return space.globalized(here, tangent / np.linalg.norm(tangent))


def _solved(matrix: np.ndarray, right: Vector) -> Vector:
    """Return the solution; the shortest of those that come closest, where the matrix is singular.

    With 870 parameters a tenth of the time that the latter takes.
    """
    try:
        return np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(matrix, right, rcond=None)[0]


def _corrected(
    space: FixedDistance, here: Here, along: Vector, step: float
) -> tuple[Here, int] | None:
    """Return the point of the branch a step on and the Newton steps it took; None if lost."""
    there = space.at(space.shifted(here, step * space.localized(here, along)))
    for number in range(_NEWTON_STEPS):
        if not there.is_finite:
            return None
        if space.error(there) <= 1:
            return there, number
        matrix, _ = _bordered(space, there, along)
        right = np.insert(-there.residual, space.pair.difference[0], 0.0)
        move = _solved(matrix, right)
        if np.linalg.norm(move) > step / 2:
            return None
        there = space.at(space.shifted(there, move))
    return (there, _NEWTON_STEPS) if space.error(there) <= 1e3 else None
