"""Words beside marks and on lines, for the page's script to place without overlaps."""

from typing import Any

from saddlescape.report._contours import crossings, heights, levels_of
from saddlescape.report._figures import Contours, Figure, Layer, Lines, Points
from saddlescape.report._marks import diameters
from saddlescape.report._numbers import TIMES, number
from saddlescape.report._plotly import Json, css, escaped, placed, tone_of
from saddlescape.report._scales import Scale

# Lines often share a point in the middle, so their ends come first, in turn.
_ALONG = (0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.62, 0.38)


def labels(layer: Layer, figure: Figure, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return a layer's labels, each with the places where it may stand, the best first.

    Args:
        layer: of the figure.
        figure: decides how large marks are.
        scales: of both axes.

    Returns:
        text, colour, places, and the radius of the mark that must stay in sight (0 for a line).
    """
    match layer:
        case Points():
            radii = [diameter / 2 for diameter in diameters(layer, figure)]
            centers = zip(placed(layer.x, scales[0]), placed(layer.y, scales[1]), strict=True)
            # A layer without words still has marks that the words of others must not cover.
            texts = layer.labels or ("",) * len(radii) if _has_words(figure) else ()
            return [
                {"text": escaped(text), "tone": tone_of(-1), "at": [center], "radius": radius}
                for text, center, radius in zip(texts, centers, radii, strict=False)
                if None not in center
            ]
        case Lines() if not layer.labels_at:
            return [
                {
                    "text": escaped(text),
                    "tone": tone_of(layer.tone),
                    "at": _along(segment, scales),
                    "radius": 0,
                    "look": {"bgcolor": css("--paper"), "opacity": 0.9},
                }
                for segment, text in zip(layer.segments, layer.labels, strict=False)
            ]
        case Contours() if layer.is_labelled and (levels := levels_of(layer)):
            height = heights(layer, levels)
            return [
                {
                    "text": escaped(_level(level)),
                    "tone": css("--soft"),
                    "at": _positions(crossings(layer, height, i), scales),
                    "radius": 0,
                    "look": {"bgcolor": css("--paper"), "opacity": 0.8},
                }
                for i, level in enumerate(levels)
            ]
    return []


def _level(level: float) -> str:
    """Return a level as text, as short as it can be."""
    return number(level, 3).removeprefix(f"1 {TIMES} ")


def _positions(
    places: list[tuple[float, float]], scales: tuple[Scale, Scale]
) -> list[tuple[Any, ...]]:
    """Return places as positions of the axes."""
    across, up = scales
    found = [(*placed((x,), across), *placed((y,), up)) for x, y in places]
    return [place for place in found if None not in place]


def _has_words(figure: Figure) -> bool:
    """Return whether any marks of a figure are labelled."""
    return any(layer.labels for layer in figure.layers if isinstance(layer, Points))


def _along(segment: tuple, scales: tuple[Scale, Scale]) -> list[tuple]:
    """Return places on a segment, from its ends inwards."""
    xs = placed((segment[0], segment[2]), scales[0])
    ys = placed((segment[1], segment[3]), scales[1])
    if None in xs or None in ys:
        return []
    return [(xs[0] + part * (xs[1] - xs[0]), ys[0] + part * (ys[1] - ys[0])) for part in _ALONG]
