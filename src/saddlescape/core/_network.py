"""A multilayer perceptron as a frozen description; its parameters are one flat vector theta."""

import dataclasses
import itertools
import operator
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from saddlescape.core._activations import Activation, activation
from saddlescape.core._errors import InvalidInputError, ShapeMismatchError
from saddlescape.core._random import Key, key_for

Theta = Float[Array, " p"]


class Layer(NamedTuple):
    """The parameters of one layer: ``weight`` of shape (outputs, inputs), ``bias`` or None."""

    weight: Float[Array, "j i"]
    bias: Float[Array, " j"] | None


@dataclasses.dataclass(frozen=True, init=False)
class Network:
    """A fully connected network: widths, activations, biases. Frozen and hashable.

    Args:
        widths: inputs, hidden widths, outputs: ``(2, 4, 1)`` has one hidden layer of 4 neurons.
        activation: a name or `Activation` for all hidden layers, or one for each.
        bias: whether layers have a bias; one value for all, or one for each layer.
        output: the activation of the output layer, ``"identity"`` unless told.

    Raises:
        InvalidInputError: for widths below 1 or lists of the wrong length.
        UnknownNameError: for an unknown activation.

    Example:
        >>> network = Network((2, 4, 1), "tanh", bias=False)
        >>> network.num_parameters, network.hidden
        (12, (4,))
    """

    widths: tuple[int, ...]
    activations: tuple[Activation, ...]
    biases: tuple[bool, ...]

    def __init__(
        self,
        widths: Sequence[int],
        activation: "str | Activation | Sequence[str | Activation]" = "tanh",
        *,
        bias: Any = True,
        output: str | Activation = "identity",
    ):
        try:
            widths = tuple(operator.index(w) for w in widths)
        except TypeError:
            msg = f"widths {widths!r}: give whole numbers, such as (2, 4, 1)"
            raise InvalidInputError(msg) from None
        if len(widths) < 2 or min(widths) < 1:
            msg = f"widths {widths}: give inputs, hidden widths and outputs, each at least 1"
            raise InvalidInputError(msg)
        object.__setattr__(self, "widths", widths)
        object.__setattr__(self, "activations", _activations(activation, output, len(widths) - 2))
        object.__setattr__(self, "biases", _biases(bias, len(widths) - 1))

    def __repr__(self) -> str:
        """Return the call that builds this network."""
        names = tuple(a.name for a in self.activations)
        inner = names[0] if len(set(names[:-1])) == 1 else names[:-1]
        bias = self.biases[0] if len(set(self.biases)) == 1 else self.biases
        output = "" if names[-1] == "identity" else f", output={names[-1]!r}"
        return f"Network({self.widths}, {inner!r}, bias={bias}{output})"

    @property
    def hidden(self) -> tuple[int, ...]:
        """The widths of the hidden layers."""
        return self.widths[1:-1]

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """The shape (outputs, inputs) of every layer's weight matrix."""
        return tuple((j, i) for i, j in itertools.pairwise(self.widths))

    @property
    def num_parameters(self) -> int:
        """The length p of theta."""
        return self.offsets[-1]

    @property
    def offsets(self) -> tuple[int, ...]:
        """Where each layer begins in theta, and p: a layer is its weights by rows, then biases."""
        sizes = (j * (i + b) for (j, i), b in zip(self.shapes, self.biases, strict=True))
        return tuple(itertools.accumulate(sizes, initial=0))

    def unflatten(self, theta: Theta) -> tuple[Layer, ...]:
        """Return theta as one `Layer` (weight, bias) per layer.

        Args:
            theta: parameters, shape (p,).

        Returns:
            views of shape (outputs, inputs) and (outputs,); bias is None where there is none.

        Raises:
            ShapeMismatchError: when theta does not have p entries.
        """
        self.check(theta)
        layers = []
        for (j, i), start, has_bias in zip(
            self.shapes, self.offsets[:-1], self.biases, strict=True
        ):
            weight = theta[start : start + j * i].reshape(j, i)
            bias = theta[start + j * i : start + j * (i + 1)] if has_bias else None
            layers.append(Layer(weight, bias))
        return tuple(layers)

    def flatten(self, layers: Sequence[tuple]) -> Theta:
        """Return the vector theta of layers ``(weight, bias)``: the inverse of `unflatten`.

        Args:
            layers: one (weight, bias) per layer; bias None where the network has none.

        Returns:
            theta, shape (p,).

        Raises:
            ShapeMismatchError: when the layers are not this network's.
        """
        parts = []
        for layer, shape, has_bias in zip(layers, self.shapes, self.biases, strict=True):
            weight, bias = jnp.asarray(layer[0]), layer[1]
            if weight.shape != shape or (bias is not None) != has_bias:
                given = f"shape {weight.shape}, {'no bias' if bias is None else 'a bias'}"
                wanted = f"shape {shape}, {'a bias' if has_bias else 'no bias'}"
                msg = f"a layer has {given}; {self!r} wants {wanted}"
                raise ShapeMismatchError(msg)
            parts += [weight.ravel()] + ([jnp.asarray(bias)] if has_bias else [])
        return jnp.concatenate(parts)

    def check(self, theta: Array) -> None:
        """Raise unless theta fits this network.

        Args:
            theta: parameters, shape (p,).

        Raises:
            InvalidInputError: when theta does not hold real floating-point numbers.
            ShapeMismatchError: when theta does not have p entries.
        """
        if not jnp.issubdtype(theta.dtype, jnp.floating):
            msg = f"theta is {theta.dtype}: give floating-point numbers, theta.astype('float64')"
            raise InvalidInputError(msg)
        if theta.shape != (self.num_parameters,):
            msg = (
                f"theta has shape {theta.shape}, {self!r} needs ({self.num_parameters},): "
                "use network.init(key) or network.flatten(layers)"
            )
            raise ShapeMismatchError(msg)

    def apply(self, theta: Theta, inputs: Float[Array, "n d"]) -> Float[Array, "n k"]:
        """Return the outputs of the network.

        Args:
            theta: parameters, shape (p,).
            inputs: one row per sample, shape (n, d).

        Returns:
            outputs, shape (n, k); logits where the loss is cross-entropy.

        Raises:
            ShapeMismatchError: when theta or the inputs do not fit.
        """
        if inputs.shape[1] != self.widths[0]:
            msg = f"inputs have {inputs.shape[1]} columns, {self!r} takes {self.widths[0]}"
            raise ShapeMismatchError(msg)
        self.check(theta)
        return _outputs(self, theta, inputs)

    def init(self, key: Key, scale: float | Float[Array, ""] = 1.0) -> Theta:
        """Return random parameters: normal, standard deviation ``scale / sqrt(layer's inputs)``.

        Args:
            key: a JAX key; see `key_for`.
            scale: multiplies the standard deviation.

        Returns:
            theta, shape (p,), float64 where x64 is on.
        """
        parts = []
        for number, ((j, i), has_bias) in enumerate(zip(self.shapes, self.biases, strict=True)):
            draws = jax.random.normal(key_for(key, "layer", number), (j * (i + has_bias),))
            parts.append(draws * (scale / i**0.5))
        return jnp.concatenate(parts)

    def starts(
        self, num_starts: int, seed: int = 0, *, scale: float = 1.0, first: int = 0
    ) -> Float[Array, "m p"]:
        """Return random starts; start number i depends on the seed and i alone.

        Args:
            num_starts: how many rows.
            seed: of the named stream ``"start"``.
            scale: as in `init`.
            first: the number of the first row, to draw a long list in blocks.

        Returns:
            starts, shape (num_starts, p).

        Raises:
            InvalidInputError: for a negative count or number, or a scale that is not positive.

        Example:
            >>> network = Network((2, 4, 1), "tanh")
            >>> bool((network.starts(9)[7] == network.starts(1, first=7)[0]).all())
            True
        """
        if num_starts < 0 or first < 0 or first + num_starts > 2**32 or not 0 < scale < np.inf:
            msg = (
                f"{num_starts} starts from number {first} at scale {scale}: give counts >= 0, "
                "numbers below 2**32 and a positive scale"
            )
            raise InvalidInputError(msg)
        numbers = jnp.arange(first, first + num_starts)
        return _draw(self, jax.random.key(seed), numbers, scale)


@partial(jax.jit, static_argnums=0)
def _outputs(network: Network, theta: Theta, inputs: Float[Array, "n d"]) -> Float[Array, "n k"]:
    """Return the outputs, compiled as one program."""
    values = inputs.T
    for (weight, bias), g in zip(network.unflatten(theta), network.activations, strict=True):
        z = weight @ values
        values = g(z if bias is None else z + bias[:, None])
    return values.T


@partial(jax.jit, static_argnums=0)
def _draw(network: Network, key: Key, numbers: Int[Array, " m"], scale: float | Array) -> Array:
    """Return starts by number, compiled as one program."""
    return jax.vmap(lambda i: network.init(key_for(key, "start", i), scale))(numbers)


def _activations(hidden, output, num_hidden: int) -> tuple[Activation, ...]:
    """Return one activation per layer."""
    if isinstance(hidden, str | Activation):
        hidden = (hidden,) * num_hidden
    if len(hidden) != num_hidden:
        msg = f"{len(hidden)} activations for {num_hidden} hidden layers: give one, or one for each"
        raise InvalidInputError(msg)
    return (*(activation(a) for a in hidden), activation(output))


def _biases(bias, num_layers: int) -> tuple[bool, ...]:
    """Return one flag per layer."""
    one = (bias,) if np.ndim(bias) == 0 else tuple(bias)
    if any(b not in (True, False) or isinstance(b, str) for b in one):
        msg = f"bias is {bias!r}: give True or False, or one of them for each layer"
        raise InvalidInputError(msg)
    biases = tuple(bool(b) for b in one) * (num_layers if np.ndim(bias) == 0 else 1)
    if len(biases) != num_layers:
        msg = f"{len(biases)} bias flags for {num_layers} layers: give one, or one for each layer"
        raise InvalidInputError(msg)
    return biases
