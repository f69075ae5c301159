"""A PyTorch model behind the interface of landscapes."""

from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from saddlescape.core import (
    InvalidInputError,
    Landscape,
    PrecisionError,
    ShapeMismatchError,
    require_memory,
)


class TorchLandscape(Landscape):
    """The loss of a PyTorch model as a function of one vector; `bridges.torch.landscape` makes it.

    Derivatives are PyTorch's. JAX cannot compile them: all of `spectra` works, which runs plain
    loops on the host; the compiled searches of the core do not.

    Args:
        engine: the model at work.

    Raises:
        PrecisionError: for float64 where JAX is not set to it.
    """

    runs_on_host = True  # `spectra` then never compiles what calls it
    engine: Any = eqx.field(static=True)

    def __init__(self, engine: Any):
        self.engine = engine
        wanted = self._dtype
        if jnp.zeros((), wanted).dtype != wanted:
            msg = (
                "the model computes in float64, JAX does not: call "
                "jax.config.update('jax_enable_x64', True) first"
            )
            raise PrecisionError(msg)

    @property
    def _dtype(self) -> np.dtype:
        return np.dtype(str(self.engine.dtype).removeprefix("torch."))

    @property
    def num_parameters(self) -> int:
        """The length p of theta."""
        return sum(self.engine.sizes)

    @property
    def theta(self) -> Array:
        """The parameters of the model as it was given, shape (p,)."""
        return jnp.asarray(self.engine.flat(self.engine.tensors.values()))

    @property
    def blocks(self) -> dict[str, slice]:
        """The part of theta that each named parameter is."""
        ends = np.cumsum(self.engine.sizes).tolist()
        spans = zip(self.engine.tensors, self.engine.sizes, ends, strict=True)
        return {name: slice(end - size, end) for name, size, end in spans}

    def ravel(self, point: Any) -> Array:
        """Return arrays by name, or a vector, as theta, in the precision of the model.

        Args:
            point: a vector, or a mapping such as a checkpoint; names beyond the parameters, such as
                buffers, are left out.

        Returns:
            shape (p,).

        Raises:
            InvalidInputError: when a parameter is missing.
            ShapeMismatchError: when one has another shape.
        """
        if not isinstance(point, Mapping):
            # A vector of more digits than the model has would pass for a more exact computation.
            return point if isinstance(point, Tracer) else jnp.asarray(point, self._dtype)
        parts = []
        for name, tensor in self.engine.tensors.items():
            if name not in point:
                msg = f"the checkpoint has no {name!r}: it has {', '.join(sorted(point)) or 'none'}"
                raise InvalidInputError(msg)
            part = np.asarray(point[name])
            if part.shape != tuple(tensor.shape):
                msg = f"{name!r} has shape {part.shape}, the model wants {tuple(tensor.shape)}"
                raise ShapeMismatchError(msg)
            parts.append(part.ravel())
        return jnp.asarray(np.concatenate(parts), self._dtype)

    def loss(self, theta: Array) -> Array:
        """Return the loss; see `Landscape.loss`."""
        return self._host(self.engine.loss, theta)[0]

    def loss_and_gradient(self, theta: Array) -> tuple[Array, Array]:
        """Return loss and gradient; see `Landscape.loss_and_gradient`."""
        loss, gradient = self._host(self.engine.loss_and_gradient, theta)
        return loss, gradient

    def gradient(self, theta: Array) -> Array:
        """Return the gradient; see `Landscape.gradient`."""
        return self.loss_and_gradient(theta)[1]

    def hvp(self, theta: Array, direction: Array) -> Array:
        """Return the Hessian times a direction; see `Landscape.hvp`."""
        return self._host(self._multiplied("hvp"), theta, direction)[0]

    def product_at(self, theta: Array, part: str = "hvp") -> Callable[[np.ndarray], np.ndarray]:
        """Return the product with the Hessian at one point, as a function of NumPy vectors.

        Args:
            theta: parameters, shape (p,).
            part: the method it stands for: ``"hvp"``, ``"gauss_newton_product"`` or
                ``"residual_product"``.

        Returns:
            a function of shape (p,) -> (p,), which `spectra` calls: nothing passes through JAX.
        """
        return self.engine.product_at(np.asarray(theta), part)

    def gauss_newton_product(self, theta: Array, direction: Array) -> Array:
        """Return the Gauss-Newton part times a direction.

        Args:
            theta: parameters, shape (p,).
            direction: shape (p,).

        Returns:
            J^T (d^2 loss / d outputs^2) J times the direction, J that of the model, shape (p,).
        """
        return self._host(self._multiplied("gauss_newton_product"), theta, direction)[0]

    def residual_product(self, theta: Array, direction: Array) -> Array:
        """Return the Hessian less its Gauss-Newton part, times a direction.

        Args:
            theta: parameters, shape (p,).
            direction: shape (p,).

        Returns:
            shape (p,), computed by itself, not as a difference.
        """
        return self._host(self._multiplied("residual_product"), theta, direction)[0]

    def hessian(self, theta: Array) -> Array:
        """Return the dense Hessian by p products; see `Landscape.hessian`."""
        size = self.num_parameters
        require_memory(3 * 8 * size**2, f"the Hessian of {size:,} parameters")

        def whole(theta: np.ndarray) -> np.ndarray:
            multiply = self.engine.product_at(theta, "hvp")
            rows = np.stack([multiply(row) for row in np.eye(size)])
            return (rows + rows.T) / 2

        return self._host(whole, theta)[0]

    def derivatives(self, theta: Array) -> tuple[Array, Array, Array]:
        """Return loss, gradient and Hessian; see `Landscape.derivatives`."""
        return *self.loss_and_gradient(theta), self.hessian(theta)

    def coarse(self) -> None:
        """Return None: samples are not left out; see `Landscape.coarse`."""
        return

    def ends(self, theta: Array) -> tuple[()]:
        """Return nothing: channels to infinity are not known; see `Landscape.ends`."""
        del theta  # the interface's
        return ()

    def kinks(self, theta: Array) -> Array:
        """Return 0: kinks inside the model are not looked for; see `Landscape.kinks`."""
        del theta  # the interface's
        return jnp.zeros((), jnp.int32)

    def _multiplied(self, part: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        """Return a product as a function of theta and direction."""
        return lambda theta, direction: self.engine.product_at(theta, part)(direction)

    def _host(self, function: Callable[..., Any], *arguments: Array) -> Any:
        """Return what a function of NumPy arrays returns, as arrays of JAX.

        Raises:
            InvalidInputError: inside compiled code.
            ShapeMismatchError: for a vector that does not fit.
        """
        for argument in arguments:
            if isinstance(argument, Tracer):
                msg = (
                    "a PyTorch model cannot run inside a program compiled by JAX, as the searches "
                    "of the core are: use saddlescape.spectra, or train it in PyTorch"
                )
                raise InvalidInputError(msg)
            if argument.shape != (self.num_parameters,):
                msg = f"a vector has shape {argument.shape}, wanted ({self.num_parameters},)"
                raise ShapeMismatchError(msg)

        def call(*values: Any) -> tuple[np.ndarray, ...]:
            result = function(*(np.asarray(value) for value in values))
            parts = result if isinstance(result, tuple) else (result,)
            return tuple(np.asarray(part, dtype=self._dtype) for part in parts)

        return tuple(jnp.asarray(part) for part in call(*arguments))
