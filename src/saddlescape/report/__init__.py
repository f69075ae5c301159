"""Reports: figures and tables as data, then one self-contained HTML page."""

from saddlescape.report._atlas_page import atlas_page, write_atlas_page
from saddlescape.report._count_page import count_page
from saddlescape.report._figures import (
    Arrows,
    Axis,
    Band,
    Bars,
    Cell,
    Column,
    Contours,
    Curve,
    Figure,
    Heatmap,
    Layer,
    Lines,
    Movie,
    Notes,
    Page,
    Points,
    Section,
    Table,
    Trail,
)
from saddlescape.report._html import render_page, write_page
from saddlescape.report._merge_movie import MergingPath, merge_movie
from saddlescape.report._numbers import count, number, numbers_of
from saddlescape.report._path_page import path_page, write_path_page
from saddlescape.report._race_movie import RacingPath, race_movie
from saddlescape.report._race_page import race_page, write_race_page
from saddlescape.report._spectrum_page import spectrum_page, write_spectrum_page

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
    "MergingPath",
    "Movie",
    "Notes",
    "Page",
    "Points",
    "RacingPath",
    "Section",
    "Table",
    "Trail",
    "atlas_page",
    "count",
    "count_page",
    "merge_movie",
    "number",
    "numbers_of",
    "path_page",
    "race_movie",
    "race_page",
    "render_page",
    "spectrum_page",
    "write_atlas_page",
    "write_page",
    "write_path_page",
    "write_race_page",
    "write_spectrum_page",
]
