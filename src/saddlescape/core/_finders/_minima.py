"""To a minimum: Newton on part of the samples, then on all, then off any saddle it ended at."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from saddlescape.core._critical import CriticalPoint, Kind, describe
from saddlescape.core._finders._descent import Descent, begin, descend, outcome
from saddlescape.core._finders._interface import AbstractFinder
from saddlescape.core._landscape import Landscape, Theta
from saddlescape.core._outcome import Outcome

_ROUGH = 1e-3  # share of the loss that the last rough step may still promise


class MinimumFinder(AbstractFinder):
    """Damped Newton's method with the exact Hessian, down to rounding.

    Early steps are taken on the coarse landscape where there is one. A start that lands on a saddle
    is moved along the most negative eigenvector and continued.
    """

    max_steps: int = 5_000
    """Steps on the full landscape."""
    max_coarse_steps: int = 200
    max_escapes: int = 3
    """How often a search leaves a saddle it ended at."""

    def search(
        self, landscape: Landscape, coarse: Landscape | None, start: Theta
    ) -> CriticalPoint:
        """Return the minimum below `start`; see `AbstractFinder.search`."""  # noqa: DOC201
        steps = jnp.zeros((), jnp.int32)
        if coarse is not None:
            rough = descend(coarse, begin(coarse, start, steps), self.max_coarse_steps, rough=_ROUGH)
            start = jnp.where(jnp.all(jnp.isfinite(rough.theta)), rough.theta, start)
        point = self._descend_from(landscape, start, steps)

        def on_a_saddle(carry: tuple[CriticalPoint, Int[Array, ""]]) -> Array:
            point, escapes = carry
            fit = (point.outcome == Outcome.CONVERGED) & (point.index > 0)
            return fit & (escapes < self.max_escapes)

        def leave(carry: tuple[CriticalPoint, Int[Array, ""]]):
            point, escapes = carry
            downhill = _off_the_saddle(landscape, point)
            return self._descend_from(landscape, downhill, point.num_steps), escapes + 1

        return jax.lax.while_loop(on_a_saddle, leave, (point, jnp.zeros((), jnp.int32)))[0]

    def _descend_from(
        self, landscape: Landscape, theta: Theta, steps: Int[Array, ""]
    ) -> CriticalPoint:
        """Return the classified end of a descent."""
        first = begin(landscape, theta, jnp.zeros((), jnp.int32))
        state = descend(landscape, first, self.max_steps)
        return conclude(landscape, state, steps)


def conclude(landscape: Landscape, state: Descent, steps: Int[Array, ""]) -> CriticalPoint:
    """Return the record of a finished descent, `steps` having been spent before."""
    ended, direction = outcome(landscape, state)
    point = describe(landscape, state.theta)
    converged = ended == Outcome.CONVERGED
    return CriticalPoint(
        **{
            **{name: getattr(point, name) for name in vars(point)},
            "kind": jnp.where(converged, point.kind, Kind.NOT_CRITICAL).astype(jnp.int32),
            "outcome": ended,
            "num_steps": steps + state.steps,
            "direction": direction,
        }
    )


def _off_the_saddle(landscape: Landscape, point: CriticalPoint) -> Theta:
    """Return the lower of two points on the most negative eigenvector, on either side."""
    hessian = landscape.hessian(point.theta)
    steepest = jnp.linalg.eigh(hessian)[1][:, 0]
    length: Float[Array, ""] = 1e-2 * (1 + jnp.linalg.norm(point.theta))
    ahead, behind = point.theta + length * steepest, point.theta - length * steepest
    return jnp.where(landscape.loss(ahead) <= landscape.loss(behind), ahead, behind)
