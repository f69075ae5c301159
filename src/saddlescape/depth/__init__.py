"""Deep against shallow: networks, training, comparisons with intervals, exact representations."""

from saddlescape.depth._architecture import Architecture, Parameters, Weights
from saddlescape.depth._intervals import Interval, over_runs, over_runs_and_samples
from saddlescape.depth._sizes import sized
from saddlescape.depth._training import Runs, Samples, Training, evaluate, loss_of, train

__all__ = [
    "Architecture",
    "Interval",
    "Parameters",
    "Runs",
    "Samples",
    "Training",
    "Weights",
    "evaluate",
    "loss_of",
    "over_runs",
    "over_runs_and_samples",
    "sized",
    "train",
]
