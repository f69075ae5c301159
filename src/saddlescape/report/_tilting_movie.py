"""The tilting argument: parallel lines turn one after another, and every crossing is a region."""

import itertools
import math

import numpy as np

from saddlescape.report._clipping import clipped
from saddlescape.report._figures import Axis, Figure, Layer, Lines, Movie, Points, Trail

_BOX = ((-2.0, 2.0), (-2.0, 2.0))
_FAN = math.radians(130)  # between the first and the last line, so that all crossings are in sight
_STEPS = 14  # frames in which one line turns


def tilting_movie(lines: int) -> Movie:
    """Return the movie of lines that start parallel and turn one after another.

    Args:
        lines: how many, 2 to 7.

    Returns:
        a movie; in every frame the regions in the picture are 1 + lines + crossings in it.

    Example:
        >>> tilting_movie(3).captions[-1]
        '3 lines and 3 crossings: 7 regions'
    """
    states = [_placed(lines, turned) for turned in _schedule(lines)]
    counts = [_crossings(state) for state in states]
    regions = [1 + lines + len(crossings) for crossings in counts]
    most = lines * (lines - 1) // 2
    frames = tuple(_frame(states[i], counts[i], most, regions, i) for i in range(len(states)))
    plane = Figure(
        "", Axis("input 1", limits=_BOX[0]), Axis("input 2", limits=_BOX[1]), (),
        height=400, is_equal=True,
    )  # fmt: skip
    last = len(states) - 1
    counted = Figure(
        "",
        Axis(
            "turns of lines", limits=(0, lines), ticks=tuple((i, str(i)) for i in range(lines + 1))
        ),
        Axis("regions in the picture", limits=(0, regions[-1] + 1)),
        (),
        height=400,
    )
    return Movie(
        title=f"{lines} parallel lines make {lines + 1} regions; tilted, every crossing adds one: "
        f"{regions[-1]}",
        panels=(plane, counted),
        frames=frames,
        captions=tuple(_caption(lines, crossings) for crossings in counts),
        start=last,
        stills=(0, last // 2, last),
        caption="Marks: crossings. The line that turns is dashed. No three lines ever meet in one "
        "point of a frame, so regions = 1 + lines + crossings.",
    )


def _schedule(lines: int) -> list[float]:
    """Return how many lines have turned, frame by frame; line by line, smoothly."""
    return [i / _STEPS for i in range(lines * _STEPS + 1)]


def _placed(lines: int, turned: float) -> list[tuple[np.ndarray, float]]:
    """Return weight and bias of every line: from a grate of parallels to tangents of a circle."""
    placed = []
    for i in range(lines):
        done = min(max(turned - i, 0.0), 1.0)
        share = done * done * (3 - 2 * done)
        angle = share * _FAN * (i / (lines - 1) - 0.5) + math.pi / 2
        offset = (1 - share) * 1.4 * (2 * i / (lines - 1) - 1) + share * 0.75
        placed.append((np.array([math.cos(angle), math.sin(angle)]), -offset))
    return placed


def _crossings(state: list[tuple[np.ndarray, float]]) -> list[tuple[float, float]]:
    """Return where two lines cross inside the picture."""
    found = []
    for (a, p), (b, q) in itertools.combinations(state, 2):
        area = a[0] * b[1] - a[1] * b[0]
        if abs(area) < 1e-9:  # parallel: angles differ by more than 0.01 otherwise
            continue
        x, y = (-p * b[1] + q * a[1]) / area, (-q * a[0] + p * b[0]) / area
        if all(low < v < high for v, (low, high) in zip((x, y), _BOX, strict=True)):
            found.append((float(x), float(y)))
    return found


def _frame(
    state: list, crossings: list, most: int, regions: list[int], number: int
) -> tuple[tuple[Layer, ...], ...]:
    """Return what moves in one frame."""
    segments = [clipped(weight, bias, _BOX) or (None,) * 4 for weight, bias in state]
    turning = min(number // _STEPS, len(state) - 1)
    still = [s if i != turning else (None,) * 4 for i, s in enumerate(segments)]
    filled = crossings + [(None, None)] * (most - len(crossings))
    x, y = zip(*filled, strict=True)
    turns = [i / _STEPS for i in range(len(regions))]
    return (
        (
            Lines(still, "line", -1),
            Lines([segments[turning]], "turning line", 1, is_dashed=True, widths=[2.5]),
            Points(x, y, "crossing", 0),
        ),
        (
            Trail(turns, regions, number + 1, "regions", 0),
            Points([turns[number]], [regions[number]], "regions", 0),
        ),
    )


def _caption(lines: int, crossings: list) -> str:
    """Return what the slider says."""
    number = len(crossings)
    return f"{lines} lines and {number} crossing{'s' * (number != 1)}: {1 + lines + number} regions"
