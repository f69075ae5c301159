"""Optimizers as written in the books, raced on one landscape, and explained."""

from saddlescape.optimizers._adam import Adam
from saddlescape.optimizers._as_optax import as_optax, position
from saddlescape.optimizers._batches import data_orders
from saddlescape.optimizers._catalogue import OPTIMIZERS, optimizer
from saddlescape.optimizers._gradient_descent import GradientDescent
from saddlescape.optimizers._momentum import Momentum
from saddlescape.optimizers._nesterov import Nesterov
from saddlescape.optimizers._plane import Plane, plane_losses, plane_through
from saddlescape.optimizers._race import SWEEP, Race, race, recorded_steps, stages
from saddlescape.optimizers._rmsprop import RMSProp
from saddlescape.optimizers._rmsprop_nesterov import RMSPropNesterov
from saddlescape.optimizers._rule import Rule
from saddlescape.optimizers._trajectory import Trajectory, trajectory

__all__ = [
    "OPTIMIZERS",
    "SWEEP",
    "Adam",
    "GradientDescent",
    "Momentum",
    "Nesterov",
    "Plane",
    "RMSProp",
    "RMSPropNesterov",
    "Race",
    "Rule",
    "Trajectory",
    "as_optax",
    "data_orders",
    "optimizer",
    "plane_losses",
    "plane_through",
    "position",
    "race",
    "recorded_steps",
    "stages",
    "trajectory",
]
