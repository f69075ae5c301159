"""Movies for the page's script: what stays in plotly's words, what moves in a few of our own.

Plotly needs about 100 milliseconds to move a line over shades, the script less than one; and it
names colours as the style does, so that they follow the theme and the paper by themselves.
"""

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from saddlescape.report._draw import labels_of, picture, scales_of, values_of
from saddlescape.report._figures import (
    Arrows,
    Bars,
    Curve,
    Figure,
    Layer,
    Lines,
    Movie,
    Notes,
    Number,
    Points,
    Trail,
)
from saddlescape.report._marks import diameters, traces
from saddlescape.report._plotly import Json, placed, tone_of
from saddlescape.report._scales import Scale

# A part in 10,000 of an axis is a tenth of a pixel of the widest picture.
_STEPS_PER_AXIS = 10_000
_LABELS_AT = 0.9
_SIDES = {"center": (0, 0), "left": (-1, 0), "right": (1, 0)}
# Outlines of the shapes of the tones, for a radius of one; those of plotly's in still figures.
_OUTLINES = (
    ((1, 0), (0.71, 0.71), (0, 1), (-0.71, 0.71), (-1, 0), (-0.71, -0.71), (0, -1), (0.71, -0.71)),
    ((1, 1), (-1, 1), (-1, -1), (1, -1)),
    ((1.3, 0), (0, 1.3), (-1.3, 0), (0, -1.3)),
    ((0, -1.2), (1.15, 0.8), (-1.15, 0.8)),
    tuple((a, b) for a, b in [(.4, -1.2), (.4, -.4), (1.2, -.4), (1.2, .4), (.4, .4), (.4, 1.2),
     (-.4, 1.2), (-.4, .4), (-1.2, .4), (-1.2, -.4), (-.4, -.4), (-.4, -1.2)]),
    ((0, -.5), (.7, -1.2), (1.2, -.7), (.5, 0), (1.2, .7), (.7, 1.2), (0, .5), (-.7, 1.2),
     (-1.2, .7), (-.5, 0), (-1.2, -.7), (-.7, -1.2)),
)  # fmt: skip


def movie_json(movie: Movie) -> list[Json]:
    """Return each panel of a movie: what stays as in `plotly_json`, and what moves.

    Args:
        movie: any movie.

    Returns:
        for every panel plotly's `data` and `layout`, `labels`, the `marks` that move (strokes,
        dots and words, with their looks), and `frames`: where each mark is, in the positions of
        the axes. A stroke is a list of lines ``[x, y, x, y, ...]``, a trail how many points of
        its ``path`` are drawn, dots are ``[x, y]`` each, words ``[x, y, text, across, up]`` with
        the side where the text stands.
    """
    return [_panel(movie, number) for number in range(len(movie.panels))]


def _panel(movie: Movie, number: int) -> Json:
    """Return one panel."""
    still = movie.panels[number]
    moving = [frame[number] for frame in movie.frames]
    # Every frame together decides the axes, so that only marks move.
    whole = replace(still, layers=(*still.layers, *itertools.chain.from_iterable(moving)))
    scales = _fixed(whole, 0), _fixed(whole, 1)
    data = list(itertools.chain(*(traces(layer, still, scales) for layer in still.layers)))
    every = [_marks(layers, whole, scales) for layers in moving]
    return {
        **picture(still, data, scales),
        "labels": labels_of(still, scales),
        "marks": [look for look, _ in every[movie.start]],
        "frames": [[place for _, place in frame] for frame in every],
    }


def _fixed(figure: Figure, side: int) -> Scale:
    """Return the scale of an axis with limits around all values, where it has none of its own."""
    scale = scales_of(figure)[side]
    values = [scale.place(v) for v in values_of(figure, side) if not isinstance(v, str)]
    finite = [value for value in values if value is not None and math.isfinite(value)]
    if scale.limits is not None or not finite:
        return scale
    # Bars stand on zero.
    finite += [0.0] * any(isinstance(layer, Bars) for layer in figure.layers)
    low, high = min(finite), max(finite)
    margin = 0.06 * (high - low) or 0.5
    return replace(scale, limits=(low - margin, high + margin))


def _marks(
    layers: tuple[Layer, ...], figure: Figure, scales: tuple[Scale, Scale]
) -> list[tuple[Json, Any]]:
    """Return looks and places of what moves in one frame; words come last, on top of strokes."""
    marks = [mark for layer in layers for mark in _marks_of(layer, figure, scales)]
    return sorted(marks, key=lambda mark: mark[0]["kind"] == "words")


def _marks_of(layer: Layer, figure: Figure, scales: tuple[Scale, Scale]) -> list[tuple[Json, Any]]:
    """Return looks and places of one layer."""
    match layer:
        case Points(labels=labels):
            centers = _rounded(layer.x, layer.y, scales)
            above = [[*center, 0, 1] for center in centers]
            return [_dots(layer, figure, centers), *_words(above, labels, -1)]
        case Curve():
            places = list(itertools.chain(*_rounded(layer.x, layer.y, scales)))
            named = [[*places[-2:], -1, 1]] if layer.name else []
            look = _stroke(layer.tone, 2, is_dashed=layer.tone % 6 > 0)
            return [(look, [places]), *_words(named, [layer.name], layer.tone)]
        case Trail():
            path = list(itertools.chain(*_rounded(layer.x, layer.y, scales)))
            look = _stroke(layer.tone, 2, is_dashed=False)
            return [({**look, "kind": "trail", "path": path}, layer.upto)]
        case Lines(segments=segments, widths=widths):
            lines = [_line(segment, scales) for segment in segments]
            look = {"tone": layer.tone, "is_dashed": layer.is_dashed}
            apart = [
                (_stroke(width=width, **look), [line])
                for line, width in zip(lines, widths, strict=False)
            ]
            parts = itertools.chain(layer.labels_at, itertools.repeat(_LABELS_AT))
            spots = [
                [*_between(line, part), 0, 0] for line, part in zip(lines, parts, strict=False)
            ]
            return [
                *(apart or [(_stroke(width=2, **look), lines)]),
                *_words(spots, layer.labels, layer.tone),
            ]
        case Arrows(arrows=arrows, width=width):
            look = _stroke(layer.tone, width, is_dashed=layer.is_dashed)
            lines = [_line(arrow, scales) for arrow in arrows]
            sides = tuple(layer.label_sides) or [_onwards(line) for line in lines]
            tips = [[*line[2:], *side] for line, side in zip(lines, sides, strict=True)]
            # Heads are wide enough to be told from broken shafts.
            head = 8 + 1.5 * width
            return [({**look, "head": head}, lines), *_words(tips, layer.labels, layer.tone)]
        case Notes():
            spots = [[*c, *_SIDES[layer.side]] for c in _rounded(layer.x, layer.y, scales)]
            return _words(spots, layer.texts, layer.tone)
    return []


def _stroke(tone: int, width: Number, *, is_dashed: bool) -> Json:
    """Return the look of lines."""
    return {"kind": "stroke", "tone": tone_of(tone)["css"], "width": width, "dashed": is_dashed}


def _dots(layer: Points, figure: Figure, centers: list[list[Any]]) -> tuple[Json, Any]:
    """Return marks: outlines in pixels around their centers."""
    outlines = [
        "M" + "L".join(f"{round(x * wide / 2, 1)},{round(y * wide / 2, 1)}" for x, y in shape) + "Z"
        for wide in diameters(layer, figure)
        for shape in (_OUTLINES[layer.tone % 6],)
    ]
    return {"kind": "dots", "tone": tone_of(layer.tone)["css"], "outlines": outlines}, centers


def _words(spots: list[list[Any]], texts: Iterable[Any], tone: int) -> list[tuple[Json, Any]]:
    """Return words with the sides of their spots where they stand, if there are any."""
    places = [[x, y, str(t), a, u] for (x, y, a, u), t in zip(spots, texts, strict=False)]
    return [({"kind": "words", "tone": tone_of(tone)["css"]}, places)] if places else []


def _line(segment: tuple, scales: tuple[Scale, Scale]) -> list[Any]:
    """Return a segment's ends."""
    return list(itertools.chain(*_rounded(segment[0::2], segment[1::2], scales)))


def _onwards(line: list[Any]) -> tuple[Any, Any]:
    """Return where a line points; upwards where it is not drawn."""
    return (0, 1) if None in line else (line[2] - line[0], line[3] - line[1])


def _between(line: list[Any], part: Number) -> tuple[Any, Any]:
    """Return the place at some part of a line."""
    if None in line:
        return None, None
    return line[0] + part * (line[2] - line[0]), line[1] + part * (line[3] - line[1])


def _rounded(xs: Iterable[Any], ys: Iterable[Any], scales: tuple[Scale, Scale]) -> list[list[Any]]:
    """Return positions as fine as a picture shows them."""
    columns = []
    for values, scale in zip((xs, ys), scales, strict=True):
        low, high = scale.limits or (0.0, 1.0)
        digits = math.ceil(math.log10(_STEPS_PER_AXIS / (abs(high - low) or 1.0)))
        columns.append([v if v is None else round(v, digits) + 0.0 for v in placed(values, scale)])
    return [list(pair) for pair in zip(*columns, strict=True)]
