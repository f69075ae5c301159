"""Channels to infinity: two neurons grow equal while their outgoing weights run to +- infinity.

Write the pair as w_i = w + e/2, w_j = w - e/2 (incoming, bias included) and a_i = c/2 + u,
a_j = c/2 - u (outgoing). Along the curve (t e, u/t), t -> 0, the pair tends to the finite function
c g(z) + u (e.x) g'(z) with z = w.x. Near the end the valley is curved and so flat that descent
crawls (the loss changes by 1e-9 in a thousand steps), so a suspect is judged at the end itself:
Newton's method on the limit function finds its critical point in a few steps, and the channel is
real if the loss falls towards it.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from saddlescape.core._network import Layer, Network

_APART = 0.5  # neurons farther apart than this share of their length are no pair
_OPPOSITE = 0.4  # |u| / |c| from which the outgoing weights count as opposite

Theta = Float[Array, " p"]
Scalar = Float[Array, ""]
Layers = tuple[Layer, ...]


class Pair(NamedTuple):
    """Two neurons of a hidden layer; `sign` is -1 where an odd activation makes -w_j equal w_i."""

    first: Int[Array, ""]
    second: Int[Array, ""]
    sign: Float[Array, ""]


def suspect(network: Network, layers: Layers, number: int) -> tuple[Pair, Bool[Array, ""]]:
    """Return the pair of a layer most like a channel, and whether it is near enough to one.

    Args:
        network: whose neurons are paired.
        layers: its parameters.
        number: the hidden layer, from 0.

    Returns:
        the pair with the largest |u| / (|c| |e|), and whether |e|, |c| are small beside |w|, |u|.
    """
    incoming, outgoing = incoming_weights(layers[number]), layers[number + 1].weight
    i, j = np.triu_indices(incoming.shape[0], 1)
    signs = (1.0, -1.0) if network.activations[number].is_odd else (1.0,)
    tiny = jnp.finfo(incoming.dtype).tiny
    aparts, opposites = [], []
    for sign in signs:
        apart = _lengths(incoming[i] - sign * incoming[j])
        apart /= _lengths(incoming[i] + sign * incoming[j]) / 2 + tiny
        shared = _lengths((outgoing[:, i] + sign * outgoing[:, j]).T)
        aparts.append(apart)
        opposites.append(_lengths((outgoing[:, i] - sign * outgoing[:, j]).T) / 2 / (shared + tiny))
    apart, opposite = jnp.concatenate(aparts), jnp.concatenate(opposites)
    best = jnp.argmax(opposite / (apart + tiny))
    sign = jnp.asarray(signs, incoming.dtype)[best // len(i)]
    pair = Pair(jnp.asarray(i)[best % len(i)], jnp.asarray(j)[best % len(i)], sign)
    return pair, (apart[best] < _APART) & (opposite[best] > _OPPOSITE)


def to_limit(network: Network, layers: Layers, number: int, pair: Pair) -> Theta:
    """Return the limit coordinates of theta: neuron i holds (w, c), neuron j holds (e, u).

    The scale that e and u share is chosen so that both are of one length.
    """
    incoming, outgoing = incoming_weights(layers[number]), layers[number + 1].weight.T
    i, j, sign = pair
    e, u = incoming[i] - sign * incoming[j], (outgoing[i] - sign * outgoing[j]) / 2
    scale = jnp.sqrt(jnp.linalg.norm(u) / jnp.linalg.norm(e))
    rows = ((incoming[i] + sign * incoming[j]) / 2, e * scale)
    columns = (outgoing[i] + sign * outgoing[j], u / scale)
    return _with_pair(network, layers, number, pair, rows, columns)


def from_limit(network: Network, layers: Layers, number: int, pair: Pair, t: Scalar) -> Theta:
    """Return the finite theta at position t of the channel that ends at these limit coordinates."""
    incoming, outgoing = incoming_weights(layers[number]), layers[number + 1].weight.T
    i, j, sign = pair
    w, e, c, u = incoming[i], t * incoming[j], outgoing[i], outgoing[j] / t
    rows = (w + e / 2, sign * (w - e / 2))
    columns = (c / 2 + u, sign * (c / 2 - u))
    return _with_pair(network, layers, number, pair, rows, columns)


def incoming_weights(layer: Layer) -> Float[Array, "j i"]:
    """Return a layer's weights with the biases as a last column."""
    if layer.bias is None:
        return layer.weight
    return jnp.concatenate([layer.weight, layer.bias[:, None]], axis=1)


def _with_pair(network, layers, number: int, pair: Pair, rows, columns) -> Theta:
    """Return theta with the pair's incoming (rows) and outgoing weights (columns) replaced."""
    layer, above = layers[number], layers[number + 1]
    incoming, outgoing = incoming_weights(layer), above.weight.T
    for neuron, row, column in zip(pair[:2], rows, columns, strict=True):
        incoming = incoming.at[neuron].set(row)
        outgoing = outgoing.at[neuron].set(column)
    changed = list(layers)
    changed[number] = (
        Layer(incoming, None) if layer.bias is None else Layer(incoming[:, :-1], incoming[:, -1])
    )
    changed[number + 1] = Layer(outgoing.T, above.bias)
    return network.flatten(changed)


def _lengths(rows: Float[Array, "m k"]) -> Float[Array, " m"]:
    return jnp.sqrt(jnp.sum(rows * rows, axis=1))


def neurons_of(network: Network, direction: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Return the neurons (hidden layer, number) that carry a direction, the strongest first.

    A neuron is named when it holds at least a tenth of the largest neuron's share of the squared
    length, counting its incoming and outgoing weights.

    Args:
        network: whose neurons are named.
        direction: a vector in theta, shape (p,).

    Returns:
        pairs (layer, neuron), both counted from 0; empty for a zero direction.

    Example:
        >>> network = Network((1, 3, 1), bias=False)
        >>> neurons_of(network, np.array([0, 0, 0, 3.0, -3.0, 0]))
        ((0, 0), (0, 1))
    """
    layers = network.unflatten(jnp.asarray(direction))
    shares = {}
    for number, width in enumerate(network.hidden):
        own = jnp.sum(incoming_weights(layers[number]) ** 2, axis=1)
        own = np.asarray(own + jnp.sum(layers[number + 1].weight ** 2, axis=0))
        shares |= {(number, neuron): float(own[neuron]) for neuron in range(width)}
    largest = max(shares.values(), default=0.0)
    named = [neuron for neuron, share in shares.items() if share >= 0.1 * largest > 0]
    return tuple(sorted(named, key=lambda neuron: -shares[neuron]))
