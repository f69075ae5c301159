"""A merging path made by hand, so that every place on it is known beforehand."""

import numpy as np

from saddlescape.report import MergingPath


def merging_path(num_points=41, *, biases=True, pair=(0, 2)):
    """Return two of four neurons that go straight to their mean and on, exchanging places."""
    t = np.linspace(-1, 1, num_points)
    first, second = np.array([1.0, 0.5]), np.array([-0.5, 1.0])
    weights = np.tile([[0.0, 0.0], [0.7, -0.7], [0.0, 0.0], [0.0, -1.0]], (num_points, 1, 1))
    mean, half = (first + second) / 2, (first - second) / 2
    weights[:, pair[0]], weights[:, pair[1]] = mean - t[:, None] * half, mean + t[:, None] * half
    return MergingPath(
        weights=weights,
        biases=np.tile([0.5, -0.25, 0.5, 1.0], (num_points, 1)) if biases else None,
        outgoing=np.ones((num_points, 4)),
        positions=t + 1,
        distances=2 * np.linalg.norm(half) * np.abs(t),
        losses=1 - t**2,
        pair=pair,
    )
