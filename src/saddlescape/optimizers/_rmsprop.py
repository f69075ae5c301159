"""RMSProp: each parameter's gradient is divided by its root mean square."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import optax

from saddlescape.optimizers._rule import Parameters, Rule, Scalar, require


class RMSProp(Rule):
    """RMSProp: r <- decay r + (1 - decay) g*g; theta <- theta - rate g / sqrt(delta + r).

    Lecture 5.4; Goodfellow et al. (2016), algorithm 8.5: delta stands inside the root. PyTorch's
    RMSprop has it outside.

    Args:
        rate: the size of a step, in units of the parameters.
        decay: how much of the mean square is kept in a step, from 0 to below 1.
        delta: added to the mean square, loss per parameter, squared.

    Raises:
        InvalidInputError: for a number out of range.

    Example:
        >>> change, r = RMSProp(rate=0.5, decay=0.75, delta=0.0).update(jnp.array(3.0), 0.0)
        >>> float(change), float(r)
        (-1.0, 2.25)
    """

    name = "rmsprop"
    rate: Scalar = eqx.field(default=1e-3)
    decay: Scalar = eqx.field(default=0.9)
    delta: Scalar = eqx.field(default=1e-6)

    def __check_init__(self):
        require("rate", self.rate)
        require("decay", self.decay, below=1.0)
        require("delta", self.delta)

    def init(self, theta: Parameters) -> Parameters:
        """Return r = 0."""
        return jnp.zeros_like(theta)

    def interim(self, theta: Parameters, state: Parameters) -> Parameters:
        """Return theta; see `Rule.interim`."""
        del state
        return theta

    def update(self, gradient: Any, state: Any) -> tuple[Any, Any]:
        """Return the scaled step, and the mean square r; see `Rule.update`."""
        r = self.decay * state + (1 - self.decay) * gradient * gradient
        return -self.rate * gradient / jnp.sqrt(self.delta + r), r

    def scaling(self, state: Any) -> Any:
        """Return 1 / sqrt(delta + r); see `Rule.scaling`."""
        return 1 / jnp.sqrt(self.delta + state)

    def sharpness_bound(self) -> Scalar:
        """Return 2 / rate, of the scaled Hessian; see `Rule.sharpness_bound`."""
        return 2 / self.rate

    def optax(self) -> optax.GradientTransformation:
        """Return `optax.rmsprop(eps_in_sqrt=True, initial_scale=0)`; see `Rule.optax`."""
        return optax.rmsprop(
            self.rate,
            decay=self.decay,  # pyright: ignore[reportArgumentType]
            eps=self.delta,  # pyright: ignore[reportArgumentType]
            eps_in_sqrt=True,
            initial_scale=0.0,
        )
