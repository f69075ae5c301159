"""Which neurons of a network may be merging: guesses, best first, to be judged at their limits."""

import itertools

import numpy as np

from saddlescape.core._jets import Merger, _slots
from saddlescape.core._network import Network

_APART = 0.75  # neurons farther apart than this share of their length are no pair
_OPPOSITE = 0.2  # |u| / |c| from which outgoing weights count as opposite
_PAIRS = 3  # of each layer that are considered
_SHARE = 0.02  # of the cluster's largest outgoing weight that a third neuron must have
_MOST = 8  # guesses per theta


def mergers(network: Network, theta: np.ndarray) -> list[Merger]:
    """Return guesses at what is merging in theta, the most likely first.

    Args:
        network: whose neurons they are.
        theta: shape (p,), NumPy.

    Returns:
        at most 8: the best pair of a layer, pairs of pairs, triples around the best pair.
    """
    guesses: list[tuple[float, Merger]] = []
    for layer, width in enumerate(network.hidden):
        if width < 2 or network.activations[layer].is_piecewise_linear:
            continue  # with g'' = 0 neurons merge at finite weights
        guesses += _in_layer(network, theta, layer)
    return [merger for _, merger in sorted(guesses, key=lambda guess: guess[0])][:_MOST]


def _in_layer(network: Network, theta: np.ndarray, layer: int) -> list[tuple[float, Merger]]:
    """Return guesses for one layer with their rank: the smaller, the likelier."""
    pairs = _pairs(network, theta, layer)[:_PAIRS]
    if not pairs:
        return []
    score, first, sign = pairs[0]
    signs = np.ones(network.hidden[layer], int)
    signs[first[1]] = sign
    rank = -np.log10(score)
    guesses = [(rank - 3, Merger(layer, (first,), tuple(signs.tolist())))]
    thirds = _thirds(network, theta, layer, first, signs)
    guesses += [
        (rank + 1 + number, Merger(layer, ((*first, third),), other))
        for number, (third, other) in enumerate(thirds)
    ]
    for number, (_, second, flip) in enumerate(pairs[1:]):
        # the second best alone: the best may be two equal neurons that cancel
        alone = np.ones_like(signs)
        alone[second[1]] = flip
        guesses.append((rank - 2 + number, Merger(layer, (second,), tuple(alone.tolist()))))
        if set(first) & set(second):
            continue
        both = signs.copy()
        both[second[1]] = flip
        guesses.append((rank + number, Merger(layer, (first, second), tuple(both.tolist()))))
        third = [(t, s) for t, s in thirds if t not in second]
        for neuron, turned in third[:1]:
            all_signs = np.array(turned)
            all_signs[second[1]] = flip
            clusters = ((*first, neuron), second)
            guesses.append((rank + 3 + number, Merger(layer, clusters, tuple(all_signs.tolist()))))
    return guesses


def _pairs(
    network: Network, theta: np.ndarray, layer: int
) -> list[tuple[float, tuple[int, int], int]]:
    """Return the pairs (score, neurons, sign) near enough to be merging, best first."""
    incoming, outgoing = _slots(network, theta, layer)
    tiny, found = np.finfo(float).tiny, []
    signs = (1, -1) if network.activations[layer].is_odd else (1,)
    for (i, j), sign in itertools.product(itertools.combinations(range(len(incoming)), 2), signs):
        mean = np.linalg.norm(incoming[i] + sign * incoming[j]) / 2 + tiny
        apart = np.linalg.norm(incoming[i] - sign * incoming[j]) / mean
        shared = np.linalg.norm(outgoing[i] + sign * outgoing[j]) + tiny
        opposite = np.linalg.norm(outgoing[i] - sign * outgoing[j]) / 2 / shared
        if apart < _APART and opposite > _OPPOSITE:
            size = np.linalg.norm(outgoing[i] - sign * outgoing[j])
            # Equal neurons may share any outgoing weights; what diverges is large as well.
            found.append((float(opposite / (apart + tiny) * size**2 + tiny), (i, j), sign))
    return sorted(found, key=lambda pair: -pair[0])


def _thirds(network, theta, layer, pair, signs) -> list[tuple[int, tuple[int, ...]]]:
    """Return neurons that may be the third of a cluster, with all signs, the nearest first."""
    incoming, outgoing = _slots(network, theta, layer)
    middle = (incoming[pair[0]] + signs[pair[1]] * incoming[pair[1]]) / 2
    largest = np.abs(outgoing[list(pair)]).max()
    found = []
    for third in sorted(set(range(len(incoming))) - set(pair)):
        for sign in (1, -1) if network.activations[layer].is_odd else (1,):
            apart = np.linalg.norm(sign * incoming[third] - middle) / np.linalg.norm(middle)
            if apart < _APART and np.abs(outgoing[third]).max() > _SHARE * largest:
                turned = signs.copy()
                turned[third] = sign
                found.append((apart, third, tuple(turned.tolist())))
    return [(third, turned) for _, third, turned in sorted(found)][:2]
