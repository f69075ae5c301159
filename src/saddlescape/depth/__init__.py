"""Deep against shallow: networks, training, comparisons with intervals, exact representations."""

from saddlescape.depth._architecture import Architecture, Parameters, Weights
from saddlescape.depth._intervals import Interval, over_runs, over_runs_and_samples
from saddlescape.depth._reuse import Units, layer_features, nearest, probe, units, variance_shares
from saddlescape.depth._scenes import COLORS, SHAPES, Scenes, scenes, seen_combinations
from saddlescape.depth._sizes import sized
from saddlescape.depth._training import Runs, Samples, Training, evaluate, loss_of, train

__all__ = [
    "COLORS",
    "SHAPES",
    "Architecture",
    "Interval",
    "Parameters",
    "Runs",
    "Samples",
    "Scenes",
    "Training",
    "Units",
    "Weights",
    "evaluate",
    "layer_features",
    "loss_of",
    "nearest",
    "over_runs",
    "over_runs_and_samples",
    "probe",
    "scenes",
    "seen_combinations",
    "sized",
    "train",
    "units",
    "variance_shares",
]
