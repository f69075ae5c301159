"""Two neurons of a hidden layer in coordinates that tell what they share from how they differ.

For every incoming weight (bias included) and outgoing weight x of neuron i and y of neuron j, the
coordinates (x + y) / sqrt 2 and (x - y) / sqrt 2 replace x and y. This turns theta by an orthogonal
matrix that is its own inverse, so lengths, spectra and gradients are unchanged. Exchanging the
labels of the two neurons flips the signs of the differences and nothing else.
"""

import dataclasses
import math
import operator
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from saddlescape.core import InvalidInputError, Network

Vector = Float[np.ndarray, " p"]
Indices = Int[np.ndarray, " _"]


@dataclasses.dataclass(frozen=True, eq=False)
class PairCoordinates:
    """Where a pair of neurons stands in theta.

    Args:
        network: whose neurons they are.
        layer: the hidden layer, from 0.
        pair: the numbers of the two neurons in that layer, from 0.
        incoming: where the incoming weights of either stand, biases last, shape (2, d).
        outgoing: where the outgoing weights of either stand, shape (2, k).
    """

    network: Network
    layer: int
    pair: tuple[int, int]
    incoming: Int[np.ndarray, "2 d"]
    outgoing: Int[np.ndarray, "2 k"]

    @property
    def difference(self) -> Indices:
        """Where the difference of the incoming weights stands in the new coordinates, (d,)."""
        return self.incoming[1]

    @property
    def outgoing_difference(self) -> Indices:
        """Where the difference of the outgoing weights stands in the new coordinates, (k,)."""
        return self.outgoing[1]

    def turned(self, vectors: Float[np.ndarray, "*m p"]) -> Float[np.ndarray, "*m p"]:
        """Return vectors in the new coordinates, or back from them: the turn is its own inverse."""
        first, second = self._both
        result, half = np.array(vectors), math.sqrt(0.5)
        a, b = vectors[..., first], vectors[..., second]
        result[..., first], result[..., second] = (a + b) * half, (a - b) * half
        return result

    def turned_matrix(self, matrix: Float[np.ndarray, "p p"]) -> Float[np.ndarray, "p p"]:
        """Return a matrix in the new coordinates, or back from them."""
        return self.turned(self.turned(matrix).T).T

    def exchanged(self, theta: Float[np.ndarray, "*m p"]) -> Float[np.ndarray, "*m p"]:
        """Return theta with the labels of the two neurons exchanged: the same function."""
        first, second = self._both
        result = np.array(theta)
        result[..., first], result[..., second] = theta[..., second], theta[..., first]
        return result

    def distance(self, theta: Float[np.ndarray, "*m p"]) -> Float[np.ndarray, "*m"]:
        """Return the Euclidean distance of the two incoming weight vectors, biases included."""
        first, second = self.incoming
        return np.asarray(np.linalg.norm(theta[..., first] - theta[..., second], axis=-1))

    def merged(self, theta: Vector) -> Vector:
        """Return theta with both neurons at their mean, outgoing weights shared half and half."""
        result = self.turned(theta)
        result[self._both[1]] = 0.0
        return self.turned(result)

    @property
    def shared(self) -> Indices:
        """Every coordinate but the differences: those of the network with the pair merged."""
        return np.setdiff1d(np.arange(self.network.num_parameters), self._both[1])

    @property
    def _both(self) -> Int[np.ndarray, "2 _"]:
        """Where the two neurons' weights stand, incoming ones first."""
        return np.concatenate([self.incoming, self.outgoing], axis=1)


def pair_coordinates(network: Network, layer: int, pair: Any) -> PairCoordinates:
    """Return the coordinates of a pair of neurons.

    Args:
        network: whose neurons they are.
        layer: the hidden layer, from 0.
        pair: the numbers of two different neurons, from 0.

    Returns:
        the coordinates.

    Raises:
        InvalidInputError: for a layer or neurons the network does not have.

    Example:
        >>> pair = pair_coordinates(Network((2, 3, 1), bias=False), 0, (0, 2))
        >>> pair.incoming.tolist(), pair.outgoing.tolist()
        ([[0, 1], [4, 5]], [[6], [8]])
    """
    layer, (i, j) = _checked(network, layer, pair)
    offset, after = network.offsets[layer : layer + 2]
    width, inputs = network.shapes[layer]
    outputs = network.shapes[layer + 1][0]
    neurons = np.array([[i], [j]])
    incoming = offset + neurons * inputs + np.arange(inputs)
    if network.biases[layer]:
        incoming = np.concatenate([incoming, offset + width * inputs + neurons], axis=1)
    outgoing = after + neurons + np.arange(outputs) * width
    return PairCoordinates(network, layer, (i, j), incoming, outgoing)


def _checked(network: Network, layer: Any, pair: Any) -> tuple[int, tuple[int, int]]:
    """Return layer and pair as integers, or raise."""
    try:
        number, (i, j) = operator.index(layer), (operator.index(neuron) for neuron in pair)
    except (TypeError, ValueError):
        msg = f"layer {layer!r} and pair {pair!r}: give a layer and two neurons, such as 0, (0, 2)"
        raise InvalidInputError(msg) from None
    if not 0 <= number < len(network.hidden):
        count = len(network.hidden)
        layers = "no hidden layer" if not count else f"hidden layers 0 to {count - 1}"
        msg = f"there is no hidden layer {number}: {network!r} has {layers}, counted from 0"
        raise InvalidInputError(msg)
    width = network.hidden[number]
    if i == j or not (0 <= i < width and 0 <= j < width):
        msg = (
            f"the pair is {i}, {j}: give two different neurons of layer {number}, which has "
            f"{width}, counted from 0"
        )
        raise InvalidInputError(msg)
    return number, (i, j)
