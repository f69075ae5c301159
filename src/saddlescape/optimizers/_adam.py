"""Adam: the mean of the gradients over the root of their mean square, both without bias."""

from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import optax
from jaxtyping import Array

from saddlescape.optimizers._rule import Parameters, Rule, Scalar, require


class Moments(NamedTuple):
    """The running mean s and mean square r of the gradients, and the number t of steps."""

    s: Array
    r: Array
    t: Array


class Adam(Rule):
    """Adam, with the number t of steps done, this one included.

    s <- mean_decay s + (1 - mean_decay) g; r <- square_decay r + (1 - square_decay) g*g;
    s^ = s / (1 - mean_decay^t); r^ = r / (1 - square_decay^t);
    theta <- theta - rate s^ / (sqrt(r^) + delta).
    Lecture 5.4; Goodfellow et al. (2016), algorithm 8.7; Kingma & Ba (2015). delta stands outside
    the root.

    Args:
        rate: the size of a step, in units of the parameters.
        mean_decay: rho_1, from 0 to below 1.
        square_decay: rho_2, from 0 to below 1.
        delta: added to the root mean square, loss per parameter.

    Raises:
        InvalidInputError: for a number out of range.

    Example:
        >>> rule = Adam(rate=0.5, delta=0.0)
        >>> round(float(rule.update(jnp.array(3.0), rule.init(jnp.array(0.0)))[0]), 12)
        -0.5
    """

    name = "adam"
    rate: Scalar = eqx.field(default=1e-3)
    mean_decay: Scalar = eqx.field(default=0.9)
    square_decay: Scalar = eqx.field(default=0.999)
    delta: Scalar = eqx.field(default=1e-8)

    def __check_init__(self):
        require("rate", self.rate)
        require("mean_decay", self.mean_decay, below=1.0)
        require("square_decay", self.square_decay, below=1.0)
        require("delta", self.delta)

    def init(self, theta: Parameters) -> Moments:
        """Return s = r = 0 and t = 0."""
        return Moments(jnp.zeros_like(theta), jnp.zeros_like(theta), jnp.zeros((), jnp.int32))

    def interim(self, theta: Parameters, state: Moments) -> Parameters:
        """Return theta; see `Rule.interim`."""
        del state
        return theta

    def update(self, gradient: Any, state: Moments) -> tuple[Any, Any]:
        """Return the step, and the moments; see `Rule.update`."""
        t = state.t + 1
        s = self.mean_decay * state.s + (1 - self.mean_decay) * gradient
        r = self.square_decay * state.r + (1 - self.square_decay) * gradient * gradient
        s_hat = s / (1 - self.mean_decay**t)
        r_hat = r / (1 - self.square_decay**t)
        return -self.rate * s_hat / (jnp.sqrt(r_hat) + self.delta), Moments(s, r, t)

    def scaling(self, state: Moments) -> Any:
        """Return 1 / (sqrt(r^) + delta); see `Rule.scaling`."""
        return 1 / (jnp.sqrt(state.r / (1 - self.square_decay**state.t)) + self.delta)

    def sharpness_bound(self) -> Scalar:
        """Return 2 (1 + rho_1) / (rate (1 - rho_1)), of the scaled Hessian.

        Momentum as a running mean with the weight 1 - rho_1 (Cohen et al. 2022, equation 2, once
        the bias is gone); see `Rule.sharpness_bound`.
        """
        return 2 * (1 + self.mean_decay) / (self.rate * (1 - self.mean_decay))

    def optax(self) -> optax.GradientTransformation:
        """Return `optax.adam`, whose eps stands outside the root too; see `Rule.optax`."""
        return optax.adam(
            self.rate,
            b1=self.mean_decay,  # pyright: ignore[reportArgumentType]
            b2=self.square_decay,  # pyright: ignore[reportArgumentType]
            eps=self.delta,  # pyright: ignore[reportArgumentType]
        )
