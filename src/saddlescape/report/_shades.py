"""Values on a grid in plotly's words: shades, tints of classes, contours; and bands of curves."""

import math
from typing import Any

from saddlescape.report._contours import heights, levels_of
from saddlescape.report._figures import Band, Contours, Figure, Heatmap
from saddlescape.report._numbers import number
from saddlescape.report._plotly import (
    SHADES,
    Json,
    colour_bar,
    css,
    escaped,
    placed,
    tone_of,
)
from saddlescape.report._scales import Scale

# Contours stay lighter than heat maps: they carry lines, words and marks.
_LIGHT_SHADES = [[i / 3, {"css": f"--shade-{i}"}] for i in range(4)]
_TINT = 0.18


def heatmap(layer: Heatmap, figure: Figure, scales: tuple[Scale, Scale]) -> Json:
    """Return shades on a grid, or light tints of the classes' colours."""
    if layer.has_tones:
        edges = [(i / 6, (i + 1) / 6, tone_of(i)) for i in range(6)]
        look = {
            "z": [[value % 6 for value in row] for row in layer.z],
            "colorscale": [[end, tone] for *ends, tone in edges for end in ends],
            "zmin": -0.5,
            "zmax": 5.5,
            "opacity": 0.25,
        }
    else:
        rows = [[None if v is None or not math.isfinite(v) else v for v in r] for r in layer.z]
        rows = _coarse(rows) if layer.is_backdrop else rows
        look = {"z": rows, "colorscale": SHADES}
    return {
        "type": "heatmap",
        "x": placed(layer.x, scales[0]),
        "y": placed(layer.y, scales[1]),
        **look,
        "showscale": layer.has_scale,
        "colorbar": colour_bar(layer.label, lying=figure.is_small),
        "hoverinfo": "skip" if layer.is_backdrop else "x+y+z",
    }


def _coarse(rows: list[list[Any]]) -> list[list[Any]]:
    """Return values as fine as shades show them, a thousandth of their range: nobody reads more."""
    values = [value for row in rows for value in row if value is not None]
    span = max(values, default=1) - min(values, default=0)
    digits = math.ceil(3 - math.log10(span)) if span > 0 else 15
    return [[value if value is None else round(value, digits) for value in row] for row in rows]


def contours(layer: Contours, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return lines of equal value with shades between them; nothing where all values agree."""
    levels = levels_of(layer)
    if not levels:
        return []
    rows = heights(layer, levels).tolist()
    trace: Json = {
        "type": "contour",
        "x": placed(layer.x, scales[0]),
        "y": placed(layer.y, scales[1]),
        # A thousandth of the distance between two lines is less than anyone sees.
        "z": [[None if math.isnan(v) else round(v, 3) for v in row] for row in rows],
        "autocontour": False,
        "contours": {"start": 0, "end": len(levels) - 1, "size": 1, "coloring": "fill"},
        "colorscale": _LIGHT_SHADES,
        "zmin": -0.5,
        "zmax": max(0.5, len(levels) - 0.5),
        "line": {"width": 1, "color": css("--rule"), "smoothing": 0},
        "showscale": False,
        "hoverinfo": "skip",
    }
    if not layer.is_backdrop:
        said = [[escaped(f"{layer.label} {number(v, 4)}".strip()) for v in row] for row in layer.z]
        trace |= {"hoverinfo": "text", "hovertext": said}
    return [trace]


def band(layer: Band, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return a band as one filled outline per stretch where both edges are drawn."""
    xs = placed(layer.x, scales[0])
    edges = zip(placed(layer.low, scales[1]), placed(layer.high, scales[1]), strict=True)
    stretches: list[list[tuple[Any, ...]]] = [[]]
    for x, (low, high) in zip(xs, edges, strict=True):
        if None in (x, low, high):
            stretches.append([])
        else:
            stretches[-1].append((x, low, high))
    return [_outline(layer, stretch) for stretch in stretches if len(stretch) > 1]


def _outline(layer: Band, stretch: list[tuple[Any, ...]]) -> Json:
    """Return one filled outline, there along the upper edge and back along the lower."""
    x, low, high = (list(column) for column in zip(*stretch, strict=True))
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x + x[::-1],
        "y": high + low[::-1],
        "fill": "toself",
        "fillcolor": tone_of(layer.tone),
        "opacity": _TINT,
        "line": {"width": 0, "color": tone_of(layer.tone)},
        "hoverinfo": "skip",
    }
