"""A landscape for tests whose function has arguments: one compiled program for many surfaces."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from saddlescape.core import Landscape


class Family(Landscape):
    """The function fn(arguments, theta) as a landscape; derivatives come from JAX."""

    fn: Callable[[Any, jax.Array], jax.Array] = eqx.field(static=True)
    size: int = eqx.field(static=True)
    arguments: Any

    @property
    def num_parameters(self) -> int:
        return self.size

    def loss(self, theta):
        return self.fn(self.arguments, theta)

    def loss_and_gradient(self, theta):
        return jax.value_and_grad(self.loss)(theta)

    def gradient(self, theta):
        return jax.grad(self.loss)(theta)

    def hvp(self, theta, direction):
        return jax.jvp(self.gradient, (theta,), (direction,))[1]

    def hessian(self, theta):
        hessian = jax.hessian(self.loss)(theta)
        return (hessian + hessian.T) / 2

    def derivatives(self, theta):
        return *self.loss_and_gradient(theta), self.hessian(theta)

    def coarse(self):
        return None

    def ends(self, theta):
        del theta
        return ()

    def kinks(self, theta):
        del theta
        return jnp.zeros((), jnp.int32)
