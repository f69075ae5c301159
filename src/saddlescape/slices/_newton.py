"""The loss minimized over what is orthogonal to a slice: projected Newton, or projected L-BFGS."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core import Landscape

NEWTON_LIMIT = 200
"""Parameters up to which each step decomposes the Hessian; beyond, L-BFGS costs gradients alone."""
_REFUSALS = 30  # steps in a row that do not help: nothing does
_MOST_PUSHES = 5  # off saddles of the complement: each leads lower
_ASIDE = 1e-2  # how far to step off one, relative to 1 + |theta|, as the search for minima does
_MEMORY = 20  # pairs that L-BFGS keeps


class Descended(NamedTuple):
    """Where a search in the complement ended.

    Args:
        offset: from the plain slice, orthogonal to its directions, shape (p,).
        loss: there.
        gradient_norm: largest entry of the projected gradient there.
    """

    offset: np.ndarray
    loss: float
    gradient_norm: float


class Problem(NamedTuple):
    """A loss to be minimized orthogonally to a slice.

    Args:
        landscape: the loss.
        span: orthonormal rows that span the slice's directions, shape (k, p).
        tolerance: projected gradient at which a search ends.
        max_steps: after which it gives up.
    """

    landscape: Landscape
    span: np.ndarray
    tolerance: float
    max_steps: int


def newton(problem: Problem, base: np.ndarray, offset: np.ndarray) -> Descended:
    """Return where damped Newton steps lead, in compiled code; off the saddles on the way."""
    for _ in range(_MOST_PUSHES):
        ended = _descended(problem, base, offset)
        if not ended.gradient_norm <= problem.tolerance:
            return ended
        aside = _downhill(problem, base, ended.offset)
        if aside is None:
            return ended
        offset = aside
    return _descended(problem, base, offset)


def _descended(problem: Problem, base: np.ndarray, offset: np.ndarray) -> Descended:
    """Return where the steps lead, a saddle of the complement perhaps."""
    ended = _newton(
        problem.landscape, jnp.asarray(base), jnp.asarray(problem.span), jnp.asarray(offset),
        jnp.asarray(problem.tolerance), jnp.asarray(problem.max_steps),
    )  # fmt: skip
    return Descended(np.asarray(ended[0]), float(ended[1]), float(ended[2]))


def _downhill(problem: Problem, base: np.ndarray, offset: np.ndarray) -> np.ndarray | None:
    """Return a lower place beside a saddle of the complement, None where it curves up."""
    landscape, span = problem.landscape, problem.span
    found = _lowest(landscape, jnp.asarray(base + offset), jnp.asarray(span))
    curvature, largest, way = float(found[0]), float(found[1]), np.asarray(found[2])
    if not curvature < -float(np.finfo(way.dtype).eps ** 0.5) * largest:
        return None
    step = _ASIDE * (1 + float(np.linalg.norm(base + offset))) * (way - span.T @ (span @ way))
    both = [offset + step, offset - step]
    losses = [float(landscape.loss(jnp.asarray(base + place))) for place in both]
    return both[int(np.argmin(losses))]


@eqx.filter_jit
def _lowest(landscape: Landscape, theta: Array, span: Array) -> tuple[Array, Array, Array]:
    """Return the lowest curvature of the complement, the largest size, and the lowest's way."""
    hessian = landscape.derivatives(theta)[2]
    inner = hessian - span.T @ (span @ hessian)
    inner = inner - (inner @ span.T) @ span
    curvatures, vectors = jnp.linalg.eigh((inner + inner.T) / 2)
    return curvatures[0], jnp.max(jnp.abs(curvatures)), vectors[:, 0]


class _State(NamedTuple):
    """A search, one point."""

    offset: Float[Array, " p"]
    loss: Float[Array, ""]
    gradient: Float[Array, " p"]
    hessian: Float[Array, "p p"]
    damping: Float[Array, ""]
    steps: Int[Array, ""]
    refusals: Int[Array, ""]


@eqx.filter_jit
def _newton(
    landscape: Landscape, base: Array, span: Array, offset: Array, tolerance: Array, most: Array
) -> tuple[Array, Array, Array]:
    """Return offset, loss and projected gradient norm at the end of a search."""

    def project(vector: Array) -> Array:
        return vector - span.T @ (span @ vector)

    def look(offset: Array) -> tuple[Array, Array, Array]:
        loss, gradient, hessian = landscape.derivatives(base + offset)
        inner = hessian - span.T @ (span @ hessian)
        inner = inner - (inner @ span.T) @ span
        return loss, project(gradient), (inner + inner.T) / 2

    def go_on(state: _State) -> Bool[Array, ""]:
        unfinished = jnp.max(jnp.abs(state.gradient)) > tolerance
        return unfinished & (state.steps < most) & (state.refusals <= _REFUSALS)

    def step(state: _State) -> _State:
        move, predicted = _move(state, project, 1 + jnp.linalg.norm(base))
        loss, gradient, hessian = look(state.offset + move)
        return _judged(state, move, predicted, (loss, gradient, hessian))

    loss, gradient, hessian = look(offset)
    nothing = jnp.zeros((), jnp.int32)
    first = _State(offset, loss, gradient, hessian, jnp.zeros_like(loss), nothing, nothing)
    last = jax.lax.while_loop(go_on, step, first)
    return last.offset, last.loss, jnp.max(jnp.abs(last.gradient))


def _move(state: _State, project, size: Array) -> tuple[Array, Array]:
    """Return -(|H| + mu I)^-1 g in the complement, no longer than the point's size, and its gain.

    The span's own directions have curvature 0 and slope 0 here, so they take no part.
    """
    eps = jnp.finfo(state.loss.dtype).eps
    curvatures, vectors = jnp.linalg.eigh(state.hessian)
    largest = jnp.maximum(jnp.max(jnp.abs(curvatures)), jnp.finfo(eps.dtype).tiny)
    damping = jnp.maximum(state.damping, eps * state.offset.size * largest)
    move = -project(vectors @ ((vectors.T @ state.gradient) / (jnp.abs(curvatures) + damping)))
    length = jnp.linalg.norm(move)
    move = move * jnp.minimum(1.0, size / jnp.where(length > 0, length, 1.0))
    return move, -(move @ state.gradient) - 0.5 * move @ (state.hessian @ move)


def _judged(
    state: _State, move: Array, predicted: Array, trial: tuple[Array, Array, Array]
) -> _State:
    """Return the state with the trial step taken or refused."""
    loss, gradient, hessian = trial
    eps = jnp.finfo(loss.dtype).eps
    drowned = jnp.abs(predicted) <= 1e3 * eps * jnp.abs(state.loss)
    calmer = jnp.max(jnp.abs(gradient)) < jnp.max(jnp.abs(state.gradient))
    good = jnp.where(drowned, calmer, state.loss - loss > 0.1 * predicted)
    good &= jnp.isfinite(loss) & jnp.all(jnp.isfinite(gradient)) & jnp.all(jnp.isfinite(hessian))
    first = 1e-3 * jnp.max(jnp.abs(jnp.diagonal(state.hessian)))
    damping = jnp.where(good, state.damping / 4, jnp.maximum(4 * state.damping, first))
    taken = _State(
        state.offset + move, loss, gradient, hessian, damping, state.steps + 1,
        jnp.zeros_like(state.refusals),
    )  # fmt: skip
    refused = state._replace(damping=damping, steps=state.steps + 1, refusals=state.refusals + 1)
    return jax.tree.map(lambda new, old: jnp.where(good, new, old), taken, refused)


def quasi_newton(problem: Problem, base: np.ndarray, offset: np.ndarray) -> Descended:
    """Return where SciPy's L-BFGS leads, with gradients of any framework."""
    landscape, span = problem.landscape, problem.span

    def project(vector: np.ndarray) -> np.ndarray:
        return vector - span.T @ (span @ vector)

    def fun(vector: np.ndarray) -> tuple[float, np.ndarray]:
        theta = jnp.asarray(base + project(vector))
        loss, gradient = landscape.loss_and_gradient(theta)
        return float(loss), project(np.asarray(gradient, dtype=float))

    options = {
        "maxiter": problem.max_steps, "maxfun": 3 * problem.max_steps, "maxcor": _MEMORY,
        "gtol": problem.tolerance, "ftol": 0.0,
    }  # fmt: skip
    ended = scipy.optimize.minimize(fun, offset, jac=True, method="L-BFGS-B", options=options)
    at = project(ended.x)
    loss, gradient = fun(at)
    return Descended(at, loss, float(np.abs(gradient).max()))
