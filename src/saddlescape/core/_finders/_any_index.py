"""To a critical point of any index: a little descent, then Newton's method on gradient = 0."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from saddlescape.core._critical import CriticalPoint
from saddlescape.core._finders._interface import AbstractFinder
from saddlescape.core._finders._newton import newton, search
from saddlescape.core._landscape import Landscape, Theta


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
        return search(landscape, slow, self.max_steps, newton)


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
