"""Settling onto a flat set of minima: where many parameters fit the data, valleys are curved.

A network with more neurons than its teacher has a whole set of zero loss, degenerate where its
parts meet. Newton's method judged by the loss crawls there: a step along the floor climbs the
walls a little, and is taken back. Two things help, in turn. *Settling*: steps that must lower the
gradient, whatever they do for the loss, reach the floor in one or two. *Following the floor*: a
long step, then two corrections that ignore the flat directions, and only then is the loss compared.

Most starts never need this, so it is a program of its own, called start by start.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core._critical import CriticalPoint, describe_known
from saddlescape.core._finders._minima import with_outcome
from saddlescape.core._landscape import Landscape, Theta
from saddlescape.core._outcome import Outcome
from saddlescape.core._tolerances import gradient_tolerance

_SETTLING, _ALONG = 30, 60  # steps of each kind before it is the other's turn
_CORRECTIONS = 2  # after each step along the floor
_MAX_EVALUATIONS = 1_500
_WALL = 1e-4  # curvature, relative to the largest, from which a direction is wall and not floor
_FLOOR = 1e-8  # the same for the first step along the floor
_STIFFEST = 1e3  # of the damping, in units of the largest curvature: nothing helps
_NEARBY = 1e-3  # a start on its way to infinity may settle this near, relative to 1 + |theta|
_GROWTH = 2.0  # a start out of steps may settle where |theta| is so many times as large


class Place(NamedTuple):
    """A theta with its derivatives; the Hessian is kept as eigenvalues and eigenvectors."""

    theta: Theta
    loss: Float[Array, ""]
    gradient: Theta
    hessian: Float[Array, "p p"]
    curvatures: Theta
    axes: Float[Array, "p p"]


class Settling(NamedTuple):
    """The state: phase 0 settles, 1 steps along the floor, 2 and on correct that step."""

    here: Place
    base: Place  # where the last step along the floor began
    phase: Int[Array, ""]
    turns: Int[Array, ""]  # steps of this kind so far
    damping: Float[Array, ""]
    evaluations: Int[Array, ""]


def settle(landscape: Landscape, theta: Theta, max_evaluations: int | Int[Array, ""]) -> Settling:
    """Return where settling and following the floor lead from theta, in compiled code."""
    nowhere = jnp.zeros((theta.size, theta.size), theta.dtype)
    endless, nothing = jnp.full((), jnp.inf, theta.dtype), jnp.zeros_like(theta)
    place = Place(theta, endless, nothing + jnp.inf, nowhere, nothing + 1, nowhere)
    zero = jnp.zeros((), jnp.int32)
    state = Settling(place, place, zero - 1, zero, endless, zero)

    def go_on(state: Settling) -> Bool[Array, ""]:
        arrived = (state.phase <= 1) & is_settled(state.here) & (state.phase >= 0)
        return ~arrived & (state.evaluations < max_evaluations)

    return jax.lax.while_loop(go_on, lambda state: _advance(landscape, state), state)


def is_settled(place: Place) -> Bool[Array, ""]:
    """Return whether the gradient is zero up to rounding."""
    return _norm(place) <= gradient_tolerance(place.theta, place.hessian)


def _advance(landscape: Landscape, state: Settling) -> Settling:
    """Return the state after one evaluation; the first, in phase -1, is of theta itself."""
    top = jnp.max(jnp.abs(state.here.curvatures))
    damping = jnp.where(state.phase > 1, jnp.maximum(state.damping, _WALL * top), state.damping)
    step = state.here.axes.T @ state.here.gradient / (jnp.abs(state.here.curvatures) + damping)
    step = jnp.where(state.phase < 0, 0.0, -state.here.axes @ step)
    there = _evaluate(landscape, state.here.theta + step)
    lower = there.loss <= 2 * state.here.loss + jnp.finfo(step.dtype).tiny
    calmer = (_norm(there) < _norm(state.here)) & lower
    accepted = jnp.where(state.phase == 0, calmer, True)
    here = _choose(accepted, there, state.here)
    is_last = state.phase == 1 + _CORRECTIONS
    gained = is_last & (here.loss < state.base.loss)
    base = _choose(gained | (state.phase <= 0), here, state.base)
    here = _choose(is_last, base, here)
    damping = jnp.where(state.phase == 0, jnp.where(calmer, 0.1, 8.0) * state.damping, damping)
    along = state.damping * jnp.where(gained, 0.2, 8.0)
    damping = jnp.where(state.phase > 0, jnp.where(is_last, along, state.damping), damping)
    phase = jnp.where(is_last, 1, jnp.where(state.phase > 0, state.phase + 1, 0))
    turns = state.turns + ((state.phase == 0) | is_last)
    return _turn(Settling(here, base, phase, turns, damping, state.evaluations + 1), state.phase)


def _turn(state: Settling, before: Int[Array, ""]) -> Settling:
    """Return the state, changed to the other kind of step where that is due."""
    top = jnp.max(jnp.abs(state.here.curvatures))
    stiff = state.damping > _STIFFEST * top
    to_floor = (before == 0) & ((state.turns >= _SETTLING) | stiff)
    to_settle = (before < 0) | ((state.phase == 1) & ((state.turns >= _ALONG) | stiff) & ~to_floor)
    to_settle &= before != 0
    damping = jnp.where(to_floor, _FLOOR * top, jnp.where(to_settle, _WALL * top, state.damping))
    phase = jnp.where(to_floor, 1, jnp.where(to_settle, 0, state.phase))
    return state._replace(
        phase=phase, damping=damping, turns=jnp.where(to_floor | to_settle, 0, state.turns)
    )


def _evaluate(landscape: Landscape, theta: Theta) -> Place:
    loss, gradient, hessian = landscape.derivatives(theta)
    finite = jnp.isfinite(loss) & jnp.all(jnp.isfinite(gradient)) & jnp.all(jnp.isfinite(hessian))
    safe = jnp.where(finite, hessian, jnp.eye(theta.size, dtype=theta.dtype))
    loss, gradient = jnp.where(finite, loss, jnp.inf), jnp.where(finite, gradient, jnp.inf)
    return Place(theta, loss, gradient, safe, *jnp.linalg.eigh(safe))


def _choose(condition: Bool[Array, ""], new: Place, old: Place) -> Place:
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), new, old)


def _norm(place: Place) -> Float[Array, ""]:
    return jnp.max(jnp.abs(place.gradient))


@eqx.filter_jit
def _settled_point(landscape: Landscape, theta: Theta, limit: Array) -> CriticalPoint:
    """Return the record of where one start settles within `limit` evaluations."""
    ended = settle(landscape, theta, limit)
    here = ended.here
    point = describe_known(landscape, here.theta, (here.loss, here.gradient, here.hessian))[0]
    return with_outcome(point, point.outcome, point.direction, ended.evaluations)


def _fits_exactly(point: CriticalPoint) -> bool:
    """Return whether the loss is rounding beside what moving theta by its own length would do."""
    limits = np.finfo(float)
    with np.errstate(over="ignore", invalid="ignore"):
        scale = float(np.max(np.abs(point.eigenvalues)) * np.sum(point.theta**2))
    has_vanished = not scale > limits.tiny / limits.eps  # with the loss: nothing is fitted
    return bool(not has_vanished and abs(point.loss) <= limits.eps * scale)


def settle_unfinished(landscape: Landscape, points: CriticalPoint, max_steps: int) -> CriticalPoint:
    """Return the points with those settled that a search for minima left unfinished.

    Args:
        landscape: the loss.
        points: a batch, NumPy arrays.
        max_steps: of the search; settling may take as many again.

    Returns:
        the batch. A start that was running to infinity is changed only if a critical point lies
        beside it, as where a channel leaves a set of zero loss.
    """
    running = points.outcome == Outcome.RUNNING_TO_INFINITY
    rows = np.flatnonzero((points.outcome == Outcome.OUT_OF_STEPS) | running)
    for row in rows:
        old = jax.tree.map(lambda leaf, row=row: leaf[row], points)
        if running[row] and not _fits_exactly(old):
            continue
        limit = min(_SETTLING if running[row] else _MAX_EVALUATIONS, max_steps)
        new = _settled_point(landscape, jnp.asarray(old.theta), jnp.asarray(limit))
        new = jax.tree.map(np.asarray, new)
        size = np.linalg.norm(old.theta)
        moved = np.linalg.norm(new.theta - old.theta) / (1 + size)
        away = moved > _NEARBY if running[row] else np.linalg.norm(new.theta) > _GROWTH * size
        if new.outcome != Outcome.CONVERGED or away:
            continue
        for name, leaf in vars(new).items():
            getattr(points, name)[row] = leaf
        points.num_steps[row] += old.num_steps
    return points
