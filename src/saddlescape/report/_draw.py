"""The only module that knows plotly: a figure becomes plotly's JSON.

Colours are `{"css": name}`, looked up in the page's style when it is drawn, so that figures follow
its theme. Text is escaped, since plotly reads a little HTML in every label.
"""

import itertools
import math
from collections.abc import Iterable
from typing import Any

from saddlescape.report._figures import Bars, Curve, Figure, Heatmap, Layer, Lines, Points
from saddlescape.report._numbers import number
from saddlescape.report._scales import Scale, scale_of

Json = dict[str, Any]

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_SHADES = [[i / 4, {"css": f"--shade-{i}"}] for i in range(5)]


def plotly_json(figure: Figure) -> Json:
    """Return a figure as plotly's `data` and `layout`, with colours by name.

    Args:
        figure: any figure.

    Returns:
        plain lists, dictionaries, numbers and strings; no NaN.
    """
    xs, ys = _values(figure, 0), _values(figure, 1)
    scales = scale_of(figure.x_axis, xs), scale_of(figure.y_axis, ys)
    named = [layer for layer in figure.layers if getattr(layer, "name", "")]
    has_legend = len(named) > 1 and not figure.is_small
    traces = itertools.chain.from_iterable(
        _traces(layer, figure, scales) for layer in figure.layers
    )
    data = [{**trace, "showlegend": has_legend and bool(trace.get("name"))} for trace in traces]
    layout = {
        **_frame(figure),
        "xaxis": _axis(figure, 0, scales[0]),
        "yaxis": _axis(figure, 1, scales[1]),
        "shapes": [_strip(axis, s) for axis, s in zip("xy", scales, strict=True) if s.strip],
        "annotations": [
            label
            for layer in figure.layers
            if isinstance(layer, Lines)
            for label in _labels(layer, scales)
        ],
        "barmode": "stack",
    }
    return {"data": data, "layout": layout}


def _frame(figure: Figure) -> Json:
    """Return what every figure's layout shares."""
    small = figure.is_small
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "xanchor": "left"}
    return {
        "height": figure.height,
        "autosize": True,
        "margin": {"l": 8, "r": 8 if small else 20, "t": 8 if small else 34, "b": 8, "pad": 3},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": _css("--ink"), "size": 11 if small else 13, "family": _css("--font")},
        "legend": {**legend, "bgcolor": "rgba(0,0,0,0)", "itemsizing": "constant"},
        "hoverlabel": {
            "bgcolor": _css("--paper"),
            "bordercolor": _css("--rule"),
            "font": {"color": _css("--ink"), "family": _css("--font")},
            "align": "left",
        },
        "hovermode": "closest",
        "dragmode": False,
    }


def _axis(figure: Figure, side: int, scale: Scale) -> Json:
    """Return plotly's axis: thin, labelled, with a faint grid only where values are read off."""
    axis = (figure.x_axis, figure.y_axis)[side]
    lying = any(isinstance(layer, Bars) and layer.is_horizontal for layer in figure.layers)
    is_category = any(
        isinstance(layer, Bars) and layer.categories and layer.is_horizontal == bool(side)
        for layer in figure.layers
    )
    has_image = any(isinstance(layer, Heatmap) for layer in figure.layers)
    has_bars = any(isinstance(layer, Bars) for layer in figure.layers)
    result: Json = {
        "title": {"text": _text(axis.text), "standoff": 6 if figure.is_small else 12},
        "automargin": True,
        "showgrid": not (has_image or is_category or (has_bars and side == int(lying))),
        "gridcolor": _css("--grid"),
        "zeroline": axis.scale == "signed log",
        "zerolinecolor": _css("--rule"),
        "linecolor": _css("--rule"),
        "showline": not figure.is_small,
        "ticks": "" if is_category else "outside",
        "tickcolor": _css("--rule"),
        "ticklen": 4,
    }
    if is_category:
        # Categories in the order given, the first on top when bars lie.
        result |= {"type": "category", **({"autorange": "reversed"} if side else {})}
    elif side == 1 and figure.y_axis.ticks and figure.y_axis.scale == "linear":
        result["zeroline"] = False
    if scale.ticks is not None:
        result |= {
            "tickmode": "array",
            "tickvals": [at for at, _ in scale.ticks],
            "ticktext": [_text(text) for _, text in scale.ticks],
        }
    if scale.limits is not None:
        result["range"] = list(scale.limits)
    if figure.is_equal and side == 1:
        result |= {"scaleanchor": "x", "scaleratio": 1}
    if figure.is_equal:
        result |= {"constrain": "domain"}
    return result


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
        "fillcolor": _css("--strip"),
        "line": {"width": 0},
    }


def _values(figure: Figure, side: int) -> list[Any]:
    """Return every number the layers put on one axis."""
    result: list[Any] = []
    for layer in figure.layers:
        match layer:
            case Points() | Curve() | Heatmap():
                result += layer.y if side else layer.x
            case Lines():
                result += [segment[i] for segment in layer.segments for i in (side, side + 2)]
            case Bars() if side == int(layer.is_horizontal):
                edges = (*layer.lefts, *layer.rights)
                # A bar from None to None is the strip below the floor: any value there opens it.
                result += [-math.inf if edge is None else edge for edge in edges]
                result += [0.0] * any(edge is None for edge in edges)
            case Bars():
                result += layer.heights
    return result


def _traces(layer: Layer, figure: Figure, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return a layer as plotly traces."""
    match layer:
        case Points():
            return [_points(layer, figure, scales)]
        case Curve():
            return [_curve(layer, scales)]
        case Bars():
            return [_bars(layer, figure, scales)]
        case Heatmap():
            return [_heatmap(layer, figure, scales)]
        case Lines():
            return _lines(layer, scales)


def _points(layer: Points, figure: Figure, scales: tuple[Scale, Scale]) -> Json:
    """Return marks, with their coordinates and notes on hovering."""
    sizes = list(layer.sizes)
    largest = max(sizes, default=1) or 1
    # Areas are proportional to `sizes`; 7 pixels keep the rarest in sight.
    diameters = [max(7.0, 44 * math.sqrt(size / largest)) for size in sizes] or 8
    marker: Json = {"size": diameters, "opacity": 0.85, "symbol": _SYMBOLS[layer.tone % 6]}
    marker |= {"color": _tone(layer.tone), "line": {"width": 1, "color": _css("--paper")}}
    if layer.mark == "bar":
        marker |= {
            "symbol": "line-ns",
            "size": 15,
            "line": {"width": 2, "color": _tone(layer.tone)},
        }
    if layer.shade:
        marker |= {"color": list(layer.shade), "colorscale": _SHADES, "size": 6}
        marker["line"] = {"width": 1, "color": _css("--rule")}
        marker |= {"colorbar": _colour_bar(layer.measure)} if layer.measure else {}
    notes = itertools.zip_longest(layer.x, layer.y, layer.notes, sizes or layer.shade)
    return {
        "type": "scatter",
        "mode": "markers+text" if layer.labels else "markers",
        "name": _text(layer.name),
        "x": _placed(layer.x, scales[0]),
        "y": _placed(layer.y, scales[1]),
        "text": [_text(label) for label in layer.labels],
        "textposition": "middle right",
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
    return "<br>".join(_text(line) for line in lines if line)


def _said(value: Any) -> str:
    """Return a coordinate as text."""
    return value if isinstance(value, str) else number(value, 6)


def _curve(layer: Curve, scales: tuple[Scale, Scale]) -> Json:
    """Return a line, with its name at its end."""
    xs, ys = _placed(layer.x, scales[0]), _placed(layer.y, scales[1])
    return {
        "type": "scatter",
        "mode": "lines+text",
        "name": _text(layer.name),
        "x": xs,
        "y": ys,
        "text": [""] * (len(xs) - 1) + [_text(layer.name)],
        "textposition": "top left",
        "textfont": {"color": _tone(layer.tone)},
        "hoverinfo": "x+y+name",
        "line": {"color": _tone(layer.tone), "width": 2, "dash": _DASHES[layer.tone % 6]},
    }


def _bars(layer: Bars, figure: Figure, scales: tuple[Scale, Scale]) -> Json:
    """Return bars over categories or over intervals."""
    scale, category_axis = (
        (scales[1], figure.y_axis) if layer.is_horizontal else (scales[0], figure.x_axis)
    )
    heights = list(layer.heights)
    if layer.categories:
        words, widths = [_text(word) for word in layer.categories], None
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
        "name": _text(layer.name),
        **along,
        "text": [_text(text) for text in layer.texts],
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "hoverinfo": "text",
        "hovertext": [f"{word}<br>{number(h)}" for word, h in zip(words, heights, strict=True)],
        "marker": {"color": _tone(layer.tone), "line": {"width": 1, "color": _css("--paper")}},
    }
    if widths is not None:
        trace["width"] = widths
    return trace


def _interval(left: float | None, right: float | None, scale: Scale) -> tuple[float, float]:
    """Return a bar's ends as positions; from None to None it fills the middle of the strip."""
    if left is None or right is None:
        low, high = scale.strip or (0.0, 0.0)
        inset = 0.2 * (high - low)
        return low + inset, high - inset
    return scale.place(left) or 0.0, scale.place(right) or 0.0


def _range(left: float | None, right: float | None, floor_label: str) -> str:
    """Return a bar's interval in words."""
    if left is None or right is None:
        return _text(floor_label)
    return f"{number(left, 3)} to {number(right, 3)}"


def _heatmap(layer: Heatmap, figure: Figure, scales: tuple[Scale, Scale]) -> Json:
    """Return shades on a grid."""
    return {
        "type": "heatmap",
        "x": _placed(layer.x, scales[0]),
        "y": _placed(layer.y, scales[1]),
        "z": [[None if v is None or not math.isfinite(v) else v for v in row] for row in layer.z],
        "colorscale": _SHADES,
        "showscale": layer.has_scale,
        "colorbar": _colour_bar(layer.label, lying=figure.is_small),
        "hoverinfo": "skip" if layer.is_backdrop else "x+y+z",
    }


def _colour_bar(label: str, *, lying: bool = True) -> Json:
    """Return a slim colour bar, below the picture or at its right."""
    bar: Json = {"title": {"text": _text(label), "side": "right"}, "thickness": 12, "len": 0.9}
    if lying:
        bar |= {"orientation": "h", "x": 0.5, "y": -0.3, "yanchor": "top", "thickness": 8}
        bar |= {"title": {"text": _text(label), "side": "bottom"}, "nticks": 5}
    return {**bar, "outlinewidth": 0}


def _lines(layer: Lines, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return one trace per segment, each on a halo of paper that keeps it visible on any shade."""
    traces: list[Json] = []
    dash = "dash" if layer.is_dashed else "solid"
    items = itertools.zip_longest(layer.segments, layer.widths, layer.labels)
    for segment, width, label in items:
        xs = _placed((segment[0], segment[2]), scales[0])
        ys = _placed((segment[1], segment[3]), scales[1])
        line = {"width": width or 2, "color": _tone(layer.tone), "dash": dash}
        halo = {"width": (width or 2) + 2, "color": _css("--paper")}
        shared = {"type": "scatter", "x": xs, "y": ys, "cliponaxis": False}
        traces.append({**shared, "mode": "lines", "line": halo, "hoverinfo": "skip"})
        named = {"name": _text(layer.name), "hovertext": _text(f"{layer.name} {label or ''}")}
        traces.append({**shared, "mode": "lines", "line": line, "hoverinfo": "text", **named})
    return traces


def _labels(layer: Lines, scales: tuple[Scale, Scale]) -> list[Json]:
    """Return the words of segments, staggered so that those of a bundle do not collide."""
    labels: list[Json] = []
    for i, (segment, label) in enumerate(zip(layer.segments, layer.labels, strict=False)):
        xs = _placed((segment[0], segment[2]), scales[0])
        ys = _placed((segment[1], segment[3]), scales[1])
        along = 0.92 - 0.16 * (i % 3)
        place = {"x": xs[0] + along * (xs[1] - xs[0]), "y": ys[0] + along * (ys[1] - ys[0])}
        look = {"bgcolor": _css("--paper"), "borderpad": 1, "opacity": 0.9, "showarrow": False}
        font = {"color": _tone(layer.tone), "size": 11}
        labels.append({**place, **look, "text": _text(label), "font": font})
    return labels


def _placed(values: Iterable[Any], scale: Scale) -> list[Any]:
    """Return values as positions; what cannot be drawn becomes None."""
    return [value if isinstance(value, str) else _finite(scale.place(value)) for value in values]


def _finite(value: float | None) -> float | None:
    """Return the value, or None for what JSON cannot say."""
    return value if value is not None and math.isfinite(value) else None


def _tone(tone: int) -> Json:
    """Return the name of a colour of the palette, or of the text's for -1."""
    if tone == -1:
        return _css("--ink")
    return _css(f"--tone-{tone % 6}")


def _css(name: str) -> Json:
    """Return a reference to a variable of the page's style."""
    return {"css": name}


def _text(text: Any) -> str:
    """Return text that plotly shows as it is."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
