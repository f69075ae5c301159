"""To a critical point of any index: a little descent, then Newton's method on gradient = 0."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core._critical import CriticalPoint, describe_known
from saddlescape.core._finders._interface import AbstractFinder
from saddlescape.core._finders._minima import with_outcome
from saddlescape.core._landscape import Landscape, Theta
from saddlescape.core._outcome import Outcome
from saddlescape.core._tolerances import gradient_tolerance, rounding_threshold

_PATIENCE = 3  # steps without a halved gradient once it is zero up to rounding
_FIRST_CAP, _LARGEST_CAP, _SMALLEST_CAP = 0.3, 1.0, 1e-3  # of a step's length
_WIDEN, _NARROW = 1.3, 0.7  # of the cap, as the gradient falls or rises
_FLAT = 1e-6  # |H g| below this share of |H| |g|: the Hessian cannot reduce the gradient
_STEADY = 1e-3  # as in `_descent`
_FAR = 100.0  # |theta| beyond this many times the start's: running away


class AnyIndexFinder(AbstractFinder):
    """Newton's method for gradient = 0, blind to the signs of eigenvalues; steps are capped.

    Started anywhere it mostly fails; so each start first descends by plain gradient steps, and
    Newton begins at the slowest point of that descent, as saddles are where descent is slow
    (Pascanu et al. 2014). Few descent steps give more saddles of high order, many give minima. A
    search can also end where H g = 0 with g != 0 (Frye et al. 2021): that is reported as
    gradient-flat.
    """

    max_steps: int = 500
    descent_steps: int = 100

    def search(self, landscape: Landscape, coarse: Landscape | None, start: Theta) -> CriticalPoint:
        """Return a critical point near `start`'s descent; see `AbstractFinder.search`."""
        slow = _slowest(landscape if coarse is None else coarse, start, self.descent_steps)
        state = jax.lax.while_loop(
            lambda state: ~state.done & (state.steps < self.max_steps),
            lambda state: _step(landscape, state),
            _begin(slow),
        )
        known = (state.loss, state.gradient, state.hessian)
        point, _, newton = describe_known(landscape, state.theta, known)
        return with_outcome(point, *_outcome(state, point, newton), state.steps)


class _Newton(NamedTuple):
    """The state of the Newton iteration."""

    theta: Theta
    loss: Float[Array, ""]
    gradient: Theta
    hessian: Float[Array, "p p"]
    cap: Float[Array, ""]
    steps: Int[Array, ""]
    idle: Int[Array, ""]
    best: Float[Array, ""]
    length: Float[Array, ""]
    start: Theta
    done: Bool[Array, ""]


class _Gradual(NamedTuple):
    """The state of the first descent."""

    theta: Theta
    loss: Float[Array, ""]
    length: Float[Array, ""]  # of the gradient, one step before
    rate: Float[Array, ""]
    slowest: Theta
    least: Float[Array, ""]  # length of the gradient there
    done: Bool[Array, ""]


def _slowest(landscape: Landscape, start: Theta, num_steps: int) -> Theta:
    """Return the point of smallest gradient on a descent, its first eighth left out.

    A start that leaves a saddle or maximum, as the gradient grows at first, is returned itself.
    """

    def step(number, state: _Gradual) -> _Gradual:
        loss, gradient = landscape.loss_and_gradient(state.theta)
        length = jnp.linalg.norm(gradient)
        first = 1e-2 / (length + jnp.finfo(length.dtype).tiny)
        rate = jnp.where(number == 0, first, state.rate)
        rate = jnp.where(loss <= state.loss, rate * 1.05, rate * 0.5)
        done = state.done | ((number == 1) & (length > state.length))
        slower = ~done & (length < state.least) & (number > num_steps // 8)
        slowest = jnp.where(slower, state.theta, state.slowest)
        least = jnp.where(slower, length, state.least)
        theta = state.theta - rate * gradient
        return _Gradual(theta, loss, length, rate, slowest, least, done)

    endless, no = jnp.full((), jnp.inf, start.dtype), jnp.zeros((), bool)
    state = _Gradual(start, endless, endless, jnp.zeros_like(endless), start, endless, no)
    return jax.lax.fori_loop(0, num_steps, step, state).slowest


def _begin(theta: Theta) -> _Newton:
    """Return the state at theta; the first step evaluates theta itself."""
    zero, endless = jnp.zeros((), theta.dtype), jnp.full((), jnp.inf, theta.dtype)
    return _Newton(
        theta, endless, jnp.zeros_like(theta), jnp.eye(theta.size, dtype=theta.dtype),
        jnp.full((), _FIRST_CAP, theta.dtype), -jnp.ones((), jnp.int32), jnp.zeros((), jnp.int32),
        endless, zero, theta, jnp.zeros((), bool),
    )  # fmt: skip


def _step(landscape: Landscape, state: _Newton) -> _Newton:
    """Return the state after one step, always taken unless it is not finite."""
    eigenvalues, vectors = jnp.linalg.eigh(state.hessian)
    floor = rounding_threshold(jnp.max(jnp.abs(eigenvalues)), state.theta.size)
    along = vectors.T @ state.gradient
    newton = -vectors @ (along * eigenvalues / (eigenvalues**2 + floor**2))
    length = jnp.linalg.norm(newton)
    move = newton * jnp.minimum(1.0, state.cap / jnp.where(length > 0, length, 1.0))
    loss, gradient, hessian = landscape.derivatives(state.theta + move)
    fine = jnp.isfinite(loss) & jnp.all(jnp.isfinite(gradient)) & jnp.all(jnp.isfinite(hessian))
    before, norm = jnp.linalg.norm(state.gradient), jnp.max(jnp.abs(gradient))
    better = fine & (jnp.linalg.norm(gradient) < before)
    cap = jnp.clip(state.cap * jnp.where(better, _WIDEN, _NARROW), _SMALLEST_CAP, _LARGEST_CAP)
    fresh = state.steps < 0
    zero = norm <= gradient_tolerance(state.theta + move, hessian)
    # at rounding level steps only stir: the best of them is kept
    kept = fine & ~(zero & (norm >= state.best))

    def pick(new: Array, old: Array) -> Array:
        return jnp.where(kept, new, old)

    idle = jnp.where(norm <= 0.5 * state.best, 0, state.idle + 1)
    return _Newton(
        theta=pick(state.theta + move, state.theta),
        loss=pick(loss, state.loss),
        gradient=pick(gradient, state.gradient),
        hessian=pick(hessian, state.hessian),
        cap=jnp.where(fresh, state.cap, cap),
        steps=state.steps + 1,
        idle=idle,
        best=jnp.where(kept, jnp.minimum(norm, state.best), state.best),
        length=pick(jnp.linalg.norm(move), state.length),
        start=state.start,
        done=(fresh & ~fine) | (zero & ((idle >= _PATIENCE) | (norm == 0))) | _is_far(state),
    )


def _is_far(state: _Newton) -> Bool[Array, ""]:
    return jnp.linalg.norm(state.theta) > _FAR * (1 + jnp.linalg.norm(state.start))


def _outcome(state: _Newton, point: CriticalPoint, newton: Theta) -> tuple[Int[Array, ""], Theta]:
    """Return how the search ended, and the direction in which it runs away (else zeros)."""
    zero = point.outcome == Outcome.CONVERGED
    still = jnp.linalg.norm(newton) > _STEADY * (1 + jnp.linalg.norm(state.theta))
    sliding = zero & still & (point.nullity > 0) & (newton @ state.theta > 0)
    running = sliding | (~zero & _is_far(state))
    pushed = jnp.linalg.norm(state.hessian @ state.gradient)
    size = jnp.max(jnp.abs(point.eigenvalues)) * jnp.linalg.norm(state.gradient)
    ended = jnp.where(~zero & (pushed <= _FLAT * size), Outcome.GRADIENT_FLAT, Outcome.OUT_OF_STEPS)
    ended = jnp.where(zero, Outcome.CONVERGED, ended)
    ended = jnp.where(~zero & (point.num_kinks > 0), Outcome.AT_A_KINK, ended)
    ended = jnp.where(running, Outcome.RUNNING_TO_INFINITY, ended)
    way = state.theta - state.start
    direction = way / jnp.maximum(jnp.linalg.norm(way), jnp.finfo(way.dtype).tiny)
    ended = jnp.where(point.outcome == Outcome.NOT_FINITE, Outcome.NOT_FINITE, ended)
    return ended, jnp.where(running, direction, 0.0)
