"""Neurons that merge while their outgoing weights diverge, and the jets they become.

K neurons near one another lie on a curve w(s) = w + s e_1 + s^2 e_2 + ... of incoming weights (bias
included), at places s_1 ... s_K. With outgoing weights a_j their sum is, for s -> 0 and
c_m = sum_j a_j s_j^m held fixed,

    sum_m c_m D_m,   D_m = the coefficient of s^m in g(w(s).x),

which is c_0 g(z) + c_1 z_1 g'(z) for a pair, and c_2 (z_2 g'(z) + z_1^2 g''(z) / 2) more for a
triple, z = w.x and z_m = e_m.x. The curve may be run through at another pace: that leaves the
function and takes K - 1 coordinates away. They are fixed on the output that carries most of
c_(K-1): there c_(K-1) = +-1 and c_1 = ... = c_(K-2) = 0. With one output a pair is thus
c g(z) + (v.x) g'(z), a triple c g(z) + (v.x) g'(z) +- (q.x)^2 g''(z) / 2.
"""

import dataclasses

import numpy as np

from saddlescape.core._network import Network


@dataclasses.dataclass(frozen=True)
class Merger:
    """Which neurons of one hidden layer merge: disjoint clusters of their numbers, from 0."""

    layer: int
    clusters: tuple[tuple[int, ...], ...]
    signs: tuple[int, ...]
    """One per neuron of the layer; -1 where an odd activation is used upside down."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many neurons each cluster has."""
        return tuple(map(len, self.clusters))

    @property
    def order(self) -> np.ndarray:
        """The neurons of the layer, the clusters first."""
        merged = [neuron for cluster in self.clusters for neuron in cluster]
        return np.array(merged + [n for n in range(len(self.signs)) if n not in merged])


def to_jets(
    network: Network, theta: np.ndarray, merger: Merger
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return theta in limit coordinates, and which of them are free; None where that fails.

    The layout is theta's own with the neurons in the merger's order: slot m of a cluster holds
    e_m (w first) and c_m.
    """
    incoming, outgoing = _layer(network, theta, merger)
    free = [np.ones_like(incoming, bool), np.ones_like(outgoing, bool)]
    first = 0
    for size in merger.sizes:
        slots = slice(first, first + size)
        jet = _jet(incoming[slots], outgoing[slots])
        if jet is None:
            return None
        incoming[slots], outgoing[slots], pivot = jet
        free[1][first + 1 : first + size, pivot] = False
        first += size
    everything = _with_layer(network, np.ones(theta.size, bool), merger.layer, *free)
    return _with_layer(network, theta, merger.layer, incoming, outgoing), np.flatnonzero(everything)


def from_jets(network: Network, limit: np.ndarray, merger: Merger, t: float) -> np.ndarray:
    """Return the finite theta at distance t from the limit, its neurons in their own order.

    The distance is the spread of a cluster's incoming weights relative to their mean's length.
    """
    incoming, outgoing = _slots(network, limit, merger.layer)
    first = 0
    for size in merger.sizes:
        slots = slice(first, first + size)
        w, e = incoming[slots], outgoing[slots]
        lengths = np.linalg.norm(w, axis=1)
        pace = t * lengths[0] / max(lengths[1], np.finfo(float).tiny)
        places = pace * np.linspace(-0.5, 0.5, size)
        powers = np.vander(places, size, increasing=True)
        incoming[slots] = powers @ w
        outgoing[slots] = np.linalg.solve(powers.T, e)
        first += size
    signs = np.array(merger.signs)[:, None]
    ours, theirs = np.empty_like(incoming), np.empty_like(outgoing)
    ours[merger.order], theirs[merger.order] = incoming, outgoing
    return _with_layer(network, limit, merger.layer, ours * signs, theirs * signs)


def _jet(incoming: np.ndarray, outgoing: np.ndarray) -> tuple[np.ndarray, np.ndarray, int] | None:
    """Return the e_m, the c_m and the pivot output of some neurons; None where they coincide."""
    size = len(incoming)
    offsets = incoming - incoming.mean(axis=0)
    axis = np.linalg.svd(offsets)[2][0]
    places = offsets @ axis
    if size == 2:
        places = np.array([0.5, -0.5])
    spread = np.ptp(places)
    if not spread > 0:
        return None
    powers = np.vander(places / spread, size, increasing=True)
    with np.errstate(all="ignore"):
        if not np.linalg.cond(powers) < 1 / np.sqrt(np.finfo(float).eps):
            return None
    curve, weights = np.linalg.solve(powers, incoming), powers.T @ outgoing
    pivot = int(np.argmax(np.abs(weights[-1])))
    if weights[-1, pivot] == 0:
        return None
    # s -> scale * s makes the last weight +-1 there (1 where the power is odd).
    last = weights[-1, pivot]
    scale = abs(last) ** (1 / (size - 1))
    if (size - 1) % 2:
        scale *= np.sign(last)
    scales = scale ** np.arange(size)
    curve, weights = curve * scales[:, None], weights / scales[:, None]
    if size == 3:  # s -> s + shift s^2 takes c_1 away
        shift = weights[1, pivot] / weights[2, pivot]
        weights[1] -= shift * weights[2]
        curve[2] += shift * curve[1]
    return curve, weights, pivot


def _layer(network: Network, theta: np.ndarray, merger: Merger) -> tuple[np.ndarray, np.ndarray]:
    """Return the incoming and outgoing weights of the merger's layer, clusters first."""
    incoming, outgoing = _slots(network, theta, merger.layer)
    signs = np.array(merger.signs)[:, None]
    return (incoming * signs)[merger.order], (outgoing * signs)[merger.order]


def _slots(network: Network, theta: np.ndarray, layer: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of incoming (bias last) and of outgoing weights, one row per neuron."""
    weight, bias = _parts(network, theta, layer)
    incoming = weight if bias is None else np.column_stack([weight, bias])
    return incoming.copy(), _parts(network, theta, layer + 1)[0].T.copy()


def _with_layer(
    network: Network, theta: np.ndarray, layer: int, incoming: np.ndarray, outgoing: np.ndarray
) -> np.ndarray:
    """Return theta with other incoming and outgoing weights of a layer."""
    changed = theta.copy()
    weight, bias = _parts(network, changed, layer)
    weight[:] = incoming[:, : weight.shape[1]]
    if bias is not None:
        bias[:] = incoming[:, -1]
    _parts(network, changed, layer + 1)[0][:] = outgoing.T
    return changed


def _parts(network: Network, theta: np.ndarray, layer: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Return views of the weights and biases of a layer."""
    (rows, columns), start = network.shapes[layer], network.offsets[layer]
    end = start + rows * columns
    bias = theta[end : end + rows] if network.biases[layer] else None
    return theta[start:end].reshape(rows, columns), bias
