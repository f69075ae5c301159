"""Figures, movies, tables and pages as plain frozen records: computed here, drawn elsewhere.

Tests read these records, `_draw` paints them, the app sends them. What stands in a picture is in
`_layers`, and may be imported from here as well.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from saddlescape.core import InvalidInputError
from saddlescape.report._layers import (
    Arrows,
    Axis,
    Band,
    Bars,
    Cell,
    Contours,
    Curve,
    Heatmap,
    Layer,
    Lines,
    Notes,
    Number,
    Picture,
    Points,
    Trail,
    Values,
    freeze,
)

__all__ = [
    "Arrows",
    "Axis",
    "Band",
    "Bars",
    "Cell",
    "Column",
    "Contours",
    "Curve",
    "Figure",
    "Heatmap",
    "Layer",
    "Lines",
    "Movie",
    "Notes",
    "Number",
    "Page",
    "Picture",
    "Points",
    "Section",
    "Table",
    "Trail",
    "Values",
]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Args:
        name: its heading.
        unit: in brackets under the heading.
        format: "number" for up to `digits` digits and a power of ten, "count" for exact integers
            (beyond 15 digits a power of ten), "text" as it is.
        digits: significant digits of a number.
        note: what it means, shown on hovering.
    """

    name: str
    unit: str = ""
    format: Literal["number", "count", "text"] = "number"
    digits: int = 4
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under named columns.

    Args:
        title: what it says.
        columns: headings and formats.
        rows: one cell per column; an integer too long to be read comes as its digits.
        is_sortable: whether a click on a heading sorts.
        note: a sentence below, such as what was left out.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Values
    is_sortable: bool = True
    note: str = ""

    def __post_init__(self):
        freeze(self, "rows")


@dataclass(frozen=True)
class Figure:
    """A picture as data, titled with what it shows.

    Args:
        title: the finding, as a sentence.
        x_axis: across.
        y_axis: up.
        layers: drawn in order.
        caption: how to read it.
        height: in pixels.
        is_equal: whether both axes have one scale.
        is_small: whether it is one of several side by side: bare axes, small type.
    """

    title: str
    x_axis: Axis
    y_axis: Axis
    layers: tuple[Layer, ...]
    caption: str = ""
    height: int = 380
    is_equal: bool = False
    is_small: bool = False


Moving = Points | Curve | Trail | Lines | Arrows | Notes
"""What can move in a movie."""


@dataclass(frozen=True)
class Movie:
    """Pictures side by side that change together, to be played and scrubbed with one slider.

    Each panel is a figure of what stays; every frame adds layers to it, drawn on top: points,
    curves, trails, lines, arrows and notes. From frame to frame only their coordinates and words
    change, so that each item can be followed; one that is not in sight has None for its
    coordinates. Axes do not move: where an axis of a panel has no limits, it holds the values of
    every frame.

    Args:
        title: the finding, as a sentence.
        panels: what stays, one figure per picture.
        frames: for every frame, for every panel, the layers that move.
        captions: one per frame, what the slider says there.
        start: the frame shown first.
        caption: how to read it.
        stills: the frames that are printed, one below the other; on paper the frame on show alone
            when empty.

    Raises:
        InvalidInputError: where frames, panels, layers and captions do not fit together.

    Example:
        >>> panel = Figure("", Axis("x"), Axis("y"), ())
        >>> frames = tuple(((Points([x], [0]),),) for x in (0, 1))
        >>> len(Movie("A mark moves right", (panel,), frames, ("left", "right")).frames)
        2
    """

    title: str
    panels: tuple[Figure, ...]
    frames: tuple[tuple[tuple[Layer, ...], ...], ...]
    captions: tuple[str, ...]
    start: int = 0
    caption: str = ""
    stills: tuple[int, ...] = ()

    def __post_init__(self):
        shapes = {tuple(tuple(map(_shape, panel)) for panel in frame) for frame in self.frames}
        layers = [layer for frame in self.frames for panel in frame for layer in panel]
        msg = ""
        named = {self.start, *self.stills}
        if not named <= set(range(len(self.frames))) or len(self.captions) != len(self.frames):
            msg = (
                f"a movie has {len(self.frames)} frames, {len(self.captions)} captions and names "
                f"the frames {sorted(named)}: give one caption per frame, and name some of them"
            )
        elif len(shapes) > 1:
            msg = (
                f"the frames of a movie have {len(shapes)} different make-ups: give every frame "
                "equally many items that look the same, with None where one is out of sight"
            )
        elif len(self.frames[0]) != len(self.panels):
            msg = (
                f"a frame has layers for {len(self.frames[0])} panels, the movie has "
                f"{len(self.panels)} panels: give every panel its layers, () where nothing moves"
            )
        elif fixed := sorted({type(x).__name__ for x in layers if not isinstance(x, Moving)}):
            msg = (
                f"{', '.join(fixed)} cannot move: give points, curves, trails, lines, arrows "
                "and notes, and the rest in the panels"
            )
        if msg:
            raise InvalidInputError(msg)


def _shape(layer: Layer) -> tuple[Any, ...]:
    """Return what must not change from frame to frame: the kind, the looks, how many items."""
    looks = {"widths", "sizes", "shade"}
    fields = ((k, v) for k, v in vars(layer).items() if k != "upto")
    sizes = (len(v) if isinstance(v, tuple) and k not in looks else v for k, v in fields)
    return (type(layer).__name__, *sizes)


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Args:
        heading: its title.
        explanation: a paragraph, before anything else.
        figures: and movies, drawn after it; small ones side by side.
        tables: after the figures.
        tables_first: whether tables come before figures.
    """

    heading: str
    explanation: str = ""
    figures: tuple[Figure | Movie, ...] = ()
    tables: tuple[Table, ...] = ()
    tables_first: bool = False


@dataclass(frozen=True)
class Page:
    """A page: the finding, the evidence, and what reproduces it.

    Args:
        title: of the page and the browser's tab.
        finding: the sentence that stands out.
        sections: in order.
        settings: names and values.
        command: what reproduces the result; "" when there is none.
        versions: of the software, names and values.
        defaults: settings nobody changed, names and values; folded away.
    """

    title: str
    finding: str
    sections: tuple[Section, ...] = ()
    settings: tuple[tuple[str, str], ...] = field(default=())
    command: str = ""
    versions: tuple[tuple[str, str], ...] = field(default=())
    defaults: tuple[tuple[str, str], ...] = field(default=())
