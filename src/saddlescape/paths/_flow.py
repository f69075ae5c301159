"""The gradient flow in a space, d theta / dt = -gradient, down to the minimum it ends at.

The flow is stiff (rates span ten decades), so steps are linearly implicit: (1/h + A) s = -r with
the constrained Hessian A, which is Euler's method for small h and Newton's for large h. Each step
is also made as two halves; their difference is the error that sets h, and what is kept is the two
halves. Descent is enforced, so the loss falls along the whole flow.
"""

import dataclasses
import enum
from collections.abc import Callable

import numpy as np
import scipy.linalg
from jaxtyping import Float

from saddlescape.paths._settle import newton_step, settle
from saddlescape.paths._space import Here, Space, factor

Vector = Float[np.ndarray, " p"]

_ERROR = 5e-3  # of one step, relative to 1 + |theta|
_FIRST = 1e-2  # how far the first step goes, relative to 1 + |theta|
_CLOSE = 1e-5  # a Newton step so short, relative to 1 + |theta|, leads to the minimum at hand
_FAR = 30.0  # times 1 + |theta| at the start: running to infinity
_MAX_STEPS = 1_000
_STUCK = 1e-12  # of the first h: rounding alone decides there
_ROUNDINGS = 16  # by which the loss may seem to rise
_SHRINK, _GROW = 0.2, 5.0  # limits of the change of h


class FlowEnd(enum.Enum):
    """How a flow ended."""

    MINIMUM = "a minimum"
    INFINITY = "infinity"
    OUT_OF_STEPS = "nowhere in the steps allowed"


@dataclasses.dataclass(frozen=True, eq=False)
class Flow:
    """A descent along the gradient flow.

    Args:
        stations: the points on the way, the start and the end among them.
        end: how it ended.
    """

    stations: tuple[Here, ...]
    end: FlowEnd

    @property
    def last(self) -> Here:
        """Where the flow ended."""
        return self.stations[-1]


def flow(
    space: Space, theta: Vector, check: Callable[[], None] = lambda: None, error: float = _ERROR
) -> Flow:
    """Return the gradient flow from theta to a minimum of the landscape in the space.

    Args:
        space: where to stay.
        theta: the start, in the space, shape (p,).
        check: called before every step; may raise to stop.
        error: what a step may be wrong by, relative to 1 + |theta|.

    Returns:
        the way down. Costs two Hessians a step, some 30 to 150 steps.
    """
    here = space.at(theta)
    stations, far = [here], _FAR * (1 + float(np.linalg.norm(theta)))
    steepness = max(float(np.linalg.norm(here.residual)), np.finfo(float).tiny)
    first = h = _FIRST * (1 + float(np.linalg.norm(theta))) / steepness
    for _ in range(_MAX_STEPS):
        check()
        size = 1 + float(np.linalg.norm(here.theta))
        if not here.is_finite or size > far:
            return Flow(tuple(stations), FlowEnd.INFINITY)
        minimum = _minimum_at_hand(space, here, size)
        if minimum is not None:
            return Flow((*stations, minimum), FlowEnd.MINIMUM)
        if h < _STUCK * first:
            break
        trial = _step(space, here, h)
        if trial is None:
            h *= 0.3
            continue
        there, difference = trial
        share = difference / (error * size)
        if share > 1 or there.loss > here.loss * (1 + _ROUNDINGS * np.finfo(float).eps):
            h *= max(_SHRINK, 0.9 / np.sqrt(share)) if share > 1 else 0.3
            continue
        here = there
        stations.append(here)
        h *= min(_GROW, 0.9 / np.sqrt(max(share, 1e-3)))
    return Flow(tuple(stations), FlowEnd.OUT_OF_STEPS)


def _minimum_at_hand(space: Space, here: Here, size: float) -> Here | None:
    """Return the minimum that a short Newton step leads to, if there is one."""
    if not here.is_stable or not np.linalg.norm(newton_step(here)) <= _CLOSE * size:
        return None
    minimum = settle(space, here.theta)
    return minimum if minimum is not None and minimum.is_stable else None


def _step(space: Space, here: Here, h: float) -> tuple[Here, float] | None:
    """Return the point after time h, by two half steps, and its distance from one whole step."""
    whole, half = _implicit(here, h), _implicit(here, h / 2)
    if whole is None or half is None:
        return None
    middle = space.at(space.moved(here, half))
    rest = _implicit(middle, h / 2) if middle.is_finite else None
    if rest is None:
        return None
    end = space.moved(middle, rest)
    difference = float(np.linalg.norm(end - space.moved(here, whole)))
    there = space.at(end)
    return (there, difference) if there.is_finite else None


def _implicit(here: Here, h: float) -> Float[np.ndarray, " t"] | None:
    """Return -(1/h + A)^-1 r; None where that matrix is not positive definite: h is too long."""
    factored = factor(here.matrix + np.eye(len(here.matrix)) / h)
    return None if factored is None else -scipy.linalg.cho_solve(factored, here.residual)
