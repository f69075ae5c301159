"""Gradient descent: batch, minibatch or online, by what the gradient is taken of."""

from typing import Any

import equinox as eqx
import optax

from saddlescape.optimizers._rule import Parameters, Rule, Scalar, require


class GradientDescent(Rule):
    """Gradient descent: theta <- theta - rate * gradient.

    With the gradient of all samples it is the batch rule, of one sample the online rule, of a few
    the minibatch rule.

    Args:
        rate: the step per gradient, in parameter squared per loss.

    Raises:
        InvalidInputError: for a rate below 0.

    Example:
        >>> rule = GradientDescent(rate=0.1)
        >>> rule.update(2.0, ())
        (-0.2, ())
    """

    name = "gradient-descent"
    rate: Scalar = eqx.field(default=0.1)

    def __check_init__(self):
        require("rate", self.rate)

    def init(self, theta: Parameters) -> tuple[()]:
        """Return (): there is no memory."""
        del theta
        return ()

    def interim(self, theta: Parameters, state: tuple[()]) -> Parameters:
        """Return theta; see `Rule.interim`."""
        del state
        return theta

    def update(self, gradient: Any, state: tuple[()]) -> tuple[Any, Any]:
        """Return the step along the negative gradient; see `Rule.update`."""
        return -self.rate * gradient, state

    def scaling(self, state: tuple[()]) -> float:
        """Return 1; see `Rule.scaling`."""
        del state
        return 1.0

    def sharpness_bound(self) -> Scalar:
        """Return 2 / rate (|1 - rate * curvature| < 1); see `Rule.sharpness_bound`."""
        return 2 / self.rate

    def optax(self) -> optax.GradientTransformation:
        """Return `optax.sgd`, the same rule; see `Rule.optax`."""
        return optax.sgd(self.rate)
