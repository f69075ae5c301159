"""The layers of a picture in plotly's words."""

import itertools
import math
from collections.abc import Iterable
from typing import Any

from saddlescape.report._figures import (
    Arrows,
    Band,
    Bars,
    Contours,
    Curve,
    Figure,
    Heatmap,
    Layer,
    Lines,
    Notes,
    Number,
    Picture,
    Points,
    Trail,
)
from saddlescape.report._numbers import number
from saddlescape.report._picture import picture
from saddlescape.report._plotly import (
    SHADES,
    Json,
    colour_bar,
    css,
    escaped,
    is_neutral,
    placed,
    tone_of,
)
from saddlescape.report._scales import Scale
from saddlescape.report._shades import band, contours, heatmap

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_SIDES: dict[str, Json] = {
    "center": {},
    "left": {"xanchor": "right", "xshift": -5},
    "right": {"xanchor": "left", "xshift": 5},
}


def traces(layer: Layer, figure: Figure, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return a layer as plotly traces."""
    match layer:
        case Points():
            return [_points(layer, figure, scales)]
        case Curve() | Trail():
            return [_curve(layer, scales)]
        case Band():
            return band(layer, scales)
        case Bars():
            return [_bars(layer, figure, scales)]
        case Heatmap():
            return [heatmap(layer, figure, scales)]
        case Contours():
            return contours(layer, scales)
        case Lines():
            return _lines(layer, scales)
        case Arrows():
            return _arrows(layer, scales)
        case Picture():
            return [picture(layer)]
        case Notes():
            return []


def diameters(layer: Points, figure: Figure) -> list[float]:
    """Return how wide the marks of a layer are, in pixels; areas are proportional to `sizes`."""
    every = [size for other in figure.layers if isinstance(other, Points) for size in other.sizes]
    largest = max(every, default=1) or 1
    # 7 pixels keep the rarest in sight.
    wide = [max(7.0, 44 * math.sqrt(size / largest)) for size in layer.sizes]
    return wide or [5.0 if figure.is_small else 8.0 for _ in layer.x]


def _points(layer: Points, figure: Figure, scales: tuple[Scale, Scale]) -> Json:
    """Return marks, with their coordinates and notes on hovering."""
    sizes = list(layer.sizes)
    marker: Json = {
        "size": diameters(layer, figure) if sizes else 5 if figure.is_small else 8,
        "opacity": 0.8,
        "symbol": _SYMBOLS[layer.tone % 6],
    }
    marker |= {"color": tone_of(layer.tone), "line": {"width": 1, "color": css("--paper")}}
    if layer.mark == "bar":
        marker |= {
            "symbol": "line-ns",
            "size": 15,
            "line": {"width": 2, "color": tone_of(layer.tone)},
        }
    if layer.shade:
        marker |= {"color": list(layer.shade), "colorscale": SHADES, "size": 6}
        marker["line"] = {"width": 1, "color": css("--rule")}
        marker |= (
            {"colorbar": colour_bar(layer.measure, lying=figure.is_small)} if layer.measure else {}
        )
    notes = itertools.zip_longest(layer.x, layer.y, layer.notes, sizes or layer.shade)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": escaped(layer.name),
        "x": placed(layer.x, scales[0]),
        "y": placed(layer.y, scales[1]),
        "hoverinfo": "text",
        "hovertext": [_hover(figure, layer, *note) for note in notes],
        "marker": marker,
        "cliponaxis": False,
    }


def _hover(figure: Figure, layer: Points, x: Any, y: Any, note: Any, measured: Any) -> str:
    """Return what a mark says on hovering: its name, both coordinates and what it measures."""
    lines = [note or layer.name]
    lines += [f"{axis.label}: {_said(v)}" for axis, v in ((figure.x_axis, x), (figure.y_axis, y))]
    lines += (
        [f"{layer.measure}: {_said(measured)}"] if measured is not None and layer.measure else []
    )
    return "<br>".join(escaped(line) for line in lines if line)


def _said(value: Any) -> str:
    """Return a coordinate as text."""
    return value if isinstance(value, str) else number(value, 6)


def _curve(layer: Curve | Trail, scales: tuple[Scale, Scale]) -> Json:
    """Return a line, with its name at its end."""
    xs, ys = placed(layer.x, scales[0]), placed(layer.y, scales[1])
    return {
        "type": "scatter",
        "mode": "lines+text",
        "name": escaped(layer.name),
        "x": xs,
        "y": ys,
        "text": [""] * (len(xs) - 1) + [escaped(layer.name)],
        "textposition": "top left",
        "textfont": {"color": tone_of(layer.tone)},
        "hoverinfo": "x+y+name",
        "line": {"color": tone_of(layer.tone), **_line_of(layer.tone)},
    }


def _line_of(tone: int) -> Json:
    """Return the width and the dashes of a curve."""
    is_backdrop = is_neutral(tone)
    dash = "dot" if is_backdrop else _DASHES[tone % 6]
    return {"width": 1 if is_backdrop else 2, "dash": dash}


def _bars(layer: Bars, figure: Figure, scales: tuple[Scale, Scale]) -> Json:
    """Return bars over categories or over intervals."""
    scale, category_axis = (
        (scales[1], figure.y_axis) if layer.is_horizontal else (scales[0], figure.x_axis)
    )
    heights = list(layer.heights)
    if layer.categories:
        words, widths = [escaped(word) for word in layer.categories], None
        places: list[Any] = words
    else:
        edges = [_interval(a, b, scale) for a, b in zip(layer.lefts, layer.rights, strict=True)]
        places = [(low + high) / 2 for low, high in edges]
        widths = [high - low for low, high in edges]
        words = [
            _range(a, b, category_axis.floor_label)
            for a, b in zip(layer.lefts, layer.rights, strict=True)
        ]
    along = {"x": heights, "y": places} if layer.is_horizontal else {"x": places, "y": heights}
    trace: Json = {
        "type": "bar",
        "orientation": "h" if layer.is_horizontal else "v",
        "name": escaped(layer.name),
        **along,
        "text": [escaped(text) for text in layer.texts],
        "textposition": "auto" if layer.is_horizontal else "outside",
        "textangle": 0,
        "constraintext": "none",
        "insidetextfont": {"color": css("--paper")},
        "outsidetextfont": {"color": css("--ink")},
        "cliponaxis": False,
        "hoverinfo": "text",
        "hovertext": [f"{word}<br>{number(h)}" for word, h in zip(words, heights, strict=True)],
        "marker": {"color": tone_of(layer.tone), "line": {"width": 1, "color": css("--paper")}},
    }
    if widths is not None:
        trace["width"] = widths
    return trace


def _interval(left: Any, right: Any, scale: Scale) -> tuple[Number, Number]:
    """Return a bar's ends as positions; from None to None it fills the middle of the strip."""
    if left is None or right is None:
        low, high = scale.strip or (0.0, 0.0)
        inset = 0.2 * (high - low)
        return low + inset, high - inset
    return scale.place(left) or 0.0, scale.place(right) or 0.0


def _range(left: Any, right: Any, floor_label: str) -> str:
    """Return a bar's interval in words."""
    if left is None or right is None:
        return escaped(floor_label)
    return f"{number(left, 3)} to {number(right, 3)}"


def _lines(layer: Lines, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return lines on halos, one trace per segment where widths differ, and labels with a place."""
    segments, labels, widths = map(tuple, (layer.segments, layer.labels, layer.widths))
    marks: list[Json] = []
    if widths:
        for segment, width, label in itertools.zip_longest(segments, widths, labels):
            marks += _strokes(layer, (segment,), width or 2, (label or "",), scales)
    elif segments:
        marks += _strokes(layer, segments, 2, labels, scales)
    if labels and layer.labels_at:
        ends = [[placed(s[i::2], scale) for i, scale in enumerate(scales)] for s in segments]
        places = [
            [_between(pair[0], pair[1], part) for pair in end]
            for end, part in zip(ends, layer.labels_at, strict=True)
        ]
        marks.append(words(places, labels, layer.tone))
    return marks


def _between(start: Any, end: Any, part: Number) -> Number | None:
    """Return the place at some part of the way, or None where an end is missing."""
    return None if start is None or end is None else start + part * (end - start)


def _strokes(
    layer: Lines | Arrows,
    segments: tuple,
    width: Number,
    labels: tuple,
    scales: tuple[Scale, Scale],
) -> list[Json]:
    """Return segments as one trace, on another of paper that keeps them visible on any shade."""
    # A gap after every segment; the ends stay the last point, so that nothing follows the tip.
    xs = list(itertools.chain.from_iterable(placed((*s[0::2], None), scales[0]) for s in segments))
    ys = list(itertools.chain.from_iterable(placed((*s[1::2], None), scales[1]) for s in segments))
    names = itertools.zip_longest(segments, labels, fillvalue="")
    notes = [text for _, label in names for text in 3 * [escaped(f"{layer.name} {label}").strip()]]
    shared: Json = {"type": "scatter", "x": xs[:-1], "y": ys[:-1], "cliponaxis": False}
    dash = "7px,3px" if layer.is_dashed else "solid"
    line: Json = {"width": width, "color": tone_of(layer.tone), "dash": dash}
    halo: Json = {"width": width + 1.5, "color": css("--paper")}
    named = {"name": escaped(layer.name), "hoverinfo": "text", "hovertext": notes[:-1]}
    return [
        {**shared, "mode": "lines", "line": halo, "hoverinfo": "skip"},
        {**shared, "mode": "lines", "line": line, **named},
    ]


def _arrows(layer: Arrows, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return vectors with heads at their tips and, beside the tips, their labels."""
    arrows, labels = tuple(layer.arrows), tuple(layer.labels)
    if not arrows:
        return []
    marks = _strokes(layer, arrows, layer.width, labels, scales)
    sizes = (len(arrows) * [0, 6 + 2 * layer.width, 0])[:-1]
    heads = {"symbol": "arrow", "angleref": "previous", "size": sizes, "opacity": 1}
    heads |= {"color": tone_of(layer.tone), "line": {"width": 1, "color": css("--paper")}}
    marks[-1] |= {"mode": "lines+markers", "marker": heads}
    if labels:
        tips = [placed(a[2:3], scales[0]) + placed(a[3:4], scales[1]) for a in arrows]
        sides = tuple(layer.label_sides) or [_direction(arrow) for arrow in arrows]
        marks.append(words(tips, labels, layer.tone, sides))
    return marks


def _direction(arrow: tuple) -> tuple[Number, Number]:
    """Return where an arrow points; upwards where it is not drawn."""
    return (0, 1) if None in arrow else (arrow[2] - arrow[0], arrow[3] - arrow[1])


def words(
    places: Iterable[Any], texts: Iterable[Any], tone: int, sides: Iterable[Any] = ()
) -> Json:
    """Return words at places of their own; the style gives them a halo."""
    xs, ys = zip(*places, strict=True)
    return {
        "type": "scatter",
        "mode": "text",
        "x": list(xs),
        "y": list(ys),
        "text": [escaped(text) for text in texts],
        "textposition": [_position(*side) for side in sides] or "middle center",
        "textfont": {"color": tone_of(tone), "size": 13, "weight": 600},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _position(x: Number, y: Number) -> str:
    """Return plotly's word for a direction, one of eight."""
    # The eighth of a turn on either side of an axis: tan(pi / 8).
    narrow = math.sqrt(2) - 1
    row = "middle" if abs(y) <= narrow * abs(x) else "top" if y > 0 else "bottom"
    column = "center" if abs(x) <= narrow * abs(y) else "right" if x > 0 else "left"
    return f"{row} {column}"


def annotations(layer: Layer, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return the words a layer writes into the picture, on paper so that they stay legible."""
    if not isinstance(layer, Notes):
        return []
    places = zip(placed(layer.x, scales[0]), placed(layer.y, scales[1]), strict=True)
    return [
        {**_annotation(place, text, layer.tone), **_SIDES[layer.side]}
        for place, text in zip(places, layer.texts, strict=True)
        if None not in place
    ]


def _annotation(place: tuple[Any, Any], text: str, tone: int) -> Json:
    """Return words at a place, on paper."""
    look = {"bgcolor": css("--paper"), "borderpad": 1, "opacity": 0.9, "showarrow": False}
    font = {"color": tone_of(tone), "size": 11}
    return {"x": place[0], "y": place[1], **look, "text": escaped(text), "font": font}
