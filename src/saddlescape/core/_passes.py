"""The forward and backward pass over one chunk of samples, features-first: one column per sample.

With z_l = W_l a_{l-1} + b_l and a_l = g_l(z_l), a chunk's weighted loss has the derivatives
delta_l = d loss / d z_l, from which gradient and Hessian follow.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from saddlescape.core._losses import AbstractLoss
from saddlescape.core._network import Layer, Network

Columns = Float[Array, "k c"]


class Chunk(NamedTuple):
    """Some samples: inputs, targets (k, c), and weights (c,) that sum to 1 over all chunks.

    Inputs have shape (d, c), or (d + 1, c) with a last row of ones where the first layer has a
    bias: one matrix product then does for weights and bias, which saves a fifth of a gradient.
    """

    inputs: Columns
    targets: Columns
    weights: Float[Array, " c"]


def pre_activation(layer: Layer, below: Float[Array, "i c"]) -> Float[Array, "j c"]:
    """Return z = W a + b of a layer; `below` is a, or a with a row of ones."""
    if layer.bias is None:
        return layer.weight @ below
    if below.shape[0] > layer.weight.shape[1]:
        return jnp.concatenate([layer.weight, layer.bias[:, None]], axis=1) @ below
    return layer.weight @ below + layer.bias[:, None]


def by_layer(delta: Float[Array, "j c"], below: Float[Array, "i c"], layer: Layer) -> Layer:
    """Return the derivative by weight and bias, from delta = d loss / d z.

    The bias is a product with ones: XLA's sums along the last axis are scalar code.
    """
    block = delta @ below.T
    if layer.bias is None:
        return Layer(block, None)
    if below.shape[0] > layer.weight.shape[1]:
        return Layer(block[:, :-1], block[:, -1])
    return Layer(block, delta @ jnp.ones_like(delta[0]))


def chunk_loss(
    network: Network, kind: AbstractLoss, layers: tuple[Layer, ...], chunk: Chunk
) -> Float[Array, ""]:
    """Return the weighted loss of a chunk."""
    values = chunk.inputs
    for layer, g in zip(layers, network.activations, strict=True):
        values = g(pre_activation(layer, values))
    return chunk.weights @ kind.value(values, chunk.targets)


def chunk_gradient(
    network: Network, kind: AbstractLoss, layers: tuple[Layer, ...], chunk: Chunk
) -> tuple[Float[Array, ""], tuple[Layer, ...]]:
    """Return the weighted loss of a chunk and its derivative by every layer (backpropagation)."""
    values, slopes = _forward(network, layers, chunk)
    losses, by_output = kind.gradient(values[-1], chunk.targets)
    gradients = _backward(network, layers, (values, slopes), by_output * chunk.weights[None])
    return chunk.weights @ losses, gradients


def chunk_gauss_newton(
    network: Network,
    kind: AbstractLoss,
    layers: tuple[tuple[Layer, ...], tuple[Layer, ...]],
    chunk: Chunk,
) -> tuple[Layer, ...]:
    """Return J^T (d^2 loss / d output^2) J times a direction; `layers` are theta's and its."""
    here, along = layers
    values, slopes = _forward(network, here, chunk)
    tangent = jnp.zeros_like(chunk.inputs)  # a row of ones stays as it is
    for number, (layer, move) in enumerate(zip(here, along, strict=True)):
        moved = pre_activation(move, values[number])
        if number:
            moved = moved + layer.weight @ tangent
        tangent = slopes[number] * moved
    by_output = jax.jvp(
        lambda outputs: kind.gradient(outputs, chunk.targets)[1], (values[-1],), (tangent,)
    )[1]
    return _backward(network, here, (values, slopes), by_output * chunk.weights[None])


def chunk_residual(
    network: Network,
    kind: AbstractLoss,
    layers: tuple[tuple[Layer, ...], tuple[Layer, ...]],
    chunk: Chunk,
) -> tuple[Layer, ...]:
    """Return (sum of d loss / d output times the outputs' Hessians) times a direction.

    This is the derivative of J^T u with u held fixed: small residuals give a small product without
    any difference of large ones.
    """
    here, along = layers
    outputs = _forward(network, here, chunk)[0][-1]
    by_output = kind.gradient(outputs, chunk.targets)[1] * chunk.weights[None]

    def pulled(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        return _backward(network, layers, _forward(network, layers, chunk), by_output)

    return jax.jvp(pulled, (here,), (along,))[1]


def _forward(
    network: Network, layers: tuple[Layer, ...], chunk: Chunk
) -> tuple[list[Array], list[Array]]:
    """Return the inputs of every layer and the outputs, and the slopes of the activations."""
    values, slopes = [chunk.inputs], []
    for layer, g in zip(layers, network.activations, strict=True):
        value, slope = g.with_slope(pre_activation(layer, values[-1]))
        values.append(value)
        slopes.append(slope)
    return values, slopes


def _backward(
    network: Network,
    layers: tuple[Layer, ...],
    passed: tuple[list[Array], list[Array]],
    by_output: Columns,
) -> tuple[Layer, ...]:
    """Return J^T times weighted derivatives by the outputs, layer by layer."""
    values, slopes = passed
    delta = by_output
    if network.activations[-1].name != "identity":
        delta = delta * slopes[-1]
    gradients = []
    for number in reversed(range(len(layers))):
        gradients.append(by_layer(delta, values[number], layers[number]))
        if number:
            delta = downward(layers[number], delta) * slopes[number - 1]
    return tuple(reversed(gradients))


def downward(layer: Layer, delta: Float[Array, "j c"]) -> Float[Array, "i c"]:
    """Return W^T delta; for one output a plain product, which fuses with what follows."""
    if layer.weight.shape[0] == 1:
        return layer.weight[0][:, None] * delta
    return layer.weight.T @ delta


def sum_chunks(chunks: Chunk, function: Callable[[Chunk], Any]) -> Any:
    """Return the sum of `function` over the leading axis of chunks, one chunk at a time."""
    first = jax.tree.map(lambda array: array[0], chunks)
    if chunks.weights.shape[0] == 1:
        return function(first)
    shape = jax.eval_shape(function, first)
    zero = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shape)
    return jax.lax.scan(
        lambda total, chunk: (jax.tree.map(jnp.add, total, function(chunk)), None), zero, chunks
    )[0]
