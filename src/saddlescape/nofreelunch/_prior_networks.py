"""Three kinds of classifiers for signals: linear, fully connected, convolutional."""

import abc
import dataclasses
import itertools
import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from saddlescape.core import Key, key_for

Parameters = tuple[tuple[Float[Array, "_ _"], Float[Array, " _"]], ...]
"""Weights and biases of each layer."""


class AbstractClassifier(abc.ABC):
    """A family of functions from signals to logits."""

    name: str
    """What tables call it."""
    description: str
    """How it is built."""

    @abc.abstractmethod
    def shapes(self, num_inputs: int, num_classes: int) -> tuple[tuple[int, int], ...]:
        """Return the inputs and outputs of every layer's weights.

        Args:
            num_inputs: length of a signal.
            num_classes: number of logits.

        Returns:
            a pair for each layer.
        """

    @abc.abstractmethod
    def logits(self, parameters: Parameters, signals: Float[Array, "n d"]) -> Float[Array, "n k"]:
        """Return the logits of signals.

        Args:
            parameters: one pair of weights and biases for each layer.
            signals: one per row.

        Returns:
            a row for each signal.
        """

    def num_parameters(self, num_inputs: int, num_classes: int) -> int:
        """Return how many numbers there are to learn.

        Args:
            num_inputs: length of a signal.
            num_classes: number of logits.

        Returns:
            weights and biases.
        """
        return sum((i + 1) * o for i, o in self.shapes(num_inputs, num_classes))

    def init(self, key: Key, num_inputs: int, num_classes: int) -> Parameters:
        """Return random weights, uniform between -1 and 1 over the root of a layer's inputs.

        Args:
            key: a JAX key.
            num_inputs: length of a signal.
            num_classes: number of logits.

        Returns:
            single precision: accuracies need no more.
        """
        layers = []
        for number, (i, o) in enumerate(self.shapes(num_inputs, num_classes)):
            draws = jax.random.uniform(
                key_for(key, "layer", number), (i + 1, o), jnp.float32, minval=-1.0, maxval=1.0
            )
            layers.append((draws[:i] / math.sqrt(i), draws[i] / math.sqrt(i)))
        return tuple(layers)


@dataclasses.dataclass(frozen=True)
class Linear(AbstractClassifier):
    """Logistic regression."""

    name = "logistic"
    description = "linear logits"

    def shapes(self, num_inputs: int, num_classes: int) -> tuple[tuple[int, int], ...]:
        """Return one layer."""
        return ((num_inputs, num_classes),)

    def logits(self, parameters: Parameters, signals: Float[Array, "n d"]) -> Float[Array, "n k"]:
        """Return linear functions of the signal."""
        ((weights, biases),) = parameters
        return signals @ weights + biases[None, :]


@dataclasses.dataclass(frozen=True)
class Dense(AbstractClassifier):
    """A fully connected network of two hidden layers, the second added to the first.

    Args:
        width: of both.
    """

    width: int = 100

    @property
    def name(self) -> str:  # type: ignore[override]
        """What tables call it."""
        return f"dense {self.width}-{self.width}"

    @property
    def description(self) -> str:  # type: ignore[override]
        """How it is built."""
        return f"two hidden layers of {self.width} relu, the second with a skip connection"

    def shapes(self, num_inputs: int, num_classes: int) -> tuple[tuple[int, int], ...]:
        """Return three layers."""
        return tuple(itertools.pairwise((num_inputs, self.width, self.width, num_classes)))

    def logits(self, parameters: Parameters, signals: Float[Array, "n d"]) -> Float[Array, "n k"]:
        """Return the outputs of the last layer."""
        (first, a), (second, b), (last, c) = parameters
        hidden = jax.nn.relu(signals @ first + a[None, :])
        hidden = hidden + jax.nn.relu(hidden @ second + b[None, :])
        return hidden @ last + c[None, :]


@dataclasses.dataclass(frozen=True)
class Convolutional(AbstractClassifier):
    """Three convolutions with stride 2, then one linear layer.

    Args:
        channels: of each convolution.
    """

    channels: int = 25
    kernels = (5, 3, 3)

    @property
    def name(self) -> str:  # type: ignore[override]
        """What tables call it."""
        return "convolutional"

    @property
    def description(self) -> str:  # type: ignore[override]
        """How it is built."""
        return (
            f"three convolutions of {self.channels} channels with stride 2, relu, one linear layer"
        )

    def shapes(self, num_inputs: int, num_classes: int) -> tuple[tuple[int, int], ...]:
        """Return the kernels as matrices, then the linear layer."""
        length, inputs, found = num_inputs, 1, []
        for kernel in self.kernels:
            found.append((kernel * inputs, self.channels))
            length, inputs = (length + 2 - kernel) // 2 + 1, self.channels
        return (*found, (length * self.channels, num_classes))

    def logits(self, parameters: Parameters, signals: Float[Array, "n d"]) -> Float[Array, "n k"]:
        """Return the outputs of the last layer."""
        values = signals[:, :, None]
        for (weights, biases), kernel in zip(parameters[:-1], self.kernels, strict=True):
            padded = jnp.pad(values, ((0, 0), (1, 1), (0, 0)))
            end = 2 * ((padded.shape[1] - kernel) // 2) + 1
            # Strided slices side by side: one matrix product, several times as fast on a CPU as
            # XLA's convolution at this size.
            columns = [padded[:, j : j + end : 2] for j in range(kernel)]
            values = jax.nn.relu(jnp.concatenate(columns, axis=2) @ weights + biases[None, None])
        weights, biases = parameters[-1]
        return values.reshape(len(signals), -1) @ weights + biases[None, :]


def dense_like(other: AbstractClassifier, num_inputs: int, num_classes: int) -> Dense:
    """Return the fully connected network with about as many parameters as another.

    Args:
        other: any classifier.
        num_inputs: length of a signal.
        num_classes: number of logits.

    Returns:
        the widest that has no more.

    Example:
        >>> dense_like(Convolutional(), 40, 10).width
        50
    """
    most = other.num_parameters(num_inputs, num_classes)
    widths = itertools.takewhile(
        lambda width: Dense(width).num_parameters(num_inputs, num_classes) <= most,
        itertools.count(1),
    )
    return Dense(max(widths, default=1))
