"""What figures are made of, as plain frozen records: axes and layers.

A sequence of numbers may be given as any iterable (a NumPy or JAX array, a list); the record keeps
a tuple of plain numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Values = Iterable[Any]
"""Numbers, words or None, in a row."""

Number = float | int
"""Either; run-time type checkers do not take an int for a float."""

Cell = str | int | float | bool | None
"""What a table holds; None is drawn as a dash."""


def plain(values: Values) -> tuple[Any, ...]:
    """Return values as a tuple of Python numbers, nested where the values are."""
    if hasattr(values, "__array__"):
        values = np.asarray(values).tolist()
    return tuple(
        plain(value) if isinstance(value, list | tuple | np.ndarray) else _scalar(value)
        for value in values
    )


def _scalar(value: Any) -> Any:
    """Return a NumPy scalar as a Python one, anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def freeze(record: Any, *names: str) -> None:
    """Replace the named fields of a frozen record by tuples of plain numbers."""
    for name in names:
        object.__setattr__(record, name, plain(getattr(record, name)))


@dataclass(frozen=True)
class Axis:
    """One axis: what it measures, in which unit, on which scale.

    Args:
        label: what is measured, such as ``"loss (mean over samples)"``.
        unit: in brackets after the label; "" for pure numbers.
        scale: linear, log, or signed log: ``sign(v) log10(1 + |v| / linear_below)``.
        linear_below: where a signed logarithm turns linear.
        floor: on a log scale, values below are drawn in a strip of their own at the low end.
        floor_label: what that strip is called.
        ticks: where to put ticks and what they say; chosen for you when empty.
        limits: the ends of the axis; chosen for you when None.
        is_hidden: whether it is not drawn, where its value is the same for every mark.
    """

    label: str
    unit: str = ""
    scale: Literal["linear", "log", "signed log"] = "linear"
    linear_below: Number = 1.0
    floor: Number | None = None
    floor_label: str = "0"
    ticks: tuple[tuple[Number, str], ...] = ()
    limits: tuple[Number, Number] | None = None
    is_hidden: bool = False

    @property
    def text(self) -> str:
        """The label with its unit, and that it is logarithmic where it is."""
        text = f"{self.label} [{self.unit}]" if self.unit else self.label
        return f"{text}, log scale" if self.scale == "log" else text


@dataclass(frozen=True)
class Points:
    """Marks at (x, y).

    Args:
        x: positions.
        y: positions.
        name: what they are, for the legend.
        tone: number of the colour, 0 to 5; also picks the shape, so that colour is never alone.
        sizes: areas follow these; all alike when empty.
        labels: words beside the marks, where there is room; none when empty.
        notes: words shown on hovering, after the coordinates.
        shade: values to colour by, on the sequential scale, in place of `tone`.
        mark: "shape" for the shape of the tone, "bar" for a short vertical stroke.
        measure: what `sizes` or `shade` measure, with the unit.
        is_backdrop: whether they only set the scene: then their numbers are not listed again.
    """

    x: Values
    y: Values
    name: str = ""
    tone: int = 0
    sizes: Values = ()
    labels: Values = ()
    notes: Values = ()
    shade: Values = ()
    mark: Literal["shape", "bar"] = "shape"
    measure: str = ""
    is_backdrop: bool = False

    def __post_init__(self):
        freeze(self, "x", "y", "sizes", "labels", "notes", "shade")


@dataclass(frozen=True)
class Curve:
    """A line through (x, y), named at its end.

    Args:
        x: positions.
        y: positions.
        name: what it is.
        tone: number of the colour, 0 to 5; also picks the dashes. -2 for a thin dotted line that
            only sets the scene.
    """

    x: Values
    y: Values
    name: str = ""
    tone: int = 0

    def __post_init__(self):
        freeze(self, "x", "y")


@dataclass(frozen=True)
class Trail:
    """A path in a movie, drawn as far as it has come; in a still picture drawn whole.

    Args:
        x: positions of the whole path, the same in every frame.
        y: positions.
        upto: how many of them are drawn.
        name: what it is, in the table of numbers.
        tone: number of the colour.
    """

    x: Values
    y: Values
    upto: int
    name: str = ""
    tone: int = 0

    def __post_init__(self):
        freeze(self, "x", "y")


@dataclass(frozen=True)
class Band:
    """A band between two curves, such as quantiles, in a light tint.

    Args:
        x: positions.
        low: the lower edge.
        high: the upper edge.
        name: what it is, in the table of numbers.
        tone: number of the colour.
    """

    x: Values
    low: Values
    high: Values
    name: str = ""
    tone: int = 0

    def __post_init__(self):
        freeze(self, "x", "low", "high")


@dataclass(frozen=True)
class Bars:
    """Bars over intervals or categories.

    Args:
        heights: their lengths.
        categories: one word per bar; or else
        lefts: where each bar begins, and
        rights: where it ends, in the units of the axis; None to None is the strip below `floor`.
        name: what they are, for the legend.
        tone: number of the colour.
        texts: words at the bars' ends.
        is_horizontal: whether bars lie; categories then run down the y axis.
    """

    heights: Values
    categories: Values = ()
    lefts: Values = ()
    rights: Values = ()
    name: str = ""
    tone: int = 0
    texts: Values = ()
    is_horizontal: bool = False

    def __post_init__(self):
        freeze(self, "heights", "categories", "lefts", "rights", "texts")


@dataclass(frozen=True)
class Heatmap:
    """Values on a grid, as shades.

    Args:
        x: the columns' positions.
        y: the rows' positions.
        z: one row of values per y.
        label: what the values are, with their unit, for the colour bar.
        has_scale: whether to draw the colour bar.
        is_backdrop: whether it only sets the scene: then its numbers are not listed again.
        has_tones: whether values are numbers of tones, drawn as light tints of their colours.
    """

    x: Values
    y: Values
    z: Values
    label: str = ""
    has_scale: bool = True
    is_backdrop: bool = False
    has_tones: bool = False

    def __post_init__(self):
        freeze(self, "x", "y", "z")


@dataclass(frozen=True)
class Contours:
    """Lines of equal value over a grid, with shades between them, stronger where values are higher.

    Args:
        x: the columns' positions.
        y: the rows' positions.
        z: one row of values per y; where a value is not a number there is a gap.
        label: what the values are, with their unit.
        scale: whether levels are chosen evenly or in equal ratios.
        levels: the values of the lines, increasing; round ones are chosen when empty.
        is_labelled: whether lines carry their values, where there is room.
        is_backdrop: whether they only set the scene: then their numbers are not listed again.
    """

    x: Values
    y: Values
    z: Values
    label: str = ""
    scale: Literal["linear", "log"] = "linear"
    levels: Values = ()
    is_labelled: bool = True
    is_backdrop: bool = True

    def __post_init__(self):
        freeze(self, "x", "y", "z", "levels")


@dataclass(frozen=True)
class Lines:
    """Straight segments, each with its own width and label.

    Args:
        segments: ``(x0, y0, x1, y1)`` each.
        name: what they are, on hovering.
        tone: number of the colour, -1 for that of the text, -2 for a softer one.
        is_dashed: whether lines are broken.
        widths: in pixels; all alike when empty.
        labels: words on the segments, where there is room.
        labels_at: where each label stands, from 0 at the first end to 1 at the other; chosen for
            you, clear of other words, when empty.
    """

    segments: Values
    name: str = ""
    tone: int = 0
    is_dashed: bool = False
    widths: Values = ()
    labels: Values = ()
    labels_at: Values = ()

    def __post_init__(self):
        freeze(self, "segments", "widths", "labels", "labels_at")


@dataclass(frozen=True)
class Arrows:
    """Vectors, on a halo of paper that keeps them visible on any shade.

    Args:
        arrows: ``(x0, y0, x1, y1)`` each, from the tail to the tip.
        name: what they are, on hovering.
        tone: number of the colour, -1 for that of the text, -2 for a softer one.
        is_dashed: whether shafts are broken.
        width: of the shafts, in pixels.
        labels: words at the tips, such as numbers of neurons.
        label_sides: ``(x, y)`` each, the direction from the tip to its label; onwards when empty.
    """

    arrows: Values
    name: str = ""
    tone: int = 0
    is_dashed: bool = False
    width: Number = 2
    labels: Values = ()
    label_sides: Values = ()

    def __post_init__(self):
        freeze(self, "arrows", "labels", "label_sides")


@dataclass(frozen=True)
class Notes:
    """Words in the picture.

    Args:
        x: positions.
        y: positions.
        texts: what stands there.
        tone: number of the colour, -1 for that of the text.
        side: where the words stand, seen from the position.
    """

    x: Values
    y: Values
    texts: Values
    tone: int = -1
    side: Literal["center", "left", "right"] = "center"

    def __post_init__(self):
        freeze(self, "x", "y", "texts")


@dataclass(frozen=True)
class Picture:
    """A picture of pixels in their own colors.

    Args:
        pixels: rows from the top, of pixels, of red, green and blue from 0 to 255.
        left: position of the left edge.
        top: position of the upper edge; the picture reaches down from there.
        size: of a pixel, in the units of both axes.
        name: what is on it.
    """

    pixels: Values
    left: Number = 0.0
    top: Number = 0.0
    size: Number = 1.0
    name: str = ""

    def __post_init__(self):
        freeze(self, "pixels")


Layer = Picture | Points | Curve | Trail | Band | Bars | Heatmap | Contours | Lines | Arrows | Notes
"""What a figure is made of."""
