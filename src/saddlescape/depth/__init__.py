"""Deep against shallow: networks, training, comparisons with intervals, exact representations."""

from saddlescape.depth._architecture import Architecture, Parameters, Weights
from saddlescape.depth._exact import ExactLayer, ExactNetwork, layer, pieces
from saddlescape.depth._fits import ShallowFit, fit_shallow
from saddlescape.depth._intervals import Interval, over_runs, over_runs_and_samples
from saddlescape.depth._reuse import (
    Units,
    by_factor,
    layer_features,
    nearest,
    probe,
    units,
    variance_shares,
)
from saddlescape.depth._scenes import COLORS, SHAPES, Scenes, scenes, seen_combinations
from saddlescape.depth._separations import (
    fewest_pieces_for_square,
    fewest_units,
    fewest_units_for_parity,
    local_parity,
    parity,
    product,
    sawtooth,
    shallow_interpolant,
    shallow_parity,
    shallow_product,
    shallow_sawtooth,
    shallow_square,
    square,
)
from saddlescape.depth._sizes import sized
from saddlescape.depth._training import Runs, Samples, Training, evaluate, loss_of, parts, train

__all__ = [
    "COLORS",
    "SHAPES",
    "Architecture",
    "ExactLayer",
    "ExactNetwork",
    "Interval",
    "Parameters",
    "Runs",
    "Samples",
    "Scenes",
    "ShallowFit",
    "Training",
    "Units",
    "Weights",
    "by_factor",
    "evaluate",
    "fewest_pieces_for_square",
    "fewest_units",
    "fewest_units_for_parity",
    "fit_shallow",
    "layer",
    "layer_features",
    "local_parity",
    "loss_of",
    "nearest",
    "over_runs",
    "over_runs_and_samples",
    "parity",
    "parts",
    "pieces",
    "probe",
    "product",
    "sawtooth",
    "scenes",
    "seen_combinations",
    "shallow_interpolant",
    "shallow_parity",
    "shallow_product",
    "shallow_sawtooth",
    "shallow_square",
    "sized",
    "square",
    "train",
    "units",
    "variance_shares",
]
