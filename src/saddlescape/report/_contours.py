"""Contours of values on a grid: round levels, and where a line crosses the grid."""

import math

import numpy as np
from jaxtyping import Float

from saddlescape.report._layers import Contours
from saddlescape.report._scales import round_step

_WANTED = 8  # lines, about: more would hide what is drawn over them
_LEAST_SHARE = 0.005  # of the grid lies below the lowest level, however deep its lowest value
_SERIES = ((1.7, (1, 2, 5)), (4.5, (1, 3)), (math.inf, (1,)))  # up to so many decades
# Words stand in the middle where they can.
_PARTS = (0.5, 0.35, 0.65, 0.2, 0.8, 0.42, 0.58, 0.1, 0.9)


def levels_of(layer: Contours) -> tuple[float, ...]:
    """Return the values of the lines: those given, or round ones between the grid's values."""
    if layer.levels:
        return tuple(map(float, layer.levels))
    values = np.array(layer.z, dtype=float).ravel()
    values = values[np.isfinite(values)]
    if layer.scale == "log":
        values = values[values > 0]
        found = _in_ratios(values) if len(values) else ()
        if len(found) > 2:
            return found
    if not len(values) or values.min() == values.max():
        return ()
    step = round_step(float(values.max() - values.min()) / _WANTED)
    first, last = math.ceil(values.min() / step), math.floor(values.max() / step)
    return tuple(step * k for k in range(first, last + 1) if values.min() < step * k < values.max())


def _in_ratios(values: Float[np.ndarray, " n"]) -> tuple[float, ...]:
    """Return round levels in about equal ratios, the lowest where some of the grid lies below."""
    low, high = float(np.quantile(values, _LEAST_SHARE)), float(values.max())
    decades = math.log10(high / low)
    steps = next(steps for most, steps in _SERIES if decades <= most)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, round(decades / _WANTED)) if steps == (1,) else 1
    rounds = [m * 10.0**d for d in range(first, last + 1, every) for m in steps]
    return tuple(level for level in rounds if low <= level <= high)


def heights(layer: Contours, levels: tuple[float, ...]) -> Float[np.ndarray, "b a"]:
    """Return the grid's values on a scale on which the levels are 0, 1, 2, ...

    Painters draw lines at equal distances; here any levels are. Between two levels the scale is
    straight in the value, or in its logarithm. Where it bends, at a level, painters that go
    straight from one grid point to the next put the line less than half a cell off.

    Args:
        layer: the grid.
        levels: increasing.

    Returns:
        one row per y, from -1 below all levels to their number above them; NaN in gaps.
    """
    bent = np.log if layer.scale == "log" and levels[0] > 0 else np.asarray
    z = np.array(layer.z, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(z <= 0, -np.inf, bent(z)) if bent is np.log else z
    ends = bent(np.array(levels))
    first, last = (ends[1] - ends[0], ends[-1] - ends[-2]) if len(ends) > 1 else (1.0, 1.0)
    knots = np.concatenate([[ends[0] - first], ends, [ends[-1] + last]])
    return np.where(np.isnan(z), np.nan, np.interp(z, knots, np.arange(-1, len(ends) + 1)))


def crossings(
    layer: Contours, height: Float[np.ndarray, "b a"], level: int
) -> list[tuple[float, float]]:
    """Return some places where the line of a level crosses lines of the grid.

    Args:
        layer: the grid.
        height: from `heights`.
        level: its number.

    Returns:
        ``(x, y)`` each, on rows and columns through the middle of the grid first.
    """
    x, y = np.array(layer.x, dtype=float), np.array(layer.y, dtype=float)
    found = []
    for part in _PARTS:
        row, column = round(part * (len(y) - 1)), round(part * (len(x) - 1))
        found += [(at, float(y[row])) for at in _zeros(x, height[row] - level)]
        found += [(float(x[column]), at) for at in _zeros(y, height[:, column] - level)]
    return found


def _zeros(at: Float[np.ndarray, " n"], values: Float[np.ndarray, " n"]) -> list[float]:
    """Return where values change their sign between neighbours."""
    with np.errstate(invalid="ignore"):
        (left,) = np.nonzero((values[:-1] < 0) != (values[1:] < 0))
    left = left[np.isfinite(values[left]) & np.isfinite(values[left + 1])]
    share = values[left] / (values[left] - values[left + 1])
    return (at[left] + share * (at[left + 1] - at[left])).tolist()
