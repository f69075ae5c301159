"""What it can mean that parameters run to infinity, and which of it a direction shows."""

import enum
from collections.abc import Iterator
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from saddlescape.core._activations import Activation
from saddlescape.core._channels import neurons_of
from saddlescape.core._jets import _slots, _with_layer
from saddlescape.core._network import Network

_FAR = 40.0  # exp(-40) is below eps: a saturating activation has saturated
_MOST_NEURONS = 2  # of those that carry the direction
_STRETCHES = (1.0, 2.0, 4.0, 8.0, 16.0)  # factors of a neuron's weights along a curve
_STRIDES = (0.0, 0.1, 0.3, 1.0, 3.0)  # along the ray, in units of 1 + |theta|


class Runaway(enum.IntEnum):
    """What becomes of neurons whose parameters run to infinity.

    Example:
        >>> Runaway.DERIVATIVE.meaning
        'two neurons grow equal and become one and its derivative'
    """

    UNKNOWN = 0
    DERIVATIVE = 1
    SECOND_DERIVATIVE = 2
    SEVERAL = 3
    STEP = 4
    RELU = 5
    LINEAR = 6
    SATURATED = 7

    @property
    def label(self) -> str:
        """The name in words."""
        return self.name.lower().replace("_", " ")

    @property
    def meaning(self) -> str:
        """What happens."""
        return _MEANING[self]


_MEANING = {
    Runaway.UNKNOWN: "parameters grow, the limit is not known",
    Runaway.DERIVATIVE: "two neurons grow equal and become one and its derivative",
    Runaway.SECOND_DERIVATIVE: "three neurons grow equal and become one and two derivatives of it",
    Runaway.SEVERAL: "several clusters of neurons merge, each to a neuron and its derivatives",
    Runaway.STEP: "a neuron's incoming weights grow: its activation becomes a step",
    Runaway.RELU: "a neuron's incoming weights grow and its outgoing ones vanish: a ReLU is left",
    Runaway.LINEAR: "a neuron's incoming weights vanish and its outgoing ones grow: it is linear",
    Runaway.SATURATED: "parameters grow along a straight ray, as between classes that can be "
    "separated",
}


class Curve(NamedTuple):
    """Finite thetas on the way to a limit, if the loss falls along them."""

    runaway: Runaway
    neurons: tuple[tuple[int, int], ...]
    distances: tuple[float, ...]
    thetas: np.ndarray


def curves(network: Network, theta: np.ndarray, direction: np.ndarray) -> Iterator[Curve]:
    """Return curves to infinity that start at theta, the most telling first.

    Args:
        network: whose parameters run.
        theta: where they are.
        direction: where they run, a unit vector, or zeros where that is not known.

    Yields:
        for the neuron that carries most of the direction: its activation turned into a step, a
        ReLU or a line, as far as it can be; then the straight ray.
    """
    neurons = neurons_of(network, direction) if network.hidden else ()
    for layer, neuron in neurons[:_MOST_NEURONS]:
        g = network.activations[layer]
        ways = [(Runaway.STEP, 1, 0)] if _saturates(g) else [(Runaway.RELU, 1, -1)]
        ways += [(Runaway.LINEAR, -1, 1)] if g.is_odd else []
        for runaway, inward, outward in ways:
            thetas = [
                scaled(network, theta, (layer, neuron), s**inward, s**outward) for s in _STRETCHES
            ]
            yield Curve(runaway, ((layer, neuron),), _STRETCHES, np.stack(thetas))
    ray = theta + np.outer(_STRIDES, direction) * (1 + np.linalg.norm(theta))
    yield Curve(Runaway.SATURATED, neurons, _STRIDES, ray)


def scaled(
    network: Network, theta: np.ndarray, neuron: tuple[int, int], inward: float, outward: float
) -> np.ndarray:
    """Return theta with a neuron's incoming and outgoing weights multiplied."""
    layer, number = neuron
    incoming, outgoing = _slots(network, theta, layer)
    incoming[number] *= inward
    outgoing[number] *= outward
    return _with_layer(network, theta, layer, incoming, outgoing)


def _saturates(g: Activation) -> bool:
    """Return whether the activation is constant far out on both sides."""
    ends = jnp.asarray([-2 * _FAR, -_FAR, _FAR, 2 * _FAR])
    values = np.asarray(g(ends))
    return bool(np.abs(np.diff(values)[[0, 2]]).max() <= np.finfo(float).eps)
