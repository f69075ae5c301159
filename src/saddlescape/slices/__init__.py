"""Slices: the loss on lines and planes of parameter space, plain and relaxed."""

from saddlescape.slices._directions import (
    Directions,
    between,
    eigen_directions,
    random_directions,
)
from saddlescape.slices._filters import filter_normalized, filters_of
from saddlescape.slices._model import Barrier, QuadraticModel, barrier, quadratic_model
from saddlescape.slices._relaxed import RelaxedSlice, RelaxSettings, relax
from saddlescape.slices._slice import (
    Slice,
    grid,
    line,
    losses_at,
    on_grid,
    plane,
    with_gradients,
)
from saddlescape.slices._trajectory import Plane, plane_through

__all__ = [
    "Barrier",
    "Directions",
    "Plane",
    "QuadraticModel",
    "RelaxSettings",
    "RelaxedSlice",
    "Slice",
    "barrier",
    "between",
    "eigen_directions",
    "filter_normalized",
    "filters_of",
    "grid",
    "line",
    "losses_at",
    "on_grid",
    "plane",
    "plane_through",
    "quadratic_model",
    "random_directions",
    "relax",
    "with_gradients",
]
