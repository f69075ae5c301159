"""What everything above the core speaks to: loss, gradient, products and Hessian of theta."""

import abc
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

Theta = Float[Array, " p"]
Scalar = Float[Array, ""]
Matrix = Float[Array, "p p"]


class End(NamedTuple):
    """Where a channel from some theta to infinity would end, to be judged by a search there."""

    is_suspect: Bool[Array, ""]  # whether theta looks like a channel at all
    landscape: "Landscape"  # of the limit function, in limit coordinates
    start: Theta  # theta in limit coordinates
    finite: Callable[[Theta, Scalar], Theta]  # limit coordinates and t > 0 -> theta on the channel


class Landscape(eqx.Module):
    """A loss as a function of the parameter vector theta, with its derivatives.

    Units, said once: the loss is a mean over samples without a factor 1/2; a gradient is loss per
    parameter, an eigenvalue of the Hessian is loss per parameter squared. Derivatives have the
    dtype of theta. Landscapes are JAX pytrees: their methods may be jitted, mapped and sharded;
    called from Python they are compiled at the first call.
    """

    def __hash__(self) -> int:
        """Return an identity, so that `jax.jit(landscape.loss)` works as for any function."""
        return id(self)

    @property
    @abc.abstractmethod
    def num_parameters(self) -> int:
        """The length p of theta."""

    def ravel(self, point: Any) -> Array:
        """Return a point as the vector theta: arrays and lists of numbers are taken as they are.

        Args:
            point: parameters; for a function of a pytree, such a pytree or its vector.

        Returns:
            an array.
        """
        return jnp.asarray(point)

    @abc.abstractmethod
    def loss(self, theta: Theta) -> Scalar:
        """Return the loss at `theta`.

        Args:
            theta: parameters, shape (p,).

        Returns:
            a scalar.
        """

    @abc.abstractmethod
    def loss_and_gradient(self, theta: Theta) -> tuple[Scalar, Theta]:
        """Return the loss and its gradient at `theta`, for the price of one gradient.

        Args:
            theta: parameters, shape (p,).

        Returns:
            the loss, and the gradient of shape (p,).
        """

    @abc.abstractmethod
    def gradient(self, theta: Theta) -> Theta:
        """Return the gradient at `theta`.

        Args:
            theta: parameters, shape (p,).

        Returns:
            the gradient, shape (p,), loss per parameter.
        """

    @abc.abstractmethod
    def hvp(self, theta: Theta, direction: Theta) -> Theta:
        """Return the Hessian at `theta` times `direction`, without forming it.

        Args:
            theta: parameters, shape (p,).
            direction: shape (p,).

        Returns:
            the product, shape (p,). Costs about three gradients (Pearlmutter 1994, section 3).
        """

    @abc.abstractmethod
    def hessian(self, theta: Theta) -> Matrix:
        """Return the dense, exactly symmetric Hessian at `theta`.

        Args:
            theta: parameters, shape (p,).

        Returns:
            the matrix, shape (p, p).
        """

    @abc.abstractmethod
    def derivatives(self, theta: Theta) -> tuple[Scalar, Theta, Matrix]:
        """Return loss, gradient and Hessian at `theta`, sharing the forward pass.

        Args:
            theta: parameters, shape (p,).

        Returns:
            the loss, the gradient of shape (p,) and the Hessian of shape (p, p).
        """

    @abc.abstractmethod
    def coarse(self) -> "Landscape | None":
        """Return a cheaper landscape that resembles this one, for the early steps of a search.

        Returns:
            a landscape of the same parameters, or None where there is nothing to save.
        """

    @abc.abstractmethod
    def ends(self, theta: Theta) -> "tuple[End, ...]":
        """Return the ends at infinity that a search at `theta` may be running to.

        Args:
            theta: parameters, shape (p,).

        Returns:
            candidates, always the same number of them; none where no channels are known.
        """

    @abc.abstractmethod
    def kinks(self, theta: Theta) -> Array:
        """Return how many samples lie so near a kink that the Hessian is one of several.

        Args:
            theta: parameters, shape (p,).

        Returns:
            an integer; 0 for smooth landscapes.
        """
