"""Reports: figures and tables as data, then one self-contained HTML page."""

from saddlescape.report._atlas_page import atlas_page, write_atlas_page
from saddlescape.report._composition_page import composition_page, write_composition_page
from saddlescape.report._count_page import count_page
from saddlescape.report._depth_page import accuracy_page, write_accuracy_page
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
    Picture,
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
from saddlescape.report._separation_page import separation_page, write_separation_page

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
    "Picture",
    "Points",
    "RacingPath",
    "Section",
    "Table",
    "Trail",
    "accuracy_page",
    "atlas_page",
    "composition_page",
    "count",
    "count_page",
    "merge_movie",
    "number",
    "numbers_of",
    "path_page",
    "race_movie",
    "race_page",
    "render_page",
    "separation_page",
    "write_accuracy_page",
    "write_atlas_page",
    "write_composition_page",
    "write_page",
    "write_path_page",
    "write_race_page",
    "write_separation_page",
]
