"""RMSProp with Nesterov's momentum."""

from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import optax
from jaxtyping import Array

from saddlescape.optimizers._as_optax import as_optax
from saddlescape.optimizers._rule import Parameters, Rule, Scalar, require


class Memory(NamedTuple):
    """The last step v, and the mean square r of the gradients."""

    v: Array
    r: Array


class RMSPropNesterov(Rule):
    """RMSProp with Nesterov momentum, g the gradient at theta + momentum * v.

    r <- decay r + (1 - decay) g*g; v <- momentum v - rate g / sqrt(delta + r); theta <- theta + v.
    Lecture 5.4; Goodfellow et al. (2016), algorithm 8.6, which leaves delta out; in practice it is
    kept (delta = 0 gives the algorithm to the letter).

    Args:
        rate: the size of a plain step, in units of the parameters.
        decay: how much of the mean square is kept in a step, from 0 to below 1.
        momentum: the share of the last step that is repeated, from 0 to below 1.
        delta: added to the mean square, loss per parameter, squared.

    Raises:
        InvalidInputError: for a number out of range.

    Example:
        >>> rule = RMSPropNesterov(rate=0.5, decay=0.75, momentum=0.5, delta=0.0)
        >>> change, memory = rule.update(jnp.array(3.0), Memory(v=2.0, r=0.0))
        >>> float(change), float(memory.v), float(memory.r)
        (0.0, 0.0, 2.25)
    """

    name = "rmsprop-nesterov"
    rate: Scalar = eqx.field(default=1e-3)
    decay: Scalar = eqx.field(default=0.9)
    momentum: Scalar = eqx.field(default=0.9)
    delta: Scalar = eqx.field(default=1e-6)

    def __check_init__(self):
        require("rate", self.rate)
        require("decay", self.decay, below=1.0)
        require("momentum", self.momentum, below=1.0)
        require("delta", self.delta)

    def init(self, theta: Parameters) -> Memory:
        """Return v = 0 and r = 0."""
        return Memory(jnp.zeros_like(theta), jnp.zeros_like(theta))

    def interim(self, theta: Any, state: Memory) -> Any:
        """Return theta + momentum * v; see `Rule.interim`."""
        return theta + self.momentum * state.v

    def update(self, gradient: Any, state: Memory) -> tuple[Any, Any]:
        """Return v, and the memory of v and r; see `Rule.update`."""
        r = self.decay * state.r + (1 - self.decay) * gradient * gradient
        v = self.momentum * state.v - self.rate * gradient / jnp.sqrt(self.delta + r)
        return v, Memory(v, r)

    def scaling(self, state: Memory) -> Any:
        """Return 1 / sqrt(delta + r); see `Rule.scaling`."""
        return 1 / jnp.sqrt(self.delta + state.r)

    def sharpness_bound(self) -> Scalar:
        """Return Nesterov's bound, of the scaled Hessian; see `Rule.sharpness_bound`."""
        return 2 * (1 + self.momentum) / (self.rate * (1 + 2 * self.momentum))

    def optax(self) -> optax.GradientTransformation:
        """Return this rule for interim parameters: optax has none like it; see `Rule.optax`."""
        return as_optax(self)
