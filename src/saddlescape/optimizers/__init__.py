"""Optimizers as written in the books, raced on one landscape, and explained."""

from saddlescape.optimizers._adam import Adam
from saddlescape.optimizers._as_optax import as_optax, position
from saddlescape.optimizers._batches import data_orders
from saddlescape.optimizers._catalogue import OPTIMIZERS, optimizer
from saddlescape.optimizers._directions import Directions, directions
from saddlescape.optimizers._effective import EffectiveRates, effective_rates
from saddlescape.optimizers._escape import Escape, escape, escape_quadratic
from saddlescape.optimizers._evidence import Evidence, minibatch_evidence, rule_evidence
from saddlescape.optimizers._flow import Approach, Flow, approach, gradient_flow
from saddlescape.optimizers._gradient_descent import GradientDescent
from saddlescape.optimizers._minibatch_landscapes import (
    MinibatchPoints,
    Pointing,
    minibatch_points,
    pointing,
)
from saddlescape.optimizers._momentum import Momentum
from saddlescape.optimizers._nesterov import Nesterov
from saddlescape.optimizers._noise import (
    GradientNoise,
    Window,
    gradient_noise,
    minibatch_noise,
    running_average,
    window,
)
from saddlescape.optimizers._oscillation import Oscillation, expected_oscillation, oscillation
from saddlescape.optimizers._quadratic import (
    Optimum,
    RadiusMap,
    iteration_matrix,
    known_optima,
    radius_map,
    spectral_radius,
)
from saddlescape.optimizers._race import SWEEP, Race, over_starts, race, recorded_steps, stages
from saddlescape.optimizers._rmsprop import RMSProp
from saddlescape.optimizers._rmsprop_nesterov import RMSPropNesterov
from saddlescape.optimizers._rule import Rule
from saddlescape.optimizers._stability import Stability, stability
from saddlescape.optimizers._steady import Gain, alternating_step, gain, steady_step
from saddlescape.optimizers._trajectory import Trajectory, trajectory

__all__ = [
    "OPTIMIZERS",
    "SWEEP",
    "Adam",
    "Approach",
    "Directions",
    "EffectiveRates",
    "Escape",
    "Evidence",
    "Flow",
    "Gain",
    "GradientDescent",
    "GradientNoise",
    "MinibatchPoints",
    "Momentum",
    "Nesterov",
    "Optimum",
    "Oscillation",
    "Pointing",
    "RMSProp",
    "RMSPropNesterov",
    "Race",
    "RadiusMap",
    "Rule",
    "Stability",
    "Trajectory",
    "Window",
    "alternating_step",
    "approach",
    "as_optax",
    "data_orders",
    "directions",
    "effective_rates",
    "escape",
    "escape_quadratic",
    "expected_oscillation",
    "gain",
    "gradient_flow",
    "gradient_noise",
    "iteration_matrix",
    "known_optima",
    "minibatch_evidence",
    "minibatch_noise",
    "minibatch_points",
    "optimizer",
    "oscillation",
    "over_starts",
    "pointing",
    "position",
    "race",
    "radius_map",
    "recorded_steps",
    "rule_evidence",
    "running_average",
    "spectral_radius",
    "stability",
    "stages",
    "steady_step",
    "trajectory",
    "window",
]
