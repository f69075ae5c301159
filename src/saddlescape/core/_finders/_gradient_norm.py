"""To a critical point of any index: least squares of the gradient, by Levenberg and Marquardt."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core._critical import CriticalPoint
from saddlescape.core._finders._interface import AbstractFinder
from saddlescape.core._finders._newton import conclude, is_far, is_flat
from saddlescape.core._landscape import Landscape, Theta
from saddlescape.core._tolerances import gradient_tolerance, rounding_threshold

_FIRST_DAMPING, _LARGEST_DAMPING = 1e-2, 1e12  # in units of the largest curvature squared
_SHRINK, _GROW = 0.2, 4.0  # of the damping after a step that was taken or refused
_PATIENCE = 3  # refused steps once the gradient is zero up to rounding


class GradientNormFinder(AbstractFinder):
    """Minimises |g|^2: every step lowers the gradient, so that no start is thrown far away.

    The price: where H g = 0 with g != 0 the squared gradient has a minimum of its own, and the
    search ends there: reported as gradient-flat (Frye et al. 2021), never as a critical point.
    """

    max_steps: int = 500

    def search(self, landscape: Landscape, coarse: Landscape | None, start: Theta) -> CriticalPoint:
        """Return a critical point of any index near `start`; see `AbstractFinder.search`."""
        del coarse
        state = jax.lax.while_loop(
            lambda state: ~state.done & (state.steps < self.max_steps),
            lambda state: _step(landscape, state),
            _begin(landscape, start),
        )
        here = state.here
        known = (here.loss, here.gradient, here.hessian)
        return conclude(landscape, start, here.theta, known, state.steps)


class _Place(NamedTuple):
    """A theta with its derivatives; the Hessian also as eigenvalues and eigenvectors."""

    theta: Theta
    loss: Float[Array, ""]
    gradient: Theta
    hessian: Float[Array, "p p"]
    curvatures: Theta
    axes: Float[Array, "p p"]


class _State(NamedTuple):
    """The state of the search."""

    here: _Place
    start: Theta
    damping: Float[Array, ""]
    steps: Int[Array, ""]
    refused: Int[Array, ""]  # in a row
    done: Bool[Array, ""]


def _begin(landscape: Landscape, start: Theta) -> _State:
    """Return the state at the start."""
    here = _evaluate(landscape, start)
    damping = jnp.full((), _FIRST_DAMPING, start.dtype)
    none = jnp.zeros((), jnp.int32)
    return _State(here, start, damping, none, none, ~_is_finite(here))


def _step(landscape: Landscape, state: _State) -> _State:
    """Return the state after one step, taken if it lowers the gradient."""
    here = state.here
    along, largest = here.axes.T @ here.gradient, jnp.max(jnp.abs(here.curvatures))
    floor = rounding_threshold(largest, here.theta.size)
    damping = state.damping * largest**2 + floor**2
    move = -here.axes @ (along * here.curvatures / (here.curvatures**2 + damping))
    there = _evaluate(landscape, here.theta + move)
    before, after = jnp.linalg.norm(here.gradient), jnp.linalg.norm(there.gradient)
    taken = _is_finite(there) & (after < before)
    now = jax.tree.map(lambda new, old: jnp.where(taken, new, old), there, here)
    refused = jnp.where(taken, 0, state.refused + 1)
    # No damping is left near a point: the last steps are Newton's.
    damping = state.damping * jnp.where(taken, _SHRINK, _GROW)
    damping = jnp.where(~taken & (damping < jnp.finfo(damping.dtype).eps), _FIRST_DAMPING, damping)
    norm = jnp.max(jnp.abs(now.gradient))
    zero = norm <= gradient_tolerance(now.theta, now.hessian)
    flat = is_flat(now.gradient, now.hessian @ now.gradient, jnp.max(jnp.abs(now.curvatures)))
    stuck = (damping > _LARGEST_DAMPING) | (flat & ~zero)
    arrived = zero & ((refused >= _PATIENCE) | (norm == 0))
    done = arrived | stuck | is_far(now.theta, state.start)
    return _State(now, state.start, damping, state.steps + 1, refused, done)


def _evaluate(landscape: Landscape, theta: Theta) -> _Place:
    loss, gradient, hessian = landscape.derivatives(theta)
    fine = jnp.isfinite(loss) & jnp.all(jnp.isfinite(gradient)) & jnp.all(jnp.isfinite(hessian))
    safe = jnp.where(fine, hessian, jnp.eye(theta.size, dtype=theta.dtype))
    return _Place(theta, jnp.where(fine, loss, jnp.inf), gradient, hessian, *jnp.linalg.eigh(safe))


def _is_finite(place: _Place) -> Bool[Array, ""]:
    return jnp.isfinite(place.loss)
