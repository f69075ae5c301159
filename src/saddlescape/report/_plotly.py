"""Words of plotly that every mark needs: colours by name, positions, safe text, colour bars."""

import math
from collections.abc import Iterable
from typing import Any

from saddlescape.report._layers import Number
from saddlescape.report._scales import Scale

Json = dict[str, Any]

_NEUTRAL = {-1: "--ink", -2: "--soft"}
SHADES = [[i / 4, {"css": f"--shade-{i}"}] for i in range(5)]
"""The sequential scale, from paper to dark."""


def placed(values: Iterable[Any], scale: Scale) -> list[Any]:
    """Return values as positions; what cannot be drawn becomes None."""
    return [value if isinstance(value, str) else _finite(scale.place(value)) for value in values]


def _finite(value: Number | None) -> Number | None:
    """Return the value, or None for what JSON cannot say."""
    return value if value is not None and math.isfinite(value) else None


def tone_of(tone: int) -> Json:
    """Return the name of a colour of the palette; -1 is the text's, -2 a softer one."""
    if is_neutral(tone):
        return css(_NEUTRAL[tone])
    return css(f"--tone-{tone % 6}")


def css(name: str) -> Json:
    """Return a reference to a variable of the page's style."""
    return {"css": name}


def escaped(text: Any) -> str:
    """Return text that plotly shows as it is."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def is_neutral(tone: int) -> bool:
    """Return whether a tone is a colour of the text, none of the palette."""
    return tone in _NEUTRAL


def colour_bar(label: str, *, lying: bool) -> Json:
    """Return a slim colour bar, below the picture or at its right."""
    bar: Json = {"title": {"text": escaped(label), "side": "right"}, "thickness": 12, "len": 0.9}
    if lying:
        bar |= {"orientation": "h", "x": 0.5, "yref": "container", "y": 0.01, "thickness": 8}
        bar |= {
            "yanchor": "bottom",
            "title": {"text": escaped(label), "side": "bottom"},
            "nticks": 5,
        }
    return {**bar, "outlinewidth": 0}
