"""How many symmetries leave one theta where it is, and so how many copies of it there are."""

import math
from typing import NamedTuple

import numpy as np

from saddlescape.core import Network
from saddlescape.symmetry._automorphisms import Graph, Images, automorphisms
from saddlescape.symmetry._canonical import scores
from saddlescape.symmetry._group import order
from saddlescape.symmetry._inputs import Theta, as_row, require_network, require_tolerance
from saddlescape.symmetry._layers import HostLayer, normalize, split

# Values are equal when they differ by less than this many roundings of the largest parameter:
# a critical point is a sum of a few dozen rounded terms away from its exact place.
_ROUNDINGS = 256


def stabilizer_order(network: Network, theta: Theta, tolerance: float | None = None) -> int:
    """Return the exact number of permutations and sign flips that leave theta where it is.

    Args:
        network: the network theta belongs to.
        theta: parameters, shape (p,).
        tolerance: parameters closer than this are equal; 256 roundings of the largest unless told.
            For homogeneous activations it applies after incoming weights are scaled to norm 1.

    Returns:
        an integer that divides `order`: 1 for a generic theta, m! for m equal neurons (equal
        incoming weights, bias and outgoing weights), m! 2^m for m dead neurons of an odd
        activation; symmetries that need several layers at once are counted too.

    Raises:
        InvalidInputError: when theta does not hold finite real numbers, or tolerance is no size.
        ShapeMismatchError: when theta does not have p entries.

    Example:
        >>> network = Network((1, 3, 1), "tanh", bias=False)
        >>> stabilizer_order(network, np.array([1.0, 1.0, 2.0, 5.0, 5.0, 5.0]))
        2
        >>> stabilizer_order(network, np.zeros(6))
        48
    """
    require_network(network)
    require_tolerance(tolerance)
    row = as_row(network, theta)
    return fixing(network, row, rounding(theta) if tolerance is None else tolerance).order


def copies(network: Network, theta: Theta, tolerance: float | None = None) -> int:
    """Return how many different points permutations and sign flips make of theta.

    Args:
        network: the network theta belongs to.
        theta: parameters, shape (p,).
        tolerance: as in `stabilizer_order`.

    Returns:
        the size of the orbit, ``order // stabilizer_order``, an exact integer.

    Raises:
        InvalidInputError: when theta does not hold finite real numbers, or tolerance is no size.
        ShapeMismatchError: when theta does not have p entries.

    Example:
        >>> network = Network((1, 3, 1), "sigmoid", bias=False)
        >>> copies(network, np.array([1.0, 1.0, 2.0, 5.0, 5.0, 5.0]))
        3
    """
    return order(network) // stabilizer_order(network, theta, tolerance)


def rounding(theta) -> float:
    """Return the size below which differences of theta's entries are noise."""
    theta = np.asarray(theta)
    return _ROUNDINGS * precision(theta) * float(np.max(np.abs(theta), initial=0))


def precision(theta: np.ndarray) -> float:
    """Return the rounding unit of the numbers theta came in."""
    return float(np.finfo(theta.dtype if theta.dtype.kind == "f" else np.float64).eps)


def is_surely_free(network: Network, rows: np.ndarray, tolerance: np.ndarray) -> np.ndarray:
    """Return for each row whether invariants alone show that only the identity keeps it."""
    free = np.ones(len(rows), dtype=bool)
    layers, _ = normalize(network, split(network, rows))
    smallest = np.min([np.sqrt(np.mean(layer.weight**2, axis=(1, 2))) for layer in layers], axis=0)
    # A change of theta changes scores by about its size relative to the weights; with a wide
    # margin, and not below half of the digits: closer scores go to the exact count.
    relative = np.divide(tolerance, smallest, out=np.full(len(rows), np.inf), where=smallest > 0)
    margin = np.sqrt(np.finfo(np.float64).eps) + 64 * np.sqrt(rows.shape[1]) * relative
    for number, score in enumerate(scores(network, rows)):
        noise = margin * np.maximum(np.abs(score).max(axis=1, initial=0), 1)
        if network.activations[number].is_odd:
            free &= np.abs(score).min(axis=1) > noise
        values = np.sort(np.abs(score) if network.activations[number].is_odd else score, axis=1)
        free &= np.diff(values, axis=1).min(axis=1, initial=np.inf) > noise
    return free


def _alike(values: np.ndarray, tolerance: float) -> np.ndarray:
    """Return signed integers, equal where values are; values chained by tolerance are equal."""
    flat = np.abs(values).ravel()
    ascending = np.argsort(flat)
    jumps = np.diff(flat[ascending], prepend=0.0) > tolerance
    numbers = np.empty(flat.shape, dtype=np.int64)
    numbers[ascending] = np.cumsum(jumps)
    return (numbers * np.sign(values).ravel().astype(np.int64)).reshape(values.shape)


def _with_first_sign(neurons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return neurons with signs that make each one's first number positive, and those signs."""
    first = np.argmax(neurons != 0, axis=1)
    signs = np.sign(np.take_along_axis(neurons, first[:, None], axis=1))[:, 0]
    return neurons * signs[:, None], np.where(signs == 0, 1, signs)


class Groups(NamedTuple):
    """A layer's neurons, those that are alike together.

    ``alive`` holds the neurons of each group that has a weight, ``dead`` those without any, and
    ``signs`` (h,) relates neurons that are alike up to sign.
    """

    alive: list[np.ndarray]
    dead: np.ndarray
    signs: np.ndarray

    @staticmethod
    def of(columns: list[np.ndarray], can_flip: bool) -> "Groups":
        """Return the groups of neurons whose rows of integer weights are equal."""
        neurons = np.concatenate(columns, axis=1)
        signs = np.ones(len(neurons), dtype=np.int64)
        if can_flip:
            neurons, signs = _with_first_sign(neurons)
        kinds, group = np.unique(neurons, axis=0, return_inverse=True)
        members = [np.flatnonzero(group.ravel() == number) for number in range(len(kinds))]
        alive = [places for kind, places in zip(kinds, members, strict=True) if kind.any()]
        dead = [places for kind, places in zip(kinds, members, strict=True) if not kind.any()]
        return Groups(alive, np.concatenate([np.zeros(0, dtype=np.int64), *dead]), signs)


class Fixing(NamedTuple):
    """What leaves one theta where it is: groups of neurons in each layer, and what joins layers.

    Exchanging equal neurons within their groups is the kernel of the stabilizer's action on the
    groups; one neuron of each group, marked with the group's size, stands for it in what is left.
    """

    flips: list[bool]
    groups: list[Groups]
    joint: list[list[Images]]

    @property
    def order(self) -> int:
        """How many elements there are."""
        total = math.prod(1 + len(transversal) for transversal in self.joint)
        for can_flip, layer in zip(self.flips, self.groups, strict=True):
            sizes = [len(group) for group in [*layer.alive, layer.dead]]
            total *= math.prod(map(math.factorial, sizes)) * 2 ** (len(layer.dead) * can_flip)
        return total


def alike_layers(network: Network, row: np.ndarray, tolerance: float) -> list[HostLayer]:
    """Return the layers of a point (1, p) with whole numbers that are equal where weights are."""
    layers, _ = normalize(network, split(network, row))
    return [
        HostLayer(
            _alike(layer.weight, tolerance),
            None if layer.bias is None else _alike(layer.bias, tolerance),
        )
        for layer in layers
    ]


def fixing(network: Network, row: np.ndarray, tolerance: float) -> Fixing:
    """Return what leaves a point (1, p) where it is, scales aside."""
    if not network.hidden or is_surely_free(network, row, np.array([tolerance]))[0]:
        return Fixing([], [], [])
    layers = alike_layers(network, row, tolerance)
    weights = [layer.weight[0].astype(np.int64) for layer in layers]
    biases = [None if x.bias is None else x.bias[0].astype(np.int64) for x in layers[:-1]]
    flips = [activation.is_odd for activation in network.activations[:-1]]
    groups = []
    for number, can_flip in enumerate(flips):
        bias = biases[number]
        columns = [weights[number], weights[number + 1].T]
        columns += [] if bias is None else [bias[:, None]]
        groups.append(Groups.of(columns, can_flip))
    # Dead neurons touch nothing: they can be left out.
    first = [np.array([g[0] for g in layer.alive], dtype=np.int64) for layer in groups]
    ends = [np.arange(weights[0].shape[1]), *first, np.arange(weights[-1].shape[0])]
    reduced = [w[np.ix_(ends[i + 1], ends[i])] for i, w in enumerate(weights)]
    marks = []
    for bias, layer, kept in zip(biases, groups, first, strict=True):
        sizes = np.array([len(group) for group in layer.alive], dtype=np.int64)
        marks.append(sizes if bias is None else np.stack([sizes, bias[kept]]))
    return Fixing(flips, groups, automorphisms(Graph.of(reduced, marks, flips)))
