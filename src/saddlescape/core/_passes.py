"""The forward and backward pass over one chunk of samples, features-first: one column per sample.

With z_l = W_l a_{l-1} + b_l and a_l = g_l(z_l), a chunk's weighted loss has the derivatives
delta_l = d loss / d z_l, from which gradient and Hessian follow.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from saddlescape.core._losses import AbstractLoss
from saddlescape.core._network import Layer, Network

Columns = Float[Array, "k c"]


class Chunk(NamedTuple):
    """Some samples: inputs (d, c), targets (k, c), and weights (c,) that sum to 1 over all chunks."""

    inputs: Columns
    targets: Columns
    weights: Float[Array, " c"]


def pre_activation(layer: Layer, below: Columns) -> Columns:
    """Return z = W a + b of a layer."""
    z = layer.weight @ below
    return z if layer.bias is None else z + layer.bias[:, None]


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
    values, slopes = [chunk.inputs], []
    for layer, g in zip(layers, network.activations, strict=True):
        value, slope = g.with_slope(pre_activation(layer, values[-1]))
        values.append(value)
        slopes.append(slope)
    losses, by_output = kind.gradient(values[-1], chunk.targets)
    delta = by_output * chunk.weights
    if network.activations[-1].name != "identity":
        delta = delta * slopes[-1]
    gradients = []
    for number in reversed(range(len(layers))):
        layer = layers[number]
        bias = None if layer.bias is None else jnp.sum(delta, axis=1)
        gradients.append(Layer(delta @ values[number].T, bias))
        if number:
            delta = (layer.weight.T @ delta) * slopes[number - 1]
    return chunk.weights @ losses, tuple(reversed(gradients))
