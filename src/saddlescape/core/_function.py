"""Any JAX function of a vector or a pytree as a landscape."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array

from saddlescape.core._compiled import compiled
from saddlescape.core._errors import InvalidInputError, ShapeMismatchError
from saddlescape.core._landscape import Landscape, Matrix, Scalar, Theta


class FunctionLandscape(Landscape):
    """The landscape of a user's JAX function; derivatives come from JAX.

    Args:
        fn: maps a vector of shape (p,), or a pytree like `like`, to a scalar.
        num_parameters: p, for a function of a vector.
        like: an example of the pytree, for a function of a pytree; `unravel` converts back.

    Raises:
        InvalidInputError: unless exactly one of `num_parameters` and `like` is given, or when the
            function does not return one real number.

    Example:
        >>> bowl = FunctionLandscape(lambda v: 3 * v[0] ** 2 + v[1] ** 2, num_parameters=2)
        >>> bowl.hessian(jnp.zeros(2)).tolist()
        [[6.0, 0.0], [0.0, 2.0]]
    """

    fn: Callable[[Any], Any] = eqx.field(static=True)
    unravel: Callable[[Theta], Any] = eqx.field(static=True)
    _size: int = eqx.field(static=True)

    def __init__(
        self, fn: Callable[[Any], Any], num_parameters: int | None = None, *, like: Any = None
    ):
        if (num_parameters is None) == (like is None):
            msg = "give either num_parameters (a function of a vector) or like (an example pytree)"
            raise InvalidInputError(msg)
        if like is None:
            self._size, self.unravel = _positive(num_parameters), _as_it_is
        else:
            flat, self.unravel = ravel_pytree(like)
            self._size = flat.size
        self.fn = fn
        shape = _shape_of(lambda theta: fn(self.unravel(theta)), self._size)
        if shape.shape != () or not jnp.issubdtype(shape.dtype, jnp.floating):
            msg = f"the function returns {shape.dtype}{list(shape.shape)}: wanted one real number"
            raise InvalidInputError(msg)

    @property
    def num_parameters(self) -> int:
        """The length p of theta."""
        return self._size

    def ravel(self, point: Any) -> Array:
        """Return a pytree like `like` as the vector theta; see `Landscape.ravel`."""
        if isinstance(point, Array | np.ndarray):
            return jnp.asarray(point)
        if self.unravel is _as_it_is:
            return jnp.asarray(point)
        return ravel_pytree(point)[0]

    @compiled
    def loss(self, theta: Theta) -> Scalar:
        """Return the function at `theta`; see `Landscape.loss`."""
        self._check(theta)
        return jnp.asarray(self.fn(self.unravel(theta)))

    @compiled
    def loss_and_gradient(self, theta: Theta) -> tuple[Scalar, Theta]:
        """Return the loss and its gradient; see `Landscape.loss_and_gradient`."""
        return jax.value_and_grad(self.loss)(theta)

    @compiled
    def gradient(self, theta: Theta) -> Theta:
        """Return the gradient; see `Landscape.gradient`."""
        return jax.grad(self.loss)(theta)

    @compiled
    def hvp(self, theta: Theta, direction: Theta) -> Theta:
        """Return the Hessian times a direction; see `Landscape.hvp`."""
        self._check(direction)
        return jax.jvp(self.gradient, (theta,), (direction,))[1]

    @compiled
    def hessian(self, theta: Theta) -> Matrix:
        """Return the dense Hessian, symmetrised; see `Landscape.hessian`."""
        hessian = jax.hessian(self.loss)(theta)
        return (hessian + hessian.T) / 2

    @compiled
    def derivatives(self, theta: Theta) -> tuple[Scalar, Theta, Matrix]:
        """Return loss, gradient and Hessian; see `Landscape.derivatives`."""
        return *self.loss_and_gradient(theta), self.hessian(theta)

    def coarse(self) -> None:
        """Return None: a function has no samples to leave out."""
        return

    def ends(self, theta: Theta) -> tuple[()]:
        """Return nothing: a function has no neurons."""
        del theta  # the interface's
        return ()

    def kinks(self, theta: Theta) -> Array:
        """Return 0: what is inside a function is not known; see `Landscape.kinks`."""
        del theta  # the interface's
        return jnp.zeros((), jnp.int32)

    def _check(self, theta: Array) -> None:
        """Raise unless theta has p entries."""
        if theta.shape != (self._size,):
            msg = f"theta has shape {theta.shape}, this function needs ({self._size},)"
            raise ShapeMismatchError(msg)


def _positive(number: Any) -> int:
    """Return a number of parameters, or raise."""
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
        msg = f"num_parameters is {number!r}: give a positive integer, or an example as like=..."
        raise InvalidInputError(msg)
    return int(number)


def _shape_of(fn: Callable[[Theta], Any], size: int) -> jax.ShapeDtypeStruct:
    """Return the shape and type of what `fn` returns, or raise where JAX cannot follow it."""
    try:
        shape = jax.eval_shape(lambda theta: jnp.asarray(fn(theta)), jnp.zeros(size))
    except jax.errors.JAXTypeError as error:
        msg = (
            f"JAX cannot trace the function ({type(error).__name__}): write it with jax.numpy "
            "instead of numpy, without `if` on values and without float()"
        )
        raise InvalidInputError(msg) from None
    return shape


def _as_it_is(theta: Theta) -> Theta:
    return theta
