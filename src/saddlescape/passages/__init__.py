"""Passages between equivalent minima: the paths of a whole layer, compared and ranked."""

from saddlescape.passages._alternatives import Alternative
from saddlescape.passages._cross import MERGING, Passage, Passages, Progress, cross
from saddlescape.passages._graph import Edge, LayerGraph, Level, graph_of
from saddlescape.passages._orders import BuiltOrder, build_orders
from saddlescape.passages._settings import PassageSettings
from saddlescape.passages._start import Start, start_of
from saddlescape.passages._summary import finding, passage_summary, remarks, summary

__all__ = [
    "MERGING",
    "Alternative",
    "BuiltOrder",
    "Edge",
    "LayerGraph",
    "Level",
    "Passage",
    "PassageSettings",
    "Passages",
    "Progress",
    "Start",
    "build_orders",
    "cross",
    "finding",
    "graph_of",
    "passage_summary",
    "remarks",
    "start_of",
    "summary",
]
