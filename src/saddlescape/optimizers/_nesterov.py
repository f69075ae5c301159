"""Nesterov's momentum: the gradient is taken where the momentum alone would lead."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import optax

from saddlescape.optimizers._rule import Parameters, Rule, Scalar, require


class Nesterov(Rule):
    """Nesterov: v <- momentum * v - rate * gradient(theta + momentum * v); theta <- theta + v.

    Lecture 4.3; Goodfellow et al. (2016), algorithm 8.3. One gradient a step, as many as momentum.

    Args:
        rate: the plain step per gradient, in parameter squared per loss.
        momentum: the share of the last step that is repeated, from 0 to below 1.

    Raises:
        InvalidInputError: for a number out of range.

    Example:
        >>> rule = Nesterov(rate=0.5, momentum=0.75)
        >>> rule.interim(1.0, -2.0), rule.update(1.0, -2.0)
        (-0.5, (-2.0, -2.0))
    """

    name = "nesterov"
    rate: Scalar = eqx.field(default=0.1)
    momentum: Scalar = eqx.field(default=0.9)

    def __check_init__(self):
        require("rate", self.rate)
        require("momentum", self.momentum, below=1.0)

    def init(self, theta: Parameters) -> Parameters:
        """Return v = 0."""
        return jnp.zeros_like(theta)

    def interim(self, theta: Any, state: Any) -> Any:
        """Return theta + momentum * v; see `Rule.interim`."""
        return theta + self.momentum * state

    def update(self, gradient: Any, state: Any) -> tuple[Any, Any]:
        """Return v twice: it is the step and the memory; see `Rule.update`."""
        v = self.momentum * state - self.rate * gradient
        return v, v

    def scaling(self, state: Parameters) -> float:
        """Return 1; see `Rule.scaling`."""
        del state
        return 1.0

    def sharpness_bound(self) -> Scalar:
        """Return 2 (1 + momentum) / (rate (1 + 2 momentum)); see `Rule.sharpness_bound`."""
        return 2 * (1 + self.momentum) / (self.rate * (1 + 2 * self.momentum))

    def optax(self) -> optax.GradientTransformation:
        """Return `optax.sgd(nesterov=True)`: its parameters are the interim ones; see `Rule.optax`.

        With phi = theta + momentum * v the rule reads phi <- phi + momentum * v' - rate * gradient,
        v' the new v, which is optax's and PyTorch's form.
        """
        return optax.sgd(
            self.rate,
            momentum=self.momentum,  # pyright: ignore[reportArgumentType]
            nesterov=True,
        )
