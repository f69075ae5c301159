"""Reports: figures and tables as data, then one self-contained HTML page."""

from saddlescape.report._arrangement_page import arrangement_page
from saddlescape.report._atlas_page import atlas_page, write_atlas_page
from saddlescape.report._cloud_page import cloud_page, write_cloud_page
from saddlescape.report._composition_page import composition_page, write_composition_page
from saddlescape.report._count_page import count_page
from saddlescape.report._decision_page import decision_page
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
from saddlescape.report._index_law_page import index_law_finding, index_law_page
from saddlescape.report._labellings_page import labellings_page
from saddlescape.report._local_page import local_page
from saddlescape.report._merge_movie import MergingPath, merge_movie
from saddlescape.report._network_regions_page import network_regions_page
from saddlescape.report._nfl_learning_page import learning_page
from saddlescape.report._nfl_priors_page import priors_page
from saddlescape.report._nfl_search_page import search_page
from saddlescape.report._numbers import count, number, numbers_of
from saddlescape.report._path_page import path_page, write_path_page
from saddlescape.report._race_movie import RacingPath, race_movie
from saddlescape.report._race_page import race_page, write_race_page
from saddlescape.report._regions_count_page import regions_count_page
from saddlescape.report._separation_page import separation_page, write_separation_page
from saddlescape.report._slice_page import slice_page
from saddlescape.report._solutions_page import solutions_page
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
    "Picture",
    "Points",
    "RacingPath",
    "Section",
    "Table",
    "Trail",
    "accuracy_page",
    "arrangement_page",
    "atlas_page",
    "cloud_page",
    "composition_page",
    "count",
    "count_page",
    "decision_page",
    "index_law_finding",
    "index_law_page",
    "labellings_page",
    "learning_page",
    "local_page",
    "merge_movie",
    "network_regions_page",
    "number",
    "numbers_of",
    "path_page",
    "priors_page",
    "race_movie",
    "race_page",
    "regions_count_page",
    "render_page",
    "search_page",
    "separation_page",
    "slice_page",
    "solutions_page",
    "spectrum_page",
    "write_accuracy_page",
    "write_atlas_page",
    "write_cloud_page",
    "write_composition_page",
    "write_page",
    "write_path_page",
    "write_race_page",
    "write_separation_page",
    "write_spectrum_page",
]
