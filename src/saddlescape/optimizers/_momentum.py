"""Momentum: the last step is repeated in part."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import optax

from saddlescape.optimizers._rule import Parameters, Rule, Scalar, require


class Momentum(Rule):
    """Momentum: v <- momentum * v - rate * gradient; theta <- theta + v.

    Lecture 4.2; Polyak (1964). On a constant slope v grows to 1 / (1 - momentum) times the plain
    step, where the gradient alternates it shrinks to 1 / (1 + momentum).

    Args:
        rate: the plain step per gradient, in parameter squared per loss.
        momentum: the share of the last step that is repeated, from 0 to below 1.

    Raises:
        InvalidInputError: for a number out of range.

    Example:
        >>> Momentum(rate=0.5, momentum=0.75).update(1.0, -2.0)
        (-2.0, -2.0)
    """

    name = "momentum"
    rate: Scalar = eqx.field(default=0.1)
    momentum: Scalar = eqx.field(default=0.9)

    def __check_init__(self):
        require("rate", self.rate)
        require("momentum", self.momentum, below=1.0)

    def init(self, theta: Parameters) -> Parameters:
        """Return v = 0."""
        return jnp.zeros_like(theta)

    def interim(self, theta: Parameters, state: Parameters) -> Parameters:
        """Return theta; see `Rule.interim`."""
        del state
        return theta

    def update(self, gradient: Any, state: Any) -> tuple[Any, Any]:
        """Return v twice: it is the step and the memory; see `Rule.update`."""
        v = self.momentum * state - self.rate * gradient
        return v, v

    def scaling(self, state: Parameters) -> float:
        """Return 1; see `Rule.scaling`."""
        del state
        return 1.0

    def sharpness_bound(self) -> Scalar:
        """Return 2 (1 + momentum) / rate; see `Rule.sharpness_bound`."""
        return 2 * (1 + self.momentum) / self.rate

    def optax(self) -> optax.GradientTransformation:
        """Return `optax.sgd` with momentum, whose trace is -v / rate; see `Rule.optax`."""
        return optax.sgd(self.rate, momentum=self.momentum)  # pyright: ignore[reportArgumentType]
