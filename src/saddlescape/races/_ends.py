"""Where runs end: what is there, and which critical point is near."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import (
    CriticalPoint,
    Kind,
    Landscape,
    Outcome,
    classify,
    find_critical_points,
    find_minima,
)

MOST_PARAMETERS = 400
"""Beyond these the dense Hessians that tell what a point is take longer than the race."""


@dataclasses.dataclass(frozen=True)
class End:
    """Where one run ended.

    Args:
        loss: there.
        gradient_norm: the largest component there.
        negative: eigenvalues of the Hessian that are negative there: directions down.
        kind: of the critical point that a search from there leads to; None where it found none.
        index: of that point.
        critical_loss: there.
        distance: from the end to that point.
    """

    loss: float
    gradient_norm: float
    negative: int | None
    kind: str | None
    index: int | None
    critical_loss: float | None
    distance: float | None

    @property
    def words(self) -> str:
        """The end in words."""
        if not np.isfinite(self.loss):
            return "diverged"
        if self.kind is None:
            return "not classified" if self.negative is None else "no critical point near"
        kind = f"saddle of index {self.index}" if self.kind == "saddle" else self.kind
        return f"{kind} of loss {self.critical_loss:.4g}, {self.distance:.2g} away"


def ends_of(landscape: Landscape, thetas: Float[np.ndarray, "m p"]) -> tuple[End, ...]:
    """Return where runs ended.

    Args:
        landscape: the loss.
        thetas: the last parameters of each run, shape (m, p); those that are not finite diverged.

    Returns:
        one end per run. The search is the core's for points of any index, so a run that is stuck
        at a saddle is told from one that is on its way to a minimum; where it finds none, the one
        for minima. Costs up to 500 dense Hessians
        a run, none beyond 400 parameters: then only loss and gradient are told.
    """
    good = np.array([bool(np.isfinite(theta).all()) for theta in thetas])
    safe = np.where(good[:, None], thetas, 0.0)
    if thetas.shape[1] > MOST_PARAMETERS:
        measured = [landscape.loss_and_gradient(landscape.ravel(theta)) for theta in safe]
        return tuple(
            End(float(loss), float(np.abs(gradient).max()), None, None, None, None, None)
            if is_good
            else _DIVERGED
            for is_good, (loss, gradient) in zip(good, measured, strict=True)
        )
    here = classify(landscape, landscape.ravel(safe))
    near = _near(landscape, safe)
    return tuple(
        _end(here[run], near[run]) if is_good else _DIVERGED for run, is_good in enumerate(good)
    )


def _near(landscape: Landscape, thetas: Float[np.ndarray, "m p"]) -> CriticalPoint:
    """Return the critical points that searches lead to, of any index where there is one."""
    near = find_critical_points(landscape, landscape.ravel(thetas))
    if bool(near.converged.all()):
        return near
    below = find_minima(landscape, landscape.ravel(thetas))

    def chosen(first: Array, second: Array) -> Array:
        return jnp.where(
            jnp.reshape(near.converged, (-1,) + (1,) * (first.ndim - 1)), first, second
        )

    return jax.tree.map(chosen, near, below)


_DIVERGED = End(np.nan, np.nan, None, None, None, None, None)


def _end(here: CriticalPoint, near: CriticalPoint) -> End:
    """Return an end, from what is there and what is near."""
    found = int(near.outcome) == Outcome.CONVERGED
    return End(
        loss=float(here.loss),
        gradient_norm=float(here.gradient_norm),
        negative=int(here.index),
        kind=Kind(int(near.kind)).label if found else None,
        index=int(near.index) if found else None,
        critical_loss=float(near.loss) if found else None,
        distance=float(np.linalg.norm(np.asarray(near.theta - here.theta))) if found else None,
    )
