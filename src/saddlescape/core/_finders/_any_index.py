"""To a critical point of any index: damped Newton's method on the equation gradient = 0."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from saddlescape.core._critical import CriticalPoint
from saddlescape.core._finders._descent import Descent, begin, is_zero
from saddlescape.core._finders._interface import AbstractFinder
from saddlescape.core._finders._minima import conclude
from saddlescape.core._landscape import Landscape, Theta

_PATIENCE = 3  # steps without a halved gradient once it is zero up to rounding
_STUCK = 1e-6  # |H g| below this share of |H| |g|: the Hessian cannot reduce the gradient
_REFUSALS = 30


class AnyIndexFinder(AbstractFinder):
    """Levenberg-Marquardt on |gradient|^2: step -(H^2 + mu^2 I)^-1 H g in the eigenbasis of H.

    Blind to the sign of eigenvalues, so it ends at minima, saddles and maxima alike. It can also end
    where H g = 0 with g != 0, a minimum of |gradient| that is no critical point (Frye et al. 2021):
    that is reported as gradient-flat.
    """

    max_steps: int = 1_000

    def search(
        self, landscape: Landscape, coarse: Landscape | None, start: Theta
    ) -> CriticalPoint:
        """Return the critical point near `start`; see `AbstractFinder.search`."""  # noqa: DOC201
        del coarse  # saddles of part of the samples lie elsewhere
        first = begin(landscape, start, jnp.zeros((), jnp.int32))
        state = jax.lax.while_loop(
            lambda state: ~state.done & (state.steps < self.max_steps),
            lambda state: _step(landscape, state),
            first,
        )
        return conclude(landscape, state, jnp.zeros((), jnp.int32))


def _step(landscape: Landscape, state: Descent) -> Descent:
    """Return the state after one trial step."""
    eigenvalues, vectors = jnp.linalg.eigh(state.hessian)
    along = vectors.T @ state.gradient
    newton = -vectors @ (eigenvalues * along / (eigenvalues**2 + state.damping**2))
    length = jnp.linalg.norm(newton)
    cap = 1.0 + 0.1 * jnp.linalg.norm(state.theta)
    move = newton * jnp.minimum(1.0, cap / length)
    trial = landscape.derivatives(state.theta + move)
    state = _judge_step(state, move, trial)
    norm = jnp.max(jnp.abs(state.gradient))
    settled = is_zero(state) & ((state.idle >= _PATIENCE) | (norm == 0))
    pushed = jnp.linalg.norm(eigenvalues * along)
    stuck = pushed <= _STUCK * jnp.max(jnp.abs(eigenvalues)) * jnp.linalg.norm(along)
    flat = ~is_zero(state) & stuck & (state.idle > 10)
    state = state._replace(refusals=jnp.where(flat, _REFUSALS + 1, state.refusals))
    half = jnp.bitwise_and(state.steps, state.steps - 1) == 0
    return state._replace(
        anchor=jnp.where(half, state.theta, state.anchor),
        done=state.done | settled | (state.refusals > _REFUSALS),
    )


def _judge_step(state: Descent, move: Theta, trial) -> Descent:
    """Return the state with the trial step taken if it lowers |gradient|."""
    loss, gradient, hessian = trial
    before, after = _square(state.gradient), _square(gradient)
    predicted = before - _square(state.gradient + state.hessian @ move)
    finite: Bool[Array, ""] = jnp.isfinite(loss) & jnp.all(jnp.isfinite(hessian))
    good = finite & (after < before) & (before - after > 0.1 * predicted)
    factor = jnp.where(before - after > 0.75 * predicted, 0.25, 1.0)
    eps = jnp.finfo(move.dtype).eps
    floor = move.size * eps * jnp.max(jnp.abs(jnp.diagonal(state.hessian)))
    norm = jnp.max(jnp.abs(gradient))
    halved = good & (norm <= 0.5 * state.best)

    def pick(new: Array, old: Array) -> Array:
        return jnp.where(good, new, old)

    return state._replace(
        theta=pick(state.theta + move, state.theta),
        loss=pick(loss, state.loss),
        gradient=pick(gradient, state.gradient),
        hessian=pick(hessian, state.hessian),
        damping=jnp.where(good, jnp.maximum(state.damping * factor, floor), state.damping * 4),
        steps=state.steps + 1,
        refusals=jnp.where(good, 0, state.refusals + 1),
        idle=jnp.where(halved, 0, state.idle + 1),
        best=pick(jnp.minimum(norm, state.best), state.best),
        length=pick(jnp.linalg.norm(move), state.length),
    )


def _square(vector: Theta) -> Float[Array, ""]:
    return vector @ vector
