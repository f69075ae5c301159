"""From the layers of a multilayer perceptron of any framework to a `Network` with its theta."""

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from saddlescape.core import ACTIVATIONS, Activation, InvalidInputError, Network

Pair = tuple[Any, Any]  # weight of shape (outputs, inputs), bias or None

_PLACES = np.concatenate([np.linspace(-8, 8, 33), [-1e3, -50, 50, 1e3]])
_ULPS = 4096.0  # of a function's value: two ways to write it differ by less


def network_of(layers: Sequence[Pair], activations: Sequence[str | Activation]) -> tuple[Any, Any]:
    """Return network and theta of layers, each with its activation, the output's included.

    Raises:
        InvalidInputError: without layers, or when one does not take what the one before gives.
    """
    if not layers:
        msg = "the model has no linear layer: it is no multilayer perceptron"
        raise InvalidInputError(msg)
    arrays = [(np.asarray(w), None if b is None else np.asarray(b)) for w, b in layers]
    widths = [arrays[0][0].shape[1], *(weight.shape[0] for weight, _ in arrays)]
    for number, (weight, _) in enumerate(arrays):
        if weight.shape[1] != widths[number]:
            msg = (
                f"linear layer {number + 1} takes {weight.shape[1]} numbers, the one before it "
                f"gives {widths[number]}: something lies between, or the names are out of order"
            )
            raise InvalidInputError(msg)
    *hidden, output = activations
    biases = [bias is not None for _, bias in arrays]
    network = Network(widths, hidden, bias=biases, output=output)
    return network, network.flatten([(jnp.asarray(w), b) for w, b in arrays])


def activation_of(function: Callable[[Any], Any], where: str) -> str | Activation:
    """Return the name of a function of JAX, found by its values.

    Raises:
        InvalidInputError: when it is none of ours.
    """
    if isinstance(function, Activation):
        return function
    places = jnp.asarray(_PLACES, dtype=float)
    told = getattr(function, "__name__", type(function).__name__)
    try:
        values = np.asarray(function(places))
    except Exception:  # noqa: BLE001 - a function of the user, tried on a vector
        values = np.zeros(0)
    if values.shape == _PLACES.shape:
        eps = float(jnp.finfo(places.dtype).eps)
        for name, ours in ACTIVATIONS.items():
            expected = np.asarray(ours(places))
            if np.allclose(values, expected, rtol=_ULPS * eps, atol=eps):
                return name
    hint = ", which is approximated by default: use approximate=False" if told == "gelu" else ""
    msg = (
        f"{where} applies {told}{hint}: a network takes {', '.join(ACTIVATIONS)} or an "
        "Activation of your own"
    )
    raise InvalidInputError(msg)
