"""What it can mean that parameters run to infinity, and which of it a direction shows."""

import enum

import jax.numpy as jnp
import numpy as np

from saddlescape.core._activations import Activation
from saddlescape.core._channels import neurons_of
from saddlescape.core._jets import _slots
from saddlescape.core._network import Network

_FAR = 40.0  # exp(-40) is below eps: a saturating activation has saturated
_MAIN = 0.5  # share of the direction's squared length that one neuron must carry


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
    Runaway.SATURATED: "a bias or an outgoing weight grows without bound, as between classes that "
    "can be separated",
}


def name_runaway(
    network: Network, theta: np.ndarray, direction: np.ndarray
) -> tuple[Runaway, tuple[tuple[int, int], ...]]:
    """Return what the direction of a runaway shows, and the neurons that carry it.

    Args:
        network: whose parameters run.
        theta: where they are.
        direction: where they run, a unit vector, or zeros where that is not known.

    Returns:
        the kind of runaway, and pairs (hidden layer, neuron), the strongest first.
    """
    if not np.any(direction) or not network.hidden:
        return Runaway.UNKNOWN, ()
    neurons = neurons_of(network, direction)
    layer, neuron = neurons[0]
    g = network.activations[layer]
    incoming, outgoing = _slots(network, theta, layer)
    moves, pulls = _slots(network, direction, layer)
    w, a, dw, da = incoming[neuron], outgoing[neuron], moves[neuron], pulls[neuron]
    own = float(dw @ dw + da @ da)
    if own < _MAIN:
        return (Runaway.SATURATED if np.linalg.norm(direction) else Runaway.UNKNOWN), neurons
    if dw @ dw < da @ da:
        vanishing = network.activations[layer].is_odd and w @ dw <= 0
        small = np.linalg.norm(w) < np.linalg.norm(a) / 10
        return (Runaway.LINEAR if vanishing and small else Runaway.SATURATED), neurons
    if dw @ w <= 0:
        return Runaway.UNKNOWN, neurons
    if network.biases[layer] and dw[-1] ** 2 > _MAIN * (dw @ dw):
        return Runaway.SATURATED, neurons
    return (Runaway.STEP if _saturates(g) else Runaway.RELU), neurons


def _saturates(g: Activation) -> bool:
    """Return whether the activation is constant far out on both sides."""
    ends = jnp.asarray([-2 * _FAR, -_FAR, _FAR, 2 * _FAR])
    values = np.asarray(g(ends))
    return bool(values[0] == values[1] and values[2] == values[3])
