"""Networks for comparisons of depth: fully connected or convolutional, one or several heads."""

import dataclasses
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from saddlescape.core import InvalidInputError, Key, ShapeMismatchError, key_for

_FIRST_KERNEL, _KERNEL, _FIRST_STRIDE = 5, 3, 2
_GRID = {1: 5, 2: 4}  # places per axis that the heads of a convolutional network read


class Weights(NamedTuple):
    """A layer's parameters: weight of shape (inputs, outputs) and bias of shape (outputs,)."""

    weight: Array
    bias: Array


Parameters = tuple[Weights, ...]
"""One entry per hidden layer, then one per head."""


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A ReLU network without shortcuts or normalization.

    A convolutional network has a first layer of kernel 5 and stride 2, further ones of kernel 3 and
    stride 1, all padded with zeros; its last layer is averaged over a grid of 5 places (signals) or
    4 x 4 (images), which the heads read: so the heads have equally many inputs at every depth.

    Args:
        shape: of one sample: (inputs,), (length, channels) or (height, width, channels).
        widths: neurons of every hidden layer, or channels.
        heads: classes of every head; each is a softmax of its own.
        is_convolutional: whether weights are shared over places.

    Raises:
        InvalidInputError: for widths or heads that cannot be, or a convolution over a vector.

    Example:
        >>> Architecture((40, 1), (8, 8), (10,)).num_parameters == 40 * 8 + 8 + 8 * 8 + 8 + 90
        True
        >>> Architecture((40, 1), (8, 8), (10,), is_convolutional=True).num_parameters
        658
    """

    shape: tuple[int, ...]
    widths: tuple[int, ...]
    heads: tuple[int, ...]
    is_convolutional: bool = False

    def __post_init__(self):
        if min((*self.shape, *self.widths, *self.heads), default=0) < 1 or not self.heads:
            msg = (
                f"a network of shape {self.shape}, widths {self.widths} and heads {self.heads}: "
                "give positive sizes, and at least one head"
            )
            raise InvalidInputError(msg)
        if self.is_convolutional and (len(self.shape) not in {2, 3} or not self.widths):
            msg = (
                f"a convolutional network of {len(self.widths)} layers over samples of shape "
                f"{self.shape}: give (length, channels) or (height, width, channels), and a layer"
            )
            raise InvalidInputError(msg)
        if self.is_convolutional and self._places < _GRID[len(self.shape) - 1]:
            msg = f"samples of shape {self.shape} are too small to convolve: give 8 places or more"
            raise InvalidInputError(msg)

    @property
    def depth(self) -> int:
        """The number of hidden layers."""
        return len(self.widths)

    @property
    def _places(self) -> int:
        """Places along the shortest axis after the first convolution."""
        return min(-(-side // _FIRST_STRIDE) for side in self.shape[:-1])

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Rows and columns of every weight: of the hidden layers, then of the heads."""
        spread = len(self.shape) - 1
        rows, sizes = self.shape[-1] if self.is_convolutional else math.prod(self.shape), []
        for number, width in enumerate(self.widths):
            kernel = _FIRST_KERNEL if number == 0 else _KERNEL
            sizes.append((rows * kernel**spread if self.is_convolutional else rows, width))
            rows = width
        places = _GRID[spread] ** spread if self.is_convolutional else 1
        return (*sizes, *((rows * places, classes) for classes in self.heads))

    @property
    def num_parameters(self) -> int:
        """Weights and biases, all trained."""
        return sum((rows + 1) * columns for rows, columns in self.sizes)

    def init(self, key: Key) -> Parameters:
        """Return random parameters in float32: He's variance in hidden layers, biases 0.

        Args:
            key: layer l depends on the key and l alone.

        Returns:
            one `Weights` per layer.
        """
        layers = []
        for number, (rows, columns) in enumerate(self.sizes):
            gain = 2.0 if number < self.depth else 1.0
            drawn = jax.random.normal(key_for(key, "layer", number), (rows, columns), jnp.float32)
            layers.append(
                Weights(drawn * math.sqrt(gain / rows), jnp.zeros((columns,), jnp.float32))
            )
        return tuple(layers)

    def hidden(self, parameters: Parameters, inputs: Float[Array, "n ..."]) -> list[Array]:
        """Return the activities of every hidden layer.

        Args:
            parameters: of the network.
            inputs: shape (n, *shape).

        Returns:
            one array per layer, shape (n, width); (n, ..., channels) in a convolutional one.

        Raises:
            ShapeMismatchError: when samples have another shape.
        """
        if inputs.shape[1:] != self.shape:
            msg = f"samples have shape {inputs.shape[1:]}, the network takes {self.shape}"
            raise ShapeMismatchError(msg)
        values = inputs if self.is_convolutional else inputs.reshape(len(inputs), -1)
        result = []
        for number, (weight, bias) in enumerate(parameters[: self.depth]):
            if self.is_convolutional:
                kernel, stride = (_FIRST_KERNEL, _FIRST_STRIDE) if number == 0 else (_KERNEL, 1)
                values = patches(values, kernel, stride)
            axes = tuple(range(values.ndim - 1))
            values = jax.nn.relu(values @ weight + jnp.expand_dims(bias, axes))
            result.append(values)
        return result

    def pooled(self, values: Float[Array, "n ..."]) -> Array:
        """Return what heads read of a layer.

        Args:
            values: activities of a hidden layer, or samples.

        Returns:
            shape (n, features): averaged over the grid in a convolutional network.
        """
        if self.is_convolutional:
            values = averaged(values, _GRID[len(self.shape) - 1])
        return values.reshape(len(values), -1)

    def read(self, parameters: Parameters, values: Float[Array, "n ..."]) -> list[Array]:
        """Return the logits of every head for activities of the last hidden layer.

        Args:
            parameters: of the network.
            values: activities of the last hidden layer; samples where there is none.

        Returns:
            one array of shape (n, classes) per head.
        """
        features = self.pooled(values)
        return [features @ weight + bias[None] for weight, bias in parameters[self.depth :]]

    def logits(self, parameters: Parameters, inputs: Float[Array, "n ..."]) -> list[Array]:
        """Return the logits of every head.

        Args:
            parameters: of the network.
            inputs: shape (n, *shape).

        Returns:
            one array of shape (n, classes) per head.
        """
        return self.read(parameters, [inputs, *self.hidden(parameters, inputs)][-1])


def patches(values: Float[Array, "n ..."], kernel: int, stride: int) -> Array:
    """Return the surroundings of every place, so that a convolution is one matrix product.

    On a CPU the product and its derivative take a fifth of the time of XLA's convolution for some
    ten channels.

    Args:
        values: shape (n, length, c) or (n, height, width, c).
        kernel: odd number of places along each axis; zeros lie outside.
        stride: places from one result to the next.

    Returns:
        shape (n, ..., kernel^axes x c), the last axis running over the kernel's places, then c.
    """
    for axis in range(values.ndim - 2, 0, -1):
        places = -(-values.shape[axis] // stride)
        margin = [(0, 0)] * values.ndim
        margin[axis] = (kernel // 2, kernel // 2)
        padded = jnp.pad(values, margin)
        reach = (places - 1) * stride + 1
        shifted = [
            jax.lax.slice_in_dim(padded, first, first + reach, stride, axis)
            for first in range(kernel)
        ]
        values = jnp.concatenate(shifted, axis=-1)
    return values


def averaged(values: Float[Array, "n ..."], grid: int) -> Array:
    """Return means over a grid of equal parts along each axis; what does not divide is left out.

    Args:
        values: shape (n, length, c) or (n, height, width, c).
        grid: parts along each axis.

    Returns:
        shape (n, grid, c) or (n, grid, grid, c).
    """
    for axis in range(1, values.ndim - 1):
        size = values.shape[axis] // grid
        used = jax.lax.slice_in_dim(values, 0, grid * size, 1, axis)
        parted = used.reshape(*used.shape[:axis], grid, size, *used.shape[axis + 1 :])
        values = parted.mean(axis=axis + 1)
    return values
