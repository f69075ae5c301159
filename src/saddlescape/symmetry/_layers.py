"""Batches of parameter vectors as layers on the host, and what moves neurons in them."""

import math
from typing import NamedTuple

import numpy as np

from saddlescape.core import Network


class HostLayer(NamedTuple):
    """A layer of m networks: ``weight`` (m, outputs, inputs), ``bias`` (m, outputs) or None."""

    weight: np.ndarray
    bias: np.ndarray | None

    @property
    def incoming(self) -> np.ndarray:
        """The incoming weights of each neuron, with its bias as the last column."""
        if self.bias is None:
            return self.weight
        return np.concatenate([self.weight, self.bias[:, :, None]], axis=2)


def split(network: Network, rows: np.ndarray) -> list[HostLayer]:
    """Return the layers of every row."""
    layers = []
    for (j, i), start, has_bias in zip(
        network.shapes, network.offsets[:-1], network.biases, strict=True
    ):
        weight = rows[:, start : start + j * i].reshape(len(rows), j, i)
        layers.append(
            HostLayer(weight, rows[:, start + j * i : start + j * i + j] if has_bias else None)
        )
    return layers


def join(layers: list[HostLayer]) -> np.ndarray:
    """Return layers as rows again: the inverse of `split`."""
    parts = []
    for weight, bias in layers:
        parts.append(weight.reshape(len(weight), math.prod(weight.shape[1:])))
        parts += [] if bias is None else [bias]
    return np.concatenate(parts, axis=1)


def move_layer(
    layers: list[HostLayer], number: int, chosen: np.ndarray, factors: np.ndarray
) -> list[HostLayer]:
    """Return layers with one hidden layer's neurons permuted and multiplied, each (m or 1, h)."""
    weight, bias = layers[number]
    after = layers[number + 1]
    weight = np.take_along_axis(weight, chosen[:, :, None], axis=1) * factors[:, :, None]
    bias = None if bias is None else np.take_along_axis(bias, chosen, axis=1) * factors
    outgoing = np.take_along_axis(after.weight, chosen[:, None, :], axis=2) / factors[:, None, :]
    moved = list(layers)
    moved[number], moved[number + 1] = HostLayer(weight, bias), after._replace(weight=outgoing)
    return moved


def normalize(
    network: Network, layers: list[HostLayer]
) -> tuple[list[HostLayer], list[np.ndarray]]:
    """Return layers with incoming norm 1 where neurons may be rescaled, and the factors (m, h).

    From the input on, each neuron's scale is pushed into its outgoing weights, so every point of an
    orbit of rescalings ends at the same place. Neurons without incoming weights keep their scale.
    """
    used = []
    for number, width in enumerate(network.hidden):
        factors = np.ones((len(layers[0].weight), width))
        if network.activations[number].is_homogeneous:
            norms = np.linalg.norm(layers[number].incoming, axis=2)
            factors = 1 / np.where(norms > 0, norms, 1)
            layers = move_layer(layers, number, np.arange(width)[None], factors)
        used.append(factors)
    return layers, used
