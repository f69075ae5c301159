"""A symmetric matrix known by its products alone."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from saddlescape.core import InvalidInputError, Landscape, ShapeMismatchError

Vector = Float[np.ndarray, " p"]
Vectors = Float[np.ndarray, "k p"]


@dataclasses.dataclass(frozen=True, eq=False)
class Operator:
    """A symmetric p x p matrix that can only be multiplied with vectors.

    Everything in `spectra` works on operators in plain loops on the host, so that a product may be
    computed by any framework.

    Args:
        apply: a vector of shape (p,) -> the product, shape (p,).
        size: p.
        eps: the rounding unit of the numbers that `apply` computes with.

    Example:
        >>> double = Operator(lambda v: 2 * v, size=3)
        >>> double(np.ones(3)).tolist()
        [2.0, 2.0, 2.0]
    """

    apply: Callable[[Any], Any]
    size: int
    eps: float = float(np.finfo(np.float64).eps)

    def __call__(self, direction: np.ndarray) -> np.ndarray:
        """Return the product in float64.

        Args:
            direction: shape (p,).

        Returns:
            shape (p,).

        Raises:
            InvalidInputError: when the product is not finite.
        """
        product = np.asarray(self.apply(direction), dtype=np.float64)
        if not np.all(np.isfinite(product)):
            msg = (
                "a product with the Hessian is not finite: scale the data, or look at another point"
            )
            raise InvalidInputError(msg)
        return product

    def __sub__(self, other: "Operator") -> "Operator":
        """Return the difference of two operators."""
        return Operator(lambda v: self(v) - other(v), self.size, max(self.eps, other.eps))

    def dense(self) -> np.ndarray:
        """Return the matrix, symmetrised.

        Returns:
            shape (p, p); costs p products.
        """
        rows = np.stack([self(row) for row in np.eye(self.size)])
        return (rows + rows.T) / 2


def hessian_operator(landscape: Landscape, theta: Any) -> Operator:
    """Return the Hessian of a landscape at one point as an operator.

    Args:
        landscape: the loss.
        theta: parameters, shape (p,), or a pytree for a landscape of one.

    Returns:
        the operator; a product costs `Landscape.hvp`, about three gradients.

    Raises:
        ShapeMismatchError: when theta does not fit the landscape.

    Example:
        >>> from saddlescape.core import FunctionLandscape
        >>> bowl = FunctionLandscape(lambda v: 3 * v[0] ** 2 + v[1] ** 2, num_parameters=2)
        >>> hessian_operator(bowl, [0.0, 0.0])(np.array([1.0, 0.0])).tolist()
        [6.0, 0.0]
    """
    return operator_of(landscape, theta, "hvp")


def operator_of(landscape: Landscape, theta: Any, method: str) -> Operator:
    """Return a method of (theta, direction) at one point as an operator.

    A landscape of another framework may have `product_at`, which leaves out the way through JAX.

    Raises:
        ShapeMismatchError: when theta does not fit the landscape.
    """
    point = point_of(landscape, theta)
    prepare = getattr(landscape, "product_at", None)
    apply = _through_jax(landscape, point, method) if prepare is None else prepare(point, method)
    return Operator(apply, landscape.num_parameters, float(jnp.finfo(point.dtype).eps))


def _through_jax(landscape: Landscape, point: Any, method: str) -> Callable[[np.ndarray], Any]:
    """Return a method of (theta, direction) at one point as a function of NumPy vectors."""
    multiply: Callable[[Any, Any], Any] = getattr(landscape, method)
    return lambda direction: multiply(point, jnp.asarray(direction, point.dtype))


def point_of(landscape: Landscape, theta: Any) -> Any:
    """Return theta as one vector that fits the landscape.

    Raises:
        ShapeMismatchError: when it does not.
    """
    point = landscape.ravel(theta)
    if point.shape != (landscape.num_parameters,):
        msg = f"theta has shape {point.shape}, the landscape needs ({landscape.num_parameters},)"
        raise ShapeMismatchError(msg)
    return point
