"""Samples of two inputs as a grid and as the box of a picture."""

import numpy as np
from jaxtyping import Float

Limits = tuple[float, float]


def limits_of(inputs: Float[np.ndarray, "n 2"]) -> tuple[Limits, Limits]:
    """Return the range of both inputs, a little wider.

    A cell of a grid reaches half a step beyond its sample: the picture ends where the shades do.
    """
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    margin = np.where(high > low, 0.03 * (high - low), 0.5)
    if is_grid(inputs):
        num_steps = [len(np.unique(column)) - 1 for column in inputs.T]
        margin = (high - low) / num_steps / 2
    (a, c), (b, d) = (low - margin).tolist(), (high + margin).tolist()
    return (a, b), (c, d)


def is_grid(inputs: Float[np.ndarray, "n 2"]) -> bool:
    """Return whether the inputs are a full grid of at least two by two."""
    sizes = [len(np.unique(column)) for column in inputs.T]
    num_distinct = len(np.unique(inputs, axis=0))
    return min(sizes) > 1 and sizes[0] * sizes[1] == len(inputs) == num_distinct


def gridded(
    inputs: Float[np.ndarray, "n 2"], targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return columns, rows and values of a full grid."""
    x, column = np.unique(inputs[:, 0], return_inverse=True)
    y, row = np.unique(inputs[:, 1], return_inverse=True)
    values = np.empty((len(y), len(x)))
    values[row, column] = targets
    return x, y, values
