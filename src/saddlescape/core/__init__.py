"""The core: network -> landscape -> critical point."""

from saddlescape.core._activations import ACTIVATIONS, Activation, activation
from saddlescape.core._channels import neurons_of
from saddlescape.core._critical import CriticalPoint, Kind, classify
from saddlescape.core._data import Data
from saddlescape.core._empirical import EmpiricalLandscape
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
from saddlescape.core._finders._any_index import AnyIndexFinder
from saddlescape.core._finders._batch import (
    FINDERS,
    find,
    find_critical_points,
    find_minima,
    follow_flow,
)
from saddlescape.core._finders._flow import FlowFinder
from saddlescape.core._finders._gradient_norm import GradientNormFinder
from saddlescape.core._finders._index import IndexFinder
from saddlescape.core._finders._interface import AbstractFinder
from saddlescape.core._finders._minima import MinimumFinder
from saddlescape.core._function import FunctionLandscape
from saddlescape.core._infinity import PointAtInfinity, continue_to_infinity
from saddlescape.core._landscape import Landscape
from saddlescape.core._losses import AbstractLoss, CrossEntropy, SquaredError
from saddlescape.core._memory import require_memory
from saddlescape.core._network import Layer, Network
from saddlescape.core._outcome import Outcome
from saddlescape.core._random import Key, key_for
from saddlescape.core._runaways import Runaway
from saddlescape.core._tolerances import gradient_tolerance, rounding_threshold

__all__ = [
    "ACTIVATIONS",
    "FINDERS",
    "AbstractFinder",
    "AbstractLoss",
    "Activation",
    "AnyIndexFinder",
    "CriticalPoint",
    "CrossEntropy",
    "Data",
    "EmpiricalLandscape",
    "FlowFinder",
    "FunctionLandscape",
    "GradientNormFinder",
    "IndexFinder",
    "InvalidInputError",
    "Key",
    "Kind",
    "Landscape",
    "Layer",
    "MemoryBudgetError",
    "MinimumFinder",
    "MissingExtraError",
    "Network",
    "NotConvergedError",
    "Outcome",
    "PointAtInfinity",
    "PrecisionError",
    "Runaway",
    "SaddlescapeError",
    "ShapeMismatchError",
    "SquaredError",
    "UnknownNameError",
    "activation",
    "classify",
    "continue_to_infinity",
    "find",
    "find_critical_points",
    "find_minima",
    "follow_flow",
    "gradient_tolerance",
    "key_for",
    "neurons_of",
    "require_memory",
    "rounding_threshold",
]
