"""Neurons split into several, and several joined into one, without a change of the function."""

import dataclasses
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from saddlescape.core import InvalidInputError, Network, ShapeMismatchError
from saddlescape.symmetry._inputs import as_rows
from saddlescape.symmetry._layers import HostLayer, join
from saddlescape.symmetry._layers import split as split_layers
from saddlescape.symmetry._stabilizer import rounding

Theta = Float[np.ndarray | Array, " p"]
Positions = Sequence[int] | Int[np.ndarray | Array, " _"]
Shares = Sequence[float] | Float[np.ndarray | Array, " _"]


@dataclasses.dataclass(frozen=True, eq=False)
class Resized:
    """The parameters of a network after one of its hidden layers became wider or narrower.

    Args:
        network: the new network.
        theta: its parameters, shape (p,); the function is the old one.
        positions: which neuron of the narrower layer each neuron of the wider one stands for, -1
            for a neuron with outgoing weights zero, shape (h,).
    """

    network: Network
    theta: Float[Array, " p"]
    positions: Int[np.ndarray, " h"]


def split(
    network: Network,
    theta: Theta,
    layer: int,
    positions: Positions,
    *,
    shares: Shares | None = None,
    incoming: Float[np.ndarray | Array, "z i"] | None = None,
) -> Resized:
    """Return a wider network of the same function, in which neurons stand for narrower ones.

    From a critical point of the narrower network it makes one of the wider network, wherever the
    loss depends on the outputs alone: each gradient is a share of a narrower one, which vanishes.

    Args:
        network: the narrower network.
        theta: its parameters, shape (p,).
        layer: which hidden layer, from 0.
        positions: for each wide neuron the narrow neuron it copies, each at least once; -1 for a
            neuron with outgoing weights zero.
        shares: each wide neuron's share of the outgoing weights, with sum 1 over the copies of
            each; any sign; equal unless told. Those of neurons with outgoing weights zero are not
            read.
        incoming: incoming weights of the neurons at -1, with the bias last where there is one;
            zero unless told.

    Returns:
        the wider network and its parameters.

    Raises:
        ShapeMismatchError: when theta, shares or incoming weights do not fit.
        InvalidInputError: for a layer, positions or shares that are none.

    Notes:
        A neuron with outgoing weights zero leaves the function as it is but is critical only if its
        activity is orthogonal to the error signals of the next layer, or else its outgoing weights
        want to move. That holds for incoming weights equal to another neuron's; for zero incoming
        weights where the activation vanishes at 0 or the next layer has a bias; at zero loss for
        all; and not in general. Weight decay spoils it: its gradient is not shared out.

    References:
        Fukumizu & Amari (2000), Neural Networks 13; Simsek et al. (2021), arXiv:2105.12221.

    Example:
        >>> network = Network((1, 2, 1), "sigmoid", bias=False)
        >>> wide = split(network, np.array([1.0, 2.0, 5.0, 6.0]), 0, [0, 1, 0])
        >>> wide.network.widths, wide.theta.tolist()
        ((1, 3, 1), [1.0, 2.0, 1.0, 2.5, 6.0, 2.5])
    """
    layers = split_layers(network, as_rows(network, theta)[:1])
    places = checked_positions(network, layer, positions)
    weights = _checked_shares(places, shares)
    own, after = layers[layer], layers[layer + 1]
    width = own.incoming.shape[2]
    rows = np.where(places[:, None] >= 0, own.incoming[0][places], 0.0)
    spare = int((places < 0).sum())
    if incoming is not None:
        given = np.asarray(incoming, dtype=np.float64)
        if given.shape != (spare, width):
            msg = (
                f"incoming weights have shape {given.shape}, wanted ({spare}, {width}): one row "
                "for each neuron at -1, its bias last where there is one"
            )
            raise ShapeMismatchError(msg)
        rows[places < 0] = given
    outgoing = np.where(places >= 0, after.weight[0][:, places] * weights, 0.0)
    wide, flat = rebuilt(network, layers, layer, rows[None], outgoing[None])
    return Resized(wide, jnp.asarray(flat[0]), places)


def collapse(
    network: Network, theta: Theta, layer: int, *, tolerance: float | None = None
) -> Resized:
    """Return a narrower network of the same function: equal neurons joined, idle ones dropped.

    Neurons with equal incoming weights (bias included) become one, with the sum of their outgoing
    weights; what then has outgoing weights zero is dropped. It undoes `split`.

    Args:
        network: the wider network.
        theta: its parameters, shape (p,).
        layer: which hidden layer, from 0; of several layers, collapse the lower one first.
        tolerance: numbers closer than this are equal; 256 roundings of the largest unless told.

    Returns:
        the narrower network and its parameters, neurons in the order of their first copies; one
        neuron stays where all are idle.

    Raises:
        ShapeMismatchError: when theta does not have p entries.
        InvalidInputError: for a layer that is none.

    Example:
        >>> network = Network((1, 3, 1), "sigmoid", bias=False)
        >>> narrow = collapse(network, np.array([1.0, 2.0, 1.0, 3.0, 6.0, 2.0]), 0)
        >>> narrow.theta.tolist(), narrow.positions.tolist()
        ([1.0, 2.0, 5.0, 6.0], [0, 1, 0])
    """
    layers = split_layers(network, as_rows(network, theta)[:1])
    _check_layer(network, layer)
    tolerance = rounding(theta) if tolerance is None else tolerance
    incoming, weight = layers[layer].incoming[0], layers[layer + 1].weight[0]
    firsts: list[int] = []
    groups = np.zeros(len(incoming), dtype=np.int64)
    for neuron, row in enumerate(incoming):
        distances = np.abs(incoming[firsts] - row).max(axis=1, initial=0)
        near = np.flatnonzero(distances <= tolerance)
        groups[neuron] = near[0] if len(near) else len(firsts)
        firsts += [] if len(near) else [neuron]
    sums = np.stack([weight[:, groups == g].sum(axis=1) for g in range(len(firsts))], axis=1)
    alive = np.abs(sums).max(axis=0) > tolerance
    alive[0] |= not alive.any()
    numbers = np.where(alive, np.cumsum(alive) - 1, -1)
    kept = incoming[firsts][alive]
    narrow, flat = rebuilt(network, layers, layer, kept[None], sums[None, :, alive])
    return Resized(narrow, jnp.asarray(flat[0]), numbers[groups])


def checked_positions(network: Network, layer: int, positions: Positions) -> np.ndarray:
    """Return the positions as integers.

    Raises:
        InvalidInputError: when they do not cover the layer.
    """
    _check_layer(network, layer)
    width = network.hidden[layer]
    places = np.asarray(positions)
    is_whole = places.ndim == 1 and places.dtype.kind in "iu"
    if not is_whole or not set(range(width)) <= set(places.tolist()) <= set(range(-1, width)):
        msg = (
            f"positions are {places.tolist()}: give whole numbers, each of 0 to {width - 1} at "
            "least once, and -1 for a neuron with outgoing weights zero"
        )
        raise InvalidInputError(msg)
    return places.astype(np.int64)


def _check_layer(network: Network, layer: int) -> None:
    """Raise unless the network has that hidden layer.

    Raises:
        InvalidInputError: when it has not.
    """
    if not 0 <= layer < len(network.hidden):
        msg = f"layer {layer} of {network!r}: give one of its {len(network.hidden)} hidden layers"
        raise InvalidInputError(msg)


def _checked_shares(places: np.ndarray, shares: Shares | None) -> np.ndarray:
    """Return each neuron's share.

    Raises:
        ShapeMismatchError: when there is not one for each neuron.
        InvalidInputError: when those of the copies of a neuron do not sum to 1.
    """
    if shares is None:
        return 1.0 / np.bincount(np.maximum(places, 0), places >= 0)[places]
    given = np.asarray(shares, dtype=np.float64)
    if given.shape != places.shape:
        msg = f"shares have shape {given.shape}, wanted {places.shape}: one for each neuron"
        raise ShapeMismatchError(msg)
    kept = places >= 0
    sums = np.bincount(places[kept], given[kept])
    # As many roundings as terms, of their sizes; shares drawn and normalized are that close.
    sizes = np.bincount(places[kept], np.abs(given[kept])) * len(given)
    off = ~(np.abs(sums - 1) <= np.finfo(np.float64).eps * sizes)
    if off.any():
        place = int(np.flatnonzero(off)[0])
        msg = f"the shares of neuron {place} sum to {sums[place]}: divide them by their sum"
        raise InvalidInputError(msg)
    return given


def rebuilt(
    network: Network,
    layers: list[HostLayer],
    layer: int,
    incoming: np.ndarray,
    outgoing: np.ndarray,
) -> tuple[Network, np.ndarray]:
    """Return the network with another width of a hidden layer, and m points of it as rows.

    What surrounds the layer is that of the one network in `layers`; the layer has incoming weights
    (m, h, i), biases last, and outgoing weights (m, j, h).
    """
    widths = list(network.widths)
    widths[layer + 1] = incoming.shape[1]
    *inner, output = network.activations
    resized = Network(widths, inner, bias=network.biases, output=output)
    times = len(incoming)
    changed = [
        HostLayer(
            other.weight.repeat(times, axis=0),
            None if other.bias is None else other.bias.repeat(times, axis=0),
        )
        for other in layers
    ]
    has_bias = layers[layer].bias is not None
    changed[layer] = (
        HostLayer(incoming[:, :, :-1], incoming[:, :, -1])
        if has_bias
        else HostLayer(incoming, None)
    )
    changed[layer + 1] = changed[layer + 1]._replace(weight=outgoing)
    return resized, join(changed)
