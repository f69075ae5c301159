"""Movies in plotly's words: what stays is said once, what moves once per frame and rounded."""

import itertools
import math
from dataclasses import replace
from typing import Any

from saddlescape.report._draw import labels_of, picture, scales_of, values_of
from saddlescape.report._figures import Bars, Figure, Layer, Lines, Movie, Notes, Points
from saddlescape.report._marks import Json, placed, traces, words
from saddlescape.report._scales import Scale

# A part in 10,000 of an axis is a tenth of a pixel of the widest picture.
_STEPS_PER_AXIS = 10_000
_LABELS_AT = 0.9
_LIGHT = {"x", "y", "text", "textposition", "hovertext"}


def movie_json(movie: Movie) -> list[Json]:
    """Return each panel of a movie as plotly's words, with what moves in every frame.

    Args:
        movie: any movie.

    Returns:
        for every panel what `plotly_json` returns, drawn at the start; the numbers of the traces
        that `moves`; `frames`, one entry per such trace: what differs from the start, or the
        number of an earlier entry that says the same; and whether a frame `redraws` everything,
        since plotly moves nothing but marks and lines on their own.
    """
    return [_panel(movie, number) for number in range(len(movie.panels))]


def _panel(movie: Movie, number: int) -> Json:
    """Return one panel."""
    still = movie.panels[number]
    moving = [frame[number] for frame in movie.frames]
    # Every frame together decides the axes, so that only marks move.
    whole = replace(still, layers=(*still.layers, *itertools.chain.from_iterable(moving)))
    scales = _fixed(whole, 0), _fixed(whole, 1)
    begun = replace(still, layers=(*still.layers, *moving[movie.start]))
    fixed = list(itertools.chain(*(traces(layer, begun, scales) for layer in still.layers)))
    every = [_moving(layers, begun, scales) for layers in moving]
    start = every[movie.start]
    movers = [i for i in range(len(start)) if any(frame[i] != start[i] for frame in every)]
    result = picture(begun, fixed + start, scales)
    # Words that move are traces; only those that stay are annotations.
    result["layout"]["annotations"] = picture(still, [], scales)["layout"]["annotations"]
    return {
        **result,
        "labels": labels_of(still, scales),
        "moves": [len(fixed) + i for i in movers],
        "frames": _changes([[frame[i] for i in movers] for frame in every]),
        "redraws": not all(_is_light([frame[i] for frame in every]) for i in movers),
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


def _moving(layers: tuple[Layer, ...], figure: Figure, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return the traces of one frame; words are traces too, since they move with their marks."""
    result: list[Json] = []
    for layer in layers:
        match layer:
            case Lines(labels_at=None):
                result += traces(replace(layer, labels_at=_LABELS_AT), figure, scales)
            case Notes() if layer.x:
                result.append(words(_places(layer, scales), layer.texts, layer.tone))
            case Points() if layer.labels:
                result += traces(layer, figure, scales)
                above = [(0, 1) for _ in layer.labels]
                result.append(words(_places(layer, scales), layer.labels, -1, above))
            case _:
                result += traces(layer, figure, scales)
    return [_rounded(trace, scales) for trace in result]


def _places(layer: Points | Notes, scales: tuple[Scale, Scale]) -> list[tuple[Any, Any]]:
    """Return where the marks of a layer are."""
    return list(zip(placed(layer.x, scales[0]), placed(layer.y, scales[1]), strict=True))


def _rounded(trace: Json, scales: tuple[Scale, Scale]) -> Json:
    """Return a trace with positions as fine as a picture shows them."""
    result = dict(trace)
    for name, scale in zip("xy", scales, strict=True):
        if scale.limits is not None and name in trace:
            span = abs(scale.limits[1] - scale.limits[0])
            digits = math.ceil(math.log10(_STEPS_PER_AXIS / span)) if span > 0 else 15
            result[name] = [_round(value, digits) for value in trace[name]]
    return result


def _round(value: Any, digits: int) -> Any:
    """Return a number with so many digits after the point; -0 is 0."""
    return value if value is None or isinstance(value, str) else round(value, digits) + 0


def _is_light(trace: list[Json]) -> bool:
    """Return whether a trace only changes places and words, given as it is in every frame."""
    changed = {name for now in trace for name in now if now[name] != trace[0][name]}
    return trace[0]["type"] == "scatter" and changed <= _LIGHT


def _changes(frames: list[list[Json]]) -> list[list[Json | int]]:
    """Return for each frame, for each trace, what changes in the movie and what it is here."""
    named = [
        [name for name in trace if any(frame[i][name] != trace[name] for frame in frames)]
        for i, trace in enumerate(frames[0])
    ]
    every = [
        [{name: trace[name] for name in names} for trace, names in zip(frame, named, strict=True)]
        for frame in frames
    ]
    # Halos repeat their lines.
    return [[_first(frame, i) for i in range(len(frame))] for frame in every]


def _first(changes: list[Json], i: int) -> Json | int:
    """Return a change, or the number of an earlier one that says the same."""
    earlier = changes.index(changes[i])
    return earlier if earlier < i else changes[i]
