"""The core: network -> landscape -> critical point."""

from saddlescape.core._activations import ACTIVATIONS, Activation, activation
from saddlescape.core._data import Data
from saddlescape.core._errors import (
    InvalidInputError,
    MemoryBudgetError,
    MissingExtraError,
    NotConvergedError,
    PrecisionError,
    SaddlescapeError,
    ShapeMismatchError,
    UnknownNameError,
)
from saddlescape.core._empirical import EmpiricalLandscape
from saddlescape.core._function import FunctionLandscape
from saddlescape.core._landscape import Landscape
from saddlescape.core._losses import AbstractLoss, CrossEntropy, SquaredError
from saddlescape.core._network import Layer, Network
from saddlescape.core._outcome import Outcome
from saddlescape.core._random import Key, key_for

__all__ = [
    "ACTIVATIONS",
    "AbstractLoss",
    "CrossEntropy",
    "EmpiricalLandscape",
    "FunctionLandscape",
    "Landscape",
    "SquaredError",
    "Activation",
    "Data",
    "InvalidInputError",
    "Key",
    "Layer",
    "MemoryBudgetError",
    "MissingExtraError",
    "Network",
    "NotConvergedError",
    "Outcome",
    "PrecisionError",
    "SaddlescapeError",
    "ShapeMismatchError",
    "UnknownNameError",
    "activation",
    "key_for",
]
