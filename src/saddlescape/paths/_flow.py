"""The gradient flow in a space, d theta / dt = -gradient, down to the minimum it ends at.

The flow is stiff (rates span ten decades), so steps are linearly implicit: (1/h + A) s = -r with
the constrained Hessian A, which is Euler's method for small h and Newton's for large h. Each step
is also made as two halves; their difference is the error that sets h, and what is kept is the two
halves. Descent is enforced, so the loss falls along the whole flow. Where Hessians are dear, the
second half keeps that of the start (Deuflhard 1985), and takes its own where it is refused.
"""

import dataclasses
import enum
from collections.abc import Callable

import numpy as np
import scipy.linalg
from jaxtyping import Float

from saddlescape.paths._settle import newton_step, settle
from saddlescape.paths._space import LARGE, Factor, Glance, Here, Mark, Space, factor

Vector = Float[np.ndarray, " p"]

_ERROR = 5e-3  # of one step, relative to 1 + |theta|
_FIRST = 1e-2  # how far the first step goes, relative to 1 + |theta|
_CLOSE = 1e-5  # a Newton step so short, relative to 1 + |theta|, leads to the minimum at hand
_FAR = 30.0  # times 1 + |theta| at the start: running to infinity
_MAX_STEPS = 1_000
_STUCK = 1e-12  # of the first h: rounding alone decides there
_ROUNDINGS = 16  # by which the loss may seem to rise
_SHRINK, _GROW = 0.2, 5.0  # limits of the change of h
_REFUSED = 0.3  # change of h where a step is refused for another reason than its error


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
        last: where it ended.
        num_steps: taken and refused.
    """

    stations: tuple[Mark, ...]
    end: FlowEnd
    last: Here
    num_steps: int


def flow(
    space: Space,
    theta: Vector,
    check: Callable[[], None] = lambda: None,
    *,
    max_steps: int = _MAX_STEPS,
    with_index: bool = True,
) -> Flow:
    """Return the gradient flow from theta to a minimum of the landscape in the space.

    Args:
        space: where to stay.
        theta: the start, in the space, shape (p,).
        check: called before every step; may raise to stop.
        max_steps: steps after which it ends anywhere, at most 1,000.
        with_index: whether the index is wanted at every station, which costs half a Hessian.

    Returns:
        the way down. Costs one to two Hessians a step, some 30 to 150 steps.
    """
    here = space.at(theta)
    stations, far = [here.marked(with_index=with_index)], _FAR * _size(here)
    steepness = max(float(np.linalg.norm(here.residual)), np.finfo(float).tiny)
    first = h = _FIRST * _size(here) / steepness
    minimum, number = _minimum_at_hand(space, here), 0
    end = FlowEnd.OUT_OF_STEPS
    while minimum is None and number < min(max_steps, _MAX_STEPS):
        check()
        number += 1
        if not here.is_finite or _size(here) > far:
            end = FlowEnd.INFINITY
            break
        if h < _STUCK * first:
            break
        there, change = _step(space, here, h)
        h *= change
        if there is not None:
            here = there
            stations.append(here.marked(with_index=with_index))
            minimum = _minimum_at_hand(space, here)
    if minimum is None:
        return Flow(tuple(stations), end, here, number)
    stations.append(minimum.marked(with_index=with_index))
    return Flow(tuple(stations), FlowEnd.MINIMUM, minimum, number)


def _size(here: Glance) -> float:
    """Return 1 + |theta|, which lengths are compared with."""
    return 1 + float(np.linalg.norm(here.theta))


def _minimum_at_hand(space: Space, here: Here) -> Here | None:
    """Return the minimum that a short Newton step leads to, if there is one."""
    if not here.is_finite or not here.is_stable:
        return None
    if not np.linalg.norm(newton_step(here)) <= _CLOSE * _size(here):
        return None
    minimum = settle(space, here.theta)
    return minimum if minimum is not None and minimum.is_stable else None


def _step(space: Space, here: Here, h: float) -> tuple[Here | None, float]:
    """Return the point after time h, None where it is refused, and the factor of the next h."""
    whole, half = (_factored(here, h / parts) for parts in (1, 2))
    if whole is None or half is None:
        return None, _REFUSED
    place = space.moved(here, _solved(half, here))
    aim = space.moved(here, _solved(whole, here))
    if here.theta.size >= LARGE:
        middle = space.glance(place, here)
        trial = _second_half(space, here, aim, (middle, half))
        if trial[0] is not None:
            return trial
    middle = space.at(place)
    rest = _factored(middle, h / 2) if middle.is_finite else None
    return (None, _REFUSED) if rest is None else _second_half(space, here, aim, (middle, rest))


def _second_half(
    space: Space, here: Here, aim: Vector, middle: tuple[Glance, Factor]
) -> tuple[Here | None, float]:
    """Return what the second half of a step leads to, judged by the `aim` of the whole one."""
    between, factored = middle
    end = space.moved(between, _solved(factored, between))
    share = float(np.linalg.norm(end - aim)) / (_ERROR * _size(here))
    if not np.isfinite(share):
        return None, _REFUSED
    if share > 1:
        return None, max(_SHRINK, 0.9 / np.sqrt(share))
    there = space.at(end) if space.glance(end, between).loss <= _ceiling(here) else None
    if there is None or not there.is_finite or there.loss > _ceiling(here):
        return None, _REFUSED
    return there, min(_GROW, 0.9 / np.sqrt(max(share, 1e-3)))


def _ceiling(here: Here) -> float:
    """Return the highest loss that is no rise beyond rounding."""
    return here.loss * (1 + _ROUNDINGS * np.finfo(float).eps)


def _factored(here: Here, h: float) -> Factor | None:
    """Return the factor of 1/h + A; None where it is not positive definite: h is too long."""
    shifted = here.matrix.copy()
    shifted.flat[:: len(shifted) + 1] += 1 / h
    return factor(shifted)


def _solved(factored: Factor, at: Glance) -> Float[np.ndarray, " t"]:
    """Return -(1/h + A)^-1 r with the gradient r at a point; NaN where that is not finite."""
    return -scipy.linalg.cho_solve(factored, at.residual, check_finite=False)
