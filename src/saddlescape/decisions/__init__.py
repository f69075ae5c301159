"""Decisions: a network on two inputs opened layer by layer, hyperplanes, regions and surface."""

from saddlescape.decisions._along import Along, along, recorded_steps
from saddlescape.decisions._learn import Learned, labels_of, loaded, relu, trained
from saddlescape.decisions._local import Beside, Local, beside, compared
from saddlescape.decisions._local_settings import LocalSettings
from saddlescape.decisions._local_summary import (
    accuracy_gap,
    local_finding,
    local_summary,
    statements,
)
from saddlescape.decisions._nearest import Shared, nearest, shared_areas
from saddlescape.decisions._plane import (
    Plane,
    plane_of,
    principal_plane,
    sample_plane,
    whole_plane,
)
from saddlescape.decisions._run import Decision, opened, run
from saddlescape.decisions._settings import DecisionSettings
from saddlescape.decisions._summary import finding, growth_finding, summary
from saddlescape.decisions._views import LayerView, layer_views
from saddlescape.decisions._zeros import neuron_zeros, regions_of, separating, traced

__all__ = [
    "Along",
    "Beside",
    "Decision",
    "DecisionSettings",
    "LayerView",
    "Learned",
    "Local",
    "LocalSettings",
    "Plane",
    "Shared",
    "accuracy_gap",
    "along",
    "beside",
    "compared",
    "finding",
    "growth_finding",
    "labels_of",
    "layer_views",
    "loaded",
    "local_finding",
    "local_summary",
    "nearest",
    "neuron_zeros",
    "opened",
    "plane_of",
    "principal_plane",
    "recorded_steps",
    "regions_of",
    "relu",
    "run",
    "sample_plane",
    "separating",
    "shared_areas",
    "statements",
    "summary",
    "traced",
    "trained",
    "whole_plane",
]
