"""Decisions: a network on two inputs opened layer by layer, hyperplanes, regions and surface."""

from saddlescape.decisions._learn import Learned, labels_of, loaded, trained
from saddlescape.decisions._plane import (
    Plane,
    plane_of,
    principal_plane,
    sample_plane,
    whole_plane,
)
from saddlescape.decisions._run import Decision, opened, run
from saddlescape.decisions._settings import DecisionSettings
from saddlescape.decisions._summary import finding, summary
from saddlescape.decisions._views import LayerView, layer_views
from saddlescape.decisions._zeros import neuron_zeros, regions_of, separating, traced

__all__ = [
    "Decision",
    "DecisionSettings",
    "LayerView",
    "Learned",
    "Plane",
    "finding",
    "labels_of",
    "layer_views",
    "loaded",
    "neuron_zeros",
    "opened",
    "plane_of",
    "principal_plane",
    "regions_of",
    "run",
    "sample_plane",
    "separating",
    "summary",
    "traced",
    "trained",
    "whole_plane",
]
