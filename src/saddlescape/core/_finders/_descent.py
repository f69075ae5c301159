"""Newton's method made to descend: damped by a multiple of the unit matrix, at machine precision.

Each step solves (H + mu I) s = -g by Cholesky. A factorization that fails (H + mu I indefinite) only
raises mu; a step that does not lower the loss as predicted is taken back. When differences of the
loss drown in rounding, steps are judged by the gradient instead: that is what carries the search
from 1e-8 to 1e-16.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core._landscape import End, Landscape, Theta
from saddlescape.core._outcome import Outcome
from saddlescape.core._tolerances import gradient_tolerance

_SHRINK, _GROW = 0.25, 5.0  # of mu after a good step and after a refused one
_FIRST_LOOK = 32  # steps until the first look for a channel to infinity; then at twice, 4 times, ...
_END_STEPS = 60  # Newton steps for the end of a channel
_STRETCH = (0.2, 0.1, 0.05)  # positions on the last stretch of a channel, where the loss must fall
_PATIENCE = 3  # steps without a halved gradient once it is below tolerance
_REFUSALS = 40  # refused steps in a row: mu has grown by 5**40, nothing lowers the loss
_STEADY = 1e-3  # a Newton step of this relative length at zero gradient is still running


class Descent(NamedTuple):
    """The state of a search, one start."""

    theta: Theta
    loss: Float[Array, ""]
    gradient: Theta
    hessian: Float[Array, "p p"]
    damping: Float[Array, ""]
    steps: Int[Array, ""]
    refusals: Int[Array, ""]
    idle: Int[Array, ""]  # steps since the gradient last halved
    best: Float[Array, ""]  # smallest gradient norm so far
    length: Float[Array, ""]  # of the last accepted step
    channelled: Bool[Array, ""]
    direction: Theta  # towards infinity
    anchor: Theta  # where the last look was
    done: Bool[Array, ""]


def begin(landscape: Landscape, theta: Theta, steps: Int[Array, ""]) -> Descent:
    """Return the state of a search that starts at theta."""
    loss, gradient, hessian = landscape.derivatives(theta)
    damping = 0.1 * jnp.max(jnp.abs(jnp.diagonal(hessian)))
    zero, nothing = jnp.zeros((), jnp.int32), jnp.zeros_like(loss)
    return Descent(
        theta, loss, gradient, hessian, damping, steps, zero, zero, jnp.max(jnp.abs(gradient)),
        nothing, jnp.zeros((), bool), jnp.zeros_like(theta), theta, ~_finite(loss, gradient, hessian),
    )  # fmt: skip


def descend(
    landscape: Landscape, state: Descent, max_steps: int, *, rough: float = 0.0
) -> Descent:
    """Return the state after running until converged, hopeless, or out of steps.

    With `rough` > 0 the search ends as soon as the predicted gain is that share of the loss.
    """

    def go_on(state: Descent) -> Bool[Array, ""]:
        return ~state.done & (state.steps < max_steps)

    return jax.lax.while_loop(go_on, lambda state: _step(landscape, state, rough), state)


def _step(landscape: Landscape, state: Descent, rough: float) -> Descent:
    """Return the state after one trial step."""
    eps = jnp.finfo(state.theta.dtype).eps
    shifted = state.hessian + state.damping * jnp.eye(state.theta.size)
    factor = jax.scipy.linalg.cho_factor(shifted, lower=True)
    newton = -jax.scipy.linalg.cho_solve(factor, state.gradient)
    length = jnp.linalg.norm(newton)
    cap = 1.0 + 0.1 * jnp.linalg.norm(state.theta)
    move = newton * jnp.minimum(1.0, cap / length)
    solved = jnp.isfinite(length)
    predicted = -(move @ state.gradient) - 0.5 * move @ (state.hessian @ move)
    theta = state.theta + move
    loss, gradient, hessian = jax.lax.cond(
        solved,
        lambda: landscape.derivatives(theta),
        lambda: (state.loss, state.gradient, state.hessian),
    )
    norm = jnp.max(jnp.abs(gradient))
    gain = state.loss - loss
    drowned = jnp.abs(predicted) <= 1e3 * eps * jnp.abs(state.loss)
    good = jnp.where(drowned, norm < jnp.max(jnp.abs(state.gradient)), gain > 0.1 * predicted)
    good &= solved & _finite(loss, gradient, hessian)
    well = jnp.where(drowned, True, gain > 0.75 * predicted)
    scale = jnp.max(jnp.abs(jnp.diagonal(state.hessian)))
    calmer = jnp.where(well, _SHRINK, jnp.where(gain > 0.25 * predicted, 1.0, 2.0))
    damping = jnp.where(
        good,
        jnp.maximum(state.damping * calmer, 1e-2 * eps * scale),
        jnp.maximum(state.damping, 1e-3 * eps * scale) * _GROW,
    )
    halved = good & (norm <= 0.5 * state.best)
    pick = lambda new, old: jnp.where(good, new, old)  # noqa: E731
    state = state._replace(
        theta=pick(theta, state.theta), loss=pick(loss, state.loss),
        gradient=pick(gradient, state.gradient), hessian=pick(hessian, state.hessian),
        damping=damping, steps=state.steps + 1, refusals=jnp.where(good, 0, state.refusals + 1),
        idle=jnp.where(halved, 0, state.idle + 1), best=jnp.where(good, jnp.minimum(norm, state.best), state.best),
        length=pick(jnp.linalg.norm(move), state.length),
    )  # fmt: skip
    if rough:
        small = good & (predicted < rough * jnp.abs(state.loss)) & (calmer < 1)
        return state._replace(done=small | (state.refusals > _REFUSALS))
    state = state._replace(done=state.done | _finished(state))
    steps = state.steps
    due = (steps >= _FIRST_LOOK) & (jnp.bitwise_and(steps, steps - 1) == 0) & ~state.done
    return jax.lax.cond(due, lambda: _look(landscape, state), lambda: state)


def _finished(state: Descent) -> Bool[Array, ""]:
    """Return whether the gradient is zero and falls no further, or nothing helps any more."""
    zero = jnp.max(jnp.abs(state.gradient)) <= gradient_tolerance(state.theta, state.hessian)
    settled = zero & ((state.idle >= _PATIENCE) | (jnp.max(jnp.abs(state.gradient)) == 0))
    return settled | (state.refusals > _REFUSALS)


def _look(landscape: Landscape, state: Descent) -> Descent:
    """Return the state after looking for a channel: done when the loss falls along one."""
    state = state._replace(anchor=state.theta)
    for end in landscape.ends(state.theta):
        state = jax.lax.cond(
            end.is_suspect & ~state.done,
            lambda state=state, end=end: _judge(landscape, state, end),
            lambda state=state: state,
        )
    return state


def _judge(landscape: Landscape, state: Descent, end: End) -> Descent:
    """Return the state, done if the loss falls from here to a critical point at the end."""
    start = begin(end.landscape, end.start, jnp.zeros((), jnp.int32))
    found = descend(end.landscape, start, _END_STEPS)
    zero = jnp.max(jnp.abs(found.gradient)) <= gradient_tolerance(found.theta, found.hessian)
    stretch = [landscape.loss(end.finite(found.theta, t)) for t in _STRETCH]
    losses = jnp.stack([*stretch, found.loss])
    falls = zero & (found.loss < state.loss) & jnp.all(losses[1:] < losses[:-1])
    tangent = end.finite(found.theta, _STRETCH[-1]) - state.theta
    tangent /= jnp.maximum(jnp.linalg.norm(tangent), jnp.finfo(tangent.dtype).tiny)
    return state._replace(
        channelled=falls, done=state.done | falls, direction=jnp.where(falls, tangent, 0.0)
    )


def outcome(state: Descent) -> tuple[Int[Array, ""], Theta]:
    """Return how the search ended, and the unit direction in which it runs away."""
    finite = _finite(state.loss, state.gradient, state.hessian)
    zero = jnp.max(jnp.abs(state.gradient)) <= gradient_tolerance(state.theta, state.hessian)
    size = jnp.linalg.norm(state.theta)
    drift = state.theta - state.anchor
    drift_length = jnp.linalg.norm(drift)
    drift /= jnp.maximum(drift_length, jnp.finfo(drift.dtype).tiny)
    outward = (drift @ state.theta > 0) & (size > jnp.linalg.norm(state.anchor))
    sliding = zero & (state.length > _STEADY * (1 + size)) & outward
    growing = ~zero & outward & (drift_length > _STEADY * (1 + size))
    running = state.channelled | sliding | growing
    result = jnp.where(zero, Outcome.CONVERGED, Outcome.OUT_OF_STEPS)
    result = jnp.where(~zero & (state.refusals > _REFUSALS), Outcome.GRADIENT_FLAT, result)
    result = jnp.where(running, Outcome.RUNNING_TO_INFINITY, result)
    direction = jnp.where(state.channelled, state.direction, jnp.where(running, drift, 0.0))
    return jnp.where(finite, result, Outcome.NOT_FINITE).astype(jnp.int32), direction


def _finite(loss, gradient, hessian) -> Bool[Array, ""]:
    return jnp.isfinite(loss) & jnp.all(jnp.isfinite(gradient)) & jnp.all(jnp.isfinite(hessian))
