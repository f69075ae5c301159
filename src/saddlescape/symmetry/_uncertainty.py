"""How far a computed critical point may be from the exact one, in position and in loss.

With the gradient g and the Hessian H at a computed point, the exact point is H^-1 g away to first
order, so at most |g| / |smallest eigenvalue|; zero eigenvalues belong to a flat family and
are left out, as they say nothing about position across the family. The computed gradient is itself
uncertain: rounding theta alone changes it by eps |H| |theta|, which is added to |g| and which also
covers a gradient that is zero by luck. To first order the loss is off by g H^-1 g / 2.
"""

import dataclasses
from typing import NamedTuple

import numpy as np

from saddlescape.core import Network
from saddlescape.symmetry._layers import normalize, split

# Roundings allowed in a sum: the error of adding n numbers pairwise or in vector lanes grows like
# log n to sqrt(n) roundings; 64 covers thousands of samples.
_ROUNDINGS = 64

# First-order bounds are widened by this, for the change of the Hessian on the way.
_SAFETY = 4


@dataclasses.dataclass(frozen=True, eq=False)
class Points:
    """The converged points as float64 host arrays, one row per point."""

    theta: np.ndarray
    loss: np.ndarray
    gradient_norm: np.ndarray
    eigenvalues: np.ndarray
    index: np.ndarray
    nullity: np.ndarray
    eps: float


class Uncertainty(NamedTuple):
    """Bounds on errors: of each point's position (Euclidean), loss and gradient; what gave them.

    Both ``position`` and ``gradient`` are widened for safety and by normalizing; ``smallest`` is
    the size of the smallest eigenvalue that is not zero.
    """

    position: np.ndarray
    loss: np.ndarray
    gradient: np.ndarray
    smallest: np.ndarray


def uncertainty(points: Points, amplification: np.ndarray) -> Uncertainty:
    """Return the bounds; positions are multiplied by how much normalizing stretches them."""
    sizes = np.sort(np.abs(points.eigenvalues), axis=1)
    largest = sizes[:, -1]
    # A point with zero eigenvalues only has no sharp direction: rounding alone remains.
    sharp = np.minimum(points.nullity, sizes.shape[1] - 1)
    smallest = np.take_along_axis(sizes, sharp[:, None], axis=1)[:, 0]
    smallest = np.where((points.nullity < sizes.shape[1]) & (smallest > 0), smallest, np.inf)
    lengths = np.linalg.norm(points.theta, axis=1)
    noise = _ROUNDINGS * points.eps
    # A coordinate near 0 is the difference of numbers of the size that points here have.
    typical = np.maximum(lengths, np.median(lengths))
    gradient = np.sqrt(sizes.shape[1]) * points.gradient_norm + noise * largest * typical
    position = _SAFETY * gradient / smallest + noise * typical
    scale = _loss_scale(points.loss, largest, lengths)
    loss = _SAFETY * gradient**2 / (2 * smallest) + noise * np.maximum(np.abs(points.loss), scale)
    stretched = _SAFETY * gradient * amplification
    return Uncertainty(position * amplification, loss, stretched, smallest)


def _loss_scale(loss: np.ndarray, largest: np.ndarray, lengths: np.ndarray) -> float:
    """Return the size of the terms whose difference the loss is: the mean square of the targets.

    Where the output is linear, the best scale of the outputs f gives mean f^2 + loss = mean y^2, so
    every loss is at most mean y^2; and mean f^2 = a.H a / 2 in the outgoing weights a gives
    mean y^2 <= loss + largest eigenvalue |theta|^2 / 2. Both bounds are tightest over all points. A
    loss of 1e-31 and one of 3e-29 differ by nothing on this scale: they are the same zero.
    """
    upper = np.abs(loss) + largest * lengths**2 / 2
    return float(max(np.abs(loss).max(), upper.min()))


def amplification(network: Network | None, rows: np.ndarray) -> np.ndarray:
    """Return how much normalizing scales can stretch a small change of each row."""
    if network is None or not any(a.is_homogeneous for a in network.activations[:-1]):
        return np.ones(len(rows))
    _, factors = normalize(network, split(network, rows))
    largest = np.concatenate(factors, axis=1).max(axis=1, initial=1)
    smallest = np.concatenate(factors, axis=1).min(axis=1, initial=1)
    # An incoming weight is divided by its norm 1/f, an outgoing one multiplied by it; and the norm
    # itself is uncertain, which an outgoing weight multiplies.
    return 2 * (np.maximum(largest, 1 / smallest) + largest * np.abs(rows).max(axis=1, initial=0))


def rescaling_dimension(network: Network | None, rows: np.ndarray) -> np.ndarray:
    """Return how many zero eigenvalues the rescaling of neurons explains at each row."""
    dimension = np.zeros(len(rows), dtype=np.int64)
    if network is None:
        return dimension
    layers = split(network, rows)
    for number, activation in enumerate(network.activations[:-1]):
        if activation.is_homogeneous:
            outgoing = layers[number + 1].weight.swapaxes(1, 2)
            neurons = np.concatenate([layers[number].incoming, outgoing], axis=2)
            dimension += (neurons != 0).any(axis=2).sum(axis=1)
    return dimension
