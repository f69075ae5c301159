"""Reports: figures and tables as data, then one self-contained HTML page."""

from saddlescape.report._atlas_page import atlas_page, write_atlas_page
from saddlescape.report._count_page import count_page
from saddlescape.report._figures import (
    Axis,
    Bars,
    Cell,
    Column,
    Curve,
    Figure,
    Heatmap,
    Layer,
    Lines,
    Notes,
    Page,
    Points,
    Section,
    Table,
)
from saddlescape.report._html import render_page, write_page
from saddlescape.report._numbers import count, number, numbers_of

__all__ = [
    "Axis",
    "Bars",
    "Cell",
    "Column",
    "Curve",
    "Figure",
    "Heatmap",
    "Layer",
    "Lines",
    "Notes",
    "Page",
    "Points",
    "Section",
    "Table",
    "atlas_page",
    "count",
    "count_page",
    "number",
    "numbers_of",
    "render_page",
    "write_atlas_page",
    "write_page",
]
