"""Following a direction downhill: what the loss really does, not what its curvature promises."""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.core import Landscape
from saddlescape.spectra._operator import point_of

_FIRST, _GROWTH, _MOST = 1e-3, 2.0, 60  # of the steps, relative to 1 + |theta|
_REFINED = 30  # golden sections of the best bracket: the step to three digits and more
_GOLDEN = (5**0.5 - 1) / 2


@dataclasses.dataclass(frozen=True, eq=False)
class Escape:
    """A direction in which the loss falls, and how far it was seen to fall.

    Args:
        direction: unit vector, signed so that the loss falls, shape (p,).
        curvature: second derivative along it, loss per parameter squared.
        step: distance at which the loss along the line is lowest.
        loss: there.
        drop: loss at the point less `loss`; 0 where no step lowers the loss beyond rounding.
        steps: the distances that were tried, ascending, both signs, 0 among them.
        losses: at `steps`.
    """

    direction: Float[np.ndarray, " p"]
    curvature: float
    step: float
    loss: float
    drop: float
    steps: Float[np.ndarray, " s"]
    losses: Float[np.ndarray, " s"]


def follow(
    landscape: Landscape, theta: Any, direction: Float[np.ndarray, " p"], curvature: float
) -> Escape:
    """Return the first valley of the loss along a line, in the better of both senses.

    Args:
        landscape: the loss.
        theta: where the line begins, shape (p,).
        direction: shape (p,); its length does not matter.
        curvature: along it, for the record.

    Returns:
        the escape; costs some 50 losses. Steps double while the loss falls, and stop at 2^60 times
        the first where it falls for ever; the best is then refined by golden sections.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> wells = FunctionLandscape(lambda v: (v[0] ** 2 - 1) ** 2, num_parameters=1)
        >>> escape = follow(wells, [0.0], np.array([1.0]), -4.0)
        >>> round(abs(escape.step), 3), round(escape.drop, 6)
        (1.0, 1.0)
    """
    origin = np.asarray(point_of(landscape, theta), dtype=np.float64)
    dtype = point_of(landscape, theta).dtype
    unit = direction / np.linalg.norm(direction)
    tried: dict[float, float] = {}

    def loss_at(step: float) -> float:
        if step not in tried:
            value = float(landscape.loss(jnp.asarray(origin + step * unit, dtype)))
            tried[step] = value if np.isfinite(value) else np.inf
        return tried[step]

    first = _FIRST * (1 + float(np.linalg.norm(origin)))
    best = min((_valley(loss_at, sign * first) for sign in (1, -1)), key=loss_at)
    rounding = 8 * float(jnp.finfo(dtype).eps) * abs(loss_at(0.0))
    if not loss_at(best) < loss_at(0.0) - rounding:
        best = 0.0
    sign = -1.0 if best < 0 else 1.0
    steps = np.array(sorted(sign * step for step, loss in tried.items() if np.isfinite(loss)))
    return Escape(
        direction=sign * unit,
        curvature=curvature,
        step=abs(best),
        loss=loss_at(best),
        drop=max(loss_at(0.0) - loss_at(best), 0.0) if best else 0.0,
        steps=steps,
        losses=np.array([tried[sign * step] for step in steps]),
    )


def _valley(loss_at: Any, step: float) -> float:
    """Return the lowest step of the first valley in the sense of `step`."""
    while loss_at(step) >= loss_at(0.0) and abs(step) > 1e-9 * (1 + abs(step)):
        step /= 8  # a narrow valley: the first step may have jumped over it
        if loss_at(step) == loss_at(0.0):
            return step
    for _ in range(_MOST):
        if loss_at(_GROWTH * step) >= loss_at(step):
            break
        step *= _GROWTH
    low, high = step / _GROWTH, step * _GROWTH
    for _ in range(_REFINED):
        inner, outer = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        low, high = (low, outer) if loss_at(inner) <= loss_at(outer) else (inner, high)
    return min((step, (low + high) / 2), key=loss_at)
