"""To a minimum: Newton on part of the samples, then on all, then off any saddle it ended at."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int

from saddlescape.core._critical import CriticalPoint, Kind, describe_known
from saddlescape.core._finders._descent import STEADY, Descent, begin, descend, is_far, outcome
from saddlescape.core._finders._interface import AbstractFinder
from saddlescape.core._landscape import Landscape, Theta
from saddlescape.core._outcome import Outcome
from saddlescape.core._tolerances import GRADIENT_ULPS

_ROUGH = 1e-3  # share of the loss that the last rough step may still promise
_ASIDE = 1e-2  # how far to step off a saddle, relative to 1 + |theta|


class _Attempt(NamedTuple):
    """A search that may have to leave saddles."""

    start: Theta
    point: CriticalPoint
    tries: Int[Array, ""]
    done: Bool[Array, ""]


class MinimumFinder(AbstractFinder):
    """Damped Newton's method with the exact Hessian, down to rounding.

    Early steps are taken on the coarse landscape where there is one. A start that lands on a saddle
    is moved along the most negative eigenvector and continued.
    """

    max_steps: int = 2_000
    """Steps on the full landscape; a start without success may then settle in as many."""
    max_coarse_steps: int = 200
    max_escapes: int = 30
    """How often a search leaves a saddle it ended at."""

    def search(self, landscape: Landscape, coarse: Landscape | None, start: Theta) -> CriticalPoint:
        """Return the minimum below `start`; see `AbstractFinder.search`."""
        if coarse is not None:
            rough = descend(coarse, begin(start), self.max_coarse_steps, rough=_ROUGH)
            start = jnp.where(jnp.all(jnp.isfinite(rough.theta)), rough.theta, start)

        def attempt(state: _Attempt) -> _Attempt:
            ended = descend(landscape, begin(state.start), self.max_steps)
            point, lowest = conclude(landscape, ended, state.point.num_steps)
            saddle = (point.outcome == Outcome.CONVERGED) & (point.index > 0)
            done = ~saddle | (state.tries >= self.max_escapes)
            aside = _ASIDE * (1 + jnp.linalg.norm(point.theta)) * lowest
            both = jnp.stack([point.theta + aside, point.theta - aside])
            lower = both[jnp.argmin(jax.lax.map(landscape.loss, both))]
            return _Attempt(lower, point, state.tries + 1, done)

        shapes = jax.eval_shape(lambda theta: conclude(landscape, begin(theta), 0)[0], start)
        nothing = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
        first = _Attempt(start, nothing, jnp.zeros((), jnp.int32), jnp.zeros((), bool))
        return jax.lax.while_loop(lambda state: ~state.done, attempt, first).point


def conclude(
    landscape: Landscape, state: Descent, steps: Int[Array, ""] | int
) -> tuple[CriticalPoint, Theta]:
    """Return the record of a finished descent and its lowest eigenvector; `steps` came before."""
    ended, direction = outcome(landscape, state)
    known = (state.loss, state.gradient, state.hessian)
    point, lowest, newton = describe_known(landscape, state.theta, known)
    converged, size = ended == Outcome.CONVERGED, jnp.linalg.norm(state.theta)
    # At a critical point Newton's step is rounding; where everything decays together it is not.
    sliding = converged & (jnp.linalg.norm(newton) > STEADY * (1 + size))
    sliding &= (newton @ state.theta > 0) & (point.nullity > 0)
    strict = (
        GRADIENT_ULPS
        * jnp.finfo(size.dtype).eps
        * jnp.minimum(1.0, jnp.max(jnp.abs(state.hessian)))
    )
    vague = ~converged | ((point.nullity > 0) & (point.gradient_norm > strict))
    gone = (sliding | (is_far(state) & vague)) & (ended != Outcome.NOT_FINITE)
    outward = state.theta / jnp.maximum(size, 1.0)
    direction = jnp.where(gone & jnp.all(direction == 0), outward, direction)
    ended = jnp.where(gone, Outcome.RUNNING_TO_INFINITY, ended)
    return with_outcome(point, ended, direction, steps + state.steps), lowest


def with_outcome(
    point: CriticalPoint, ended: Int[Array, ""], direction: Theta, steps: Int[Array, ""]
) -> CriticalPoint:
    """Return the point with how its search ended; without a zero gradient it has no kind."""
    fields = {name: getattr(point, name) for name in vars(point)}
    kind = jnp.where(ended == Outcome.CONVERGED, point.kind, Kind.NOT_CRITICAL)
    changed = {"kind": kind, "outcome": ended, "direction": direction, "num_steps": steps}
    integers = {"kind", "outcome", "num_steps"}
    fields |= {k: v.astype(jnp.int32) if k in integers else v for k, v in changed.items()}
    return CriticalPoint(**fields)
