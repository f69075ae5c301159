"""Straight lines cut to a box."""

import numpy as np
from jaxtyping import Float


def clipped(
    weight: Float[np.ndarray, "2"],
    bias: float,
    box: tuple[tuple[float, float], tuple[float, float]],
) -> tuple[float, float, float, float] | None:
    """Return where the line w.x + b = 0 enters and leaves the box; None where it misses it."""
    size = float(weight @ weight)
    if size == 0:
        return None
    foot, direction = -bias * weight / size, np.array([-weight[1], weight[0]]) / np.sqrt(size)
    enter, leave = -np.inf, np.inf
    for start, slope, (low, high) in zip(foot, direction, box, strict=True):
        if slope == 0:
            if not low <= start <= high:
                return None
            continue
        near, far = sorted(((low - start) / slope, (high - start) / slope))
        enter, leave = max(enter, near), min(leave, far)
    if enter >= leave:
        return None
    a, b = foot + enter * direction, foot + leave * direction
    return float(a[0]), float(a[1]), float(b[0]), float(b[1])
