"""Newton's method made to descend, to machine precision: one start, inside compiled code.

Each step solves (H + mu I) s = -g by Cholesky. A factorization that fails (H + mu I indefinite)
only raises mu; a step that does not lower the loss as predicted is taken back. A start that needs
long gets |H| + mu I instead (saddle-free Newton, Dauphin et al. 2014), which needs fewer steps
where H has eigenvalues of both signs near zero, for the price of an eigendecomposition. When
differences of the loss drown in rounding, steps are judged by the gradient instead: that is what
carries the search from 1e-8 to 1e-16.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core._landscape import End, Landscape, Theta
from saddlescape.core._outcome import Outcome
from saddlescape.core._tolerances import gradient_tolerance

_FIRST_DAMPING = 0.1  # mu, as a share of the largest diagonal entry of H
_SHRINK, _GROW = 0.25, 5.0  # of mu after a good step and after a refused one
_FIRST_LOOK = 32  # steps until the first look for a channel; then at twice, 4 times, ...
_END_STEPS = 60  # Newton steps for the end of a channel
_STRETCH = (0.2, 0.1, 0.05)  # positions on the last stretch of a channel, where the loss must fall
_AHEAD = (*_STRETCH, 0.02, 0.01, 0.005, 0.002, 0.001)  # where to look for a place lower than here
_PATIENCE = 3  # steps without a halved gradient once it is below tolerance
_REFUSALS = 30  # refused steps in a row: mu has grown by 5**30, nothing lowers the loss
_SADDLE_FREE_FROM = 64  # steps after which |H| replaces H
STEADY = 1e-3  # a Newton step of this relative length at zero gradient is still running
_LINEAR = 1e-3  # a gradient that fell by less in that step: no Newton jump onto a minimum
_FAR, _LOST = 1e3, 50  # so many times the start's |theta|, for so many steps without progress
_AWAY = 0.03  # share of that which, at the end of an endless search, is running away
_GROWTH = 1.25  # of |theta| over the second half of an endless search: running away


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
    ratio: Float[Array, ""]  # of the gradients after and before it
    reach: Float[Array, ""]  # of the longest step allowed, in units of `_step`
    channelled: Bool[Array, ""]
    direction: Theta  # towards infinity
    anchor: Theta  # where the last look was
    far: Float[Array, ""]  # |theta| from which a search without end is running away
    done: Bool[Array, ""]


def begin(theta: Theta) -> Descent:
    """Return the state of a search at theta; its first step evaluates theta itself.

    So the landscape's derivatives stand once in the compiled program, which halves its size.
    """
    minus_one, zero = -jnp.ones((), jnp.int32), jnp.zeros((), jnp.int32)
    nothing, endless = jnp.zeros((), theta.dtype), jnp.full((), jnp.inf, theta.dtype)
    nowhere, no = jnp.zeros_like(theta), jnp.zeros((), bool)
    return Descent(
        theta, endless, nowhere, jnp.eye(theta.size, dtype=theta.dtype), nothing, minus_one, zero,
        zero, endless, nothing, nothing, nothing + 1.0, no, nowhere, theta,
        _FAR * (1 + jnp.linalg.norm(theta)), no,
    )  # fmt: skip


def descend(landscape: Landscape, state: Descent, max_steps: int, *, rough: float = 0.0) -> Descent:
    """Return the state after running until converged, hopeless, or out of steps.

    With `rough` > 0 the search ends as soon as the predicted gain is that share of the loss.
    """

    def go_on(state: Descent) -> Bool[Array, ""]:
        return ~state.done & (state.steps < max_steps)

    return jax.lax.while_loop(go_on, lambda state: _step(landscape, state, rough), state)


def _step(landscape: Landscape, state: Descent, rough: float) -> Descent:
    """Return the state after one trial step."""
    if rough:  # soon over: a second branch would only cost compile time
        newton = _damped_newton(state)
    else:
        newton = jax.lax.cond(state.steps < _SADDLE_FREE_FROM, _damped_newton, _saddle_free, state)
    length = jnp.linalg.norm(newton)
    cap = state.reach * (1.0 + 0.1 * jnp.linalg.norm(state.theta))
    move = newton * jnp.minimum(1.0, cap / jnp.where(length > 0, length, 1.0))
    predicted = -(move @ state.gradient) - 0.5 * move @ (state.hessian @ move)
    trial = jax.lax.cond(
        jnp.isfinite(length),
        lambda: landscape.derivatives(state.theta + move),
        lambda: (jnp.full_like(state.loss, jnp.nan), state.gradient, state.hessian),
    )
    state, good, calmer = _judge_step(state, move, predicted, trial)
    if rough:
        small = good & (calmer < 1) & (predicted < rough * jnp.abs(state.loss))
        return state._replace(done=state.done | small | (state.refusals > _REFUSALS))
    state = state._replace(done=state.done | _finished(state))
    steps = state.steps
    due = (steps >= _FIRST_LOOK) & (jnp.bitwise_and(steps, steps - 1) == 0) & ~state.done
    return jax.lax.cond(due, lambda: _look(landscape, state), lambda: state)


def _judge_step(state: Descent, move: Theta, predicted, trial):
    """Return the state with the trial step taken or refused, whether it was, and mu's factor."""
    eps = jnp.finfo(move.dtype).eps
    loss, gradient, hessian = trial
    norm, gain = jnp.max(jnp.abs(gradient)), state.loss - loss
    drowned = jnp.abs(predicted) <= 1e3 * eps * jnp.abs(state.loss)
    good = jnp.where(drowned, norm < jnp.max(jnp.abs(state.gradient)), gain > 0.1 * predicted)
    finite, fresh = _finite(loss, gradient, hessian), state.steps < 0
    good = (good & finite) | fresh
    calmer = jnp.where(gain > 0.25 * predicted, 1.0, 2.0)
    calmer = jnp.where(drowned | (gain > 0.75 * predicted), _SHRINK, calmer)
    tiny = jnp.finfo(move.dtype).tiny  # mu = 0 could never grow again
    floor = jnp.maximum(move.size * eps * jnp.max(jnp.abs(jnp.diagonal(hessian))), tiny)
    damping = jnp.where(good, jnp.maximum(state.damping * calmer, floor), state.damping * _GROW)
    first = _FIRST_DAMPING * floor / eps
    halved = good & (norm <= 0.5 * state.best)
    taken, before = jnp.linalg.norm(move), jnp.max(jnp.abs(state.gradient))
    # the quadratic model was right to a percent and the step was cut short: reach farther
    limit = state.reach * (1.0 + 0.1 * jnp.linalg.norm(state.theta))
    stretched = (taken > 0.99 * limit) & (jnp.abs(gain - predicted) < 0.01 * predicted)

    def pick(new: Array, old: Array) -> Array:
        return jnp.where(good, new, old)

    state = state._replace(
        theta=pick(state.theta + move, state.theta),
        loss=pick(loss, state.loss),
        gradient=pick(gradient, state.gradient),
        hessian=pick(hessian, state.hessian),
        damping=jnp.where(fresh, first / move.size, damping),
        steps=state.steps + 1,
        refusals=jnp.where(good, 0, state.refusals + 1),
        idle=jnp.where(halved, 0, state.idle + 1),
        best=pick(jnp.minimum(norm, state.best), state.best),
        length=pick(taken, state.length),
        ratio=pick(norm / jnp.maximum(before, jnp.finfo(norm.dtype).tiny), state.ratio),
        reach=jnp.where(good, jnp.where(stretched, 2.0, 1.0) * state.reach, 1.0),
        done=fresh & ~finite,
    )
    return state, good & ~fresh, calmer


def _damped_newton(state: Descent) -> Theta:
    """Return -(H + mu I)^-1 g, NaN where that matrix is not positive definite."""
    shifted = state.hessian + state.damping * jnp.eye(state.theta.size)
    factor = jax.scipy.linalg.cho_factor(shifted, lower=True)
    return -jax.scipy.linalg.cho_solve(factor, state.gradient)


def _saddle_free(state: Descent) -> Theta:
    """Return -(|H| + mu I)^-1 g."""
    eigenvalues, vectors = jnp.linalg.eigh(state.hessian)
    scaled = (vectors.T @ state.gradient) / (jnp.abs(eigenvalues) + state.damping)
    return -vectors @ scaled


def _finished(state: Descent) -> Bool[Array, ""]:
    """Return whether the gradient is zero and falls no further, or nothing helps any more."""
    settled = is_zero(state) & ((state.idle >= _PATIENCE) | (jnp.max(jnp.abs(state.gradient)) == 0))
    lost = is_far(state) & (state.idle > _LOST)
    return settled | lost | (state.refusals > _REFUSALS)


def is_far(state: Descent) -> Bool[Array, ""]:
    """Return whether theta has grown beyond any ordinary minimum."""
    return jnp.linalg.norm(state.theta) > state.far


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
    found = descend(end.landscape, begin(end.start), _END_STEPS)
    ahead = jnp.asarray(_AHEAD, state.theta.dtype)
    lower = jax.lax.map(lambda t: landscape.loss(end.finite(found.theta, t)), ahead)
    losses = jnp.concatenate([lower[: len(_STRETCH)], found.loss[None]])
    falls = is_zero(found) & (found.loss < state.loss) & jnp.all(losses[1:] < losses[:-1])
    tangent = end.finite(found.theta, ahead[jnp.argmax(lower < state.loss)]) - state.theta
    tangent /= jnp.maximum(jnp.linalg.norm(tangent), jnp.finfo(tangent.dtype).tiny)
    return state._replace(
        channelled=falls, done=state.done | falls, direction=jnp.where(falls, tangent, 0.0)
    )


def outcome(landscape: Landscape, state: Descent) -> tuple[Int[Array, ""], Theta]:
    """Return how the search ended, and the unit direction in which it runs away (else zeros)."""
    zero = is_zero(state)
    direction, running = drift(state, zero)
    direction = jnp.where(state.channelled, state.direction, direction)
    running |= state.channelled
    stuck = ~zero & (state.refusals > _REFUSALS)
    result = jnp.where(zero, Outcome.CONVERGED, Outcome.OUT_OF_STEPS)
    result = jnp.where(stuck, Outcome.GRADIENT_FLAT, result)
    kinked = ~zero & (landscape.kinks(state.theta) > 0) & ((state.refusals > 0) | stuck)
    result = jnp.where(kinked, Outcome.AT_A_KINK, result)
    result = jnp.where(running, Outcome.RUNNING_TO_INFINITY, result)
    finite = _finite(state.loss, state.gradient, state.hessian)
    result = jnp.where(finite, result, Outcome.NOT_FINITE).astype(jnp.int32)
    return result, jnp.where(running & finite, direction, 0.0)


def is_zero(state: Descent) -> Bool[Array, ""]:
    """Return whether the gradient is zero up to rounding."""
    norm = jnp.max(jnp.abs(state.gradient))
    return norm <= gradient_tolerance(state.theta, state.hessian)


def drift(state: Descent, zero: Bool[Array, ""]) -> tuple[Theta, Bool[Array, ""]]:
    """Return the unit direction of the last stretch, and whether it leads to infinity.

    Two signs count. At a zero gradient: Newton's steps do not shrink, as where a sigmoid saturates
    and loss, gradient and Hessian all decay together, or still go on where all have underflowed, as
    between separable classes. At the end of a long search: theta has grown by `_GROWTH` since the
    last look, or is `_AWAY` from the start, as where three neurons merge into a second derivative.
    A loss that has underflowed to zero beside its Hessian never had a minimum.
    """
    way = state.theta - state.anchor
    direction = way / jnp.maximum(jnp.linalg.norm(way), jnp.finfo(way.dtype).tiny)
    size, before = jnp.linalg.norm(state.theta), jnp.linalg.norm(state.anchor)
    outward = (direction @ state.theta > 0) & (size > before)
    limits, stride = jnp.finfo(way.dtype), state.length / (1 + size)
    vanished = jnp.max(jnp.abs(state.hessian)) <= limits.tiny / limits.eps
    slow = state.ratio > _LINEAR  # else a Newton jump onto a minimum
    sliding = (zero & slow & (stride > STEADY)) | (vanished & (stride > limits.eps**0.5))
    lost = vanished & (jnp.abs(state.loss) <= limits.tiny / limits.eps) & (state.steps > 0)
    grown = (size > _GROWTH * before) | (size > _AWAY * state.far)
    growing = ~zero & grown & (state.steps >= _FIRST_LOOK)
    return direction, (outward & (sliding | growing)) | lost


def _finite(loss, gradient, hessian) -> Bool[Array, ""]:
    return jnp.isfinite(loss) & jnp.all(jnp.isfinite(gradient)) & jnp.all(jnp.isfinite(hessian))
