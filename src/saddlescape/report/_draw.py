"""The frame of a picture in plotly's words; with `_marks`, all that knows plotly.

Colours are `{"css": name}`, looked up in the page's style when it is drawn, so that figures follow
its theme. Text is escaped, since plotly reads a little HTML in every label.
"""

import itertools
import math
from collections import Counter
from typing import Any

from saddlescape.report._figures import (
    Arrows,
    Band,
    Bars,
    Contours,
    Curve,
    Figure,
    Heatmap,
    Lines,
    Notes,
    Number,
    Picture,
    Points,
    Trail,
)
from saddlescape.report._labels import labels
from saddlescape.report._marks import annotations, traces
from saddlescape.report._picture import edges_of
from saddlescape.report._plotly import Json, css, escaped, placed
from saddlescape.report._scales import Scale, scale_of


def plotly_json(figure: Figure) -> Json:
    """Return a figure as plotly's `data` and `layout`, with colours by name, and its `labels`.

    Args:
        figure: any figure.

    Returns:
        plain lists, dictionaries, numbers and strings; no NaN. Labels are words that the page's
        script places, since only there it is known how wide the picture is.
    """
    scales = scales_of(figure)
    data = list(itertools.chain(*(traces(layer, figure, scales) for layer in figure.layers)))
    if not figure.is_small and _is_crowded(figure, scales):
        data = [_into_key(trace) for trace in data]
    return {**picture(figure, data, scales), "labels": labels_of(figure, scales)}


def _is_crowded(figure: Figure, scales: tuple[Scale, Scale]) -> bool:
    """Return whether names at the ends of curves would cover one another."""
    spans = []
    for side, scale in enumerate(scales):
        every = placed(values_of(figure, side), scale)
        places = [at for at in every if isinstance(at, int | float)]
        low, high = scale.limits or (min(places, default=0), max(places, default=0))
        spans.append((high - low) or 1)
    curves = [x for x in figure.layers if isinstance(x, Curve) and x.name]
    ways = [(placed(c.x, scales[0]), placed(c.y, scales[1])) for c in curves]
    ends = [(xs[-1], ys[-1]) for xs, ys in ways if xs]
    # A name is some 15 pixels high; margins take some 100. Wide ones reach a fifth of the width.
    near = (0.2 * spans[0], 15 / (figure.height - 100) * spans[1])
    return any(
        all(abs(a - b) < gap for a, b, gap in zip(one, other, near, strict=True))
        for one, other in itertools.combinations(ends, 2)
        if all(isinstance(at, int | float) for at in (*one, *other))
    )


def _into_key(trace: Json) -> Json:
    """Return a curve that is named in the key instead of at its end."""
    if trace.get("mode") != "lines+text" or not trace.get("name"):
        return trace
    return {**trace, "mode": "lines", "text": [], "showlegend": True}


def scales_of(figure: Figure) -> tuple[Scale, Scale]:
    """Return the scales of both axes for what the layers put there."""
    xs, ys = values_of(figure, 0), values_of(figure, 1)
    return scale_of(figure.x_axis, xs), scale_of(figure.y_axis, ys)


def labels_of(figure: Figure, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return the words for the page's script to place."""
    return [words for layer in figure.layers for words in labels(layer, figure, scales)]


def picture(figure: Figure, data: list[Json], scales: tuple[Scale, Scale]) -> Json:
    """Return `data`, with a key where it helps, and the `layout` of a figure around it."""
    # Curves and lines are named in the picture, where there is room; marks and bars need a key
    # when there are several.
    named = [x for x in figure.layers if isinstance(x, Points | Bars) and x.name]
    is_keyed = any(trace.get("showlegend") for trace in data)
    has_legend = (len(named) > 1 or is_keyed) and not figure.is_small
    layout = {
        **_frame(figure, has_legend=has_legend),
        "xaxis": _axis(figure, 0, scales[0]),
        "yaxis": _axis(figure, 1, scales[1]),
        "shapes": [_strip(axis, s) for axis, s in zip("xy", scales, strict=True) if s.strip],
        "annotations": [words for layer in figure.layers for words in annotations(layer, scales)],
        "barmode": "stack",
    }
    if is_keyed:
        # Dashes are seen in the key as they are in the picture.
        layout["legend"]["itemsizing"] = "trace"
    keyed = [{**trace, "showlegend": has_legend and _has_key(trace)} for trace in data]
    return {"data": keyed, "layout": layout}


def _has_key(trace: Json) -> bool:
    """Return whether a trace belongs into the key."""
    in_picture = "lines" in trace.get("mode", "") and not trace.get("showlegend")
    return bool(trace.get("name")) and not in_picture


def _frame(figure: Figure, *, has_legend: bool) -> Json:
    """Return what every figure's layout shares."""
    small = figure.is_small
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "xanchor": "left"}
    return {
        "height": figure.height,
        "autosize": True,
        "margin": _margins(figure, has_legend=has_legend),
        "modebar": {
            "bgcolor": "rgba(0,0,0,0)",
            "color": css("--rule"),
            "activecolor": css("--ink"),
        },
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": css("--ink"), "size": 11 if small else 13, "family": css("--font")},
        "legend": {
            **legend,
            "bgcolor": "rgba(0,0,0,0)",
            "itemsizing": "constant",
            "traceorder": "normal",
        },
        "hoverlabel": {
            "bgcolor": css("--paper"),
            "bordercolor": css("--rule"),
            "font": {"color": css("--ink"), "family": css("--font")},
            "align": "left",
        },
        "hovermode": "closest",
        "dragmode": False,
    }


def _margins(figure: Figure, *, has_legend: bool) -> Json:
    """Return the margins: fixed for small figures, so that those side by side are aligned."""
    if not figure.is_small:
        # The tool bar has a line of its own, above the legend's.
        return {"l": 8, "r": 20, "t": 60 if has_legend else 34, "b": 8, "pad": 3}
    has_bar = any(
        (isinstance(layer, Heatmap) and layer.has_scale)
        or (isinstance(layer, Points) and layer.shade and layer.measure)
        for layer in figure.layers
    )
    # Long names take two lines.
    left, low = (15 * (len(axis.text) > 22) for axis in (figure.y_axis, figure.x_axis))
    return {"l": 46 + left, "r": 10, "t": 8, "b": (104 if has_bar else 46) + low, "pad": 2}


def _axis(figure: Figure, side: int, scale: Scale) -> Json:
    """Return plotly's axis: thin, labelled, with a faint grid only where values are read off."""
    axis = (figure.x_axis, figure.y_axis)[side]
    if axis.is_hidden:
        hidden = {"visible": False, "range": list(axis.limits or (-1, 1))}
        return {**hidden, **_equal(side)} if figure.is_equal else hidden
    lying = any(isinstance(layer, Bars) and layer.is_horizontal for layer in figure.layers)
    is_category = any(
        isinstance(layer, Bars) and layer.categories and layer.is_horizontal == bool(side)
        for layer in figure.layers
    )
    # Words say what they are; numbers do not.
    is_words = is_category and not all(
        word.isdigit()
        for layer in figure.layers
        if isinstance(layer, Bars)
        for word in layer.categories
    )
    has_image = any(isinstance(layer, Heatmap | Contours) for layer in figure.layers)
    has_bars = any(isinstance(layer, Bars) for layer in figure.layers)
    result: Json = {
        "title": {
            "text": "" if is_words else escaped(axis.text),
            "standoff": 6 if figure.is_small else 12,
        },
        "automargin": not figure.is_small,
        "showgrid": not (has_image or is_category or (has_bars and side == int(lying))),
        "gridcolor": css("--grid"),
        "zeroline": axis.scale == "signed log",
        "zerolinecolor": css("--rule"),
        "linecolor": css("--rule"),
        "showline": not figure.is_small,
        "ticks": "" if is_category else "outside",
        "tickangle": 0,
        "tickcolor": css("--rule"),
        "ticklen": 4,
    }
    if is_category:
        # Categories in the order given, the first on top when bars lie.
        result |= {"type": "category", **({"autorange": "reversed"} if side else {})}
    elif side == 1 and figure.y_axis.ticks and figure.y_axis.scale == "linear":
        result["zeroline"] = False
    result |= _ticks(scale)
    limits = scale.limits or (_room_on_bars(figure) if side == 1 else None)
    if limits is not None:
        result["range"] = list(limits)
    if figure.is_equal:
        result |= _equal(side)
    return result


def _equal(side: int) -> Json:
    """Return what gives both axes one scale."""
    below = {"scaleanchor": "x", "scaleratio": 1, "constraintoward": "top"}
    return {"constrain": "domain", **(below if side else {})}


def _room_on_bars(figure: Figure) -> tuple[Number, Number] | None:
    """Return limits that leave room for numbers on bars over intervals, stacked as they are."""
    totals: Counter = Counter()
    for layer in figure.layers:
        if not isinstance(layer, Bars) or layer.is_horizontal:
            return None
        for left, height in zip(layer.lefts, layer.heights, strict=False):
            totals[left] += height
    return (0, 1.12 * max(totals.values())) if totals else None


def _ticks(scale: Scale) -> Json:
    """Return ticks where the scale wants them; plotly's own where it does not care."""
    if scale.ticks is None:
        return {}
    return {
        "tickmode": "array",
        "tickvals": [at for at, _ in scale.ticks],
        "ticktext": [escaped(text) for _, text in scale.ticks],
    }


def _strip(letter: str, scale: Scale) -> Json:
    """Return the shaded strip of an axis where values below its floor are drawn."""
    other = "y" if letter == "x" else "x"
    low, high = scale.strip or (0.0, 0.0)
    return {
        "type": "rect",
        "layer": "below",
        f"{letter}ref": letter,
        f"{letter}0": low,
        f"{letter}1": high,
        f"{other}ref": f"{other} domain",
        f"{other}0": 0,
        f"{other}1": 1,
        "fillcolor": css("--strip"),
        "line": {"width": 0},
    }


def values_of(figure: Figure, side: int) -> list[Any]:
    """Return every number the layers put on one axis."""
    result: list[Any] = []
    for layer in figure.layers:
        match layer:
            case Points() | Curve() | Trail() | Heatmap() | Contours() | Notes():
                result += layer.y if side else layer.x
            case Picture():
                result += edges_of(layer)[side]
            case Band():
                result += (*layer.low, *layer.high) if side else layer.x
            case Lines(segments=segments) | Arrows(arrows=segments):
                result += [segment[i] for segment in segments for i in (side, side + 2)]
            case Bars() if side == int(layer.is_horizontal):
                edges = (*layer.lefts, *layer.rights)
                # A bar from None to None is the strip below the floor: any value there opens it.
                result += [-math.inf if edge is None else edge for edge in edges]
                result += [0.0] * any(edge is None for edge in edges)
            case Bars():
                result += layer.heights
    return result
