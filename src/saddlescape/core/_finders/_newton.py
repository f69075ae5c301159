"""Newton's method for gradient = 0 in the eigenvectors of the Hessian; a rule chooses the step."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core._critical import CriticalPoint, describe_known
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

Rule = Callable[[Theta, Theta, Float[Array, ""]], Theta]
"""From eigenvalues, the gradient along their eigenvectors and the size of what is rounding among
the eigenvalues to a step along the eigenvectors."""

Judge = Callable[[Theta, Theta, Theta], Bool[Array, ""]]
"""From the gradient before a step, after it, and predicted by the Hessian, whether the cap on a
step's length is to be widened."""


class Newton(NamedTuple):
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


def newton(eigenvalues: Theta, along: Theta, floor: Float[Array, ""]) -> Theta:
    """Return Newton's step, blind to the signs of eigenvalues; the rule of `search`."""
    return -along * eigenvalues / (eigenvalues**2 + floor**2)


def falls(before: Theta, after: Theta, _: Theta) -> Bool[Array, ""]:
    """Return whether a step lowered the gradient; a judge."""
    return jnp.linalg.norm(after) < jnp.linalg.norm(before)


def search(
    landscape: Landscape, start: Theta, max_steps: int, rule: Rule, judge: Judge = falls
) -> CriticalPoint:
    """Return where capped steps of the rule lead from `start`."""
    state = jax.lax.while_loop(
        lambda state: ~state.done & (state.steps < max_steps),
        lambda state: _step(landscape, state, rule, judge),
        _begin(start),
    )
    known = (state.loss, state.gradient, state.hessian)
    return conclude(landscape, start, state.theta, known, state.steps)


def conclude(
    landscape: Landscape,
    start: Theta,
    theta: Theta,
    derivatives: tuple[Float[Array, ""], Theta, Float[Array, "p p"]],
    steps: Int[Array, ""],
) -> CriticalPoint:
    """Return the record of where a search for gradient = 0 ended, with its outcome."""
    point, _, step = describe_known(landscape, theta, derivatives)
    ended, direction = _outcome(start, point, derivatives, step)
    return with_outcome(point, ended, direction, steps)


def is_flat(gradient: Theta, pushed: Theta, largest: Float[Array, ""]) -> Bool[Array, ""]:
    """Return whether H g, `pushed`, is so small that the Hessian cannot reduce the gradient."""
    return jnp.linalg.norm(pushed) <= _FLAT * largest * jnp.linalg.norm(gradient)


def is_far(theta: Theta, start: Theta) -> Bool[Array, ""]:
    """Return whether a search runs away."""
    return jnp.linalg.norm(theta) > _FAR * (1 + jnp.linalg.norm(start))


def _begin(theta: Theta) -> Newton:
    """Return the state at theta; the first step evaluates theta itself."""
    zero, endless = jnp.zeros((), theta.dtype), jnp.full((), jnp.inf, theta.dtype)
    return Newton(
        theta, endless, jnp.zeros_like(theta), jnp.eye(theta.size, dtype=theta.dtype),
        jnp.full((), _FIRST_CAP, theta.dtype), -jnp.ones((), jnp.int32), jnp.zeros((), jnp.int32),
        endless, zero, theta, jnp.zeros((), bool),
    )  # fmt: skip


def _step(landscape: Landscape, state: Newton, rule: Rule, judge: Judge) -> Newton:
    """Return the state after one step, always taken unless it is not finite."""
    eigenvalues, vectors = jnp.linalg.eigh(state.hessian)
    floor = rounding_threshold(jnp.max(jnp.abs(eigenvalues)), state.theta.size)
    along = vectors.T @ state.gradient
    wanted = vectors @ rule(eigenvalues, along, floor)
    length = jnp.linalg.norm(wanted)
    move = wanted * jnp.minimum(1.0, state.cap / jnp.where(length > 0, length, 1.0))
    loss, gradient, hessian = landscape.derivatives(state.theta + move)
    fine = jnp.isfinite(loss) & jnp.all(jnp.isfinite(gradient)) & jnp.all(jnp.isfinite(hessian))
    norm = jnp.max(jnp.abs(gradient))
    better = fine & judge(state.gradient, gradient, state.gradient + state.hessian @ move)
    cap = jnp.clip(state.cap * jnp.where(better, _WIDEN, _NARROW), _SMALLEST_CAP, _LARGEST_CAP)
    fresh = state.steps < 0
    zero = norm <= gradient_tolerance(state.theta + move, hessian)
    # at rounding level steps only stir: the best of them is kept
    kept = fine & ~(zero & (norm >= state.best))

    def pick(new: Array, old: Array) -> Array:
        return jnp.where(kept, new, old)

    idle = jnp.where(norm <= 0.5 * state.best, 0, state.idle + 1)
    arrived = zero & ((idle >= _PATIENCE) | (norm == 0))
    return Newton(
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
        done=(fresh & ~fine) | arrived | is_far(state.theta, state.start),
    )


def _outcome(
    start: Theta,
    point: CriticalPoint,
    derivatives: tuple[Float[Array, ""], Theta, Float[Array, "p p"]],
    step: Theta,
) -> tuple[Int[Array, ""], Theta]:
    """Return how the search ended, and the direction in which it runs away (else zeros)."""
    _, gradient, hessian = derivatives
    zero, far = point.outcome == Outcome.CONVERGED, is_far(point.theta, start)
    still = jnp.linalg.norm(step) > _STEADY * (1 + jnp.linalg.norm(point.theta))
    sliding = zero & still & (point.nullity > 0) & (step @ point.theta > 0)
    running = sliding | (~zero & far)
    flat = is_flat(gradient, hessian @ gradient, jnp.max(jnp.abs(point.eigenvalues)))
    ended = jnp.where(~zero & flat, Outcome.GRADIENT_FLAT, Outcome.OUT_OF_STEPS)
    ended = jnp.where(zero, Outcome.CONVERGED, ended)
    ended = jnp.where(~zero & (point.num_kinks > 0), Outcome.AT_A_KINK, ended)
    ended = jnp.where(running, Outcome.RUNNING_TO_INFINITY, ended)
    way = point.theta - start
    direction = way / jnp.maximum(jnp.linalg.norm(way), jnp.finfo(way.dtype).tiny)
    ended = jnp.where(point.outcome == Outcome.NOT_FINITE, Outcome.NOT_FINITE, ended)
    return ended, jnp.where(running, direction, 0.0)
