"""The loss of a network on a data set, with exact derivatives, computed chunk by chunk."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int

from saddlescape.core import _hessian
from saddlescape.core._compiled import compiled
from saddlescape.core._data import Data
from saddlescape.core._errors import InvalidInputError, ShapeMismatchError
from saddlescape.core._landscape import End, Landscape, Matrix, Scalar, Theta
from saddlescape.core._limit import limit_ends
from saddlescape.core._losses import AbstractLoss, loss_named
from saddlescape.core._memory import require_memory
from saddlescape.core._network import Network
from saddlescape.core._passes import (
    Chunk,
    chunk_gauss_newton,
    chunk_gradient,
    chunk_loss,
    chunk_residual,
    pre_activation,
    sum_chunks,
)

_ACTIVATIONS_PER_CHUNK = 16_384  # activations of a chunk stay in the L2 cache
_LANES = 8  # a sample count that is no multiple of this runs at half speed
_COARSE_SAMPLES = 256


class EmpiricalLandscape(Landscape):
    """The loss of a network on data: mean over samples, sum over outputs, no factor 1/2.

    Args:
        network: the network; its outputs are logits where the loss is cross-entropy.
        data: samples, targets, and weights that multiply the losses (divided by their sum).
        loss: ``"squared_error"`` or ``"cross_entropy"``; cross-entropy if targets are labels.
        weight_decay: adds ``weight_decay * sum(theta**2)``, biases included, no factor 1/2.

    Raises:
        ShapeMismatchError: when the network's inputs or outputs are not the data's.
        InvalidInputError: when the loss does not fit the targets.

    Example:
        >>> data = Data([[1.0], [2.0]], [[1.0], [3.0]])
        >>> line = EmpiricalLandscape(Network((1, 1), bias=False), data)
        >>> [float(line.loss(jnp.array([1.0]))), line.hessian(jnp.array([1.0])).tolist()]
        [0.5, [[5.0]]]
    """

    network: Network = eqx.field(static=True)
    kind: AbstractLoss = eqx.field(static=True)
    num_samples: int = eqx.field(static=True)
    chunks: Chunk  # every array with a leading axis of chunks
    weight_decay: Scalar

    def __init__(
        self,
        network: Network,
        data: Data,
        loss: str | AbstractLoss | None = None,
        *,
        weight_decay: float = 0.0,
    ):
        default = "cross_entropy" if data.is_classification else "squared_error"
        self.network, self.kind = network, loss_named(default if loss is None else loss)
        _check(network, data, self.kind, weight_decay)
        self.num_samples = data.num_samples
        self.chunks = _chunked(network, data)
        self.weight_decay = jnp.asarray(float(weight_decay), self.chunks.weights.dtype)

    @property
    def num_parameters(self) -> int:
        """The length p of theta."""
        return self.network.num_parameters

    @compiled
    def loss(self, theta: Theta) -> Scalar:
        """Return the loss; its automatic derivative is the exact one. See `Landscape.loss`."""
        self.network.check(theta)
        return _loss(theta, landscape=self)

    @compiled
    def loss_and_gradient(self, theta: Theta) -> tuple[Scalar, Theta]:
        """Return loss and gradient by backpropagation; see `Landscape.loss_and_gradient`."""
        layers = self.network.unflatten(theta)
        loss, gradient = sum_chunks(
            self._chunks_as(theta),
            lambda chunk: chunk_gradient(self.network, self.kind, layers, chunk),
        )
        gradient = self.network.flatten(gradient)
        return loss + self._decay(theta), gradient + 2 * self._decay_rate(theta) * theta

    @compiled
    def gradient(self, theta: Theta) -> Theta:
        """Return the gradient; see `Landscape.gradient`."""
        return self.loss_and_gradient(theta)[1]

    @compiled
    def hvp(self, theta: Theta, direction: Theta) -> Theta:
        """Return the Hessian times a direction; see `Landscape.hvp`."""
        self.network.check(direction)
        return jax.jvp(self.gradient, (theta,), (direction,))[1]

    @compiled
    def hessian(self, theta: Theta) -> Matrix:
        """Return the exact Hessian, block by block; see `Landscape.hessian`."""
        return self.derivatives(theta)[2]

    @compiled
    def gauss_newton(self, theta: Theta) -> Matrix:
        """Return the Gauss-Newton part of the Hessian: J^T (d^2 loss / d output^2) J, plus decay.

        Args:
            theta: parameters, shape (p,).

        Returns:
            a positive semi-definite matrix, shape (p, p).
        """
        return self._second_order(theta, gauss_newton=True)[2]

    @compiled
    def gauss_newton_product(self, theta: Theta, direction: Theta) -> Theta:
        """Return the Gauss-Newton part, weight decay included, times a direction.

        Args:
            theta: parameters, shape (p,).
            direction: shape (p,).

        Returns:
            the product, shape (p,). Costs about two gradients.
        """
        product = self._part(chunk_gauss_newton, theta, direction)
        return product + 2 * self._decay_rate(theta) * direction

    @compiled
    def residual_product(self, theta: Theta, direction: Theta) -> Theta:
        """Return the residual part of the Hessian times a direction.

        Args:
            theta: parameters, shape (p,).
            direction: shape (p,).

        Returns:
            the product with the sum over samples and outputs of the loss's derivative by the output
            times the output's Hessian, shape (p,): the Hessian less its Gauss-Newton part, computed
            without a difference. Costs about four gradients.
        """
        return self._part(chunk_residual, theta, direction)

    @compiled
    def derivatives(self, theta: Theta) -> tuple[Scalar, Theta, Matrix]:
        """Return loss, gradient and Hessian in one pass; see `Landscape.derivatives`."""
        return self._second_order(theta, gauss_newton=False)

    def coarse(self) -> "EmpiricalLandscape | None":
        """Return the landscape of a fixed choice of 256 samples, if there are many more."""
        if self.num_samples < 4 * _COARSE_SAMPLES:
            return None
        return _thinned(self)

    def minibatch(self, samples: Int[Array, " b"]) -> "EmpiricalLandscape":
        """Return the landscape of some samples, on which a minibatch rule takes its gradient.

        Args:
            samples: numbers of samples, from 0; one that stands twice counts twice.

        Returns:
            a landscape whose loss, averaged over batches that hold every sample equally often, is
            this one's. May be called inside compiled code.

        Example:
            >>> data = Data([[1.0], [2.0]], [[1.0], [3.0]])
            >>> line = EmpiricalLandscape(Network((1, 1), bias=False), data)
            >>> float(line.minibatch(jnp.array([1])).loss(jnp.array([1.0])))
            1.0
        """
        size = self.chunks.weights.shape[1]
        chunk, column = samples // size, samples % size
        inputs, targets, weights = self.chunks
        count = samples.shape[0]
        scale = self.num_samples / count
        chosen = Chunk(
            inputs[chunk, :, column].T[None],
            targets[chunk, :, column].T[None],
            scale * weights[chunk, column][None],
        )
        return self._with_chunks(chosen, count)

    def ends(self, theta: Theta) -> "tuple[End, ...]":
        """Return the end of the channel of the most suspect pair of each hidden layer."""
        return limit_ends(self.network, self.kind, self.chunks, self.weight_decay, theta)

    @compiled
    def kinks(self, theta: Theta) -> Array:
        """Return how many samples have a hidden neuron within rounding of a kink."""
        self.network.check(theta)
        if not any(g.kinks for g in self.network.activations):
            return jnp.zeros((), jnp.int32)
        layers = self.network.unflatten(theta)
        return sum_chunks(
            self._chunks_as(theta), lambda chunk: _near_kinks(self.network, layers, chunk)
        )

    def _with_chunks(self, chunks: Chunk, num_samples: int) -> "EmpiricalLandscape":
        """Return this landscape on other samples."""
        other = object.__new__(EmpiricalLandscape)
        for name, value in vars(self).items():
            object.__setattr__(other, name, value)
        object.__setattr__(other, "chunks", chunks)
        object.__setattr__(other, "num_samples", num_samples)
        return other

    def _chunks_as(self, theta: Theta) -> Chunk:
        """Return the chunks in the precision of theta."""
        return jax.tree.map(lambda array: array.astype(theta.dtype), self.chunks)

    def _second_order(self, theta: Theta, gauss_newton: bool) -> tuple[Scalar, Theta, Matrix]:
        require_memory(3 * 8 * theta.size**2, f"the Hessian of {theta.size:,} parameters")
        network, layers = self.network, self.network.unflatten(theta)

        def one_chunk(chunk: Chunk) -> tuple[Scalar, Theta, list[list[Array]]]:
            passed = _hessian.run(network, self.kind, layers, chunk, gauss_newton)
            blocks = _hessian.blocks(passed, network, layers, gauss_newton)
            return passed.loss, _hessian.gradient(passed, network), blocks

        loss, gradient, blocks = sum_chunks(self._chunks_as(theta), one_chunk)
        matrix = _hessian.assemble(blocks, network)
        rate = self._decay_rate(theta)
        matrix = (matrix + matrix.T) / 2 + 2 * rate * jnp.eye(theta.size, dtype=theta.dtype)
        return loss + self._decay(theta), gradient + 2 * rate * theta, matrix

    def _part(self, of_chunk: Callable[..., Any], theta: Theta, direction: Theta) -> Theta:
        """Return the product with one part of the data's Hessian."""
        layers = self.network.unflatten(theta), self.network.unflatten(direction)
        return self.network.flatten(
            sum_chunks(
                self._chunks_as(theta),
                lambda chunk: of_chunk(self.network, self.kind, layers, chunk),
            )
        )

    def _decay_rate(self, theta: Theta) -> Scalar:
        return self.weight_decay.astype(theta.dtype)

    def _decay(self, theta: Theta) -> Scalar:
        return self._decay_rate(theta) * (theta @ theta)


@eqx.filter_custom_jvp
def _loss(theta: Theta, *, landscape: EmpiricalLandscape) -> Scalar:
    layers = landscape.network.unflatten(theta)
    total = sum_chunks(
        landscape._chunks_as(theta),
        lambda chunk: chunk_loss(landscape.network, landscape.kind, layers, chunk),
    )
    return total + landscape._decay(theta)


@_loss.def_jvp
def _loss_jvp(primals, tangents, *, landscape):
    """Differentiate the loss by the exact gradient: `jax.grad` costs what `gradient` costs."""
    loss, gradient = landscape.loss_and_gradient(primals[0])
    return loss, jnp.zeros_like(loss) if tangents[0] is None else gradient @ tangents[0]


def _check(network: Network, data: Data, kind: AbstractLoss, weight_decay: float) -> None:
    """Raise unless network, data and loss fit together."""
    if (kind.name == "cross_entropy") != data.is_classification:
        given = ("numbers (n, k)", "integer labels (n,)")[data.is_classification]
        wanted = ("integer labels (n,)", "numbers (n, k)")[data.is_classification]
        msg = f"the targets are {given}, the loss {kind.name} wants {wanted}: change one of them"
        raise InvalidInputError(msg)
    (inputs, *_, outputs), labels = network.widths, data.is_classification
    fits = outputs >= data.num_outputs if labels else outputs == data.num_outputs
    if inputs != data.num_inputs or not fits:
        what = "classes (targets are integer labels)" if labels else "targets"
        msg = (
            f"{network!r} has {inputs} inputs and {outputs} outputs, the data {data.num_inputs} "
            f"inputs and {data.num_outputs} {what}: "
            f"give widths ({data.num_inputs}, ..., {data.num_outputs})"
        )
        raise ShapeMismatchError(msg)
    if not (np.isfinite(weight_decay) and weight_decay >= 0):
        msg = f"weight_decay is {weight_decay}: give a number >= 0"
        raise InvalidInputError(msg)


def _chunked(network: Network, data: Data) -> Chunk:
    """Return the data features-first, in equal chunks, padded with samples of weight zero.

    In NumPy: as JAX operations, each would be compiled before the first number appears.
    """
    inputs, targets, weights = (np.asarray(a) for a in (data.inputs, data.targets, data.weights))
    if data.is_classification:
        targets = np.eye(network.widths[-1], dtype=inputs.dtype)[targets]
    if network.biases[0]:
        inputs = np.concatenate([inputs, np.ones_like(inputs[:, :1])], axis=1)
    return _split(network, inputs, targets, weights / weights.sum())


def _split(network: Network, inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> Chunk:
    """Return chunks of (inputs (n, d), targets (n, k), weights (n,)), the last one padded."""
    n = inputs.shape[0]
    size = np.clip(_ACTIVATIONS_PER_CHUNK // max(1, sum(network.hidden)), 16 * _LANES, 2048)
    count = -(-n // int(size))
    size = -(-n // count)
    size = -(-size // _LANES) * _LANES
    pad = count * size - n

    def fold(array: np.ndarray) -> np.ndarray:
        padded = np.concatenate([array, np.repeat(array[-1:], pad, axis=0)])
        return padded.reshape(count, size, *array.shape[1:])

    columns = (fold(array).swapaxes(1, 2) for array in (inputs, targets))
    weights = np.concatenate([weights, np.zeros(pad, weights.dtype)]).reshape(count, size)
    return Chunk(*(jnp.asarray(array) for array in (*columns, weights)))


def _thinned(landscape: EmpiricalLandscape) -> EmpiricalLandscape:
    """Return the landscape of a fixed, evenly spread choice of samples that count."""
    inputs, targets, weights = (np.asarray(array) for array in landscape.chunks)
    chunk, column = np.nonzero(weights)
    order = np.sort(np.random.default_rng(0).permutation(len(chunk))[:_COARSE_SAMPLES])
    chunk, column = chunk[order], column[order]
    chosen = weights[chunk, column]
    thin = _split(
        landscape.network,
        inputs[chunk, :, column],
        targets[chunk, :, column],
        chosen / chosen.sum(),
    )
    return landscape._with_chunks(thin, len(order))


def _near_kinks(network: Network, layers, chunk: Chunk) -> Array:
    """Return how many samples of a chunk lie within rounding of a kink."""
    values, near = chunk.inputs, jnp.zeros(chunk.weights.shape, bool)
    for layer, g in zip(layers, network.activations, strict=True):
        z = pre_activation(layer, values)
        size = pre_activation(jax.tree.map(jnp.abs, layer), jnp.abs(values))
        for kink in g.kinks:
            near |= jnp.any(jnp.abs(z - kink) <= 64 * jnp.finfo(z.dtype).eps * size, axis=0)
        values = g(z)
    return jnp.sum(near & (chunk.weights > 0), dtype=jnp.int32)
