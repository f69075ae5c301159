"""How many symmetries leave one theta where it is, and so how many copies of it there are."""

import math

import numpy as np
from jaxtyping import Array, Float

from saddlescape.core import Network
from saddlescape.symmetry._automorphisms import Graph, count_automorphisms
from saddlescape.symmetry._canonical import scores
from saddlescape.symmetry._group import order
from saddlescape.symmetry._layers import as_rows, normalize, split

Theta = Float[np.ndarray | Array, " p"]

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
        ShapeMismatchError: when theta does not have p entries.

    Example:
        >>> network = Network((1, 3, 1), "tanh", bias=False)
        >>> stabilizer_order(network, np.array([1.0, 1.0, 2.0, 5.0, 5.0, 5.0]))
        2
        >>> stabilizer_order(network, np.zeros(6))
        48
    """
    rows = as_rows(network, theta)
    if tolerance is None:
        tolerance = rounding(theta)
    if not network.hidden or is_surely_free(network, rows, np.array([tolerance]))[0]:
        return 1
    layers, _ = normalize(network, split(network, rows))
    weights = [_alike(layer.weight[0], tolerance) for layer in layers]
    biases = [_bias_alike(layer.bias, tolerance) for layer in layers[:-1]]
    flips = [activation.is_odd for activation in network.activations[:-1]]
    return _twins(weights, biases, flips)


def copies(network: Network, theta: Theta, tolerance: float | None = None) -> int:
    """Return how many different points permutations and sign flips make of theta.

    Args:
        network: the network theta belongs to.
        theta: parameters, shape (p,).
        tolerance: as in `stabilizer_order`.

    Returns:
        the size of the orbit, ``order // stabilizer_order``, an exact integer.

    Raises:
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


def _bias_alike(bias: np.ndarray | None, tolerance: float) -> np.ndarray | None:
    """Return the same of a bias, when there is one."""
    return None if bias is None else _alike(bias[0], tolerance)


def _twins(weights: list[np.ndarray], biases: list, flips: list[bool]) -> int:
    """Return the stabilizer's order: interchangeable neurons at once, what is left by search.

    Exchanging equal neurons within their groups is the kernel of the stabilizer's action on the
    groups; one neuron of each group, marked with the group's size, stands for it in what is left.
    """
    total, kept, sizes = 1, [], []
    for number, can_flip in enumerate(flips):
        columns = [weights[number], weights[number + 1].T]
        columns += [] if biases[number] is None else [biases[number][:, None]]
        neurons = np.concatenate(columns, axis=1)
        if can_flip:
            first = np.argmax(neurons != 0, axis=1)
            neurons = neurons * np.sign(np.take_along_axis(neurons, first[:, None], axis=1))
        groups, places, counts = np.unique(neurons, axis=0, return_index=True, return_counts=True)
        alive = np.array([bool(group.any()) for group in groups])
        for size, lives in zip(counts, alive, strict=True):
            total *= math.factorial(int(size)) * 2 ** (int(size) * int(can_flip and not lives))
        # Dead neurons touch nothing: they have been counted and can be left out.
        kept.append(places[alive])
        sizes.append(counts[alive])
    ends = [np.arange(weights[0].shape[1]), *kept, np.arange(weights[-1].shape[0])]
    reduced = [w[np.ix_(ends[i + 1], ends[i])] for i, w in enumerate(weights)]
    marks = [
        sizes[i] if b is None else np.stack([sizes[i], b[kept[i]]]) for i, b in enumerate(biases)
    ]
    return total * count_automorphisms(Graph.of(reduced, marks, flips))
